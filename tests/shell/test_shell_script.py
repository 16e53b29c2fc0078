"""The shell without a prompt: the code of ``-c``, and what stdin holds."""

from __future__ import annotations

from pathlib import Path

import pykka
import pytest

from workloadmanager.threebot import package
from workloadmanager.threebot.shell import run

START = 'wm = package.workloadmanager.start(":memory:")\n'


def test_the_value_of_the_last_expression_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """`-c` answers as the prompt would."""
    assert run("x = 20\nx + 1") == 0
    assert capsys.readouterr().out == "21\n"


def test_a_schema_object_is_shown_readably(capsys: pytest.CaptureFixture[str]) -> None:
    """An object of the models is printed as in the prompt, secrets masked."""
    assert run("ReservationZdb(workload_id=2, password='hush')") == 0
    assert capsys.readouterr().out.splitlines() == [
        "zdb",
        "  workload_id  2",
        "  mode         seq",
        "  password     ********",
        "  disk_type    hdd",
        "  public       no",
    ]


def test_nothing_is_shown_for_a_statement(capsys: pytest.CaptureFixture[str]) -> None:
    """An assignment, and a value of None, print nothing."""
    assert run("x = 1") == run("None") == run("") == 0
    assert capsys.readouterr() == ("", "")


def test_the_package_starts_as_in_the_original_shell(capsys: pytest.CaptureFixture[str]) -> None:
    """`package.workloadmanager.start()` gives the handle, and a call on it answers."""
    assert run(START + "len(wm.reservation_list().reservations)") == 0
    assert capsys.readouterr().out == "0\n"


def test_the_package_starts_from_j_too(capsys: pytest.CaptureFixture[str]) -> None:
    """`j.threebot.package.workloadmanager.start()` is the same."""
    assert run('j.threebot.package.workloadmanager.start(":memory:").running') == 0
    assert capsys.readouterr().out == "True\n"


def test_a_named_store_is_started_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a store the handle is there as wm, and `package.workloadmanager.start()` returns the same."""
    assert run("wm is package.workloadmanager.start()", store=str(tmp_path / "store")) == 0
    assert capsys.readouterr().out == "True\n"
    assert (tmp_path / "store").is_dir()


@pytest.mark.parametrize(
    "code", ["wm.running", "1 / 0", "raise SystemExit(3)", "package = None", "wm.reservation_get(reservation_id=1)"]
)
def test_what_was_started_is_stopped_at_the_end(code: str) -> None:
    """However the code ends, no actor outlives the shell."""
    run(START + code)
    assert pykka.ActorRegistry.get_all() == []
    assert not any(record.status == "running" for record in package.list())


def test_a_refusal_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """An error of ours needs no traceback: it says what is wrong."""
    assert run(START + "wm.reservation_get(reservation_id=1)") == 1
    assert capsys.readouterr().err == "NotFound: reservation_id: there is no reservation 1\n"


def test_a_refusal_with_several_mistakes_is_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Every mistake of a call is seen."""
    assert run(START + 'wm.phonebook.add(name="", public_key="x")') == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["name", "public_key"]


def test_an_error_of_the_code_shows_where_in_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    """The traceback begins in what the user wrote, not in the shell."""
    assert run("def halve(x):\n    return x / 0\nhalve(1)") == 1
    error = capsys.readouterr().err
    assert error.splitlines()[0] == "Traceback (most recent call last):"
    assert error.count("File ") == error.count('File "<command>"') == 2


def test_code_that_is_no_python_shows_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """A syntax error is reported as Python does."""
    assert run("x =") == 1
    assert "SyntaxError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [("raise SystemExit", 0, ""), ("raise SystemExit(7)", 7, ""), ("raise SystemExit('stop')", 1, "stop\n")],
)
def test_an_exit_decides_the_status(code: str, status: int, error: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`sys.exit` works as in any script."""
    assert run(code) == status
    assert capsys.readouterr().err == error


def test_code_is_compiled_as_python_compiles_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of how the shell itself is written reaches the user's code."""
    assert run("def f(x: int) -> str: ...\nf.__annotations__['x'] is int") == 0
    assert capsys.readouterr().out == "True\n"


def test_a_model_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """`fields` shows each field with its type and the comment of the model."""
    assert run("fields(ReservationVolume)") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ReservationVolume  tfgrid.workloads.reservation.volume.1"
    assert lines[2].split() == ["field", "type", "what", "it", "is"]
    assert any(line.startswith("type") and line.endswith("one of HDD, SSD") for line in lines)


def test_an_object_is_explained_as_its_class_is(capsys: pytest.CaptureFixture[str]) -> None:
    """`fields` takes an object, too, and names the class of a list's items."""
    assert run("fields(ReservationData())") == 0
    assert "list[ReservationContainer]" in capsys.readouterr().out


def test_what_is_no_model_is_not_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """`fields` says what it takes."""
    assert run("fields(3)") == 1
    assert "fields(Reservation)" in capsys.readouterr().err
