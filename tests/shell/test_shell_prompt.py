"""The prompt, driven by keys from a pipe: what it shows, and what it completes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from workloadmanager.threebot.shell._namespace import names_at_hand  # behind the doorway: a prompt needs a terminal
from workloadmanager.threebot.shell._repl import Repl, history_file, make_prompt

LEAVE = "\x04"


@pytest.fixture
def names() -> Iterator[dict[str, Any]]:
    """The globals of a shell in which the workload manager runs as wm."""
    names = names_at_hand()
    names["wm"] = names["package"].workloadmanager.start(":memory:")
    yield names
    names["package"].stop()


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    """A keyboard."""
    with create_pipe_input() as keys:
        yield keys


@pytest.fixture
def screen() -> io.StringIO:
    """What the terminal was sent."""
    return io.StringIO()


@pytest.fixture
def prompt(names: dict[str, Any], keys: PipeInput, screen: io.StringIO) -> Repl:
    """A prompt on that keyboard and screen."""
    output = Vt100_Output(screen, lambda: Size(rows=40, columns=100), enable_cpr=False)
    return make_prompt(names, source=keys, target=output)


def completed(prompt: Repl, text: str) -> list[str]:
    """What the prompt offers behind a text."""
    completer = prompt.default_buffer.completer
    return [each.text for each in completer.get_completions(Document(text), CompleteEvent(completion_requested=True))]


def typed(prompt: Repl, keys: PipeInput, screen: io.StringIO, *lines: str) -> str:
    """What the screen has got after some lines were typed and the prompt was left."""
    for line in lines:
        keys.send_text(f"{line}\r")
    keys.send_text(LEAVE)
    prompt.run()
    return screen.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wm.reservation_", {"reservation_get", "reservation_list", "reservation_register"}),
        ("wm.reservation_register(", {"reservation="}),
        ("wm.reservation_list(st", {"state="}),
        ("wm.phonebook.add(", {"name=", "public_key=", "tid="}),
        ("package.work", {"workloadmanager"}),
        ("j.threebot.package.workloadmanager.st", {"start", "stop"}),
        ("errors.NotF", {"NotFound"}),
        ("signing.si", {"sign", "sign_result"}),
        ("Reserv", {"Reservation", "ReservationData", "ReservationContainer"}),
        ("Reservation(customer_", {"customer_tid=", "customer_signature="}),
        ("Reservation().data_res", {"data_reservation"}),
        ("found.data_reservation.", {"containers", "expiration_reservation"}),
        ("found.data_reservation.containers[0].", {"capacity", "flist"}),
        ("found.data_reservation.containers[0].capacity.", {"cpu", "memory"}),
        ("for c in found.data_reservation.containers: c.fl", {"flist"}),
    ],
)
def test_calls_arguments_and_fields_are_completed(
    prompt: Repl, names: dict[str, Any], reservation: Any, text: str, expected: set[str]
) -> None:
    """Completion knows the calls, their arguments, the models and the fields of nested objects."""
    names["found"] = reservation
    assert expected <= set(completed(prompt, text))


def test_what_python_adds_to_an_object_is_not_offered(prompt: Repl, names: dict[str, Any], reservation: Any) -> None:
    """Behind a dot there are the fields, not `__slots__`."""
    names["found"] = reservation
    assert not [name for name in completed(prompt, "found.") if name.startswith("_")]


def test_completion_makes_no_call(prompt: Repl, names: dict[str, Any]) -> None:
    """Looking for completions behind a call must not register anything."""
    before = names["wm"].store.totals.documents
    completed(prompt, 'wm.phonebook.add(name="alice", public_key="00").')
    assert names["wm"].phonebook.list() == []
    assert names["wm"].store.totals.documents == before


def test_a_value_is_shown_readably(prompt: Repl, keys: PipeInput, screen: io.StringIO) -> None:
    """A schema object is printed field by field."""
    shown = typed(prompt, keys, screen, "ReservationVolume(workload_id=4, size=5)")
    assert "workload_id" in shown
    assert "ReservationVolume(workload_id=4, size=5)\n" not in shown


def test_the_underscore_keeps_the_value_itself(
    prompt: Repl, names: dict[str, Any], keys: PipeInput, screen: io.StringIO
) -> None:
    """What is shown is text; `_` is the object."""
    typed(prompt, keys, screen, "ReservationVolume(size=5)")
    assert names["_"].size == 5


def test_a_call_can_be_awaited(prompt: Repl, keys: PipeInput, screen: io.StringIO) -> None:
    """The prompt makes a loop for what awaits; a refusal is a line there too."""
    assert prompt.eval('len((await wm.acall("reservation_list")).reservations)') == 0
    shown = typed(prompt, keys, screen, 'await wm.acall("reservation_get", reservation_id=5)')
    assert "there is no reservation 5" in shown
    assert "Traceback" not in shown


def test_code_may_run_a_loop_of_its_own(prompt: Repl) -> None:
    """What does not await is run as everywhere."""
    prompt.eval("import asyncio")
    assert prompt.eval("asyncio.run(asyncio.sleep(0, 7))") == 7


def test_a_plain_value_is_shown_as_python_shows_it(prompt: Repl, keys: PipeInput, screen: io.StringIO) -> None:
    """Numbers are numbers."""
    assert "714025" in typed(prompt, keys, screen, "845 ** 2")


def test_a_refusal_is_one_line(prompt: Repl, keys: PipeInput, screen: io.StringIO) -> None:
    """An error of ours comes without a traceback, and the prompt goes on."""
    shown = typed(prompt, keys, screen, "wm.reservation_get(reservation_id=5)", "845 ** 2")
    assert "there is no reservation 5" in shown
    assert "Traceback" not in shown
    assert "714025" in shown


def test_another_error_has_its_traceback(prompt: Repl, keys: PipeInput, screen: io.StringIO) -> None:
    """What the user's own code raises is shown as Python shows it."""
    assert "ZeroDivisionError" in typed(prompt, keys, screen, "1 / 0")


def test_what_is_typed_is_kept_in_a_file_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history is readable by its user only, as keys and passwords get typed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    file = history_file()
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.is_relative_to(tmp_path)
