"""For clients: keys, signing for a purpose, verifying, and sealing a secret to a node.

::

    from workloadmanager import signing

    key = signing.Key.generate()
    signature = signing.sign(key, "provision", json=reservation.json, reservation_id=reservation.id, tid=7)

The page ``docs/signatures.md`` says what is signed, and by whom.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Literal, TypeAlias

import base58
from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from nacl.signing import SigningKey, VerifyKey

from workloadmanager.errors import InputError
from workloadmanager.rules import (
    FORMS,
    Form,
    Purpose,
    Verification,
    login_bytes,
    node_key,
    result_bytes,
    signature_bytes,
    signed_bytes,
    user_bytes,
)
from workloadmanager.rules import verify as verify_signature
from workloadmanager.rules import verify_result as verify_report

__all__ = [
    "FORMS",
    "Form",
    "Key",
    "PublicKey",
    "Purpose",
    "Verification",
    "seal",
    "sign",
    "sign_login",
    "sign_result",
    "sign_user",
    "unseal",
    "verify",
    "verify_result",
]

_KEY_BYTES = 32


class Key:
    """An ed25519 key pair of a user or a node. Printing it shows the public half only.

    Arguments:
        seed: the private half, 32 bytes.

    Raises:
        InputError: the seed is not 32 bytes long.
    """

    __slots__ = ("_signing",)

    def __init__(self, seed: bytes) -> None:
        if len(seed) != _KEY_BYTES:
            raise InputError(f"a seed has {_KEY_BYTES} bytes, this one {len(seed)}", path="seed")
        self._signing = SigningKey(seed)

    @classmethod
    def generate(cls) -> Key:
        """Make a new key from the system's randomness."""
        return cls(bytes(SigningKey.generate()))

    @classmethod
    def from_hex(cls, text: str) -> Key:
        """Read a key from the hex text of its seed, 64 digits.

        Raises:
            InputError: the text is not that. The error does not repeat it.
        """
        return cls(_from_hex(text, "seed"))

    @property
    def public_key(self) -> str:
        """The public half as hex text of 64 digits: what the phonebook keeps."""
        return bytes(self._signing.verify_key).hex()

    @property
    def node_id(self) -> str:
        """The public half as base58 text: the id of the node whose key it is."""
        return base58.b58encode(bytes(self._signing.verify_key)).decode()

    def seed_hex(self) -> str:
        """Return the private half as hex text of 64 digits, to be kept where nobody else reads it."""
        return bytes(self._signing).hex()

    def sign_bytes(self, message: bytes) -> bytes:
        """Return the signature (64 bytes) of a message."""
        return self._signing.sign(message).signature

    def open_sealed(self, sealed: bytes) -> bytes:
        """Open a sealed box that was made for this key.

        Raises:
            InputError: it was made for another key, or is damaged.
        """
        try:
            return SealedBox(self._signing.to_curve25519_private_key()).decrypt(sealed)
        except CryptoError as error:
            raise InputError("the secret cannot be opened with this key", path="sealed") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.public_key == other.public_key

    def __hash__(self) -> int:
        return hash(self.public_key)

    def __repr__(self) -> str:
        return f"Key(public_key={self.public_key!r})"


PublicKey: TypeAlias = Key | str | bytes
"""A public key: a `Key`, hex text of 64 digits, a node id, or 32 bytes."""


def sign(
    key: Key, purpose: Purpose | str, *, json: str, reservation_id: int = 0, tid: int = 0, form: Form = "bound"
) -> str:
    """Sign a reservation for a purpose.

    Arguments:
        key: the signer's key.
        purpose: ``customer``, ``provision``, ``delete`` or ``farmer``.
        json: the reservation's json text, exactly as the server has it.
        reservation_id: the reservation; a plain signature does not cover it.
        tid: the threebot id of the signer; only a bound signature covers it.
        form: ``bound`` says what it is for. ``id-bound`` and ``plain`` do not and count for one use; a
            reservation that has no id yet can only be signed ``plain``.

    Returns:
        Hex text of 128 digits.

    Raises:
        InputError: purpose, form or json cannot be signed; or the form covers the reservation or the signer, and
            that was not given.
    """
    if form != "plain" and reservation_id < 1:
        raise InputError(f"a signature in the form {form} is for one reservation: give its id", path="reservation_id")
    if form == "bound" and tid < 1:
        raise InputError("a bound signature is of one threebot: give the id of the signer", path="tid")
    message = signed_bytes(form, json=json, purpose=_purpose(purpose), reservation_id=reservation_id, tid=tid)
    return key.sign_bytes(message).hex()


def verify(
    public_key: PublicKey,
    signature: str,
    *,
    json: str,
    purpose: Purpose | str,
    reservation_id: int = 0,
    tid: int = 0,
    forms: Iterable[Form] = FORMS,
) -> Verification:
    """Verify a signature of a reservation, as the server does.

    Arguments:
        public_key: the signer's key.
        signature: hex text of 128 digits.
        json: the reservation's json text.
        purpose: ``customer``, ``provision``, ``delete`` or ``farmer``.
        reservation_id: the reservation.
        tid: the threebot id of the signer.
        forms: the forms that are accepted.

    Returns:
        The form it verified for, or why it did not; true where it did.

    Raises:
        InputError: there is no such purpose, or the public key is none.
    """
    return verify_signature(
        _public_bytes(public_key),
        signature,
        json=json,
        purpose=_purpose(purpose),
        reservation_id=reservation_id,
        tid=tid,
        forms=forms,
    )


