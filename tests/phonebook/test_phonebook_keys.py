"""The keys of many users at once: what is kept of them is never older than the phonebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager.actors import Caller, Context, Role
from workloadmanager.errors import NotFound
from workloadmanager.schema import Registry
from workloadmanager.signing import Key, sign_user

JANE, JOE, NEXT = (Key(bytes([number]) * 32) for number in (1, 2, 3))


def test_those_who_are_there_have_a_key(quick: Any) -> None:
    """Others are left out, whatever number is asked for."""
    quick.phonebook.add(name="jane", public_key=JANE.public_key, tid=7)
    assert quick.phonebook.keys_of([7, 8, 0, -1, 2**80]) == {7: JANE.public_key}
    quick.phonebook.add(name="joe", public_key=JOE.public_key, tid=8)
    assert quick.phonebook.keys_of([7, 8]) == {7: JANE.public_key, 8: JOE.public_key}


def test_a_key_that_is_changed_counts_at_once(quick: Any, entry: Callable[..., str]) -> None:
    """The old one was asked for before, and is not returned any more."""
    first = entry(JANE)
    quick.ask("users_register", {"json": first, "signature": sign_user(JANE, first)}, Caller(Role.stranger))
    assert quick.phonebook.keys_of([1]) == {1: JANE.public_key}
    changed = entry(NEXT)
    signature = sign_user(JANE, changed, tid=1, counter=1)
    arguments = {"tid": 1, "json": changed, "counter": 1, "signature": signature}
    quick.ask("users_update", arguments, Caller(Role.stranger))
    assert quick.phonebook.keys_of([1]) == {1: NEXT.public_key}


class OneByOne:
    """A host's own phonebook or directory, which has nothing but what it must have."""

    def __init__(self, **functions: Any) -> None:
        vars(self).update(functions)


def test_a_phonebook_and_a_directory_that_answer_one_by_one_come_to_the_same(quick: Any, models: Registry) -> None:
    """A host's own need not answer for many at once."""
    quick.phonebook.add(name="jane", public_key=JANE.public_key, tid=7)
    farm = quick.directory.add_farm(name="farm", farmer_tid=7)
    quick.directory.add_node(node_id="node-1", farm_id=farm.id)
    both = [quick.phonebook, quick.directory]
    plain: list[Any] = [OneByOne(get=both[0].get), OneByOne(get_node=both[1].get_node, get_farm=both[1].get_farm)]
    contexts = [
        Context(store=quick.store, registry=models, phonebook=one, directory=other, clock=lambda: 5)
        for one, other in (both, plain)
    ]
    for context in contexts:
        assert context.keys_of([7, 8]) == {7: JANE.public_key}
        assert context.key_of(7) == bytes.fromhex(JANE.public_key)
        assert context.farmers_of(["node-1", "node-2"]) == {"node-1": 7}
        assert (context.farmer_of("node-1"), context.farmer_of("node-2")) == (7, None)
        with pytest.raises(NotFound):
            context.key_of(8)
