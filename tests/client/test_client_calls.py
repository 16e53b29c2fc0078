"""The client is what the handle is: the same calls, signatures, objects and errors, over the wire."""

from __future__ import annotations

import inspect
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import workloadmanager
from workloadmanager import errors, schema
from workloadmanager.actors import CALLS
from workloadmanager.errors import InputError, NotFound, Unavailable, WorkloadManagerError
from workloadmanager.threebot.client import Client, connect
from workloadmanager.threebot.directory import CALLS as DIRECTORY_CALLS
from workloadmanager.threebot.gedis import Gedis
from workloadmanager.threebot.phonebook import CALLS as PHONEBOOK_CALLS

ALL = [*CALLS, "reservations_list", *DIRECTORY_CALLS, *PHONEBOOK_CALLS]


def test_each_call_is_a_method_as_on_the_handle(grid: Any, client: Client) -> None:
    """With its name, its arguments and its help."""
    for name in ALL:
        method, original = getattr(client, name), getattr(grid.manager, name)
        assert inspect.signature(method) == inspect.signature(original)
        assert (method.__name__, inspect.getdoc(method)) == (original.__name__, inspect.getdoc(original))
        assert method.__qualname__ == f"Client.{name}"


def test_a_life_over_the_wire(grid: Any, client: Client) -> None:
    """Every call of the workload manager answers with the object that the handle answers with."""
    registered = client.reservation_register(reservation=grid.order())
    assert schema.to_json(registered) == schema.to_json(grid.stored(registered))
    signature = grid.signature("customer", registered)
    assert client.sign_customer(reservation_id=registered.id, signature=signature).next_action == "pay"
    signed = client.sign_farmer(reservation_id=registered.id, tid=2, signature=grid.signature("farmer", registered))
    assert (signed.next_action, signed.signed, signed.needed, signed.missing) == ("deploy", [2], 1, [])
    (workload,) = client.workloads_list(node_id=grid.node.node_id).workloads
    assert schema.to_dict(workload) == schema.to_dict(grid.manager.workload_get(gwid="1-1"))
    assert client.workload_get(gwid="1-1") == workload
    result = {
        "workload_id": "1-1",
        "state": "ok",
        "data_json": '{"a": "\\u003c"}',
        "signature": workloadmanager.signing.sign_result(grid.node, state=1, data_json='{"a": "\\u003c"}'),
    }
    assert client.set_workload_result(global_workload_id="1-1", result=result).next_action == "deploy"
    deletion = {"reservation_id": registered.id, "tid": 1, "signature": grid.signature("delete", registered)}
    assert client.sign_delete(**deletion).next_action == "delete"
    assert client.workload_deleted(workload_id="1-1", node_id=grid.node.node_id).next_action == "deleted"
    final = client.reservation_get(reservation_id=registered.id)
    assert schema.to_json(final) == schema.to_json(grid.stored(registered))
    assert len(final.results[0].signature) == 0
    assert client.reservation_list(state="deleted").reservations == [final]


def test_the_history_has_its_own_form(grid: Any, client: Client) -> None:
    """As on the handle."""
    reservation = grid.deployed()
    told = client.reservation_get(reservation_id=reservation.id, history=True)
    assert schema.to_dict(told) == schema.to_dict(
        grid.manager.reservation_get(reservation_id=reservation.id, history=True)
    )


def test_objects_of_schemas_are_arguments_too(grid: Any, client: Client) -> None:
    """Full, as in the process; and lazy ones, which hold bytes."""
    model = client.registry.get("tfgrid.workloads.reservation.1")
    reservation = model.new(**grid.order())
    assert client.reservation_register(reservation=reservation).id == 1
    assert client.reservation_register(reservation=model.decode_lazy(model.encode(reservation))).id == 2
    result = client.registry.get("tfgrid.workloads.reservation.result.1").new(
        workload_id="1-1", state="ok", signature=b"\0" * 64
    )
    with pytest.raises(errors.PermissionDenied, match="does not verify"):
        client.set_workload_result(global_workload_id="1-1", result=result)


def test_objects_of_two_clients_are_of_one_type(address: str, client: Client) -> None:
    """The models are read once."""
    with connect(address) as other:
        assert other.registry is client.registry


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("reservation_get", {"reservation_id": 7}),
    ("reservation_get", {"reservation_id": "seven"}),
    ("reservation_get", {}),
    ("reservation_get", {"reservation_id": 1, "histroy": True}),
    ("reservation_list", {"state": "gone", "epoch": -1}),
    ("reservation_register", {"reservation": {"customer_tid": 9, "data_reservation": {"volumes": [{"size": "x"}]}}}),
    ("reservation_register", {"reservation": {"customer_tid": 9, "data_reservation": {}}}),
    ("workload_get", {"gwid": "1"}),
    ("sign_customer", {"reservation_id": 1, "signature": "00"}),
    ("sign_farmer", {"reservation_id": 1, "tid": 9, "signature": "00" * 64}),
    ("workload_deleted", {"workload_id": "1-1"}),
    ("users_get", {"name": "nobody"}),
    ("nodes_get", {"node_id": "nowhere"}),
    ("farms_register", {"farm": {"name": " ", "threebot_id": 0}}),
]


def test_errors_are_those_of_the_handle(grid: Any, client: Client) -> None:
    """The same class, sentence, path and call, and all mistakes."""
    grid.manager.reservation_register(reservation=grid.order())

    def refusal(calls: Any, name: str, arguments: dict[str, Any]) -> tuple[type, dict[str, Any]]:
        with pytest.raises(WorkloadManagerError) as raised:
            getattr(calls, name)(**arguments)
        return type(raised.value), raised.value.as_dict()

    for name, arguments in WRONG:
        assert refusal(client, name, arguments) == refusal(grid.manager, name, arguments)


