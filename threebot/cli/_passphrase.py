"""Where a passphrase comes from: the environment, or the person at the terminal; never an argument."""

from __future__ import annotations

import getpass
import os

from ...errors import InputError

__all__ = ["VARIABLE", "ask", "choose"]

VARIABLE = "WORKLOADMANAGER_PASSPHRASE"


def ask(name: str) -> str:
    """Return the passphrase of a key.

    Raises:
        InputError: there is neither the variable nor a terminal.
    """
    given = os.environ.get(VARIABLE)
    return given if given is not None else _prompt(f"Passphrase of the key {name}: ")


def choose(name: str) -> str:
    """Return a passphrase for a new key, typed twice at a terminal.

    Raises:
        InputError: it is empty, or was not typed the same twice, or there is neither the variable nor a terminal.
    """
    given = os.environ.get(VARIABLE)
    chosen = given if given is not None else _prompt(f"Passphrase for the new key {name}: ")
    if not chosen:
        raise InputError("the passphrase is empty; say --no-passphrase for a key without one")
    if given is None and _prompt("The same again: ") != chosen:
        raise InputError("the two passphrases differ; try again")
    return chosen


def _prompt(question: str) -> str:
    if not _has_terminal():
        raise InputError(f"there is no terminal to ask for the passphrase; set {VARIABLE}")
    return getpass.getpass(question)


def _has_terminal() -> bool:
    """Tell whether somebody can be asked, also where stdin and stdout are pipes."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
