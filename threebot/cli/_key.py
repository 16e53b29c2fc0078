"""``workloadmanager key``: make keys and secrets, look at keys, move them from machine to machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import WorkloadManagerError
from ..shell import Column, moment
from ._command import command, noun
from ._files import STANDARD, open_output, read_text
from ._session import Session
from ._shared import JSON, KEYS

if TYPE_CHECKING:
    from ...signing import Key
    from ._keyring import KeyFile, Keyring

__all__ = ["group"]

SHARED = (KEYS, JSON)
group = noun("key", "Your ed25519 keys: make, show, import, export; and secrets.", shared=SHARED)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What you call the key.", show_default=False)]
NoPassphrase = Annotated[
    bool, typer.Option("--no-passphrase", help="Store the key unencrypted, in a file that only you can read.")
]
COLUMNS = (
    Column("key", lambda key: key["name"]),
    Column("public key", lambda key: key["public_key"] or key["problem"], folds=True),
    Column("locked", lambda key: {True: "yes", False: "no", None: ""}[key["encrypted"]]),
)


@command(group, "new", example="workloadmanager key new alice", shared=SHARED)
def new(session: Session, name: Name, *, no_passphrase: NoPassphrase = False) -> None:
    """Make a new key.

    It is encrypted with a passphrase, which is asked for, or taken from WORKLOADMANAGER_PASSPHRASE.
    """
    from ...signing import Key

    session.keyring().require_free(name)
    _store(session, name, Key.generate(), no_passphrase=no_passphrase)


@command(group, "list", example="workloadmanager key list", shared=SHARED)
def list_keys(session: Session) -> None:
    """List your keys."""
    keyring = session.keyring()
    keys = [_listed(keyring, name) for name in keyring.names()]
    session.output.table({"keys": keys}, COLUMNS, keys, empty="There are no keys yet: workloadmanager key new NAME")


@command(group, "show", example="workloadmanager key show alice", shared=SHARED)
def show(session: Session, name: Name) -> None:
    """Show the public half of a key: what the phonebook keeps, and the id of a node that has it."""
    _show(session, name)


@command(
    group,
    "import",
    example="workloadmanager key import alice alice.key\nworkloadmanager key import node-1 - < seed.hex",
    shared=SHARED,
)
def import_key(
    session: Session,
    name: Name,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="An exported key, or a seed in hex; - is stdin.", show_default=False)
    ],
    *,
    no_passphrase: NoPassphrase = False,
) -> None:
    """Take in a key: an exported one, which keeps its passphrase, or a seed of 64 hex digits, which gets a new one."""
    from ...signing import Key
    from ._keyring import parse, renamed

    keyring = session.keyring()
    keyring.require_free(name)
    text = read_text(file).strip()
    if text.startswith("{"):
        keyring.add(renamed(parse(text.encode()), name))
        _show(session, name)
    else:
        _store(session, name, Key.from_hex(text), no_passphrase=no_passphrase)


@command(
    group,
    "export",
    example="workloadmanager key export alice alice.key\nworkloadmanager key export node-1 - --plain",
    shared=SHARED,
)
def export_key(
    session: Session,
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file; - is stdout.", show_default=False)],
    *,
    plain: Annotated[bool, typer.Option("--plain", help="Write the bare seed in hex instead, unencrypted.")] = False,
) -> None:
    """Write a key to a file as it is stored, encrypted or not, to take it to another machine."""
    from ._keyring import encode

    text = f"{session.key(name).seed_hex()}\n".encode() if plain else encode(session.keyring().get(name))
    with open_output(file) as stream:
        stream.write(text)
    if file != STANDARD:
        session.output.said({"name": name, "file": file}, f"The key {name} is in {file}.")


@command(
    group,
    "secret",
    example="workloadmanager key secret\nworkloadmanager key secret operator >> secrets.toml",
    shared=SHARED,
)
def secret(
    session: Session,
    role: Annotated[
        str, typer.Argument(metavar="[ROLE]", help="operator, node:NODE_ID or user:TID.", show_default=False)
    ] = "",
) -> None:
    """Make a secret to log in with at a server, of 256 random bits; it is shown, and kept nowhere.

    With a role it is a line for the server's file of secrets.
    """
    from ..service import new_secret, require_role

    if role:
        require_role(role)
    made = new_secret()
    session.output.said({"role": role, "secret": made}, f'"{role}" = "{made}"' if role else made)


def _store(session: Session, name: str, key: Key, *, no_passphrase: bool) -> None:
    """Store a key, with or without a passphrase, and show it."""
    from ._keyring import KeyFile, lock
    from ._passphrase import choose

    sealed = None if no_passphrase else lock(key, choose(name))
    seed = key.seed_hex() if no_passphrase else ""
    stored = KeyFile(name=name, public_key=key.public_key, created=int(time.time()), lock=sealed, seed=seed)
    session.keyring().add(stored)
    _show(session, name)


def _show(session: Session, name: str) -> None:
    keyring = session.keyring()
    key = keyring.get(name)
    summary = {**_summary(name, key), "node_id": key.node_id, "file": str(keyring.path(name))}
    session.output.mapping(summary, {**summary, "created": f"{moment(key.created)} UTC"})


def _listed(keyring: Keyring, name: str) -> dict[str, Any]:
    """Return what may be known of a key, or why its file cannot be read: one bad file does not break the list."""
    try:
        return _summary(name, keyring.get(name))
    except WorkloadManagerError as error:
        return {"name": name, "public_key": "", "encrypted": None, "created": 0, "problem": error.message}


def _summary(name: str, key: KeyFile) -> dict[str, Any]:
    """Return what may be known of a key."""
    return {"name": name, "public_key": key.public_key, "encrypted": key.lock is not None, "created": key.created}
