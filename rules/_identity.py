"""What a person or a node signs to say who they are (``docs/access.md``, ``docs/directory.md``).

Each text begins with a name of its own, so that none can be read as another, nor as what is signed
of a reservation or of a result.
"""

from __future__ import annotations

__all__ = ["OWN_TEXTS", "login_bytes", "user_bytes"]

OWN_TEXTS = b"tfgrid."
"""What every text begins with that this package makes to be signed."""


def login_bytes(role: str, challenge: str) -> bytes:
    """Return the bytes that are signed to log in.

    Arguments:
        role: who wants to be known as what: ``operator``, ``node:<node id>`` or ``user:<threebot id>``.
        challenge: the hex text that the server gave for this one attempt.
    """
    return f"tfgrid.gedis/1 login {role}\n{challenge}".encode()


def user_bytes(json: str, *, tid: int = 0, counter: int = 0) -> bytes:
    """Return the bytes that users sign of their entry in the phonebook.

    Arguments:
        json: the entry as JSON text, exactly as it is sent.
        tid: the threebot id of an entry that is changed; 0 for one that is registered.
        counter: which change of the entry it is; the server takes only a higher one than before.
    """
    head = f"tfgrid.phonebook/1 update {tid} {counter}" if tid else "tfgrid.phonebook/1 register"
    return f"{head}\n{json}".encode()