def test_arguments_are_given_by_name(client: Client) -> None:
    """The error shows how."""
    with pytest.raises(InputError, match=r"client\.reservation_get\(reservation_id=…\)"):
        client.reservation_get(1)


@pytest.mark.parametrize("value", [object(), {1, object()}, 2**70, "\ud800", {"a": {"b": object()}}])
def test_what_json_cannot_hold_is_refused_here(client: Client, value: object) -> None:
    """Nothing is sent."""
    with pytest.raises(InputError) as raised:
        client.reservation_list(state=value)
    assert raised.value.call == "reservation_list"


def test_a_call_that_is_not_there_has_a_near_miss(client: Client) -> None:
    """As an attribute, and by its name."""
    with pytest.raises(AttributeError, match='did you mean "reservation_get"'):
        client.reservation_gett  # noqa: B018 - it raises
    with pytest.raises(NotFound, match='did you mean "reservation_get"'):
        client.call("reservation_gett")
    assert "reservation_get" in dir(client)


def test_calls_of_other_packages_are_made_by_their_whole_name(open_grid: Any, repository: Path) -> None:
    """Their replies are plain data; a name that is nobody's is refused by the server."""
    sibling = repository / "examples" / "sibling_package"
    secret = "open-sesame.please-open"  # noqa: S105 - known to this test alone
    with (
        open_grid(packages=[sibling], gedis=Gedis(listen="tcp://127.0.0.1:0", secrets={"operator": secret})) as grid,
        connect(str(grid.manager.addresses[0]), secret=secret) as client,
    ):
        (name,) = [name for name in grid.manager.packages["gridreport"].calls if name.startswith("snapshot_take")]
        author = client.call("system.api_meta")
        assert author["version"]
        with pytest.raises(NotFound):
            client.call("nobody.nothing.at_all")
        names = [one for call in author["calls"] for one in (call.get("name", ""), *call.get("names", ()))]
        whole = next((one for one in names if one.endswith(f".{name}")), "")
        assert client.call(whole, node_id=grid.node.node_id)["node_id"] == grid.node.node_id


def test_it_is_used_by_several_threads_at_once(grid: Any, client: Client) -> None:
    """Each waits for its own answer."""
    found: list[list[int]] = []

    def work() -> None:
        ids = [client.reservation_register(reservation=grid.order()).id for _ in range(10)]
        found.append([client.reservation_get(reservation_id=each).id - each for each in ids])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [[0] * 10] * 8
    assert grid.count() == 80


def test_one_connection_serves_call_after_call(line: Any) -> None:
    """Also after a refusal, which leaves nothing behind on it."""
    with connect(line.address) as client:
        for _ in range(3):
            client.reservation_list()
            with pytest.raises(NotFound):
                client.reservation_get(reservation_id=7)
    assert line.connections == 1


def test_it_ends_with_its_block(address: str) -> None:
    """After that its calls are refused; closing twice is no error."""
    with connect(address) as client:
        client.reservation_list()
    client.close()
    with pytest.raises(Unavailable, match="is closed"):
        client.reservation_list()
    assert repr(client) == f"<Client of {address} as nobody, closed>"


def test_the_server_says_who_it_is(client: Client) -> None:
    """And whom it takes the client for."""
    server = client.server
    assert (server["server"], server["proto"]) == ("workloadmanager", 2)
    assert set(server) == {"server", "version", "proto", "id"}
    assert client.role == "guest"


def test_a_unix_socket_is_an_address_too(open_grid: Any, tmp_path: Path) -> None:
    """Nobody on another machine comes that way."""
    address = f"unix://{tmp_path}/wm.sock"
    with open_grid(gedis=address), connect(address) as client:
        assert client.reservation_list().reservations == []


@pytest.mark.parametrize(
    "statement",
    [
        "import workloadmanager; assert 'redis' not in sys.modules and 'hiredis' not in sys.modules",
        "sys.modules['redis'] = None; import workloadmanager\n"
        "try: workloadmanager.connect('tcp://localhost')\n"
        "except workloadmanager.errors.InputError as error: assert 'workloadmanager[gedis]' in str(error)\n"
        "else: raise SystemExit(1)",
    ],
)
def test_redis_is_needed_by_clients_alone(statement: str) -> None:
    """The package imports without it; a client says how to get it."""
    done = subprocess.run([sys.executable, "-c", f"import sys; {statement}"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


WRONG_OPTIONS: list[dict[str, Any]] = [
    {"address": "http://localhost"},
    {"address": "tcp://"},
    {"timeout": 0},
    {"timeout": True},
    {"timeout": float("nan")},
    {"attempts": 0},
    {"attempts": 1.5},
    {"certificate_authority": "authority.pem"},
    {"address": "tls://localhost", "certificate_authority": "/no/such/file"},
    {"key": workloadmanager.signing.Key(b"." * 32)},
    {"role": "operator"},
    {"role": "king", "secret": "s"},
    {"address": "tcp://one@localhost", "secret": "two"},
    {"role": "operator", "secret": "s", "key": workloadmanager.signing.Key(b"." * 32)},
]


@pytest.mark.parametrize("options", WRONG_OPTIONS)
def test_what_does_not_fit_is_refused_at_once(options: dict[str, Any]) -> None:
    """Not at the first call."""
    with pytest.raises(InputError) as raised:
        connect(**{"address": "tcp://localhost", **options})
    assert raised.value.path in {"address", "role", *options}
