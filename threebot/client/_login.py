"""How a connection becomes somebody's: by a secret, or by a challenge that is signed (``docs/access.md``)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

import msgspec

from ... import signing
from ...errors import InputError
from ..gedis._address import Address
from ..gedis._roles import read_role
from ._wire import read_json

__all__ = ["Credentials"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a client is.

    Attributes:
        role: ``operator``, ``node:<node id>`` or ``user:<threebot id>``; empty for what the secret stands for.
        secret: what is sent in AUTH; empty for none.
        key: what a challenge is signed with; None for none.
    """

    role: str = ""
    secret: str = field(default="", repr=False)
    key: signing.Key | None = None

    @classmethod
    def of(cls, address: Address, *, secret: str | None, role: str | None, key: signing.Key | None) -> Credentials:
        """Put together what an address and some arguments say.

        Raises:
            InputError: they do not go together.
        """
        if secret and address.secret:
            raise InputError("the address has a secret already: give one of the two", path="secret")
        secret, role = secret or address.secret, role or address.role
        if key is not None and secret:
            raise InputError("log in with the secret or with the key, not with both", path="key")
        if key is not None and not role:
            raise InputError(
                "say whose key it is: role='node:<node id>', 'user:<threebot id>' or 'operator'", path="role"
            )
        if role and key is None and not secret:
            raise InputError(f"to be {role}, give its secret or its key", path="role")
        return cls(str(read_role(role)) if role else "", secret, key)

    def __str__(self) -> str:
        return self.role or ("the one whose secret it has" if self.secret else "nobody")

    def challenge(self, place: str) -> Generator[tuple[str, bytes], object, None]:
        """Log in with the key: yield each command, be sent each reply.

        Raises:
            Unavailable: what answers is no workload manager.
        """
        if self.key is None:
            return
        body = yield "auth.challenge", msgspec.json.encode({"role": self.role})
        challenge = str(read_json(body, place).get("challenge", ""))
        signature = signing.sign_login(self.key, role=self.role, challenge=challenge)
        yield "auth.answer", msgspec.json.encode({"signature": signature})
