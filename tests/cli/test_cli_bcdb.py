"""``workloadmanager bcdb``: the store is checked, made sound again, moved and counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import lmdb
import pytest

import workloadmanager

COMMAND = [sys.executable, "-c", "import sys; from workloadmanager.threebot.cli import main; sys.exit(main())"]


def lose_an_index(store: Path) -> None:
    """Empty the table of the values by which users, farms and nodes are found."""
    with lmdb.open(str(store), max_dbs=32) as environment:
        table = environment.open_db(b"values", create=False)
        with environment.begin(write=True) as transaction:
            transaction.drop(table, delete=False)


def test_a_sound_store_is_said_to_be(cli: Any, deployed: Path) -> None:
    """One sentence and status 0."""
    assert deployed.is_dir()
    assert cli("bcdb", "check").out == "The store agrees with itself.\n"
    assert cli("bcdb", "check", "--json").document == {"sound": True, "problems": []}


def test_a_store_that_is_not_sound_is_found_and_made_so(cli: Any, deployed: Path) -> None:
    """Each disagreement is a line and the status is 1, until the indexes are made again."""
    lose_an_index(deployed / "store")
    finished = cli("bcdb", "check")
    assert finished.status == 1
    assert len(finished.out.splitlines()) >= 4
    finished = cli("bcdb", "check", "--json")
    assert (finished.status, finished.document["sound"]) == (1, False)
    assert len(finished.document["problems"]) >= 4
    assert cli("bcdb", "rebuild").out.startswith("Every index is made again, from ")
    assert cli("bcdb", "check").status == 0
    assert cli("user", "show", "bob").status == 0


def test_a_rebuild_tells_programs_how_much_it_read(cli: Any, deployed: Path) -> None:
    """One reservation, four users, a farm and a node."""
    assert deployed.is_dir()
    assert cli("bcdb", "rebuild", "--json").document == {"documents": 7}


def test_an_archive_makes_the_same_store_again(cli: Any, deployed: Path) -> None:
    """What is exported and imported reads as before."""
    before = cli("reservation", "get", "1", "--history", "--json").out
    count = cli("bcdb", "export", "all.bcdb", "--json").document["entries"]
    assert (deployed / "all.bcdb").stat().st_mode & 0o777 == 0o600
    assert cli("bcdb", "import", "all.bcdb", "--store", "new", "--json").document == {"entries": count}
    assert cli("--store", "new", "reservation", "get", "1", "--history", "--json").out == before
    assert cli("bcdb", "check", "--store", "new").status == 0


@pytest.mark.slow
def test_an_archive_goes_through_a_pipe(cli: Any, deployed: Path) -> None:
    """`export -` and `import -` read and write bytes and nothing else."""
    exported = subprocess.run([*COMMAND, "bcdb", "export", "-"], capture_output=True, check=True, cwd=deployed)
    assert exported.stderr == b""
    imported = subprocess.run(
        [*COMMAND, "bcdb", "import", "-", "--store", "new"], input=exported.stdout, capture_output=True, check=True
    )
    assert imported.stdout.endswith(b" entries are read.\n")
    assert cli("bcdb", "stats", "--store", "new", "--json").document["reservations"] == {"deploy": 1}


def test_an_archive_is_written_over_nothing(cli: Any, deployed: Path) -> None:
    """A file that is there stays, and so does a store."""
    (deployed / "all.bcdb").write_text("precious")
    assert cli("bcdb", "export", "all.bcdb").status == 1
    assert (deployed / "all.bcdb").read_text() == "precious"
    cli("bcdb", "export", "other.bcdb")
    finished = cli("bcdb", "import", "other.bcdb", "--json")
    assert (finished.status, finished.error["kind"]) == (1, "conflict")


def test_a_file_that_is_no_archive_is_refused(cli: Any, folder: Path) -> None:
    """And nothing of it is kept."""
    (folder / "noise.bcdb").write_bytes(b"noise" * 100)
    finished = cli("bcdb", "import", "noise.bcdb", "--json")
    assert (finished.status, finished.error["kind"]) == (1, "input")
    assert cli("bcdb", "stats", "--json").document["collections"] == {}


@pytest.mark.parametrize("verb", [("check",), ("rebuild",), ("stats",), ("export", "all.bcdb")])
def test_a_store_that_is_not_there_is_not_made(cli: Any, folder: Path, verb: tuple[str, ...]) -> None:
    """A typo in a path is said to be one, and leaves nothing behind."""
    finished = cli("bcdb", *verb, "--store", "typo")
    assert finished.status == 1
    assert "there is no store at typo" in finished.err
    assert not (folder / "typo").exists()
    assert not (folder / "all.bcdb").exists()


def test_an_export_that_fails_leaves_no_half_file(cli: Any, deployed: Path) -> None:
    """A store that is open in this process cannot be exported by a second hand."""
    with workloadmanager.start(path=deployed / "store"):
        assert cli("bcdb", "export", "all.bcdb").status == 1
    assert not (deployed / "all.bcdb").exists()


def test_the_figures_of_a_store(cli: Any, deployed: Path) -> None:
    """States by name; programs get the bare numbers."""
    assert deployed.is_dir()
    document = cli("bcdb", "stats", "--json").document
    assert document.pop("size") > 0
    assert document == {
        "layout": 2,
        "reservations": {"deploy": 1},
        "pending": 1,
        "collections": {"farm": 1, "node": 1, "user": 4},
    }
    shown = cli("bcdb", "stats").out
    assert "deploy  1" in shown
    assert "total   1" in shown
