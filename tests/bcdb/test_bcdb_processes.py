"""Stores and processes: two that share a store, one that forks, one that forgets to close, one that is killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from workloadmanager.bcdb import Filter, Record, Store, Transaction, open_store

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]
Held = Callable[[Store], AbstractContextManager[None]]

REGISTER = """
import sys
from workloadmanager.bcdb import Record, open_store

def register(node):
    def change(transaction):
        number = transaction.next_number("reservation")
        epoch = transaction.raise_number("epoch", 1000 + number)
        transaction.insert(Record(number, 1, epoch, 7, 0, (node,), b"body"))
        return number
    return change
"""


def register(node: str) -> Callable[[Transaction], int]:
    """The same change as the other process makes."""

    def change(transaction: Transaction) -> int:
        number = transaction.next_number("reservation")
        epoch = transaction.raise_number("epoch", 1000 + number)
        transaction.insert(Record(number, 1, epoch, 7, 0, (node,), b"body"))
        return number

    return change


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a program in another Python process, with pipes to talk to it."""
    command = [sys.executable, "-c", REGISTER + textwrap.dedent(program), *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_processes_share_a_store(tmp_path: Path) -> None:
    """Ids, epochs and the numbers of nodes that either is the first to name are given out once."""
    other = start(
        """
        with open_store(sys.argv[1]) as store:
            print("open", flush=True)
            print([store.write(register(f"theirs-{count % 10}")) for count in range(100)])
        """,
        tmp_path,
    )
    with other, open_store(tmp_path) as store:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        mine = [store.write(register(f"mine-{count % 10}")) for count in range(100)]
        theirs = [int(number) for number in other.stdout.read().strip("[]\n").split(",")]
        assert sorted(mine + theirs) == list(range(1, 201))
        with store.read() as reader:
            for count in range(10):
                assert list(reader.find_ids(Filter(node_id=f"mine-{count}"))) == mine[count::10]
                assert list(reader.find_ids(Filter(node_id=f"theirs-{count}"))) == theirs[count::10]
        assert store.check() == []


def test_the_second_writer_waits(tmp_path: Path, held: Held) -> None:
    """Until the change of the other process is through; it is neither lost nor refused."""
    other = start(
        """
        store = open_store(sys.argv[1])
        print("open", flush=True)
        sys.stdin.readline()
        future = store.submit(register("theirs"))
        print("submitted", future.done(), flush=True)
        print(future.result())
        """,
        tmp_path,
    )
    with other, open_store(tmp_path) as store:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with held(store):
            other.stdin.write("go\n")
            other.stdin.flush()
            assert other.stdout.readline() == "submitted False\n"
        assert other.stdout.read() == "1\n"
        assert store.write(register("mine")) == 2


@pytest.mark.parametrize("kind", ["memory", "lmdb"])
def test_a_process_that_forgets_to_close_ends_by_itself(python: Run, tmp_path: Path, kind: str) -> None:
    """Without a word; and what it submitted is done before."""
    ended = python(
        REGISTER
        + textwrap.dedent("""
        store = open_store(sys.argv[1])
        futures = [store.submit(register("a")) for _ in range(300)]
        futures[-1].add_done_callback(lambda future: print("last", future.result(), flush=True))
        """),
        ":memory:" if kind == "memory" else tmp_path,
    )
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "last 300\n")
    if kind == "lmdb":
        with open_store(tmp_path) as store:
            assert store.statistics().reservations == {1: 300}
            assert store.check() == []


def test_a_process_that_ends_with_an_error_ends_by_itself(python: Run, tmp_path: Path) -> None:
    """With an open reader and a change that fails: only its own error shows."""
    ended = python(
        REGISTER
        + textwrap.dedent("""
        store = open_store(sys.argv[1])
        store.write(register("a"))
        reader = store.read().__enter__()
        going_on = reader.find()
        next(going_on)
        store.submit(lambda transaction: 1 / 0)
        raise SystemExit("its own error")
        """),
        tmp_path,
    )
    assert (ended.returncode, ended.stderr) == (1, "its own error\n")


