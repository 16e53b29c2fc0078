"""Who may do what: every call with every role, and what each role is shown."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.actors import CALLS, HOST, Access, CallActor, Caller, Request, Role, acting_node, call_of
from workloadmanager.errors import InputError, PermissionDenied
from workloadmanager.schema import to_json

OPERATOR = Caller(Role.operator)
GUEST = Caller(Role.guest)
STRANGER = Caller(Role.stranger)

ACCESS = {
    "reservation_register": "anybody",
    "reservation_get": "session",
    "reservation_list": "session",
    "workloads_list": "session",
    "workload_get": "session",
    "sign_provision": "anybody",
    "sign_delete": "anybody",
    "sign_farmer": "anybody",
    "sign_customer": "anybody",
    "set_workload_result": "anybody",
    "workload_deleted": "session",
}
"""Who may make each call, written down once more and apart from the code."""

CONTAINER = {
    "workload_id": 1,
    "flist": "https://hub.grid.tf/example/web.flist",
    "hub_url": "zdb://hub.grid.tf:9900",
    "environment": {"TOKEN": "leaked"},
    "network_connection": [{"network_id": "net", "ipaddress": "10.20.1.10"}],
    "capacity": {"cpu": 1, "memory": 1024},
}


def user(tid: int) -> Caller:
    """A session of a threebot."""
    return Caller(Role.user, tid=tid)


def node(machine: Any) -> Caller:
    """A session of a node."""
    return Caller(Role.node, node_id=machine.node_id)


def secret(grid: Any, **changes: Any) -> dict[str, Any]:
    """Return the data of a reservation with an environment, a signer for each request, on the first node."""
    container = {**CONTAINER, "node_id": grid.node.node_id}
    named = {
        "signing_request_provision": {"signers": [2], "quorum_min": 1},
        "signing_request_delete": {"signers": [3], "quorum_min": 1},
    }
    return grid.data(volumes=[], containers=[container], **{**named, **changes})  # type: ignore[no-any-return]


def running(grid: Any) -> Any:
    """Bring such a reservation to deploy."""
    reservation = grid.register(secret(grid))
    grid.signed(reservation)
    grid.sign("provision", grid.partner, reservation)
    grid.sign("farmer", grid.farmer, reservation)
    return reservation


def is_hidden(document: Any) -> bool:
    """Whether a reply shows neither the environment nor a signature; it shows both or none."""
    text = to_json(document)
    hidden = "leaked" not in text
    assert ('"signature": ""' in text) is hidden
    return hidden


def test_every_call_says_who_may_make_it() -> None:
    """What carries its own signature is for anybody; what reads, polls and reports without one is not."""
    assert {name: str(call_of(actor).access) for name, actor in CALLS.items()} == ACCESS


@pytest.mark.parametrize("name", [name for name, access in ACCESS.items() if access == "session"])
def test_a_stranger_makes_no_call_that_needs_a_session(grid: Any, name: str) -> None:
    """Whatever the arguments are; the refusal says what to do."""
    with pytest.raises(PermissionDenied, match=f"{name} is for those who are logged in; log in first: AUTH") as refused:
        grid.call_as(STRANGER, name, nonsense=1)
    assert refused.value.call == name


@pytest.mark.parametrize("role", Role)
def test_a_call_that_declares_nothing_is_for_the_operator(grid: Any, role: Role) -> None:
    """And for the code of the host; calls of other packages may be made for others too, once they say so."""

    class Private(CallActor):
        """Says that it was made.

        ```in
        ```

        ```out
        role = (S)
        ```
        """

        def private(self) -> object:
            """Say so."""
            return self._output.new(role=str(self._caller.role))

    assert call_of(Private).access is Access.operator
    ref = Private.start(grid.context)
    try:
        if role in (Role.host, Role.operator):
            assert ref.ask(Request({}, Caller(role)), block=True).role == role
        else:
            with pytest.raises(PermissionDenied, match=f"for the operator alone, and this session is {role}"):
                ref.ask(Request({}, Caller(role)))
    finally:
        ref.stop()


@pytest.mark.parametrize("message", [{"reservation_id": 1}, Request({"reservation_id": 1})], ids=["dict", "request"])
def test_plain_arguments_are_the_hosts(grid: Any, message: Any) -> None:
    """Whoever made the call before."""
    grid.register(secret(grid))
    assert grid.call_as(user(9), "reservation_get", reservation_id=1).json == ""
    assert grid.refs["reservation_get"].ask(message).json != ""
    assert Request({}).caller is HOST


@pytest.mark.parametrize(
    ("caller", "text"),
    [(HOST, "host"), (OPERATOR, "operator"), (Caller(Role.node, "node-1"), "node:node-1"), (user(7), "user:7")],
)
def test_a_caller_is_named_by_role_and_id(caller: Caller, text: str) -> None:
    """As it logs in."""
    assert str(caller) == text


@pytest.mark.parametrize("tid", [1, 2, 3, 11], ids=["customer", "provision", "delete", "farmer"])
@pytest.mark.parametrize("call", ["reservation_get", "reservation_list", "workloads_list", "workload_get"])
def test_a_party_of_a_reservation_sees_all_of_it(grid: Any, call: str, tid: int) -> None:
    """The customer, who may sign, and the farmers."""
    running(grid)
    assert not is_hidden(read(grid, user(tid), call))


@pytest.mark.parametrize("tid", [9, 12], ids=["stranger", "other farmer"])
@pytest.mark.parametrize("call", ["reservation_get", "reservation_list", "workloads_list", "workload_get"])
def test_other_users_see_a_reservation_without_its_secrets(grid: Any, call: str, tid: int) -> None:
    """That it exists, where, and how far it is, is for everybody."""
    running(grid)
    shown = read(grid, user(tid), call)
    assert is_hidden(shown)
    if call == "reservation_get":
        assert (shown.id, shown.next_action, shown.customer_tid) == (1, "deploy", 1)
        assert shown.data_reservation.containers[0].node_id == grid.node.node_id
        assert [entry.tid for entry in shown.signatures_farmer] == [11]


@pytest.mark.parametrize("caller", [HOST, OPERATOR, GUEST], ids=str)
@pytest.mark.parametrize("call", ["reservation_get", "reservation_list", "workloads_list", "workload_get"])
def test_host_operator_and_guests_see_everything(grid: Any, call: str, caller: Caller) -> None:
    """An open server is one whose readers are trusted."""
    running(grid)
    assert not is_hidden(read(grid, caller, call))


@pytest.mark.parametrize("call", ["reservation_get", "reservation_list"])
def test_a_node_sees_reservations_without_their_secrets(grid: Any, call: str) -> None:
    """Those of its own workloads too: what it needs it gets by its polls."""
    running(grid)
    assert is_hidden(read(grid, node(grid.node), call))


@pytest.mark.parametrize("call", ["workloads_list", "workload_get"])
def test_a_node_gets_its_own_workloads_with_their_secrets(grid: Any, call: str) -> None:
    """They are sealed to it."""
    running(grid)
    assert not is_hidden(read(grid, node(grid.node), call))


def read(grid: Any, caller: Caller, call: str) -> Any:
    """Read the one reservation, or its one workload, by some call."""
    arguments: dict[str, dict[str, Any]] = {"reservation_get": {"reservation_id": 1}, "workload_get": {"gwid": "1-1"}}
    reply = grid.call_as(caller, call, **arguments.get(call, {}))
    parts = getattr(reply, {"reservation_list": "reservations", "workloads_list": "workloads"}.get(call, ""), None)
    if parts is None:
        return reply
    (only,) = parts
    return only


def test_a_list_shows_each_reservation_by_itself(grid: Any) -> None:
    """A user's own in full between others'."""
    for tid in (1, 9, 1):
        grid.register(secret(grid), customer_tid=tid)
    listed = grid.call_as(user(9), "reservation_list").reservations
    assert [reservation.json == "" for reservation in listed] == [True, False, True]


def test_what_a_reservation_waits_for_is_told_also_without_its_signatures(grid: Any) -> None:
    """The counts are of what is stored, not of what is shown."""
    running(grid)
    full = grid.call_as(OPERATOR, "reservation_get", reservation_id=1, history=True)
    shown = grid.call_as(user(9), "reservation_get", reservation_id=1, history=True)
    assert (shown.waits_for, shown.history) == (full.waits_for, full.history)
    assert is_hidden(shown.reservation)
    registered = grid.register(grid.data())
    grid.signed(registered)
    told = grid.call_as(user(9), "reservation_get", reservation_id=2, history=True)
    assert "farmers (0 of 1, missing 11)" in told.waits_for


def test_reading_without_secrets_changes_nothing_that_is_stored(grid: Any) -> None:
    """Not a byte."""
    running(grid)
    before = grid.content()
    for call in ("reservation_get", "reservation_list", "workloads_list", "workload_get"):
        read(grid, user(9), call)
    assert grid.content() == before


@pytest.mark.parametrize("caller", [HOST, OPERATOR, GUEST], ids=str)
def test_who_is_trusted_acts_for_the_node_that_is_named(caller: Caller) -> None:
    """Or for none."""
    assert acting_node(caller, "node-1") == "node-1"
    assert acting_node(caller, "") == ""


def test_a_node_acts_for_itself() -> None:
    """Whether it is named or not."""
    caller = Caller(Role.node, node_id="node-1")
    assert acting_node(caller, "") == "node-1"
    assert acting_node(caller, "node-1") == "node-1"
    with pytest.raises(PermissionDenied) as refused:
        acting_node(caller, "node-2", path="node.node_id")
    assert refused.value.path == "node.node_id"


@pytest.mark.parametrize("caller", [user(1), STRANGER], ids=str)
def test_users_and_strangers_act_for_no_node(caller: Caller) -> None:
    """Also where they name one."""
    with pytest.raises(PermissionDenied, match="this is for nodes and the operator"):
        acting_node(caller, "node-1")


def test_a_call_may_ignore_what_it_does_not_know(grid: Any) -> None:
    """Arguments, and fields in them, of clients that send more than it takes."""

    class Tolerant(CallActor):
        """Takes a mount.

        ```in
        mount = (O) !tfgrid.workloads.reservation.container.mount.1
        note = (S)
        ```

        ```out
        mountpoint = (S)
        note = (S)
        ```
        """

        _unknown = "ignore"

        def tolerant(self, *, mount: Any, note: str = "none") -> object:
            """Give back what counts."""
            return self._output.new(mountpoint=mount.mountpoint, note=note)

    ref = Tolerant.start(grid.context)
    reply = ref.ask({"mount": {"mountpoint": "/data", "options": "ro"}, "colour": "red", "note": ""}, block=True)
    assert (reply.mountpoint, reply.note) == ("/data", "none")
    with pytest.raises(InputError, match="is missing"):
        ref.ask({"colour": "red"})
    ref.stop()
