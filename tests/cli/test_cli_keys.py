"""``workloadmanager key``: keys are made, kept safe, shown and moved."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.signing import Key
from workloadmanager.threebot.cli._keyring import Keyring

SEED = "07" * 32
PUBLIC_KEY = Key.from_hex(SEED).public_key


@pytest.fixture
def passphrase(monkeypatch: pytest.MonkeyPatch) -> str:
    """A passphrase in the environment."""
    monkeypatch.setenv("WORKLOADMANAGER_PASSPHRASE", "correct horse")
    return "correct horse"


def test_a_new_key_shows_its_public_half(cli: Any) -> None:
    """What is needed next, the public key and the node id, is on the screen."""
    finished = cli("key", "new", "alice", "--no-passphrase", "--json")
    key = Key.from_hex(json.loads(Path("keys/alice.key").read_text())["seed"])
    assert finished.status == 0
    assert (finished.document["public_key"], finished.document["node_id"]) == (key.public_key, key.node_id)


def test_a_key_file_is_for_its_owner_alone(cli: Any, folder: Path) -> None:
    """Neither the file nor its folder can be read by anybody else."""
    cli("key", "new", "alice", "--no-passphrase")
    assert (folder / "keys" / "alice.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "keys").stat().st_mode & 0o777 == 0o700


def test_a_key_is_encrypted_with_the_passphrase(cli: Any, folder: Path, passphrase: str) -> None:
    """The seed is nowhere in the file, and comes back with the passphrase."""
    assert cli("key", "import", "alice", "-", stdin=SEED).status == 0
    text = (folder / "keys" / "alice.key").read_text()
    assert SEED not in text
    assert passphrase not in text
    assert cli("key", "export", "alice", "-", "--plain").out == f"{SEED}\n"


def test_two_files_of_one_key_differ(cli: Any, folder: Path, passphrase: str) -> None:
    """Salt and nonce are new each time: a file does not tell that it holds the same key."""
    assert passphrase
    for name in ("one", "two"):
        cli("key", "import", name, "-", stdin=SEED)
    one, two = (json.loads((folder / "keys" / f"{name}.key").read_text())["lock"] for name in ("one", "two"))
    assert one["salt"] != two["salt"]
    assert one["box"] != two["box"]


def test_a_wrong_passphrase_is_refused(cli: Any, passphrase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the passphrase the key stays closed."""
    assert passphrase
    cli("key", "new", "alice")
    monkeypatch.setenv("WORKLOADMANAGER_PASSPHRASE", "wrong horse")
    finished = cli("key", "export", "alice", "-", "--plain")
    assert (finished.status, finished.out) == (1, "")
    assert "passphrase" in finished.err