def test_a_killed_process_lost_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    """Killed in the midst of writing: every id that it told of is there, and the indexes agree."""
    other = start(
        """
        import threading

        def work():
            while True:
                number = store.write(register("a"))
                with one_tells:
                    print(number, flush=True)

        one_tells = threading.Lock()
        store = open_store(sys.argv[1])
        for _ in range(8):
            threading.Thread(target=work).start()
        """,
        tmp_path,
    )
    with other:
        assert other.stdout is not None
        told = {int(other.stdout.readline()) for _ in range(200)}
        other.kill()
        lines = other.stdout.read().splitlines(keepends=True)
        told.update(int(line) for line in lines if line.endswith("\n"))
    with open_store(tmp_path) as store:
        with store.read() as reader:
            assert told <= set(reader.find_ids(Filter(node_id="a")))
        assert store.check() == []
        assert store.write(register("a")) > max(told)


FORKING = """
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from workloadmanager.errors import Unavailable

store = open_store(sys.argv[1])
store.write(register("a"))
child = os.fork()
if child == 0:
    for ask in (lambda: store.write(register("b")), store.check, store.rebuild, lambda: store.read().__enter__()):
        try:
            ask()
        except Unavailable as error:
            assert "which forked; open it anew in this process" in str(error), error
        else:
            raise SystemExit("the parent's store answered")
    store.close()
    if sys.argv[1] != ":memory:":
        with open_store(sys.argv[1]) as own:
            assert own.write(register("b")) == 2
    raise SystemExit(0)
_, status = os.waitpid(child, 0)
assert status == 0, status
print(store.write(register("c")), store.check())
"""


@pytest.mark.parametrize(("kind", "printed"), [("memory", "2 []\n"), ("lmdb", "3 []\n")])
def test_a_forked_process_opens_the_store_anew(python: Run, tmp_path: Path, kind: str, printed: str) -> None:
    """The parent's store refuses it at once; its own works, and the parent's goes on."""
    ended = python(REGISTER + FORKING, ":memory:" if kind == "memory" else tmp_path)
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", printed)


FORKED_IN_USE = """
import os, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from workloadmanager.errors import Unavailable

store = open_store(sys.argv[1])
store.write(register("a"))
entered, leave = threading.Event(), threading.Event()
if sys.argv[2] == "write":
    future = store.submit(lambda _: (entered.set(), leave.wait(30)))
    assert entered.wait(30)
    reading = None
else:
    reading = store.read()
    reader = reading.__enter__()
child = os.fork()
if child == 0:
    if reading is not None:
        reading.__exit__()
    for _ in range(2):
        try:
            open_store(sys.argv[1])
        except Unavailable as error:
            assert "was just read or written when process" in str(error), error
        else:
            raise SystemExit("it opened")
    raise SystemExit(0)
_, status = os.waitpid(child, 0)
assert status == 0, status
leave.set()
print(store._engine._environment.readers().count("\\n") if reading is not None else future.result(30)[1])
"""


@pytest.mark.parametrize(("use", "printed"), [("write", "True\n"), ("read", "2\n")])
def test_a_fork_amid_a_change_or_a_reader_does_not_touch_them(
    python: Run, tmp_path: Path, use: str, printed: str
) -> None:
    """LMDB would wait for the one for ever, and take the place in the table of readers from the other."""
    ended = python(REGISTER + FORKED_IN_USE, tmp_path, use)
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", printed)


READS_AND_IS_KILLED = """
store = open_store(sys.argv[1])
readers = [store.read() for _ in range(int(sys.argv[2]))]
for each in readers:
    each.__enter__()
print("reading", flush=True)
sys.stdin.readline()
"""


def kill_while_reading(directory: Path, readers: int) -> None:
    """Let another process open so many readers, and kill it."""
    with start(READS_AND_IS_KILLED, directory, readers) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "reading\n"
        other.kill()


