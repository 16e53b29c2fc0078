"""Each call with each mistake: the right kind of error, the path of the field, and nothing stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from workloadmanager.actors import CALLS, call_of
from workloadmanager.errors import Conflict, InputError, NotFound, PermissionDenied, WorkloadManagerError

JUNK = "x" * 2**20
SIGNATURE = "ab" * 64

GOOD: dict[str, dict[str, Any]] = {
    "reservation_register": {"reservation": {"customer_tid": 1}},
    "reservation_get": {"reservation_id": 1},
    "reservation_list": {"node_id": "n", "state": "deploy", "epoch": 1, "cursor": 1, "limit": 1, "customer_tid": 1},
    "workloads_list": {"node_id": "n", "epoch": 1, "cursor": 1, "limit": 1},
    "workload_get": {"gwid": "1-1"},
    "sign_provision": {"reservation_id": 1, "tid": 1, "signature": SIGNATURE},
    "sign_delete": {"reservation_id": 1, "tid": 1, "signature": SIGNATURE},
    "sign_farmer": {"reservation_id": 1, "tid": 1, "signature": SIGNATURE},
    "sign_customer": {"reservation_id": 1, "signature": SIGNATURE},
    "set_workload_result": {"global_workload_id": "1-1", "result": {"state": "ok"}, "node_id": "n"},
    "workload_deleted": {"workload_id": "1-1", "reservation_id": 1, "node_id": "n"},
}
"""Arguments of the right form for each call; what they name need not exist."""

SIGNED = {call: GOOD[call] for call in ("sign_provision", "sign_delete", "sign_farmer", "sign_customer")}
LISTS = {call: GOOD[call] for call in ("reservation_list", "workloads_list")}


@pytest.fixture(scope="module")
def one_grid(open_grid: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    """Return a grid with one reservation in create, for all the tests here: none of them changes it."""
    with open_grid() as grid:
        grid.register()
        grid.stop()
        yield grid


@pytest.fixture
def unchanged(one_grid: Any) -> Iterator[Any]:
    """Return the grid, which a test tries to change in vain."""
    before = one_grid.content()
    yield one_grid
    one_grid.stop()
    assert one_grid.content() == before


def refused(grid: Any, call: str, arguments: Any) -> WorkloadManagerError:
    """Return the error with which a call refuses a message."""
    with pytest.raises(WorkloadManagerError) as caught:
        grid.refs[call].ask(arguments, timeout=20)
    error = caught.value
    assert error.call == call
    assert len(str(error)) < 2000, "what was sent is not sent back"
    return error


def required() -> list[tuple[str, str]]:
    """Return each call with each argument that it needs."""
    return [(name, argument) for name, actor in CALLS.items() for argument in call_of(actor).required]


@pytest.mark.parametrize(("call", "argument"), required())
@pytest.mark.parametrize("absent", ["left out", None, ""])
def test_a_required_argument_that_is_missing_is_named(unchanged: Any, call: str, argument: str, absent: object) -> None:
    """Left out, null or empty."""
    arguments = {**GOOD[call], argument: absent}
    if absent == "left out":
        del arguments[argument]
    error = refused(unchanged, call, arguments)
    assert isinstance(error, InputError)
    assert argument in {problem.path for problem in error.errors}


@pytest.mark.parametrize(("call", "argument"), [one for one in required() if type(GOOD[one[0]][one[1]]) is int])
@pytest.mark.parametrize("unset", [2147483647, "2147483647"])
def test_the_number_that_means_not_set_is_missing(unchanged: Any, call: str, argument: str, unset: object) -> None:
    """In either form in which clients send numbers."""
    error = refused(unchanged, call, {**GOOD[call], argument: unset})
    assert isinstance(error, InputError)
    assert error.path == argument


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_argument_is_named_with_its_near_miss(unchanged: Any, call: str) -> None:
    """A typing mistake is told apart from an argument that was left out."""
    argument = next(iter(GOOD[call]))
    error = refused(unchanged, call, {**GOOD[call], f"{argument}x": 1})
    assert isinstance(error, InputError)
    assert error.path == f"{argument}x"
    assert error.message == f"is no argument of {call}; did you mean '{argument}'?"


@pytest.mark.parametrize(("call", "argument"), [(call, argument) for call in GOOD for argument in GOOD[call]])
@pytest.mark.parametrize(
    "wrong", [True, 1.5, ["a", {}], {"a": object()}, b"bytes"], ids=lambda value: type(value).__name__
)
def test_an_argument_of_the_wrong_type_is_named(unchanged: Any, call: str, argument: str, wrong: object) -> None:
    """Whatever else is right."""
    error = refused(unchanged, call, {**GOOD[call], argument: wrong})
    assert isinstance(error, InputError)
    assert any(problem.path.startswith((argument, "a")) for problem in error.errors)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("message", ["junk", None, 5, [1], ("reservation_id", 1), JUNK], ids=lambda one: str(one)[:20])
def test_a_message_that_is_no_mapping_is_refused(unchanged: Any, call: str, message: object) -> None:
    """The arguments have names."""
    error = refused(unchanged, call, message)
    assert isinstance(error, InputError)
    assert "mapping" in error.message


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("key", [JUNK, 5, ("a", "b"), "\ud800"], ids=["1 MiB", "number", "tuple", "surrogate"])
def test_an_argument_with_a_junk_name_is_refused(unchanged: Any, call: str, key: object) -> None:
    """It is unknown, and only its beginning is told back."""
    error = refused(unchanged, call, {**GOOD[call], key: 1})
    assert isinstance(error, InputError)
    assert max(len(problem.path) for problem in error.errors) <= 100


@pytest.mark.parametrize(
    ("call", "argument"), [(call, name) for call in GOOD for name, value in GOOD[call].items() if type(value) is int]
)
@pytest.mark.parametrize("number", [-1, -(2**31), 2**31, 2**63, 10**30])
def test_a_number_out_of_range_is_named(unchanged: Any, call: str, argument: str, number: int) -> None:
    """Negative, or wider than the field."""
    error = refused(unchanged, call, {**GOOD[call], argument: number})
    if argument == "tid" and -(2**31) <= number < 0:
        assert isinstance(error, NotFound)  # an id that nobody has
    else:
        assert isinstance(error, InputError)
        assert error.path == argument


@pytest.mark.parametrize("call", ["reservation_get", "sign_provision", "sign_delete", "sign_farmer", "sign_customer"])
@pytest.mark.parametrize("number", [2, 10**9, "7"])
def test_a_reservation_that_does_not_exist_is_not_found(unchanged: Any, call: str, number: object) -> None:
    """The path is the id."""
    error = refused(unchanged, call, {**GOOD[call], "reservation_id": number})
    assert isinstance(error, NotFound)
    assert error.path == "reservation_id"


@pytest.mark.parametrize("call", ["reservation_get", "sign_provision", "sign_delete", "sign_farmer", "sign_customer"])
def test_no_reservation_has_the_id_0(unchanged: Any, call: str) -> None:
    """It is a mistake, not an id that is not there yet."""
    error = refused(unchanged, call, {**GOOD[call], "reservation_id": 0})
    assert isinstance(error, InputError)
    assert error.path == "reservation_id"


GWIDS = {"workload_get": "gwid", "set_workload_result": "global_workload_id", "workload_deleted": "workload_id"}


@pytest.mark.parametrize(("call", "argument"), GWIDS.items())
@pytest.mark.parametrize("gwid", ["2-1", "1-2", f"{2**62}-1", f"1-{2**62}"])
def test_a_workload_that_does_not_exist_is_not_found(unchanged: Any, call: str, argument: str, gwid: str) -> None:
    """Neither the reservation nor the workload within it."""
    arguments = {**GOOD[call], argument: gwid}
    arguments.pop("reservation_id", None)
    error = refused(unchanged, call, arguments)
    assert isinstance(error, NotFound)
    assert error.path == argument


@pytest.mark.parametrize(("call", "argument"), GWIDS.items())
@pytest.mark.parametrize(
    "gwid",
    ["1", "1-", "-1", "0-1", "1-0", "01-1", "1-1 ", "a-b", "1-1-1", "\u0661-\u0661", f"{2**64}-1", JUNK, JUNK + "-1"],
    ids=lambda one: one[:20],
)
def test_a_text_that_is_no_global_workload_id_is_refused(unchanged: Any, call: str, argument: str, gwid: str) -> None:
    """Only `<number>-<number>` names a workload."""
    arguments = {**GOOD[call], argument: gwid}
    arguments.pop("reservation_id", None)
    error = refused(unchanged, call, arguments)
    assert isinstance(error, InputError)
    assert error.path == argument


@pytest.mark.parametrize("call", SIGNED)
@pytest.mark.parametrize("signature", [SIGNATURE, SIGNATURE[:-1], "no hex", JUNK, "é" * 128], ids=lambda one: one[:9])
def test_a_signature_that_does_not_verify_is_denied(unchanged: Any, call: str, signature: str) -> None:
    """Whatever is wrong with it."""
    error = refused(unchanged, call, {**GOOD[call], "signature": signature})
    assert isinstance(error, PermissionDenied)
    assert error.path == "signature"


@pytest.mark.parametrize("call", ["sign_provision", "sign_delete", "sign_farmer"])
def test_a_signer_whom_nobody_knows_is_not_found(unchanged: Any, call: str) -> None:
    """The path is the threebot id."""
    error = refused(unchanged, call, {**GOOD[call], "tid": 77})
    assert isinstance(error, NotFound)
    assert error.path == "tid"


@pytest.mark.parametrize("leave_out", [["signature"], ["tid"], ["tid", "signature"]])
def test_a_deletion_without_signature_is_denied(unchanged: Any, leave_out: list[str]) -> None:
    """Some clients send the id alone; in process nobody is logged in."""
    arguments = {name: value for name, value in GOOD["sign_delete"].items() if name not in leave_out}
    error = refused(unchanged, "sign_delete", arguments)
    assert isinstance(error, PermissionDenied)
    assert error.path in leave_out


@pytest.mark.parametrize("call", LISTS)
def test_a_node_that_does_not_exist_has_nothing(unchanged: Any, call: str) -> None:
    """A list of nothing is no error, whatever the text."""
    for node_id in ("nowhere", JUNK, "\0", "é" * 300):
        reply = unchanged.call(call, node_id=node_id)
        assert [getattr(reply, name) for name in reply.__struct_fields__] == [[]]


@pytest.mark.parametrize("state", ["deployed", "7", "-1", "deploy,bad", JUNK, ["deploy", "bad"], [99], [[1]], 7, -1])
def test_a_state_that_does_not_exist_is_named(unchanged: Any, state: object) -> None:
    """With those that do."""
    error = refused(unchanged, "reservation_list", {"state": state})
    assert isinstance(error, InputError)
    assert error.path == "state"


@pytest.mark.parametrize(
    ("result", "path"),
    [
        ({"state": "fine"}, "result.state"),
        ({"state": 3}, "result.state"),
        ({"stat": "ok"}, "result.stat"),
        ({"message": 5}, "result.message"),
        ({"signature": 5}, "result.signature"),
        ({"signature": "no base64!"}, "result.signature"),
        ({"data_json": {"a": 1j}}, "result.data_json"),
        ({"data_json": float("nan")}, "result.data_json"),
        ({"epoch": -1}, "result.epoch"),
        ({"category": "disk"}, "result.category"),
    ],
    ids=repr,
)
def test_a_result_that_does_not_fit_is_named(unchanged: Any, result: object, path: str) -> None:
    """With its path inside the result."""
    error = refused(unchanged, "set_workload_result", {"global_workload_id": "1-1", "result": result})
    assert isinstance(error, InputError)
    assert error.path == path


def test_a_result_without_signature_is_denied(unchanged: Any) -> None:
    """The node's key is known, so it has to sign."""
    error = refused(unchanged, "set_workload_result", {"global_workload_id": "1-1", "result": {"state": "ok"}})
    assert isinstance(error, PermissionDenied)
    assert error.path == "result.signature"


