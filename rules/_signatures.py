"""The bytes that a signature is over, and whether it verifies (``docs/signatures.md``)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import base58
from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError

from ..errors import InputError
from ._enums import Purpose
from ._settings import Settings

__all__ = ["FORMS", "Form", "Verification", "accepted_forms", "node_key", "signed_bytes", "verifies", "verify"]

Form: TypeAlias = Literal["bound", "id-bound", "plain"]
"""The name of a form of signed bytes."""

FORMS: tuple[Form, ...] = ("bound", "id-bound", "plain")
"""The forms of signed bytes that are known, the strongest first."""

KEY_BYTES = 32
SIGNATURE_BYTES = 64
_HEX_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
_KEPT = 4096
"""How many keys of nodes are kept."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a signature verified: a value, before it is an error.

    Attributes:
        form: the form of the bytes it verified for; None where it did not.
        digest: SHA-256 of the 64 bytes of the signature, under which its use is kept; empty where the text
            is no signature at all. The spelling of the hex text makes no difference to it.
        reason: why it did not verify, in words; empty where it did.
    """

    form: Form | None
    digest: bytes
    reason: str = ""

    def __bool__(self) -> bool:
        """Return whether it verified."""
        return self.form is not None

    @property
    def single_use(self) -> bool:
        """Whether it verified for a form that does not say what it is for, so that it counts for one use only."""
        return self.form in ("id-bound", "plain")


def accepted_forms(purpose: Purpose, settings: Settings, *, registering: bool = False) -> tuple[Form, ...]:
    """Return the forms that a signature may have.

    Arguments:
        purpose: what it is for.
        settings: the operator's; ``unbound_signatures`` decides about the two weaker forms.
        registering: whether the reservation has no id yet. A signature can only be plain then, so where plain
            ones are refused nothing is accepted: register without a signature, then sign with the id.

    Returns:
        The forms, the strongest first; empty where none is.
    """
    unbound = settings.unbound_signatures == "single-use"
    if registering:
        return ("plain",) if unbound else ()
    if not unbound:
        return ("bound",)
    return FORMS if purpose in (Purpose.provision, Purpose.delete) else ("bound", "plain")


def signed_bytes(form: Form, *, json: str, purpose: Purpose, reservation_id: int, tid: int) -> bytes:
    """Return the bytes that a signature is over.

    Arguments:
        form: ``bound``, ``id-bound`` or ``plain``.
        json: the reservation's json text, exactly as it was registered. It begins with ``{``, which is why no
            form can be read as another.
        purpose: what the signature is for.
        reservation_id: the reservation.
        tid: the threebot id of the signer.

    Raises:
        InputError: the json text does not begin with ``{``, is no Unicode text, or the form is not known.
    """
    if not json.startswith("{"):
        raise InputError("a reservation's json begins with {", path="json")
    try:
        text = json.encode()
    except UnicodeEncodeError as error:
        raise InputError("a reservation's json is Unicode text without lone surrogates", path="json") from error
    match form:
        case "bound":
            return f"tfgrid.workloads/2 {Purpose(purpose)} {reservation_id} {tid}\n".encode() + text
        case "id-bound":
            return str(reservation_id).encode() + text
        case "plain":
            return text
    raise InputError(f"{form!r} is no form of signed bytes; those are {', '.join(FORMS)}", path="form")


def verify(
    public_key: bytes,
    signature: str,
    *,
    json: str,
    purpose: Purpose,
    reservation_id: int,
    tid: int,
    forms: Iterable[Form],
) -> Verification:
    """Verify a signature over a reservation in any of some forms.

    Arguments:
        public_key: the signer's ed25519 key, 32 bytes.
        signature: hex text of 128 digits, in either case.
        json: the reservation's json text, exactly as it was registered.
        purpose: what the signature is for.
        reservation_id: the reservation.
        tid: the threebot id of the signer.
        forms: what is accepted, from `accepted_forms`.

    Returns:
        The form it verified for, or why it did not. Nothing that a client can send makes this raise.
    """
    if not _HEX_SIGNATURE.fullmatch(signature):
        return Verification(None, b"", "a signature is hex text of 128 digits")
    raw = bytes.fromhex(signature)
    digest = hashlib.sha256(raw).digest()
    tried = tuple(forms)
    if not tried:
        return Verification(None, digest, "no form of signature is accepted here")
    for form in tried:
        try:
            message = signed_bytes(form, json=json, purpose=purpose, reservation_id=reservation_id, tid=tid)
        except InputError as error:
            return Verification(None, digest, error.message)
        if verifies(public_key, message, raw):
            return Verification(form, digest)
    return Verification(
        None,
        digest,
        f"it does not verify with the key of threebot {tid} for {purpose} in any accepted form ({', '.join(tried)})",
    )


def verifies(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an ed25519 signature (64 bytes) of a message verifies with a key (32 bytes).

    libsodium refuses keys of small order, such as all zeros, and signatures that are not in their one
    canonical form; those are not verified, as is anything of the wrong length.
    """
    if len(public_key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except CryptoError:
        return False
    return True


def node_key(node_id: str) -> bytes | None:
    """Return the ed25519 key (32 bytes) that a node id is the base58 text of; None for any other id.

    Only the one spelling that encoding the key gives is taken as a key.
    """
    return _key_of(node_id) if 32 <= len(node_id) <= 44 else None


@lru_cache(_KEPT)
def _key_of(node_id: str) -> bytes | None:
    """Read a key; each node has one and names it all the time, and base58 is slow."""
    try:
        key = base58.b58decode(node_id)
    except ValueError:
        return None
    is_spelling = len(key) == KEY_BYTES and base58.b58encode(key).decode() == node_id
    return key if is_spelling else None
