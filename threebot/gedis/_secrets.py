"""The secrets with which sessions log in: what one has to be, each is that of one role, and none is ever shown."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from ...actors import Caller
from ...errors import InputError, Problem
from .._near_miss import near_miss
from ._roles import read_role

__all__ = ["Secrets", "mistakes_in", "named"]

_SHORTEST = 20
_FEWEST = 8
"""How many characters a secret has at least, and how many different ones: enough that nobody guesses it."""

_SECRET = re.compile(r"[A-Za-z0-9._~-]+")
_OPERATOR = "operator"
_PREFIXES = ("node:", "user:")
_LONGEST_NAME = 300


class Secrets:
    """Which secret is whose.

    Only digests are kept, under a key that is drawn at each start; a secret that is tried is compared with
    each of them, in a time that says nothing of how near it came.

    Arguments:
        secrets: the secrets, each by the role that it gives: ``operator``, ``node:<node id>`` or
            ``user:<threebot id>``. A secret has 20 characters or more, 8 different ones among them, of letters,
            digits and ``. _ ~ -``, because it stands in addresses (``docs/operating.md``, "Secrets").

    Raises:
        InputError: a role is none, a secret does not do, or two are the same; all mistakes at once, and none of
            them shows a secret.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        given = dict(secrets or {})
        problems = [Problem(message, path=_place(role)) for role, message in mistakes_in(given)]
        if problems:
            raise InputError.of(problems)
        self._key = _drawn_key()
        self._callers = [(self._digest(secret.encode()), read_role(role)) for role, secret in given.items()]

    def __repr__(self) -> str:
        return f"<secrets of {len(self._callers)} roles>"

    def __len__(self) -> int:
        return len(self._callers)

    def find(self, secret: bytes, *, role: Caller | None = None) -> Caller | None:
        """Return who has a secret; None where nobody has, or somebody else than the role that is asked for."""
        tried = self._digest(secret)
        found: Caller | None = None
        for digest, caller in self._callers:
            if hmac.compare_digest(digest, tried):
                found = caller
        return found if role in (None, found) else None

    def _digest(self, secret: bytes) -> bytes:
        return hashlib.blake2b(secret, key=self._key).digest()


def mistakes_in(secrets: Mapping[Any, object], *, beside: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield each mistake in secrets as the role whose it is and a sentence, which never shows a secret.

    Arguments:
        secrets: the secrets by their roles, not looked at yet.
        beside: further names that may stand where a role does, one of which may have been meant.
    """
    owners: dict[str, str] = {}
    for role, secret in secrets.items():
        if not _is_role(role):
            near = near_miss(role, (_OPERATOR, *beside)) if isinstance(role, str) else ""
            yield role, f'a role is operator, "node:<node id>" or "user:<threebot id>"{near}'
        if message := _mistake_in(secret):
            yield role, message
        elif (owner := owners.setdefault(str(secret), role)) != role and _is_role(owner):
            yield role, f"the secret is that of {owner} too; give each role its own"


def named(role: object) -> str:
    """Return a role as a message names it: nothing of a text that may be a secret in the place of a role."""
    if not isinstance(role, str) or not role.isprintable() or len(role) > _LONGEST_NAME:
        return ""
    return role if _is_role(role) or role.startswith(_PREFIXES) or near_miss(role, (_OPERATOR,)) else ""


def _mistake_in(secret: object) -> str:
    """Return what is wrong with a secret; empty where nothing is."""
    if not isinstance(secret, str):
        return "a secret is a text in quotes"
    if len(secret) < _SHORTEST or len(set(secret)) < _FEWEST:
        return (
            f"this secret is easy to guess; it needs {_SHORTEST} characters, {_FEWEST} different ones among them: "
            "`workloadmanager key secret` makes one"
        )
    if not _SECRET.fullmatch(secret):
        return "a secret has letters, digits and . _ ~ - only, because it stands in addresses as tcp://SECRET@host:8901"
    return ""


def _is_role(text: object) -> bool:
    try:
        read_role(text)
    except InputError:
        return False
    return True


def _place(role: object) -> str:
    return f"secrets.{found}" if (found := named(role)) else "secrets"


def _drawn_key() -> bytes:
    return secrets.token_bytes(32)
