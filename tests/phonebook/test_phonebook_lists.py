"""Users are found by id, name and address, page by page, by whoever has a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager.actors import HOST, Access, Caller, Role, call_of
from workloadmanager.errors import NotFound, PermissionDenied
from workloadmanager.signing import Key
from workloadmanager.threebot.phonebook import CALLS

KEY = Key(bytes([1]) * 32)
Entry = Callable[..., str]


@pytest.fixture
def users(quick: Any, entry: Entry) -> Any:
    """Five users, of whom two have one address, and one was added without any."""
    for number, email in enumerate(("a@b.org", "A@B.ORG", "c@d.org", ""), 1):
        quick.ask("users_register", {"json": entry(KEY, name=f"user {number}", email=email)}, HOST)
    quick.phonebook.add(name="late", public_key=KEY.public_key, tid=40)
    return quick


def listed(users: Any, *, page_bytes: int = 0, **arguments: object) -> list[int]:
    """The threebot ids of a list."""
    page = users.ask("users_list", arguments, Caller(Role.guest), page_bytes=page_bytes)
    return [user.id for user in page.users]


def test_users_are_listed_by_name_and_address(users: Any) -> None:
    """In whatever case; both together keep who has both; nothing keeps all."""
    assert listed(users) == listed(users, name="", email="", cursor=0, limit=0) == [1, 2, 3, 4, 40]
    assert listed(users, name="USER 3") == [3]
    assert listed(users, email="a@B.org") == [1, 2]
    assert listed(users, email="a@b.org", name="user 2") == [2]
    assert listed(users, email="a@b.org", name="user 3") == listed(users, name="user") == []


def test_a_list_comes_in_pages(users: Any) -> None:
    """The cursor is the lowest id that is wanted; a page is no longer than its limit."""
    assert listed(users, limit=2) == [1, 2]
    assert listed(users, limit=2, cursor=3) == [3, 4]
    assert listed(users, limit=2, cursor=5) == listed(users, cursor=40) == [40]
    assert listed(users, cursor=41) == []
    assert listed(users, email="a@b.org", cursor=2) == [2]


@pytest.mark.parametrize("page_bytes", [1, 200, 500])
@pytest.mark.parametrize("wanted", [{}, {"email": "a@b.org"}, {"name": "user 3"}], ids=str)
def test_a_page_ends_by_its_bytes_too(users: Any, page_bytes: int, wanted: dict[str, Any]) -> None:
    """It is never empty while there is somebody, and reading on by cursor misses nobody."""
    seen: list[int] = []
    pages = 0
    while page := listed(users, page_bytes=page_bytes, cursor=seen[-1] + 1 if seen else 0, **wanted):
        seen += page
        pages += 1
    assert seen == listed(users, **wanted)
    assert pages == len(seen) or page_bytes > 1


def test_a_page_costs_what_it_returns(users: Any) -> None:
    """Those before the cursor are not read."""
    documents = users.store.totals.documents
    assert listed(users, cursor=3, limit=2) == [3, 4]
    assert listed(users, email="A@b.org", cursor=2) == [2]
    assert users.store.totals.documents - documents == 3


def test_a_page_has_at_most_a_thousand_users(users: Any) -> None:
    """Whatever limit is asked for."""
    for number in range(1000):
        users.phonebook.add(name=f"member {number}", public_key=KEY.public_key)
    assert len(listed(users)) == len(listed(users, limit=5000)) == 1000


def test_an_address_that_changed_is_not_found_any_more(users: Any, entry: Entry) -> None:
    """The old one leads to nobody."""
    users.ask("users_update", {"tid": 3, "json": entry(KEY, name="user 3", email="new@d.org")}, HOST)
    assert (listed(users, email="c@d.org"), listed(users, email="new@d.org")) == ([], [3])


def test_a_user_is_got_by_id_or_name(users: Any) -> None:
    """Or is not found."""
    guest = Caller(Role.guest)
    assert users.ask("users_get", {"tid": 40}, guest) == users.ask("users_get", {"name": "LATE"}, guest)
    for arguments in ({"tid": 41}, {"tid": 0}, {"tid": -1}, {"name": "nobody"}):
        with pytest.raises(NotFound, match="add it first"):
            users.ask("users_get", arguments, guest)
    with pytest.raises(NotFound, match="no user with threebot id 41"):
        users.ask("users_counter", {"tid": 41}, guest)


def test_what_is_signed_needs_no_session_and_what_is_read_does(users: Any) -> None:
    """A stranger registers and changes, and reads nothing."""
    access = {name: call_of(actor).access for name, actor in CALLS.items()}
    assert access == {
        "users_register": Access.anybody,
        "users_get": Access.session,
        "users_list": Access.session,
        "users_update": Access.anybody,
        "users_counter": Access.session,
    }
    for call, arguments in (("users_get", {"tid": 1}), ("users_list", {}), ("users_counter", {"tid": 1})):
        with pytest.raises(PermissionDenied, match="log in first"):
            users.ask(call, arguments, Caller(Role.stranger))
        for role in (Caller(Role.node, node_id="n"), Caller(Role.user, tid=2), Caller(Role.operator)):
            assert users.ask(call, arguments, role)


@pytest.mark.parametrize("caller", [Caller(Role.user, tid=3), Caller(Role.node, node_id="node-1")], ids=str)
def test_the_addresses_of_others_are_left_out(users: Any, caller: Caller) -> None:
    """Anybody can make a key and log in; an address is for its owner, and for the operator."""
    shown = {user.id: user.email for user in users.ask("users_list", {}, caller).users}
    assert shown == {1: "", 2: "", 3: "c@d.org" if caller.tid == 3 else "", 4: "", 40: ""}
    assert users.ask("users_get", {"tid": 1}, caller).email == ""
    assert users.ask("users_get", {"tid": 1}, Caller(Role.operator)).email == "a@b.org"


@pytest.mark.parametrize("caller", [Caller(Role.user, tid=1), Caller(Role.node, node_id="node-1")], ids=str)
def test_users_and_nodes_do_not_search_by_address(users: Any, caller: Caller) -> None:
    """Not even their own: the answer would say whether somebody has it."""
    with pytest.raises(PermissionDenied) as refused:
        users.ask("users_list", {"email": "c@d.org"}, caller)
    assert refused.value.path == "email"
