"""Polls, results and deletions as the five clients make them, one exchange after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager import signing
from workloadmanager.rules import verify_result
from workloadmanager.threebot.gedis import Gedis

from .clients import CallFailed, Client, Poller
from .epochs import CLIENTS, DELETING, LAST_TWO, Epoch, connecting
from .grid import ABSENT, FIRST_NODE, SECOND_NODE
from .payloads import outcome, result
from .wire import compact

KINDS = ("network", "zdb", "volume", "container", "kubernetes")


def _known(epoch: Epoch) -> list[str]:
    return [kind for kind in KINDS if epoch.kubernetes or kind != "kubernetes"]


def _report(client: Client, grid: Any, kind: str, gwid: str, **changes: Any) -> None:
    client.feedback(gwid, result(client.epoch, grid.node, kind, gwid, at=grid.clock(), **changes))


# Polls


def test_a_node_boots_polls_and_has_nothing_more(grid: Any, client: Client) -> None:
    """The first poll brings all that is to run; after the report the next one, from the highest id + 1, is empty."""
    first, second = grid.deployed(), grid.deployed()
    poller = Poller(client, grid.node.node_id)
    assert [one.gwid for one in poller.poll()] == [f"{first}-1", f"{second}-1"]
    assert poller.cursor == second + 1
    for number in (first, second):
        _report(client, grid, "volume", f"{number}-1")
    assert poller.poll() == []


def test_a_deletion_below_the_cursor_arrives(grid: Any, client: Client) -> None:
    """The cursor never goes back; what is to be deleted comes whatever it says, until it is reported."""
    first, second = grid.deployed(), grid.deployed()
    poller = Poller(client, grid.node.node_id)
    poller.poll()
    for number in (first, second):
        _report(client, grid, "volume", f"{number}-1")
    grid.to_be_deleted(first)
    for _ in range(2):
        assert [(one.gwid, one.to_delete) for one in poller.poll()] == [(f"{first}-1", client.epoch.honours_to_delete)]
    assert poller.cursor == second + 1
    if client.epoch.deletes:
        client.deleted(f"{first}-1")
        assert poller.poll() == []
        assert grid.state(first) == "deleted"


def test_what_is_signed_late_arrives_below_the_cursor(grid: Any, client: Client) -> None:
    """A reservation that came to deploy after a later one is not lost to a node that never looks back."""
    wanted = {"customer_tid": 1, "data_reservation": grid.data()}
    early = grid.manager.reservation_register(reservation=wanted)
    grid.deployed()
    poller = Poller(client, grid.node.node_id)
    poller.poll()
    grid.sign_for_deployment(early)
    assert f"{early.id}-1" in [one.gwid for one in poller.poll()]


def test_a_reboot_brings_everything_that_still_runs(grid: Any, client: Client) -> None:
    """A first poll asks from 0 and expects all that is to run, reported or not."""
    number = grid.deployed()
    _report(client, grid, "volume", f"{number}-1")
    assert [one.gwid for one in Poller(client, grid.node.node_id).poll()] == [f"{number}-1"]


def test_a_node_gets_its_own_workloads_alone(grid: Any, client: Client) -> None:
    """Another node's do not arrive, nor does anything at a node that nobody knows."""
    number = grid.deployed(grid.data(volumes=[grid.volume(grid.second_node)]))
    assert client.poll(grid.node.node_id) == []
    assert client.poll("node-1") == []
    assert [one.gwid for one in client.poll(grid.second_node.node_id)] == [f"{number}-1"]


