"""The phonebook in the store: who is added is found, and each mistake has its own error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from workloadmanager.bcdb import Store
from workloadmanager.errors import Conflict, InputError, NotFound
from workloadmanager.threebot import Phonebook, WorkloadManager

JANE = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
JOE = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"


@pytest.fixture
def manager(start: Callable[..., WorkloadManager], place: str) -> Iterator[WorkloadManager]:
    """A workload manager on either store, whose store is sound at the end."""
    manager = start(place)
    yield manager
    assert manager.store.check() == []


@pytest.fixture
def phonebook(manager: WorkloadManager) -> Phonebook:
    """A phonebook with one user, jane.3bot."""
    manager.phonebook.add(name="jane.3bot", public_key=JANE)
    return manager.phonebook


def test_a_user_is_found_by_id_and_by_name_in_any_case(phonebook: Phonebook) -> None:
    """Id, name and key come back as they were given."""
    user = phonebook.get(1)
    assert (user.id, user.name, user.pubkey) == (1, "jane.3bot", JANE)
    assert phonebook.find("Jane.3BOT") == user
    assert phonebook.list() == [user]


def test_ids_rise_and_pass_over_those_that_were_given(phonebook: Phonebook) -> None:
    """The next free id comes after the highest."""
    phonebook.add(name="joe", public_key=JOE, tid=7)
    assert phonebook.add(name="jim", public_key=JOE).id == 8
    assert [user.id for user in phonebook.list()] == [1, 7, 8]


def test_the_same_user_again_changes_nothing(phonebook: Phonebook) -> None:
    """A retry after a lost answer does not fail, and adds nobody."""
    assert phonebook.add(name="jane.3bot", public_key=JANE.upper()).id == 1
    assert phonebook.add(name="jane.3bot", public_key=JANE, tid=1).id == 1
    assert len(phonebook.list()) == 1


@pytest.mark.parametrize(
    ("wrong", "error", "path", "message"),
    [
        ({"name": ""}, InputError, "name", "1 to 40 characters"),
        ({"name": "x" * 41}, InputError, "name", "1 to 40 characters"),
        ({"name": " joe"}, InputError, "name", "with a space"),
        ({"name": "j\noe"}, InputError, "name", "does not print"),
        ({"name": 5}, InputError, "name", "is a text"),
        ({"public_key": JOE[:-2]}, InputError, "public_key", "64 digits"),
        ({"public_key": JOE[:-1] + "g"}, InputError, "public_key", "64 digits"),
        ({"public_key": None}, InputError, "public_key", "64 digits"),
        ({"public_key": "02" + "00" * 31}, InputError, "public_key", "no ed25519 public key"),
        ({"public_key": "00" * 32}, InputError, "public_key", "no ed25519 public key"),
        ({"tid": 0}, InputError, "tid", "whole number of 1"),
        ({"tid": -1}, InputError, "tid", "whole number of 1"),
        ({"tid": 2**31 - 1}, InputError, "tid", "whole number of 1"),
        ({"tid": True}, InputError, "tid", "whole number of 1"),
        ({"tid": "7"}, InputError, "tid", "whole number of 1"),
        ({"tid": 1}, Conflict, "tid", '1 is "jane.3bot" already'),
        ({"name": "JANE.3bot"}, Conflict, "name", "of threebot id 1 already"),
        ({"name": "jane.3bot", "public_key": JANE, "tid": 2}, Conflict, "name", "of threebot id 1 already"),
    ],
)
def test_a_mistake_is_refused_and_stores_nothing(
    phonebook: Phonebook, wrong: dict[str, Any], error: type[InputError], path: str, message: str
) -> None:
    """One mistake in a good user, one error with its path."""
    with pytest.raises(error, match=message) as refusal:
        phonebook.add(**{"name": "joe", "public_key": JOE, **wrong})
    assert refusal.value.path == path
    assert len(phonebook.list()) == 1


def test_all_mistakes_are_reported_at_once(phonebook: Phonebook) -> None:
    """Three wrong arguments, three mistakes."""
    with pytest.raises(InputError) as refusal:
        phonebook.add(name="", public_key="", tid=0)
    assert [problem.path for problem in refusal.value.errors] == ["name", "public_key", "tid"]


@pytest.mark.parametrize("tid", [2, 0, -1, 2**40])
def test_an_unknown_id_is_not_found(phonebook: Phonebook, tid: int) -> None:
    """Whatever number it is."""
    with pytest.raises(NotFound, match=f"no user with threebot id {tid}"):
        phonebook.get(tid)


@pytest.mark.parametrize("name", ["joe", "", "x" * 400, "\ud800"])
def test_an_unknown_name_is_not_found(phonebook: Phonebook, name: str) -> None:
    """Whatever text it is."""
    with pytest.raises(NotFound, match="no user"):
        phonebook.find(name)


def test_names_that_differ_in_case_only_are_one_in_other_scripts_too(phonebook: Phonebook) -> None:
    """Case is that of Unicode."""
    phonebook.add(name="straße", public_key=JOE)
    assert phonebook.find("STRASSE").name == "straße"


def test_the_users_are_documents_of_their_collection(phonebook: Phonebook, manager: WorkloadManager) -> None:
    """Other parts find them in the store as in the original."""
    store: Store = manager.store
    with store.read() as reader:
        (body,) = [body for _, body in reader.documents("user")]
    assert manager.registry.get("tfgrid.phonebook.user.1").decode(body) == phonebook.get(1)
