"""What a gedis server is told by its operator: where it listens, who may come in, and what a connection may cost."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ...errors import InputError, Problem
from .._words import shown
from ._address import DEFAULT_PORT, Address, parse_address
from ._limits import Limits
from ._secrets import Secrets

__all__ = ["Gedis"]

_KEY = re.compile(r"[0-9a-fA-F]{64}")
_TYPES = (
    ("insecure", bool, "is True or False"),
    ("closed", bool, "is True or False"),
    ("limits", Limits, "give limits as a Limits"),
    ("tls_certificate", str | os.PathLike | None, "give the file as a text or a Path"),
    ("tls_key", str | os.PathLike | None, "give the file as a text or a Path"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gedis:
    """How the workload manager is served (``docs/gedis.md``).

    Attributes:
        listen: where it listens: ``tcp://host:port``, ``tls://host:port`` or ``unix:///path``, one or several.
            Port 0 is one that is free.
        insecure: whether sessions that did not log in are guests at every address; by default they are so at
            unix sockets and loopback addresses alone.
        closed: whether they are guests nowhere.
        secrets: the secret with which a session gets a role, by the text of the role: ``operator``,
            ``node:<node id>``, ``user:<threebot id>``. In no ``repr``.
        operator_keys: the ed25519 public keys, as hex text of 64 digits, with which a session logs in as operator.
        tls_certificate: the file with the certificate, and those that lead to a root, for ``tls://``.
        tls_key: the file with the certificate's key; by default it is in the same file.
        limits: what a connection may cost.

    Raises:
        InputError: an option does not fit; all mistakes at once, each with a path that begins with ``gedis``.
    """

    listen: str | Iterable[str] = (f"tcp://127.0.0.1:{DEFAULT_PORT}",)
    insecure: bool = False
    closed: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    operator_keys: Iterable[str] = ()
    tls_certificate: str | Path | None = None
    tls_key: str | Path | None = None
    limits: Limits = field(default_factory=Limits)
    addresses: tuple[Address, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Bring the options into one form each, and check what would be a puzzle later."""
        problems: list[Problem] = []
        listen = _texts(self.listen, "listen", problems)
        addresses = _addresses(listen, problems)
        keys = _texts(self.operator_keys, "operator_keys", problems)
        problems += _key_problems(keys)
        problems += _secret_problems(self.secrets)
        problems += self._contradictions(addresses)
        if problems:
            raise InputError.of(problems)
        for name, value in (
            ("listen", listen),
            ("addresses", addresses),
            ("operator_keys", tuple(key.lower() for key in keys)),
            ("secrets", MappingProxyType(dict(self.secrets))),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, given: object) -> Gedis:
        """Return the options that `start` is given: an address, several of them, or options already.

        Raises:
            InputError: it is none of these, or an address does not fit.
        """
        if isinstance(given, Gedis):
            return given
        if isinstance(given, str) or (isinstance(given, Iterable) and not isinstance(given, bytes | Mapping)):
            return cls(listen=given)
        raise InputError(f"give an address, a list of addresses or a Gedis, not {shown(given)}", path="gedis")

    def is_open(self, address: Address) -> bool:
        """Whether sessions at an address that is bound are guests before they log in."""
        return self.insecure or (not self.closed and address.is_local)

    def _contradictions(self, addresses: Iterable[Address]) -> Iterable[Problem]:
        """Find what does not go together, and what would have no effect."""
        for name, wanted, words in _TYPES:
            if not isinstance(value := getattr(self, name), wanted):
                yield Problem(f"{words}, not {shown(value)}", path=f"gedis.{name}")
        if self.insecure and self.closed:
            yield Problem("insecure opens every address and closed none: give one of the two", path="gedis")
        has_tls = any(address.scheme == "tls" for address in addresses)
        if has_tls and self.tls_certificate is None:
            yield Problem("an address with tls:// needs a certificate", path="gedis.tls_certificate")
        if self.tls_key is not None and self.tls_certificate is None:
            yield Problem("there is a key and no certificate", path="gedis.tls_key")
        if self.tls_certificate is not None and not has_tls:
            yield Problem("no address begins with tls://, so nothing would be encrypted", path="gedis.tls_certificate")


def _texts(given: object, name: str, problems: list[Problem]) -> tuple[str, ...]:
    """Return one text, or several, as a tuple."""
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Iterable) and not isinstance(given, bytes | Mapping):
        texts = tuple(given)
        wrong = [position for position, each in enumerate(texts) if not isinstance(each, str)]
        problems += [
            Problem(f"is a text, not {shown(texts[position])}", path=f"gedis.{name}[{position}]") for position in wrong
        ]
        return () if wrong else texts
    problems.append(Problem(f"give a text, or a list of texts, not {shown(given)}", path=f"gedis.{name}"))
    return ()


def _addresses(listen: tuple[str, ...], problems: list[Problem]) -> tuple[Address, ...]:
    """Read the addresses, each of which is there once."""
    found: list[Address] = []
    for position, text in enumerate(listen):
        path = f"gedis.listen[{position}]"
        try:
            address = parse_address(text, path=path)
        except InputError as error:
            problems.append(Problem(error.message, path=path))
            continue
        if address.secret or address.role:
            problems.append(Problem("a server's address has no secret before an @; secrets are an option", path=path))
        if address in found and (address.port or address.path):
            problems.append(Problem(f"{address} is there twice", path=path))
        found.append(address)
    if not listen and not problems:
        problems.append(Problem("give at least one address", path="gedis.listen"))
    return tuple(found)


def _key_problems(keys: tuple[str, ...]) -> Iterable[Problem]:
    for position, key in enumerate(keys):
        if not _KEY.fullmatch(key):
            yield Problem("is no public key: 64 hex digits", path=f"gedis.operator_keys[{position}]")


def _secret_problems(secrets: object) -> Iterable[Problem]:
    """Find mistakes in the secrets; none of them shows one."""
    if not isinstance(secrets, Mapping):
        yield Problem("give a mapping from roles to secrets", path="gedis.secrets")
        return
    try:
        Secrets(secrets)
    except InputError as error:
        for problem in error.errors:
            yield Problem(problem.message, path=f"gedis.{problem.path}")