def test_every_kind_decodes_with_its_content(grid: Any, client: Client) -> None:
    """All kinds of one reservation in one poll; the first client takes kubernetes for an unknown kind."""
    number = grid.deployed(grid.every_kind())
    found = {one.kind: one for one in client.poll(grid.node.node_id)}
    assert [kind for kind in found if kind in KINDS] == _known(client.epoch)
    assert {one.user for one in found.values()} == {"1"}
    assert {(one.created, one.duration) for one in found.values()} == {(grid.clock(), 3600)}
    assert {one.gwid for one in found.values()} == {f"{number}-{each}" for each in range(1, 6)}
    container, network, zdb = (found[kind].content for kind in ("container", "network", "zdb"))
    assert container["environment"] == {"LANG": "en", "NAME": "Zoë\n<&>"}
    assert container["volumes"] == [{"volume_id": f"{number}-3", "mountpoint": "/data"}]
    assert container["network_connection"][0]["ipaddress"] == "10.20.1.10"
    assert (zdb["mode"], zdb["disk_type"], zdb["public"]) == (1, 1, True)
    assert network["iprange"] == "10.20.0.0/16"
    assert network["network_resources"][0]["peers"][0]["allowed_iprange"] == ["10.20.9.0/24", "100.64.20.9/32"]
    assert found["volume"].content["type"] == 1
    if client.epoch.kubernetes:
        assert found["kubernetes"].content["master_ips"] == ["10.20.1.21"]


def test_the_secrets_of_a_workload_reach_its_node(grid: Any, client: Client) -> None:
    """Hex of a box that is sealed to the node's key, which opens it; early clients do not know all of them."""
    grid.deployed(grid.every_kind())
    found = {one.kind: one.content for one in client.poll(grid.node.node_id)}
    secrets = {
        "a private key": found["network"]["network_resources"][0]["wireguard_private_key_encrypted"],
        "a password": found["zdb"]["password"],
    }
    if client.epoch.secret_environment:
        secrets["secret"] = found["container"]["secret_environment"]["PASSWORD"]
    if client.epoch.kubernetes:
        secrets["a cluster secret"] = found["kubernetes"]["cluster_secret"]
    assert [signing.unseal(grid.node, secret) for secret in secrets.values()] == [*secrets]


def test_an_envelope_is_this_text(grid: Any, client: Client) -> None:
    """The whole reply to a poll, as JSON: enums and dates whole numbers, ids texts, the content an object."""
    number = grid.deployed()
    client.poll(grid.node.node_id)
    (listed,) = json.loads(client.connections[0].replies[-1].text or "")["workloads"]
    content = listed.pop("content")
    assert listed == {
        "workload_id": f"{number}-1",
        "user": "1",
        "type": 2,
        "created": grid.clock(),
        "duration": 3600,
        "signature": grid.reservation(number).customer_signature,
        "to_delete": False,
    }
    expected = {"workload_id": 1, "node_id": grid.node.node_id, "size": 10, "type": 1, "stats_aggregator": []}
    assert expected.items() <= content.items()


def test_a_whole_network_goes_to_each_of_its_nodes(grid: Any, client: Client) -> None:
    """Under the same global id, with the resources of all nodes."""
    number = grid.deployed(grid.network())
    for key in (grid.node, grid.second_node):
        (found,) = client.poll(key.node_id)
        assert (found.gwid, found.kind, len(found.content["network_resources"])) == (f"{number}-1", "network", 2)


# One workload


def test_one_workload_is_asked_for(grid: Any, client: Client) -> None:
    """The envelope itself, not wrapped; one that is not there is an error and not nil."""
    number = grid.deployed()
    found = client.get(f"{number}-1")
    assert (found.gwid, found.kind, found.content["size"]) == (f"{number}-1", "volume", 10)
    for unknown in (f"{number}-2", f"{number + 1}-1"):
        with pytest.raises(CallFailed, match=unknown):
            client.get(unknown)


# Results


@pytest.mark.parametrize("error", ["", "no space left on device"], ids=["ok", "error"])
def test_results_are_kept_as_they_were_signed(grid: Any, client: Client, error: str) -> None:
    """Each kind in the form of its time: the text of its data byte for byte, so that it still verifies."""
    number = grid.deployed(grid.every_kind())
    sent = {one.gwid: one.kind for one in client.poll(grid.node.node_id) if one.kind in KINDS}
    assert [*sent.values()] == _known(client.epoch)
    for gwid, kind in sent.items():
        _report(client, grid, kind, gwid, error=error)
    results = grid.reservation(number).results
    assert {kept.workload_id: str(kept.category) for kept in results} == sent, "that of a kubernetes was sent as zdb"
    for kept in results:
        assert (kept.state, kept.message) == ("error" if error else "ok", error)
        assert kept.data_json == compact(outcome(sent[kept.workload_id], kept.workload_id, ok=not error))
        assert verify_result(
            bytes.fromhex(grid.node.public_key),
            state=int(kept.state),
            message=kept.message,
            data_json=kept.data_json,
            signature=kept.signature,
        )
    assert grid.state(number) == "deploy", "one that failed does not take the others down"


