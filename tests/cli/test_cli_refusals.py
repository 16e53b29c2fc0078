"""How a run ends: exit statuses, one line for each mistake, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.threebot.cli._keyring import Keyring

COMMAND = [sys.executable, "-c", "import sys; from workloadmanager.threebot.cli import main; sys.exit(main())"]

WRONG_CALLS = [
    ("nonsense",),
    ("user", "frobnicate"),
    ("user", "list", "--frobnicate"),
    ("user", "show"),
    ("user", "show", "1", "2"),
    ("user", "add", "alice", "--tid", "many", "--key", "alice"),
    ("user", "add", "alice", "--tid", "0", "--key", "alice"),
    ("reservation", "get", "first"),
    ("reservation", "list", "--state", "undeployed"),
    ("reservation", "sign", "everything", "1", "--key", "alice"),
    ("reservation", "sign", "provision", "1"),
    ("reservation", "list", "--limit", "-1"),
    ("workload", "result", "1-1", "--state", "fine"),
    ("--store",),
    ("demo", "--store", "here"),
    ("bcdb", "check", "--keys", "here"),
    ("key", "list", "--set", "a=b"),
]


@pytest.mark.parametrize("arguments", WRONG_CALLS, ids=" ".join)
def test_a_wrong_call_is_one_line_and_status_2(cli: Any, arguments: tuple[str, ...]) -> None:
    """The line says what is wrong and where the help is."""
    finished = cli(*arguments)
    assert (finished.status, finished.out) == (2, "")
    assert finished.err.startswith("workloadmanager: ")
    assert finished.err.endswith(" --help\n")
    assert finished.err.count("\n") == 1


def test_a_wrong_call_is_json_for_programs(cli: Any) -> None:
    """With --json anywhere on the line."""
    finished = cli("user", "show", "--json")
    assert finished.status == 2
    assert finished.error["kind"] == "usage"


@pytest.mark.parametrize("command", ["demo", "shell"])
def test_json_is_refused_where_there_is_no_document(cli: Any, command: str) -> None:
    """An option that would do nothing is a wrong call."""
    finished = cli("--json", command)
    assert (finished.status, finished.out) == (2, "")
    assert finished.error["message"].startswith(f"workloadmanager {command} does not take --json")


@pytest.mark.parametrize("arguments", [(), ("user",), ("bcdb",)], ids=["nothing", "user", "bcdb"])
def test_a_noun_alone_shows_its_help(cli: Any, arguments: tuple[str, ...]) -> None:
    """Somebody who does not know the verbs sees them."""
    finished = cli(*arguments)
    assert finished.status == 2
    assert "Commands" in finished.out + finished.err


def test_a_refusal_is_one_line_and_status_1(cli: Any) -> None:
    """What the package refuses is not a wrong call."""
    finished = cli("reservation", "get", "7")
    assert (finished.status, finished.out) == (1, "")
    assert finished.err == "workloadmanager: reservation_id: there is no reservation 7\n"


def test_a_refusal_is_json_for_programs(cli: Any) -> None:
    """Kind, message, path and call, as the error has them."""
    assert cli("reservation", "get", "7", "--json").error == {
        "kind": "not_found",
        "message": "there is no reservation 7",
        "path": "reservation_id",
        "call": "reservation_get",
    }


def test_a_hostile_argument_does_not_act_on_the_terminal(cli: Any) -> None:
    """What is repeated from the command line is spelled out."""
    assert "\x1b" not in cli("user", "show", "\x1b[2J").err
    assert "\x1b" not in cli("\x1b[2J").err


def test_what_says_where_things_are_may_stand_before_any_command(cli: Any) -> None:
    """One alias with `--store` and `--keys` serves every noun."""
    surroundings = ("--store", "here", "--keys", "there", "--set", "unsigned_results=true")
    assert cli(*surroundings, "key", "new", "alice", "--no-passphrase").status == 0
    assert cli(*surroundings, "user", "add", "alice", "--key", "alice").status == 0
    assert cli(*surroundings, "bcdb", "check").status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--store", "here", "user", "list", "--json"),
        ("user", "--store", "here", "list", "--json"),
        ("user", "list", "--store", "here", "--json"),
        ("--json", "user", "--store=here", "list"),
        ("--store", "elsewhere", "--json", "user", "list", "--store", "here"),
    ],
    ids=" ".join,
)
def test_shared_options_stand_where_one_likes(cli: Any, folder: Path, arguments: tuple[str, ...]) -> None:
    """Before the noun, before the verb and behind it; the one furthest right wins."""
    assert cli(*arguments).document == {"users": []}
    assert (folder / "here").is_dir()
    assert not (folder / "elsewhere").exists()


@pytest.mark.parametrize(
    "arguments", [("user", "list", "--store", ""), ("bcdb", "stats", "--store", ""), ("key", "list", "--keys", "")]
)
def test_an_empty_path_is_no_default(cli: Any, arguments: tuple[str, ...]) -> None:
    """A variable that is not set in a script must not lead to somebody's own store."""
    finished = cli(*arguments)
    assert finished.status == 1
    assert "need" in finished.err


