"""Whole processes: what is imported when, what a fork leaves, and how a process with a server ends."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in an interpreter of its own, in which a warning is an error."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_what_serves_is_imported_by_those_who_serve_alone() -> None:
    """Neither the import nor a start without a server needs more than the package itself."""
    done = run(
        """
        import sys, workloadmanager
        with workloadmanager.start(":memory:") as manager:
            assert manager.addresses == ()
        serving = [f"workloadmanager.threebot.gedis._{name}" for name in ("server", "connection", "session", "tls")]
        print([name for name in ("hiredis", "redis", *serving) if name in sys.modules])
        with workloadmanager.start(":memory:", gedis="tcp://127.0.0.1:0") as manager:
            print("hiredis" in sys.modules, "redis" in sys.modules, len(manager.addresses))
        """
    )
    assert (done.stdout, done.stderr) == ("[]\nTrue False 1\n", "")


def test_without_hiredis_a_start_says_what_to_install() -> None:
    """Before anything is opened."""
    done = run(
        """
        import sys, workloadmanager
        from workloadmanager.errors import InputError
        sys.modules["hiredis"] = None
        try:
            workloadmanager.start("/no/such/place", gedis="tcp://127.0.0.1:0")
        except InputError as error:
            print(error)
        """
    )
    assert done.stdout == "gedis: to serve gedis, install what it needs: pip install 'workloadmanager[gedis]'\n"


@pytest.mark.parametrize(
    "ending",
    ["manager.stop()", "", "del manager", "sys.exit(0)", "client.close()"],
    ids=["stopped", "stop forgotten", "handle forgotten", "left by exit", "client closed"],
)
def test_a_process_with_a_server_ends_by_itself_and_without_noise(ending: str, tmp_path: Path) -> None:
    """Also with a connection that is open; the file of its socket is removed."""
    path = tmp_path / "wm.sock"
    done = run(
        f"""
        import socket, sys, workloadmanager
        manager = workloadmanager.start(":memory:", gedis="unix://" + sys.argv[1])
        client = socket.socket(socket.AF_UNIX)
        client.connect(sys.argv[1])
        client.sendall(b"*1\\r\\n$4\\r\\nPING\\r\\n")
        print(client.recv(100))
        with client:
            {ending or "pass"}
        """,
        str(path),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "b'+PONG\\r\\n'\n", "")
    assert not path.exists()


FORK = """
import os, socket, sys, workloadmanager
PING = b"*1\\r\\n$4\\r\\nPING\\r\\n"
manager = workloadmanager.start(":memory:", gedis=["tcp://127.0.0.1:0", "unix://" + sys.argv[1]])
host, _, port = manager.addresses[0].removeprefix("tcp://").rpartition(":")
before = socket.create_connection((host, int(port)))
before.sendall(PING)
assert before.recv(100) == b"+PONG\\r\\n"
go_read, go_write = os.pipe()
child = os.fork()
"""


def test_a_forked_child_neither_serves_nor_keeps_its_parents_connections(tmp_path: Path) -> None:
    """It lives on while the parent goes on serving and stops: clients see the end, and the port is free."""
    done = run(
        FORK
        + textwrap.dedent(
            """
            if child == 0:
                os.close(go_write)
                os.read(go_read, 1)     # until the parent is through
                assert manager.addresses == ()
                manager.stop()
                print("child", os.path.exists(sys.argv[1]), flush=True)
                os._exit(0)
            before.sendall(PING)
            assert before.recv(100) == b"+PONG\\r\\n"
            for number in range(3):
                with socket.create_connection((host, int(port))) as after:
                    after.sendall(PING)
                    assert after.recv(100) == b"+PONG\\r\\n"
            address = manager.addresses[0]
            manager.stop()
            assert before.recv(100) == b""
            before.close()
            with workloadmanager.start(":memory:", gedis=[address, "unix://" + sys.argv[1]]) as again:
                assert again.addresses[0] == address
                os.write(go_write, b"1")
                assert os.waitpid(child, 0)[1] == 0
                assert os.path.exists(sys.argv[1])
            print("parent")
            """
        ),
        str(tmp_path / "wm.sock"),
    )
    assert (done.stdout.splitlines(), done.stderr) == (["child True", "parent"], "")


def test_a_forked_child_may_end_as_any_process_does(tmp_path: Path) -> None:
    """Without a warning, and without a word; and it may serve by itself."""
    done = run(
        FORK
        + textwrap.dedent(
            """
            before.close()
            if child == 0:
                with workloadmanager.start(":memory:", gedis="tcp://127.0.0.1:0") as own:
                    host, _, port = own.addresses[0].removeprefix("tcp://").rpartition(":")
                    with socket.create_connection((host, int(port))) as client:
                        client.sendall(PING)
                        assert client.recv(100) == b"+PONG\\r\\n"
                sys.exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
            manager.stop()
            """
        ),
        str(tmp_path / "wm.sock"),
    )
    assert (done.returncode, done.stderr) == (0, "")