def test_the_escapes_of_a_container_without_ipv6_are_kept(grid: Any, epoch: Epoch) -> None:
    """Parsing and dumping them again would break the signature of every such container."""
    number = grid.deployed(grid.every_kind())
    client = grid.client(epoch)
    _report(client, grid, "container", f"{number}-2")
    escaped = rb"\u003cnil\u003e" if epoch.embedded_results else rb"\\u003cnil\\u003e"
    assert escaped in client.connections[-1].sent
    assert r'"ipv6":"\u003cnil\u003e"' in grid.reservation(number).results[0].data_json


def test_a_result_may_be_in_any_language(grid: Any, client: Client) -> None:
    """With line breaks, quotes and the letters that are escaped on the way."""
    number = grid.deployed()
    message = 'could not mount "/données":\n\t<größe> & \u2028🙂'
    _report(client, grid, "volume", f"{number}-1", error=message)
    assert grid.reservation(number).results[0].message == message


def test_a_result_takes_the_place_of_the_one_before(grid: Any, client: Client) -> None:
    """It failed, was tried again, and runs."""
    number = grid.deployed()
    _report(client, grid, "volume", f"{number}-1", error="not yet")
    _report(client, grid, "volume", f"{number}-1")
    assert [str(kept.state) for kept in grid.reservation(number).results] == ["ok"]


def test_a_result_that_another_node_signed_is_refused(grid: Any, client: Client) -> None:
    """Nothing is kept of it; the node logs the reason and goes on."""
    number = grid.deployed()
    forged = result(client.epoch, grid.second_node, "volume", f"{number}-1", at=grid.clock())
    with pytest.raises(CallFailed) as failure:
        client.feedback(f"{number}-1", forged)
    assert failure.value.error is not None
    assert failure.value.error.category == "permission"
    assert grid.reservation(number).results == []
    assert [one.gwid for one in client.poll(grid.node.node_id)] == [f"{number}-1"]


@pytest.mark.parametrize(
    "change",
    [{"message": "ok"}, {"data_json": {"volume_id": "9-9"}}, {"signature": "00" * 64}, {"signature": ""}],
    ids=str,
)
def test_a_result_that_was_changed_is_refused(grid: Any, client: Client, change: dict[str, Any]) -> None:
    """The signature covers message and data, each in the form of its time."""
    number = grid.deployed()
    if not client.epoch.embedded_results:
        change = {name: compact(value) if name == "data_json" else value for name, value in change.items()}
    changed = {**result(client.epoch, grid.node, "volume", f"{number}-1", at=grid.clock()), **change}
    with pytest.raises(CallFailed, match=r"signature|verify"):
        client.feedback(f"{number}-1", changed)
    assert grid.reservation(number).results == []


@pytest.mark.parametrize("epoch", LAST_TWO, ids=connecting)
def test_the_state_of_a_result_is_signed_since_2020(grid: Any, epoch: Epoch) -> None:
    """One that failed is not made one that runs on its way, nor the other way round."""
    number = grid.deployed()
    changed = {**result(epoch, grid.node, "volume", f"{number}-1", at=grid.clock()), "state": 0}
    with pytest.raises(CallFailed, match="verify"):
        grid.client(epoch).feedback(f"{number}-1", changed)
    assert grid.reservation(number).results == []


@pytest.mark.parametrize("embedded", [False, True], ids=["text", "value"])
@pytest.mark.parametrize("epoch", [client for client in CLIENTS if client.name in ("E3", "E4")], ids=connecting)
def test_the_form_of_the_data_says_nothing_of_the_signature(grid: Any, epoch: Epoch, embedded: bool) -> None:  # noqa: FBT001
    """For four days of 2020 data was a text beside a hex signature; any of the four together is taken."""
    number = grid.deployed()
    report = result(epoch, grid.node, "volume", f"{number}-1", at=grid.clock())
    data = outcome("volume", f"{number}-1")
    grid.client(epoch).feedback(f"{number}-1", {**report, "data_json": data if embedded else compact(data)})
    assert grid.reservation(number).results[0].data_json == compact(data)


