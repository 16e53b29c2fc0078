"""Key files: an ed25519 key each, readable by its owner only, encrypted with a passphrase or openly plain.

A key file is JSON. Its passphrase is stretched with argon2id, and the seed is sealed with libsodium's
secret box (``docs/command-line.md``, "Key files").
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import base58
import msgspec
from nacl import pwhash, utils
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from ...errors import Conflict, InputError, NotFound, PermissionDenied, Unavailable
from ...signing import Key
from ._files import new_file

__all__ = ["KeyFile", "Keyring", "default_folder", "encode", "lock", "parse", "renamed"]

FORMAT = "workloadmanager-key/1"
SUFFIX = ".key"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
OPERATIONS = 3
MEMORY = 64 * 1024 * 1024
"""What stretching a passphrase costs: passes and bytes; about a fifth of a second of one core."""
MEMORY_LIMIT = pwhash.argon2id.MEMLIMIT_SENSITIVE
OPERATIONS_LIMIT = 16
"""More than this is not believed of a key file: opening it would stop the machine."""


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An encrypted seed: the salt and costs of argon2id, and the secret box with its nonce before it."""

    salt: bytes
    operations: int
    memory: int
    box: bytes


class KeyFile(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="format", tag=FORMAT
):
    """What a key file holds.

    Attributes:
        name: what its owner calls the key.
        public_key: 64 hex digits.
        created: seconds since 1970.
        lock: the encrypted seed; None where the key has no passphrase.
        seed: the seed itself, 64 hex digits; empty where there is a lock.
    """

    name: str
    public_key: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    created: int
    lock: Lock | None = None
    seed: str = ""

    @property
    def node_id(self) -> str:
        """The id of a node that has this key: base58 of the public key."""
        return base58.b58encode(bytes.fromhex(self.public_key)).decode()

    def open(self, passphrase: Callable[[], str]) -> Key:
        """Return the key pair.

        Arguments:
            passphrase: asked only where the key has one.

        Raises:
            PermissionDenied: the passphrase is not the key's.
            InputError: there is nobody to ask, the file is damaged, or asks for more memory than a key ever needs.
        """
        key = Key.from_hex(self.seed) if self.lock is None else Key(_unlock(self.lock, passphrase()))
        if key.public_key != self.public_key:
            raise InputError(f"the file of the key {self.name!r} is damaged: its two halves do not belong together")
        return key


def default_folder() -> Path:
    """Return the user's own folder of key files."""
    import platformdirs

    return platformdirs.user_data_path("workloadmanager", appauthor=False) / "keys"


def lock(key: Key, passphrase: str) -> Lock:
    """Return the seed of a key encrypted with a passphrase."""
    seed = bytes.fromhex(key.seed_hex())
    salt = utils.random(pwhash.argon2id.SALTBYTES)
    secret = pwhash.argon2id.kdf(SecretBox.KEY_SIZE, passphrase.encode(), salt, opslimit=OPERATIONS, memlimit=MEMORY)
    return Lock(salt=salt, operations=OPERATIONS, memory=MEMORY, box=bytes(SecretBox(secret).encrypt(seed)))


def _unlock(sealed: Lock, passphrase: str) -> bytes:
    if not (1 <= sealed.operations <= OPERATIONS_LIMIT and sealed.memory <= MEMORY_LIMIT):
        raise InputError("the key file asks for more work than a key needs; it is not one of this program")
    try:
        secret = pwhash.argon2id.kdf(
            SecretBox.KEY_SIZE, passphrase.encode(), sealed.salt, opslimit=sealed.operations, memlimit=sealed.memory
        )
        return SecretBox(secret).decrypt(sealed.box)
    except CryptoError as error:
        raise PermissionDenied("the passphrase is not the one of this key; try again") from error
    except ValueError as error:
        raise InputError(f"the key file is damaged: {error}") from error


class Keyring:
    """The key files of a folder.

    Arguments:
        folder: made, for its owner only, when the first key is stored.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Return where the key of this name is, or would be.

        Raises:
            InputError: a key cannot be called that.
        """
        if not NAME.fullmatch(name):
            raise InputError(
                f"a key cannot be called {name!r}: use letters, digits, dots, dashes and underscores, at most 64"
            )
        return self.folder / f"{name}{SUFFIX}"

    def names(self) -> list[str]:
        """Return the names of the keys, in order."""
        if not self.folder.is_dir():
            return []
        found = (path.name.removesuffix(SUFFIX) for path in self.folder.glob(f"*{SUFFIX}"))
        return sorted(name for name in found if NAME.fullmatch(name))

    def get(self, name: str) -> KeyFile:
        """Return a key file.

        Raises:
            NotFound: there is no key of this name.
            InputError: the file is no key file.
            Unavailable: the file cannot be read.
        """
        path = self.path(name)
        try:
            return parse(path.read_bytes())
        except FileNotFoundError as error:
            raise NotFound(f"there is no key {name!r}; {self._known()}") from error
        except OSError as error:
            raise Unavailable(f"the key {name!r} cannot be read: {error.strerror}") from error

    def require_free(self, name: str) -> None:
        """Refuse a name before anybody is asked for a passphrase.

        Raises:
            InputError: a key cannot be called that.
            Conflict: there is a key of this name already.
        """
        if self.path(name).exists():
            raise self._taken(name)

    def add(self, key: KeyFile) -> Path:
        """Store a key file that only its owner can read, and return where it is.

        Raises:
            Conflict: there is a key of this name already.
            Unavailable: the folder cannot be written to.
        """
        path = self.path(key.name)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with new_file(path) as stream:
                stream.write(encode(key))
                stream.flush()
                os.fsync(stream.fileno())
        except FileExistsError as error:
            raise self._taken(key.name) from error
        except OSError as error:
            raise Unavailable(f"the key cannot be stored in {self.folder}: {error.strerror}") from error
        return path

    def _taken(self, name: str) -> Conflict:
        return Conflict(f"there is a key {name!r} already; choose another name, or move {self.path(name)} away")

    def _known(self) -> str:
        names = self.names()
        if names:
            return f"your keys are {', '.join(names)}"
        return "make it with `workloadmanager key new`"


def parse(text: bytes) -> KeyFile:
    """Read a key file.

    Raises:
        InputError: it is none, or one of a later release.
    """
    try:
        return msgspec.json.decode(text, type=KeyFile)
    except msgspec.DecodeError as error:
        raise InputError(f"this is no key file: {error}") from error


def renamed(key: KeyFile, name: str) -> KeyFile:
    """Return a key file with another name."""
    return msgspec.structs.replace(key, name=name)


def encode(key: KeyFile) -> bytes:
    """Return the text of a key file."""
    return msgspec.json.format(msgspec.json.encode(key), indent=2) + b"\n"