def test_a_killed_reader_does_not_make_the_file_grow(tmp_path: Path) -> None:
    """What changes free is used again, though nobody opens the store anew."""

    def change(transaction: Transaction) -> None:
        transaction.put_document("large", 1, bytes(100_000))

    with open_store(tmp_path) as store:
        for _ in range(5):
            store.write(change)
        size = store.statistics().size
        kill_while_reading(tmp_path, 1)
        for _ in range(20):
            store.write(change)
        assert store.statistics().size <= size + 200_000


def test_killed_readers_make_room_for_others(tmp_path: Path) -> None:
    """Also where nothing is written meanwhile."""
    with open_store(tmp_path) as store:
        kill_while_reading(tmp_path, 1024)
        with store.read() as reader:
            assert reader.number("reservation") == 0


def test_a_lock_that_is_never_given_back_does_not_keep_a_process_alive(tmp_path: Path, held: Held) -> None:
    """Closed at the exit of the process, a store waits for a while at most; ten seconds, shortened here."""
    other = start(
        """
        import atexit
        from workloadmanager.bcdb import _writer

        _writer._PATIENCE_AT_EXIT = 0.1
        store = open_store(sys.argv[1])
        atexit.register(store.close)
        print("open", flush=True)
        sys.stdin.readline()
        store.submit(register("theirs"))
        """,
        tmp_path,
    )
    with other, open_store(tmp_path) as store:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with held(store):
            other.communicate("go\n", timeout=30)
        assert other.returncode == 0


def test_what_the_disk_refuses_leaves_its_batch_alone(python: Run, tmp_path: Path) -> None:
    """A commit that fails is tried again one change at a time: only the one that is too large is refused."""
    ended = python(
        REGISTER
        + textwrap.dedent("""
        import resource, threading
        from pathlib import Path

        store = open_store(sys.argv[1])
        store.write(register("a"))
        grown = (Path(sys.argv[1]) / "data.mdb").stat().st_size
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (grown + 400_000, unlimited[1]))
        go = threading.Event()
        futures = [
            store.submit(lambda transaction: go.wait(30)),
            store.submit(register("a")),
            store.submit(lambda transaction: transaction.put_document("large", 1, bytes(1_000_000))),
            store.submit(register("a")),
        ]
        go.set()
        print([type(future.exception()).__name__ for future in futures], futures[2].exception())
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        store.write(lambda transaction: transaction.put_document("large", 1, bytes(1_000_000)))
        print(store.check(), store.statistics().reservations)
        """),
        tmp_path,
    )
    assert ended.stderr == ""
    names, rest = ended.stdout.splitlines()
    assert names.startswith("['NoneType', 'NoneType', 'Unavailable', 'NoneType']")
    assert "the disk is full or fails; look at its free space" in names
    assert rest == "[] {1: 3}"


REFUSED = """
import os, sys
from pathlib import Path
from workloadmanager.bcdb import open_store
from workloadmanager.errors import Unavailable

# The library loads a part of itself with the first store: later this user may not read where it is installed.
open_store(sys.argv[1] + "/first").close()
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
else:
    Path(sys.argv[1], "store").chmod(0)
    Path(sys.argv[1]).chmod(0o555)
for path in ("/store", "/new"):
    try:
        open_store(sys.argv[1] + path)
    except Unavailable as error:
        print(str(error).replace(sys.argv[1], ""))
"""


def test_a_directory_without_permission_says_so(python: Run) -> None:
    """Whether it may not be entered, or may not be made; also where the tests run as root."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        open_store(directory / "store").close()
        ended = python(REFUSED, directory)
        directory.chmod(0o700)
        (directory / "store").chmod(0o700)
    advice = "may not be opened by this user; give it the right to read and write there"
    assert (ended.stderr, ended.stdout) == ("", f"the store /store {advice}\nthe store /new {advice}\n")
