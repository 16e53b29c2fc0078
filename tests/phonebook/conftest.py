"""What the tests of the phonebook share: the text of an entry."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from workloadmanager.signing import Key


@pytest.fixture
def entry() -> Callable[..., str]:
    """Write an entry as JSON text: ``entry(key, email="…")``; ``None`` leaves a field out."""

    def write(key: Key, **fields: object) -> str:
        given = {"name": "jane", "pubkey": key.public_key, **fields}
        return json.dumps({name: value for name, value in given.items() if value is not None})

    return write