@pytest.mark.parametrize("epoch", LAST_TWO, ids=connecting)
@pytest.mark.parametrize(
    "data",
    ['{ "load" : 1.50 , "ip":"\\u003cnil\\u003e" }', '{"b":1,"a":{"é":"\\u00e9\\/"}}', "1e3", "[]", "null"],
)
def test_embedded_data_is_kept_to_the_letter(grid: Any, epoch: Epoch, data: str) -> None:
    """What is signed is the text within the message: spaces, escapes and the forms of numbers are part of it."""
    number = grid.deployed()
    signature = signing.sign_result(grid.node, state=1, data_json=data)
    sent = (
        f'{{"global_workload_id":"{number}-1","result":{{"category":3,"workload_id":"{number}-1","data_json":{data},'
        f'"signature":"{signature}","state":1,"message":"","epoch":{grid.clock()}}}}}'
    )
    with grid.client(epoch).connection() as connection:
        assert connection.ask(f"{epoch.workloads}.set_workload_result", sent).kind != "-"
    assert grid.reservation(number).results[0].data_json == data


def test_both_nodes_of_a_network_report(grid: Any, client: Client) -> None:
    """Each with null and a signature of its own, by which it is known."""
    number = grid.deployed(grid.network())
    for key in (grid.node, grid.second_node):
        client.feedback(f"{number}-1", result(client.epoch, key, "network", f"{number}-1", at=grid.clock()))
    assert [kept.data_json for kept in grid.reservation(number).results] == ["null", "null"]
    assert client.poll(grid.node.node_id) != []
    assert Poller(client, grid.node.node_id).client.poll(grid.node.node_id, number + 1) == []


def test_a_signed_result_needs_no_login(open_grid: Callable[..., Any], epoch: Epoch) -> None:
    """At a closed server a node without a secret may not poll, but its signature says who reports."""
    grid = open_grid(Gedis(listen=("tcp://127.0.0.1:0",), closed=True))
    number = grid.deployed()
    client = grid.client(epoch)
    with pytest.raises(CallFailed, match="log in"):
        client.poll(grid.node.node_id)
    _report(client, grid, "volume", f"{number}-1")
    assert grid.reservation(number).results[0].state == "ok"


# Deletions


@pytest.mark.parametrize("epoch", DELETING, ids=connecting)
def test_a_workload_that_never_ran_is_reported_deleted(grid: Any, epoch: Epoch) -> None:
    """A node that never heard of it reports all the same, and again for as long as it is sent."""
    number = grid.deployed()
    grid.to_be_deleted(number)
    client = grid.client(epoch)
    for _ in range(3):
        client.deleted(f"{number}-1")
    assert grid.state(number) == "deleted"
    assert client.poll(grid.node.node_id) == []


@pytest.mark.parametrize("epoch", DELETING, ids=connecting)
def test_what_nobody_wants_deleted_stays(grid: Any, epoch: Epoch) -> None:
    """A report on a workload that is to run is a conflict; on one that is not there, not found."""
    number = grid.deployed()
    client = grid.client(epoch)
    for gwid, category in ((f"{number}-1", "conflict"), (f"{number}-9", "not_found"), (f"{ABSENT}-1", "not_found")):
        with pytest.raises(CallFailed) as failure:
            client.deleted(gwid)
        assert failure.value.error is not None
        assert failure.value.error.category == category
    assert [one.gwid for one in client.poll(grid.node.node_id)] == [f"{number}-1"]


@pytest.mark.parametrize("epoch", DELETING, ids=connecting)
def test_the_nodes_of_a_network_report_without_saying_who_they_are(grid: Any, epoch: Epoch) -> None:
    """The server knows each by what it polled: on the same connection, or from the same host for short ones."""
    number = grid.deployed(grid.network())
    grid.to_be_deleted(number)
    for place, key in enumerate((grid.node, grid.second_node), start=2):
        client = grid.client(epoch, source=f"127.0.0.{place}")
        assert [one.gwid for one in client.poll(key.node_id)] == [f"{number}-1"]
        client.deleted(f"{number}-1")
        assert client.poll(key.node_id) == []
    assert grid.state(number) == "deleted"


