"""Whole processes: they end by themselves, without noise, and two of them share a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import workloadmanager

pytestmark = pytest.mark.slow

KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in an interpreter of its own, in which a warning is an error."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "code",
    [
        "import workloadmanager as w; wm = w.start(path=':memory:'); print(wm.reservation_list()); wm.stop()",
        "import workloadmanager as w; wm = w.start(path=':memory:'); print(wm.reservation_list())",
        "import workloadmanager as w; print(w.start(path=':memory:').reservation_list())",
        "import workloadmanager as w; w.start(path=sys.argv[1]); print(w.start(path=':memory:').reservation_list())",
        "import workloadmanager as w; wm = w.start(path=sys.argv[1]); print(wm.reservation_list()); sys.exit(0)",
    ],
    ids=["stopped", "stop forgotten", "handle forgotten", "two forgotten", "left by exit"],
)
def test_a_process_ends_by_itself_and_without_noise(code: str, tmp_path: Path) -> None:
    """Whether or not somebody stopped what was started."""
    done = run(f"import sys; {code}", str(tmp_path / "store"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "reservation" in done.stdout.lower()


def test_a_process_that_fails_shows_its_own_error_only(tmp_path: Path) -> None:
    """The traceback of the program, and nothing behind it."""
    done = run("import sys, workloadmanager as w; w.start(sys.argv[1]); raise ValueError('mine')", str(tmp_path / "s"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "ValueError: mine"


def test_what_a_forgotten_process_wrote_is_there(tmp_path: Path) -> None:
    """An answer that came was durable."""
    code = f"import sys, workloadmanager as w; w.start(sys.argv[1]).phonebook.add(name='jane', public_key='{KEY}')"
    assert run(code, str(tmp_path / "store")).returncode == 0
    with workloadmanager.start(tmp_path / "store") as manager:
        assert manager.phonebook.find("jane").id == 1


def test_two_processes_on_one_folder_lose_nothing(tmp_path: Path) -> None:
    """Both write at once; every user is there, each under an id of its own."""
    code = f"""
import sys, workloadmanager as w
with w.start(sys.argv[1]) as manager:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(20):
        manager.phonebook.add(name=f"{{sys.argv[2]}} {{number}}", public_key="{KEY}")
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, str(tmp_path / "store"), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    assert [process.communicate("go\n", timeout=60)[1] for process in processes] == ["", ""]
    with workloadmanager.start(tmp_path / "store") as manager:
        assert [user.id for user in manager.phonebook.list()] == list(range(1, 41))
        assert manager.store.check() == []


def test_a_host_that_stops_all_its_actors_ends_without_noise(tmp_path: Path) -> None:
    """As many Pykka programs do at their end."""
    code = "import sys, pykka, workloadmanager as w; w.start(sys.argv[1]); pykka.ActorRegistry.stop_all()"
    done = run(code, str(tmp_path / "store"))
    assert (done.returncode, done.stderr) == (0, "")
