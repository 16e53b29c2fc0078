"""Users register and change their entries by what they sign: once, in order, with the key that they hold."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.actors import HOST, Caller, Role
from workloadmanager.errors import Conflict, InputError, NotFound, PermissionDenied
from workloadmanager.rules import user_bytes
from workloadmanager.signing import Key, sign_user
from workloadmanager.threebot import WorkloadManager

STRANGER = Caller(Role.stranger)
OPERATOR = Caller(Role.operator)
JANE, JOE, NEXT = (Key(bytes([number]) * 32) for number in (1, 2, 3))

Entry = Callable[..., str]


def register(quick: Any, text: str, key: Key) -> Any:
    """Register an entry that a key signs, as a session that did not log in."""
    return quick.ask("users_register", {"json": text, "signature": sign_user(key, text)}, STRANGER)


def update(quick: Any, text: str, key: Key, counter: int, tid: int = 1) -> Any:
    """Change an entry that a key signs."""
    signature = sign_user(key, text, tid=tid, counter=counter)
    arguments = {"tid": tid, "json": text, "counter": counter, "signature": signature}
    return quick.ask("users_update", arguments, STRANGER)


def test_a_user_registers_and_is_found(start: Callable[..., WorkloadManager], place: str, entry: Entry) -> None:
    """With every field, on either store, also after the next start."""
    text = entry(JANE, email="Jane@example.org", ipaddr="10.0.0.2", description="two\nlines")
    first = start(place)
    user = first.users_register(json=text, signature=sign_user(JANE, text))
    assert (user.id, user.name, user.pubkey, user.signature) == (1, "jane", JANE.public_key, sign_user(JANE, text))
    assert (user.email, user.ipaddr, user.description) == ("Jane@example.org", "10.0.0.2", "two\nlines")
    changed = entry(NEXT, name="jane.3bot")
    first.users_update(tid=1, json=changed, counter=1, signature=sign_user(JANE, changed, tid=1, counter=1))
    manager = first
    if place != ":memory:":
        first.stop()
        manager = start(place)
    assert manager.users_get(tid=1).name == "jane.3bot"
    assert manager.users_counter(tid=1).counter == 1
    assert manager.phonebook.get(1) == manager.phonebook.find("JANE.3bot") == manager.users_get(name="Jane.3Bot")
    with pytest.raises(NotFound):
        manager.phonebook.find("jane")
    assert manager.store.check() == []


def test_the_same_name_and_key_is_the_same_user(quick: Any, entry: Entry) -> None:
    """Registering again changes nothing, also in another case of name and key and with other words."""
    user = register(quick, entry(JANE), JANE)
    assert register(quick, entry(JANE), JANE) == user
    other = entry(JANE, name="JANE", pubkey=JANE.public_key.upper(), email="jane@example.org")
    assert register(quick, other, JANE) == user
    with pytest.raises(Conflict, match="the name of threebot id 1 already") as refusal:
        register(quick, entry(JOE, name="Jane"), JOE)
    assert refusal.value.path == "json.name"


def test_a_registration_proves_that_the_key_is_held(quick: Any, entry: Entry) -> None:
    """Nobody registers with a key of somebody else, nor with words that were signed for something else."""
    text = entry(JANE)
    for signature in (
        sign_user(JOE, text),
        sign_user(JANE, text + " "),
        sign_user(JANE, text, tid=1, counter=1),
        JANE.sign_bytes(text.encode()).hex(),
        "ab",
        sign_user(JANE, text)[:-1] + "g",
    ):
        with pytest.raises(PermissionDenied, match=r"signature") as refusal:
            quick.ask("users_register", {"json": text, "signature": signature}, STRANGER)
        assert refusal.value.path == "signature"
    assert quick.phonebook.list() == []


def test_what_is_signed_is_what_the_rules_say(quick: Any, entry: Entry) -> None:
    """A client in any language can make the bytes; the signature may be in capital letters."""
    text = entry(JANE)
    signature = JANE.sign_bytes(b"tfgrid.phonebook/1 register\n" + text.encode()).hex()
    assert user_bytes(text) == b"tfgrid.phonebook/1 register\n" + text.encode()
    user = quick.ask("users_register", {"json": text, "signature": signature.upper()}, STRANGER)
    assert user.signature == signature
    changed = entry(JANE, email="jane@example.org")
    signature = JANE.sign_bytes(b"tfgrid.phonebook/1 update 1 5\n" + changed.encode()).hex()
    arguments = {"tid": 1, "json": changed, "counter": 5, "signature": signature}
    assert quick.ask("users_update", arguments, STRANGER).email == "jane@example.org"


def test_an_old_change_is_worth_nothing(quick: Any, entry: Entry) -> None:
    """The refusal names the counter that would be taken; the very same change again succeeds without one."""
    register(quick, entry(JANE), JANE)
    first, second = entry(JANE, email="one@example.org"), entry(JANE, email="two@example.org")
    update(quick, first, JANE, 1)
    done = update(quick, second, JANE, 3)
    assert update(quick, second, JANE, 3) == done
    for text, counter in ((first, 1), (first, 2), (first, 3)):
        with pytest.raises(Conflict, match="the next counter is 4") as refusal:
            update(quick, text, JANE, counter)
        assert refusal.value.path == "counter"
    assert quick.phonebook.get(1) == done
    assert quick.ask("users_counter", {"tid": 1}, OPERATOR).counter == 3


def test_a_key_is_changed_with_the_key_before_it(quick: Any, entry: Entry) -> None:
    """From then on the new key signs; the change can be sent again, and old changes stay replays."""
    register(quick, entry(JANE), JANE)
    update(quick, entry(JANE, email="old@example.org"), JANE, 1)
    with pytest.raises(PermissionDenied, match="does not verify with the key that the entry has"):
        update(quick, entry(NEXT), NEXT, 2)
    done = update(quick, entry(NEXT), JANE, 2)
    assert done.pubkey == NEXT.public_key
    assert update(quick, entry(NEXT), JANE, 2) == done
    with pytest.raises(Conflict, match="replay"):
        update(quick, entry(JANE, email="old@example.org"), JANE, 1)
    with pytest.raises(PermissionDenied, match="does not verify"):
        update(quick, entry(JANE), JANE, 3)
    assert update(quick, entry(NEXT, email="new@example.org"), NEXT, 3).email == "new@example.org"


def test_a_change_is_for_one_user(quick: Any, entry: Entry) -> None:
    """Two users with one key: a change of one is none of the other; nobody is changed whom nobody registered."""
    register(quick, entry(JANE), JANE)
    register(quick, entry(JANE, name="june"), JANE)
    text = entry(JANE, name="janet")
    signature = sign_user(JANE, text, tid=1, counter=1)
    with pytest.raises(PermissionDenied):
        quick.ask("users_update", {"tid": 2, "json": text, "counter": 1, "signature": signature}, STRANGER)
    with pytest.raises(NotFound, match="no user with threebot id 3"):
        update(quick, text, JANE, 1, tid=3)


def test_a_name_moves_with_its_user(quick: Any, entry: Entry) -> None:
    """A change may give up a name for another that is free, or write the own one in another case."""
    register(quick, entry(JANE), JANE)
    register(quick, entry(JOE, name="joe"), JOE)
    with pytest.raises(Conflict, match='"joe" is the name of threebot id 2 already') as refusal:
        update(quick, entry(JANE, name="joe"), JANE, 1)
    assert refusal.value.path == "json.name"
    assert quick.ask("users_counter", {"tid": 1}, OPERATOR).counter == 0
    assert update(quick, entry(JANE, name="JANE"), JANE, 1).name == "JANE"
    assert update(quick, entry(JANE, name="janet"), JANE, 2).name == "janet"
    assert update(quick, entry(JOE, name="Jane"), JOE, 1, tid=2).name == "Jane"


@pytest.mark.parametrize("caller", [HOST, OPERATOR], ids=str)
def test_the_operator_vouches_for_users(quick: Any, entry: Entry, caller: Caller) -> None:
    """Without a signature, and the entry says that it has none; one that is given must verify all the same."""
    assert quick.ask("users_register", {"json": entry(JANE)}, caller).signature == ""
    assert quick.ask("users_update", {"tid": 1, "json": entry(NEXT)}, caller).pubkey == NEXT.public_key
    assert quick.ask("users_counter", {"tid": 1}, caller).counter == 1
    quick.ask("users_update", {"tid": 1, "json": entry(NEXT), "counter": 7}, caller)
    with pytest.raises(Conflict, match="the next counter is 8"):
        quick.ask("users_update", {"tid": 1, "json": entry(NEXT, email="a@b.org"), "counter": 7}, caller)
    with pytest.raises(PermissionDenied):
        update(quick, entry(JANE), JANE, 8)
    arguments = {"json": entry(JOE, name="joe"), "signature": sign_user(JANE, entry(JOE, name="joe"))}
    with pytest.raises(PermissionDenied):
        quick.ask("users_register", arguments, caller)


@pytest.mark.parametrize(
    "caller", [STRANGER, Caller(Role.guest), Caller(Role.user, tid=1), Caller(Role.node, node_id="n")], ids=str
)
def test_nobody_else_leaves_the_signature_out(quick: Any, entry: Entry, caller: Caller) -> None:
    """Not even the user, whose session may have been left open."""
    register(quick, entry(JANE), JANE)
    for call, arguments in (
        ("users_register", {"json": entry(JOE, name="joe")}),
        ("users_update", {"tid": 1, "json": entry(JANE, email="a@b.org"), "counter": 1}),
    ):
        with pytest.raises(PermissionDenied, match="needs the signature of the user") as refusal:
            quick.ask(call, arguments, caller)
        assert (refusal.value.path, refusal.value.call) == ("signature", call)
    assert quick.phonebook.list() == [quick.phonebook.get(1)]


@pytest.mark.parametrize(
    ("wrong", "path", "message"),
    [
        ({"name": None}, "json.name", "1 to 40 characters"),
        ({"name": " jane"}, "json.name", "with a space"),
        ({"name": "x" * 41}, "json.name", "1 to 40 characters"),
        ({"name": 5}, "json.name", "is a text, not 5"),
        ({"name": "\ud800"}, "json.name", "does not print"),
        ({"pubkey": None}, "json.pubkey", "64 digits"),
        ({"pubkey": "00" * 32}, "json.pubkey", "no ed25519 public key"),
        ({"pubkey": "ab"}, "json.pubkey", "64 digits"),
        ({"email": "jane"}, "json.email", "no email address"),
        ({"email": "ja ne@example.org"}, "json.email", "no email address"),
        ({"email": "x" * 250 + "@example.org"}, "json.email", "at most 2"),
        ({"email": "é" * 120 + "@example.org" + "ﷺ" * 20}, "json.email", "at most 254 bytes"),
        ({"email": []}, "json.email", "is a text, not a list"),
        ({"ipaddr": "10.0.0.1\n"}, "json.ipaddr", "does not print"),
        ({"ipaddr": "10.0.0.1 or so"}, "json.ipaddr", "without spaces"),
        ({"ipaddr": "x" * 256}, "json.ipaddr", "at most 255 characters"),
        ({"description": "x" * 1001}, "json.description", "at most 1000 characters"),
        ({"description": "\x07"}, "json.description", "does not print"),
        ({"emial": "a@b.org"}, "json.emial", 'did you mean "email"'),
        ({"signature": ""}, "json.signature", "is no field of an entry"),
        ({"id": 7}, "json.id", "is no field of an entry"),
        ({"description": "x" * 9000}, "json", "at most 8192 characters"),
    ],
)
def test_a_mistake_in_an_entry_is_refused(
    quick: Any, entry: Entry, wrong: Mapping[str, object], path: str, message: str
) -> None:
    """One mistake in a good entry, one error with its path, for who registers and who changes."""
    text = entry(JANE, **wrong)
    for call, arguments in (("users_register", {"json": text}), ("users_update", {"tid": 1, "json": text})):
        with pytest.raises(InputError, match=message) as refusal:
            quick.ask(call, arguments, HOST)
        assert path in [problem.path for problem in refusal.value.errors or (refusal.value,)]
    assert quick.phonebook.list() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON text"),
        ("[]", "of an object, not of a list"),
        ('"jane"', "of an object, not of 'jane'"),
        ("[" * 8000, "is no JSON text"),
        ('{"name": "jane", "name": "joe"}', "has the field 'name' twice"),
        ('{"name": {"a": 1, "a": 2}}', "has the field 'a' twice"),
    ],
)
def test_a_text_that_can_not_be_read_in_one_way_is_refused(quick: Any, text: str, message: str) -> None:
    """What was signed has one meaning or none."""
    with pytest.raises(InputError, match=message) as refusal:
        quick.ask("users_register", {"json": text}, HOST)
    assert refusal.value.path == "json"


def test_all_mistakes_are_reported_at_once(quick: Any, entry: Entry) -> None:
    """Three in one entry."""
    with pytest.raises(InputError) as refusal:
        quick.ask("users_register", {"json": entry(JANE, name="", email="x", pubkey="y")}, HOST)
    assert [problem.path for problem in refusal.value.errors] == ["json.name", "json.pubkey", "json.email"]


@pytest.mark.parametrize(
    ("call", "arguments", "path", "message"),
    [
        ("users_register", {}, "json", "is missing"),
        ("users_register", {"json": "{}", "sign": "x"}, "sign", "no argument of users_register"),
        ("users_update", {"json": "{}", "counter": 1}, "tid", "is missing"),
        ("users_update", {"tid": 1, "json": "{}", "signature": "ab"}, "counter", "needs it beside a signature"),
        ("users_update", {"tid": 1, "json": "{}", "counter": 0}, "counter", "must be 1 or more"),
        ("users_get", {}, "tid", "give either tid or name"),
        ("users_get", {"tid": 1, "name": "jane"}, "tid", "give either tid or name"),
        ("users_get", {"tid": "jane"}, "tid", "must be a whole number"),
        ("users_list", {"cursor": -1}, "cursor", "must be 0 or more"),
        ("users_list", {"limit": -1}, "limit", "must be 0 or more"),
        ("users_counter", {}, "tid", "is missing"),
    ],
)
def test_a_mistake_in_a_call_is_refused(
    quick: Any, call: str, arguments: dict[str, Any], path: str, message: str
) -> None:
    """One thing wrong with the arguments."""
    with pytest.raises(InputError, match=message) as refusal:
        quick.ask(call, arguments, HOST)
    assert (refusal.value.path, refusal.value.call) == (path, call)


_names = itertools.count(1)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from([JANE, NEXT]), st.sampled_from([JANE, NEXT]), st.integers(1, 6)), max_size=12
    )
)
def test_changes_follow_one_another(quick: Any, entry: Entry, steps: list[tuple[Key, Key, int]]) -> None:
    """Taken is what the key of the moment signs with a higher counter, and the last change once more; nothing else."""
    name = f"user {next(_names)}"
    tid = register(quick, entry(JANE, name=name), JANE).id
    holder, last = JANE, (0, "")
    for signer, new, counter in steps:
        text = entry(new, name=name)
        repeats = (counter, text) == last
        if repeats or (counter > last[0] and signer == holder):
            holder, last = new, (counter, text)
            update(quick, text, signer, counter, tid)
        else:
            with pytest.raises((Conflict, PermissionDenied)):
                update(quick, text, signer, counter, tid)
        assert quick.phonebook.get(tid).pubkey == holder.public_key
        assert quick.ask("users_counter", {"tid": tid}, OPERATOR).counter == last[0]
