"""The file of secrets: who may log in as what, read from a file that nobody else can read."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...errors import InputError, Problem
from ..gedis._roles import read_role
from ..gedis._secrets import mistakes_in, named
from ._file import Toml, read_bytes

__all__ = ["SecretsFile", "new_secret", "read_secrets", "require_role"]

OPERATOR_KEYS = "operator_keys"

_KEY = re.compile(r"[0-9A-Fa-f]{64}")


@dataclass(frozen=True, slots=True)
class SecretsFile:
    """What a file of secrets says: who may log in.

    Attributes:
        secrets: the secret of each role: ``operator``, ``node:<node id>``, ``user:<threebot id>``.
        operator_keys: the public keys, 64 hex digits each, that log in as the operator by signing a challenge.
    """

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    operator_keys: tuple[str, ...] = ()


def new_secret() -> str:
    """Return a secret of 256 random bits that may stand in an address as it is: 64 hex digits."""
    return secrets.token_hex(32)


def require_role(role: str) -> None:
    """Refuse what is no role.

    Raises:
        InputError: it is neither operator, nor node: with a node id, nor user: with a threebot id.
    """
    read_role(role)
    if '"' in role or "\\" in role:
        raise InputError("a role has no quotation marks and no backslashes", path="role")


def read_secrets(file: Path) -> SecretsFile:
    """Read the file of secrets. No message ever has a secret in it.

    Raises:
        InputError: the file is not there, others may read it, it is no TOML, or a role or a secret does not
            do; all mistakes at once.
    """
    data = read_bytes(file, "secrets", guard=_refuse_readable)
    toml = Toml.parse(data, source=str(file), quote=False)
    problems: list[Problem] = []
    found = {role: secret for role, secret in toml.tables.items() if role != OPERATOR_KEYS}
    for role, message in mistakes_in(found, beside=(OPERATOR_KEYS,)):
        problems.append(replace(toml.problem(message, role), path=named(role)))
    keys = toml.tables.get(OPERATOR_KEYS, [])
    if not isinstance(keys, list):
        problems.append(toml.problem("this is a list of public keys, each 64 hex digits in quotes", OPERATOR_KEYS))
        keys = []
    for position, key in enumerate(keys):
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            place = f"{OPERATOR_KEYS}[{position}]"
            problems.append(
                toml.problem("a public key has 64 hex digits, as `workloadmanager key show` shows it", place)
            )
    if problems:
        raise InputError.of(problems)
    return SecretsFile({role: str(secret) for role, secret in found.items()}, tuple(str(key).lower() for key in keys))


def _refuse_readable(status: os.stat_result, file: Path) -> Problem | None:
    """Refuse a file that others may read; root may share one of its own with the group that the service runs in."""
    of_root = status.st_uid == 0 and os.geteuid() != 0
    open_to = stat.S_IMODE(status.st_mode) & (0o037 if of_root else 0o077)
    if not open_to:
        return None
    mode = f"{stat.S_IMODE(status.st_mode):04o}"
    return Problem(f"others may read the secrets, as its mode is {mode}: chmod 600 {file}", source=str(file))