def test_an_empty_passphrase_is_refused(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key without a passphrase is what somebody says, not what happens to them."""
    monkeypatch.setenv("WORKLOADMANAGER_PASSPHRASE", "")
    finished = cli("key", "new", "alice")
    assert finished.status == 1
    assert "--no-passphrase" in finished.err
    assert not Path("keys/alice.key").exists()


@pytest.mark.parametrize("name", ["", "../evil", "a b", "a/b", ".hidden", "a" * 65, "é"])
def test_a_name_that_is_no_file_name_is_refused(cli: Any, folder: Path, name: str) -> None:
    """A name stays inside the folder of the keys."""
    finished = cli("key", "new", name, "--no-passphrase")
    assert finished.status == 1
    assert "cannot be called" in finished.err
    assert not (folder / "keys").exists()


def test_a_name_that_is_taken_is_refused(cli: Any, keyring: Keyring) -> None:
    """A key is never written over."""
    before = keyring.path("alice").read_bytes()
    finished = cli("key", "new", "alice", "--no-passphrase")
    assert finished.status == 1
    assert "already" in finished.err
    assert keyring.path("alice").read_bytes() == before


def test_a_key_that_is_not_there_names_those_that_are(cli: Any, keyring: Keyring) -> None:
    """A typo shows the choice."""
    assert keyring.names()
    assert "your keys are alice, bob, carol, farmer, node" in cli("key", "show", "alicia").err


def test_without_any_key_the_next_step_is_said(cli: Any) -> None:
    """Somebody who begins is told how."""
    assert "workloadmanager key new" in cli("key", "list").out
    assert "workloadmanager key new" in cli("key", "show", "alice").err


def test_keys_are_listed(cli: Any, keyring: Keyring) -> None:
    """A table for people, the same for programs."""
    assert keyring.names()
    lines = cli("key", "list").out.splitlines()
    assert lines[0].split() == ["key", "public", "key", "locked"]
    assert len(lines) == 6
    listed = cli("key", "list", "--json").document["keys"]
    assert [key["name"] for key in listed] == ["alice", "bob", "carol", "farmer", "node"]


def test_a_file_that_is_no_key_does_not_break_the_list(cli: Any, keyring: Keyring) -> None:
    """It is listed with what is wrong; the others are listed as ever."""
    keyring.path("bob").write_text("{}")
    (keyring.folder / "not a name.key").write_text("")
    lines = cli("key", "list").out.splitlines()
    assert len(lines) == 6
    assert "this is no key file" in lines[2]
    bob = cli("key", "list", "--json").document["keys"][1]
    assert (bob["name"], bob["public_key"]) == ("bob", "")


@pytest.mark.parametrize("command", [("list",), ("show", "alice")])
def test_a_private_half_is_never_shown(cli: Any, keyring: Keyring, command: tuple[str, ...]) -> None:
    """Only an export that asks for it gives the seed away."""
    seed = json.loads(keyring.path("alice").read_text())["seed"]
    assert seed not in cli("key", *command).out
    assert seed not in cli("key", *command, "--json").out


def test_an_exported_key_is_imported_under_another_name(cli: Any, folder: Path, passphrase: str) -> None:
    """The file moves to another machine with its passphrase."""
    assert passphrase
    cli("key", "import", "alice", "-", stdin=SEED)
    assert cli("key", "export", "alice", "moved.key").status == 0
    assert (folder / "moved.key").stat().st_mode & 0o777 == 0o600
    finished = cli("key", "import", "copy", "moved.key", "--json")
    assert (finished.document["name"], finished.document["public_key"]) == ("copy", PUBLIC_KEY)
    assert finished.document["encrypted"] is True
    assert cli("key", "export", "copy", "-", "--plain").out == f"{SEED}\n"


def test_an_export_writes_over_nothing(cli: Any, keyring: Keyring) -> None:
    """A file that is there stays as it is."""
    assert keyring.names()
    Path("mine.txt").write_text("precious")
    finished = cli("key", "export", "alice", "mine.txt")
    assert finished.status == 1
    assert "mine.txt" in finished.err
    assert Path("mine.txt").read_text() == "precious"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "zz" * 32,
        "07" * 31,
        "{}",
        '{"format": "workloadmanager-key/2"}',
        '{"format": "workloadmanager-key/1", "name": "a", "public_key": "zz", "created": 1}',
        "{",
    ],
)
def test_what_is_no_key_is_not_imported(cli: Any, text: str) -> None:
    """A damaged or foreign file is refused, and its text is not repeated."""
    finished = cli("key", "import", "alice", "-", "--no-passphrase", stdin=text)
    assert finished.status == 1
    assert re.match(r"workloadmanager: \S", finished.err)
    assert len(text) < 4 or text not in finished.err
    assert not Path("keys/alice.key").exists()


@pytest.mark.parametrize("cost", [{"memory": 2**40}, {"operations": 10**6}, {"operations": 0}])
def test_a_key_file_cannot_ask_for_the_whole_machine(
    cli: Any, folder: Path, passphrase: str, cost: dict[str, int]
) -> None:
    """A file that somebody sent must not make opening it take for ever."""
    assert passphrase
    cli("key", "new", "alice")
    path = folder / "keys" / "alice.key"
    document = json.loads(path.read_text())
    document["lock"].update(cost)
    path.write_text(json.dumps(document))
    finished = cli("key", "export", "alice", "-", "--plain")
    assert finished.status == 1
    assert "more work than a key needs" in finished.err


@pytest.mark.parametrize("part", ["salt", "box"])
def test_a_damaged_lock_is_refused(cli: Any, folder: Path, passphrase: str, part: str) -> None:
    """A cut file is an error of the file, not of the program."""
    assert passphrase
    cli("key", "new", "alice")
    path = folder / "keys" / "alice.key"
    document = json.loads(path.read_text())
    document["lock"][part] = document["lock"][part][:8]
    path.write_text(json.dumps(document))
    finished = cli("key", "export", "alice", "-", "--plain")
    assert finished.status == 1
    assert "fault of the program" not in finished.err


def test_a_key_whose_public_half_was_exchanged_is_refused(cli: Any, keyring: Keyring) -> None:
    """What is signed with and what is shown belong together."""
    path = keyring.path("alice")
    document = json.loads(path.read_text())
    document["public_key"] = PUBLIC_KEY
    path.write_text(json.dumps(document))
    finished = cli("key", "export", "alice", "-", "--plain")
    assert (finished.status, finished.out) == (1, "")
    assert "damaged" in finished.err


def test_the_folder_of_the_keys_can_be_given(cli: Any, folder: Path) -> None:
    """`--keys` wins over the variable, in whatever place it stands."""
    cli("--keys", "here", "key", "new", "a", "--no-passphrase")
    cli("key", "--keys", "here", "new", "b", "--no-passphrase")
    cli("key", "new", "c", "--no-passphrase", "--keys", "here")
    assert sorted(path.name for path in (folder / "here").iterdir()) == ["a.key", "b.key", "c.key"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("second", "status", "said"), [("secret", 0, "public_key"), ("other", 1, "the two passphrases differ")]
)
def test_a_passphrase_is_typed_twice(on_a_terminal: Any, folder: Path, second: str, status: int, said: str) -> None:
    """A typo in a passphrase is found before it costs the key; what is typed is not shown."""
    answers = [("Passphrase for the new key alice: ", "secret"), ("The same again: ", second)]
    ended, seen = on_a_terminal("key", "new", "alice", answers=answers)
    assert (ended, said in seen, "secret" in seen) == (status, True, False)
    assert (folder / "keys" / "alice.key").exists() == (status == 0)


@pytest.mark.slow
def test_without_a_terminal_nobody_is_asked(folder: Path) -> None:
    """A script gets an answer at once: it says which variable to set."""
    program = "import sys; from workloadmanager.threebot.cli import main; sys.exit(main(['key', 'new', 'alice']))"
    finished = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        cwd=folder,
        check=False,
    )
    assert finished.returncode == 1
    assert "WORKLOADMANAGER_PASSPHRASE" in finished.stderr
    assert finished.stderr.count("\n") == 1