@pytest.mark.parametrize("epoch", [client for client in DELETING if client.pooled], ids=connecting)
def test_the_pooled_nodes_of_a_network_may_be_on_one_host(grid: Any, epoch: Epoch) -> None:
    """Each polled on its own connection, which says enough."""
    number = grid.deployed(grid.network())
    grid.to_be_deleted(number)
    clients = {key: grid.client(epoch) for key in (grid.node, grid.second_node)}
    for key, client in clients.items():
        client.poll(key.node_id)
    for client in clients.values():
        client.deleted(f"{number}-1")
    assert grid.state(number) == "deleted"


@pytest.mark.parametrize("epoch", [client for client in DELETING if not client.pooled], ids=connecting)
def test_the_short_nodes_of_a_network_on_one_host_are_not_told_apart(grid: Any, epoch: Epoch) -> None:
    """It could be from either: neither report counts, both are told why, and both go on being sent the deletion."""
    number = grid.deployed(grid.network())
    grid.to_be_deleted(number)
    clients = {key: grid.client(epoch) for key in (grid.node, grid.second_node)}
    for key, client in clients.items():
        assert [one.gwid for one in client.poll(key.node_id)] == [f"{number}-1"]
    for client in clients.values():
        with pytest.raises(CallFailed, match="2 nodes") as failure:
            client.deleted(f"{number}-1")
        assert failure.value.error is not None
        assert (failure.value.error.typed, failure.value.error.category) == (True, "input")
    for key, client in clients.items():
        assert [one.gwid for one in client.poll(key.node_id)] == [f"{number}-1"]
    assert grid.state(number) == "delete"


@pytest.mark.parametrize("epoch", DELETING, ids=connecting)
def test_secrets_tell_the_nodes_of_a_network_on_one_host_apart(open_grid: Callable[..., Any], epoch: Epoch) -> None:
    """In their addresses: each report counts for the node whose secret it is, on whatever connection."""
    secrets = {FIRST_NODE: "secret-of-the-first-node", SECOND_NODE: "secret-of-the-second-node"}
    of_nodes = {f"node:{key.node_id}": secret for key, secret in secrets.items()}
    grid = open_grid(Gedis(listen=("tcp://127.0.0.1:0",), secrets=of_nodes))
    number = grid.deployed(grid.network())
    grid.to_be_deleted(number)
    for key, secret in secrets.items():
        client = grid.client(epoch, address=grid.address.replace("tcp://", f"tcp://{secret}@"))
        assert [one.gwid for one in client.poll(key.node_id)] == [f"{number}-1"]
        client.deleted(f"{number}-1")
        assert client.poll(key.node_id) == []
    assert grid.state(number) == "deleted"


@pytest.mark.parametrize("epoch", DELETING, ids=connecting)
def test_who_never_polled_can_not_report_on_a_network(grid: Any, epoch: Epoch) -> None:
    """There is nothing by which it could be known, and the error says so."""
    number = grid.deployed(grid.network())
    grid.to_be_deleted(number)
    with pytest.raises(CallFailed, match="2 nodes"):
        grid.client(epoch).deleted(f"{number}-1")
    assert grid.state(number) == "delete"


@pytest.mark.parametrize("epoch", DELETING, ids=connecting)
def test_the_operator_deletes_without_a_signature(grid: Any, epoch: Epoch) -> None:
    """The id is a text, and there is neither a signer nor a signature: who is logged in decides it."""
    number = grid.deployed()
    grid.client(epoch, address=grid.operator_address).delete(number)
    assert grid.state(number) == "delete"


@pytest.mark.parametrize("epoch", DELETING, ids=connecting)
def test_nobody_else_deletes_without_a_signature(grid: Any, epoch: Epoch) -> None:
    """Not even at an open server."""
    number = grid.deployed()
    client = grid.client(epoch)
    with pytest.raises(CallFailed) as failure:
        client.delete(number)
    assert failure.value.error is not None
    assert failure.value.error.category == "permission"
    assert grid.state(number) == "deploy"
    assert client.poll(grid.node.node_id) != []
