"""The file of secrets: who may read it, what it may say, and that nothing of it is ever shown."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.threebot.service import new_secret, read_secrets, require_role

STRONG = "p7Qm.x2Vt~9Lk_w4Hs-Zc"
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def refused(path: Path) -> list[str]:
    """What a file is refused for."""
    with pytest.raises(InputError) as caught:
        read_secrets(path)
    assert STRONG not in str(caught.value) + repr(caught.value.as_dict())
    return [str(problem) for problem in caught.value.errors]


def test_the_secrets_of_all_roles_are_read(write: Any) -> None:
    """Roles are keys; the operator's public keys are a list."""
    node = "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"
    others = [new_secret(), new_secret()]
    text = f'operator = "{STRONG}"\n"node:{node}" = "{others[0]}"\n"user:7" = "{others[1]}"\n'
    found = read_secrets(write("secrets.toml", f'{text}operator_keys = ["{KEY.upper()}"]\n'))
    assert found.secrets == {"operator": STRONG, f"node:{node}": others[0], "user:7": others[1]}
    assert found.operator_keys == (KEY,)


def test_what_was_read_does_not_show_itself(write: Any) -> None:
    """Neither in a traceback nor at a prompt."""
    assert STRONG not in repr(read_secrets(write("secrets.toml", f'operator = "{STRONG}"\n')))


MISTAKES = {
    'operator = "short"': "secrets.toml:1: operator: this secret is easy to guess; it needs 20 characters, 8 different",
    f'operator = "{"ab" * 20}"': "secrets.toml:1: operator: this secret is easy to guess",
    f'operator = "{STRONG}@"': "secrets.toml:1: operator: a secret has letters, digits and . _ ~ - only",
    f'operator = "{STRONG} "': "secrets.toml:1: operator: a secret has letters, digits and . _ ~ - only",
    "operator = 7": "secrets.toml:1: operator: a secret is a text in quotes",
    f'operato = "{STRONG}"': 'secrets.toml:1: operato: a role is operator, "node:<node id>" or "user:<threebot id>"',
    f'"user:0" = "{STRONG}"': "user:0: a role is operator",
    f'"user:alice" = "{STRONG}"': "user:alice: a role is operator",
    f'"node:" = "{STRONG}"': "node:: a role is operator",
    f'admin = "{STRONG}"': "secrets.toml:1: a role is operator",
    f'operator = "{STRONG}"\n"user:7" = "{STRONG}"': "user:7: the secret is that of operator too; give each role",
    "operator_keys = 7": "secrets.toml:1: operator_keys: this is a list of public keys",
    'operator_keys = ["abc"]': "secrets.toml:1: operator_keys[0]: a public key has 64 hex digits",
    f'"{STRONG}" = "operator"': "a role is operator",
    f"operator = {STRONG}": "secrets.toml:1: this is not TOML",
    f'operator = "{STRONG}': "secrets.toml:1: this is not TOML",
    f"{STRONG}": "secrets.toml:1: this is not TOML",
}


@pytest.mark.parametrize(("text", "words"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_a_mistake_is_said_with_its_place_and_without_the_secret(write: Any, text: str, words: str) -> None:
    """Also where the secret stands in the place of something else."""
    problems = refused(write("secrets.toml", f"{text}\n"))
    assert any(words in problem for problem in problems), problems


def test_all_mistakes_are_reported_at_once(write: Any) -> None:
    """One run of the check is enough."""
    assert len(refused(write("secrets.toml", 'operator = "x"\n"user:0" = 1\noperator_keys = ["x", 1]\n'))) == 5


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_file_that_others_may_read_is_refused(write: Any, mode: int) -> None:
    """The sentence is the command that puts it right."""
    path = write("secrets.toml", f'operator = "{STRONG}"\n', mode=mode)
    (problem,) = refused(path)
    assert problem.endswith(f"others may read the secrets, as its mode is 0{mode:o}: chmod 600 {path}")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_for_its_owner_alone_is_read(write: Any, mode: int) -> None:
    """Also one that cannot be written to, as systemd's credentials."""
    assert read_secrets(write("secrets.toml", f'operator = "{STRONG}"\n', mode=mode)).secrets


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Nobody waits for a pipe that nobody writes to."""
    assert refused(tmp_path / "none") == [f"{tmp_path / 'none'}: the secrets cannot be read: No such file or directory"]
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert refused(tmp_path / "pipe") == [f"{tmp_path / 'pipe'}: this is no file of secrets"]
    (tmp_path / "folder").mkdir(mode=0o700)
    assert refused(tmp_path / "folder") == [f"{tmp_path / 'folder'}: this is no file of secrets"]


def test_a_file_that_is_too_large_is_refused(write: Any) -> None:
    """Nobody has so many secrets; it is something else."""
    assert "larger than" in refused(write("secrets.toml", "#" * 2**19))[0]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """With the line."""
    path = tmp_path / "secrets.toml"
    path.write_bytes(b"# one\n\xff\n")
    path.chmod(0o600)
    assert refused(path) == [f"{path}:2: this is no UTF-8 text"]


def test_a_new_secret_is_strong_and_another_each_time() -> None:
    """256 bits, in letters that an address takes as they are."""
    first, second = new_secret(), new_secret()
    assert first != second
    assert re.fullmatch("[0-9a-f]{64}", first)


@pytest.mark.parametrize("role", ["", "admin", "user:x", "node:", 'node:"'])
def test_what_is_no_role_is_refused(role: str) -> None:
    """Before a line is written that the file would be refused for."""
    with pytest.raises(InputError):
        require_role(role)