def test_without_any_store_the_users_own_is_used(cli: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the folder for data that the system provides."""
    monkeypatch.delenv("WORKLOADMANAGER_STORE")
    assert cli("user", "list").status == 0
    assert (folder / "data" / "workloadmanager" / "bcdb").is_dir()


def test_the_version_is_that_of_the_package(cli: Any) -> None:
    """One line, as other programs do."""
    from importlib.metadata import version

    assert cli("--version").out == f"workloadmanager {version('workloadmanager')}\n"


def test_a_store_that_cannot_be_opened_is_one_line(cli: Any, folder: Path) -> None:
    """A file in the place of a folder."""
    (folder / "file").write_text("no store")
    finished = cli("--store", "file", "user", "list")
    assert finished.status == 1
    assert finished.err.count("\n") == 1


def run_apart(*arguments: str, code: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, behind some code."""
    program = f"import sys; {code}; from workloadmanager.threebot.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_its_extra_it_says_what_to_install(folder: Path, missing: str) -> None:
    """One line, status 2."""
    finished = run_apart("user", "list", code=f"sys.modules[{missing!r}] = None", cwd=folder)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.endswith("pip install 'workloadmanager[cli]'\n")
    assert finished.stderr.count("\n") == 1


@pytest.mark.slow
def test_without_its_extra_the_prompt_says_what_to_install(folder: Path) -> None:
    """The shell on a terminal needs ptpython; code and scripts do not."""
    terminal = "import pty; other, mine = pty.openpty(); import os; os.dup2(mine, 0)"
    finished = run_apart("shell", code=f"sys.modules['ptpython'] = None; {terminal}", cwd=folder)
    assert finished.returncode == 2
    assert finished.stderr.endswith("pip install 'workloadmanager[shell]'\n")
    finished = run_apart("shell", "-c", "1 + 1", code="sys.modules['ptpython'] = None", cwd=folder)
    assert (finished.returncode, finished.stdout) == (0, "2\n")


@pytest.mark.slow
def test_a_fault_of_the_program_is_one_line_with_the_way_to_its_traceback(folder: Path) -> None:
    """A person gets a sentence; who looks for the cause sets a variable."""
    broken = "import platformdirs; platformdirs.user_data_path = None"
    environment = {name: value for name, value in os.environ.items() if name != "WORKLOADMANAGER_STORE"}
    finished = run_apart("bcdb", "check", code=broken, cwd=folder, env=environment)
    assert finished.returncode == 1
    assert finished.stderr.startswith("workloadmanager: a fault of the program, TypeError: ")
    assert finished.stderr.count("\n") == 1
    finished = run_apart("bcdb", "check", code=broken, cwd=folder, env={**environment, "WORKLOADMANAGER_DEBUG": "1"})
    assert finished.stderr.startswith("Traceback")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("user", "list"), ("user", "list", "--json"), ("bcdb", "export", "-")])
def test_a_closed_pipe_is_quiet(grid: Path, arguments: tuple[str, ...]) -> None:
    """`workloadmanager … | head -0` ends without a word, with the status of a program that lost its reader."""
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen([*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, cwd=grid) as process:
        os.close(writing)
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.slow
def test_a_disk_that_takes_no_more_is_one_line(keyring: Keyring, folder: Path) -> None:
    """The system's own words, and status 1."""
    assert keyring.names()
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    program = f"{limit}; import sys; from workloadmanager.threebot.cli import main; sys.exit(main())"
    with (folder / "out").open("w") as out:
        finished = subprocess.run(
            [sys.executable, "-c", program, "key", "list"], stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert finished.returncode == 1
    assert finished.stderr == b"workloadmanager: the output cannot be written: File too large\n"


@pytest.mark.slow
def test_a_terminal_without_unicode_gets_escapes(registered: Path) -> None:
    """What it cannot show is spelled out instead of failing."""
    finished = subprocess.run(
        [*COMMAND, "reservation", "get", "1"],
        capture_output=True,
        cwd=registered,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert finished.returncode == 0
    assert rb"\u2026 (128 characters)" in finished.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_is_quiet(registered: Path) -> None:
    """Status 130, as a shell reports it, and no traceback; what was shown stays."""
    with subprocess.Popen(
        [*COMMAND, "reservation", "watch", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=registered,
    ) as process:
        assert process.stdout is not None
        assert "reservation_register by 1" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr is not None
        assert process.stderr.read() == ""