def test_a_number_alone_does_not_name_a_workload(unchanged: Any) -> None:
    """It needs the reservation as well; the message says so."""
    error = refused(unchanged, "workload_deleted", {"workload_id": 1})
    assert isinstance(error, InputError)
    assert error.path == "workload_id"
    assert "reservation_id" in error.message


@pytest.mark.parametrize("call", ["set_workload_result", "workload_deleted"])
def test_a_report_of_a_node_that_the_workload_is_not_on_is_denied(unchanged: Any, call: str) -> None:
    """The path is the node."""
    error = refused(unchanged, call, GOOD[call])
    assert isinstance(error, PermissionDenied)
    assert error.path == "node_id"


@pytest.mark.parametrize("call", ["set_workload_result", "workload_deleted"])
def test_a_report_before_deploy_is_a_conflict(unchanged: Any, call: str) -> None:
    """Nothing can run yet; the message says what the reservation waits for."""
    arguments: dict[str, Any] = {
        "set_workload_result": {"global_workload_id": "1-1", "result": unchanged.node.result("1-1")},
        "workload_deleted": {"workload_id": "1-1"},
    }[call]
    error = refused(unchanged, call, arguments)
    assert isinstance(error, Conflict)
    assert "waits for" in error.message


def test_several_mistakes_are_told_at_once(unchanged: Any) -> None:
    """Missing, unknown and of the wrong type."""
    error = refused(unchanged, "sign_provision", {"tid": "one", "signatur": "x"})
    assert [problem.path for problem in error.errors] == ["tid", "signatur", "reservation_id", "signature"]


def test_two_ids_that_disagree_are_refused(unchanged: Any) -> None:
    """A report does not name two reservations."""
    error = refused(unchanged, "workload_deleted", {"workload_id": "1-1", "reservation_id": 2})
    assert isinstance(error, InputError)
    assert error.path == "reservation_id"