def sign_result(
    key: Key, *, state: int, message: str = "", data_json: str = "", form: Literal["2020", "2019"] = "2020"
) -> str:
    """Sign what a node reports about a workload.

    Arguments:
        key: the node's key.
        state: 0 error, 1 ok, 2 deleted.
        message: the result's message.
        data_json: the result's data as JSON text, exactly as it will be sent.
        form: ``2020`` covers the state; ``2019`` is the form before it, which does not.

    Returns:
        Hex text of 128 digits for the form of 2020, base64 text of 88 digits for that of 2019.

    Raises:
        InputError: there is no such state or form, or a text has no UTF-8 form.
    """
    if form not in ("2020", "2019"):
        raise InputError(f"{form!r} is no form of a result's signature; those are 2020 and 2019", path="form")
    if state not in (0, 1, 2):
        raise InputError(f"{state!r} is no state of a result; those are 0 error, 1 ok, 2 deleted", path="state")
    for text, path in ((message, "message"), (data_json, "data_json")):
        _utf8(text, path)
    covered = state if form == "2020" else None
    signature = key.sign_bytes(result_bytes(state=covered, message=message, data_json=data_json))
    return signature.hex() if form == "2020" else base64.b64encode(signature).decode()


def verify_result(public_key: PublicKey, signature: str, *, state: int, message: str = "", data_json: str = "") -> bool:
    """Return whether a result's signature verifies with a node's key, in either form.

    Arguments:
        public_key: the node's key or its id.
        signature: hex or base64 text.
        state: 0 error, 1 ok, 2 deleted.
        message: the result's message.
        data_json: the raw text of its data, as it was sent.

    Raises:
        InputError: the public key is none.
    """
    key, raw = _public_bytes(public_key), signature_bytes(signature)
    return raw is not None and verify_report(key, state=state, message=message, data_json=data_json, signature=raw)


def sign_login(key: Key, *, role: str, challenge: str) -> str:
    """Sign a server's challenge, to log in without a secret.

    Arguments:
        key: the key of who logs in.
        role: ``operator``, ``node:<node id>`` or ``user:<threebot id>``.
        challenge: what ``auth.challenge`` returned for this role.

    Returns:
        Hex text of 128 digits.

    Raises:
        InputError: a text has no UTF-8 form.
    """
    for text, path in ((role, "role"), (challenge, "challenge")):
        _utf8(text, path)
    return key.sign_bytes(login_bytes(role, challenge)).hex()


def sign_user(key: Key, json: str, *, tid: int = 0, counter: int = 0) -> str:
    """Sign one's own entry in the phonebook.

    Arguments:
        key: the key that the entry has; for a change, the key that it had until now.
        json: the entry as JSON text, exactly as it is sent.
        tid: the threebot id of an entry that is changed; 0 for one that is registered.
        counter: which change it is, higher than that of the change before; 0 for one that is registered.

    Returns:
        Hex text of 128 digits.

    Raises:
        InputError: the text has no UTF-8 form.
    """
    _utf8(json, "json")
    return key.sign_bytes(user_bytes(json, tid=tid, counter=counter)).hex()


def seal(recipient: PublicKey, text: str) -> str:
    """Seal a secret, so that only the holder of a key can read it: a NaCl sealed box to that key.

    Arguments:
        recipient: the node's id or its public key. The ed25519 key is converted to curve25519.
        text: the secret.

    Returns:
        Hex text, as the models' secret fields hold it.

    Raises:
        InputError: the recipient is no key that can be sealed to, or the secret has no UTF-8 form.
    """
    try:
        box = SealedBox(VerifyKey(_public_bytes(recipient)).to_curve25519_public_key())
    except CryptoError as error:
        raise InputError("nothing can be sealed to this public key", path="recipient") from error
    return box.encrypt(_utf8(text, "text")).hex()


def unseal(key: Key, sealed: str) -> str:
    """Open a secret that was sealed to a key.

    Arguments:
        key: the key pair it was sealed to.
        sealed: hex text from `seal`.

    Returns:
        The secret.

    Raises:
        InputError: it is no hex text, was sealed to another key, or does not hold text.
    """
    opened = key.open_sealed(_from_hex(sealed, "sealed"))
    try:
        return opened.decode()
    except UnicodeDecodeError as error:
        raise InputError("the secret does not hold UTF-8 text", path="sealed") from error


def _purpose(purpose: Purpose | str) -> Purpose:
    try:
        return Purpose(purpose)
    except ValueError as error:
        allowed = ", ".join(Purpose)
        raise InputError(f"{purpose!r} is no purpose of a signature; those are {allowed}", path="purpose") from error


def _public_bytes(public_key: PublicKey) -> bytes:
    """Read a public key in any of its spellings; a hex text is longer than any node id."""
    if isinstance(public_key, Key):
        return bytes.fromhex(public_key.public_key)
    if isinstance(public_key, str):
        public_key = node_key(public_key) or _from_hex(public_key, "public_key")
    if len(public_key) != _KEY_BYTES:
        raise InputError(f"a public key has {_KEY_BYTES} bytes, this one {len(public_key)}", path="public_key")
    return public_key


def _utf8(text: str, path: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InputError("holds half a character (a lone surrogate), which has no UTF-8 form", path=path) from None


def _from_hex(text: str, path: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise InputError("is no hex text", path=path) from None  # the cause would repeat a secret
    if raw.hex() != text.lower():
        raise InputError("is no hex text", path=path)
    return raw
