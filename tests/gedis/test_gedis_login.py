"""The login by a challenge: signed with the key of a node, a user or an operator, and worth one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import workloadmanager
from workloadmanager import signing
from workloadmanager.actors import Context, Request, Role
from workloadmanager.errors import InputError, NotFound, PermissionDenied
from workloadmanager.rules import Settings
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis._login import Login

from .talking import GET, Talk

OPERATOR = signing.Key(bytes([1]) * 32)
SECOND_OPERATOR = signing.Key(bytes([2]) * 32)
JANE = signing.Key(bytes([3]) * 32)
NODE = signing.Key(bytes([4]) * 32)
OTHER = signing.Key(bytes([5]) * 32)


@pytest.fixture
def manager() -> Iterator[WorkloadManager]:
    """A host with a user, and a node whose key only the directory knows."""
    with workloadmanager.start(":memory:") as manager:
        tid = manager.phonebook.add(name="jane", public_key=JANE.public_key, tid=7).id
        farm = manager.directory.add_farm(name="farm", farmer_tid=tid)
        manager.directory.add_node(node_id="node-1", farm_id=farm.id, public_key=NODE.public_key)
        manager.directory.add_node(node_id="node-2", farm_id=farm.id)
        yield manager


@pytest.fixture
def context(manager: WorkloadManager) -> Context:
    """What the login is given."""
    return Context(
        store=manager.store,
        registry=manager.registry,
        phonebook=manager.phonebook,
        directory=manager.directory,
        clock=lambda: 1_600_000_000,
        settings=Settings(),
    )


class Door(Talk):
    """A session whose logins are answered."""

    login: Any = None

    def data(self, *words: Any) -> bytes:
        """Return the reply; a login is asked at once."""
        made = self.raw(*words)
        if isinstance(made, bytes):
            return made
        assert (made.name, made.alone, made.call) == ("_login", True, "auth.answer")
        try:
            return made.encode(self.login.ask(made.request, timeout=20))
        except Exception as error:  # noqa: BLE001 - as the server does
            return self.session.refusal(error, made)

    def challenge(self, role: str) -> str:
        """Ask for a challenge, and return it."""
        reply = self.call("auth.challenge", role=role)
        assert reply["role"] == role
        return str(reply["challenge"])

    def log_in(self, key: signing.Key, role: str) -> dict[str, Any]:
        """Log in with a key."""
        signature = signing.sign_login(key, role=role, challenge=self.challenge(role))
        return dict(self.call("auth.answer", signature=signature))


@pytest.fixture
def door(context: Context) -> Iterator[Callable[[], Door]]:
    """Open sessions at a closed server with two operators."""
    login = Login.start(context, (OPERATOR.public_key, SECOND_OPERATOR.public_key))

    def open_one() -> Door:
        made = Door(is_open=False)
        made.login = login
        return made

    yield open_one
    login.stop()


@pytest.mark.parametrize(
    ("key", "role"),
    [
        (OPERATOR, "operator"),
        (SECOND_OPERATOR, "operator"),
        (JANE, "user:7"),
        (NODE, "node:node-1"),
        (OTHER, f"node:{OTHER.node_id}"),
    ],
    ids=["operator", "second operator", "user", "node of the directory", "node whose id is its key"],
)
def test_who_has_the_key_gets_the_role(door: Callable[[], Door], key: signing.Key, role: str) -> None:
    """A node needs no entry where its id is its key."""
    talk = door()
    assert talk.call("auth.whoami") == {"role": "stranger"}
    assert talk.log_in(key, role) == {"role": role}
    assert talk.call("auth.whoami") == {"role": role}
    assert str(talk.asks_as(GET, "{}")) == role


@pytest.mark.parametrize(
    ("key", "role", "kind", "words"),
    [
        (OTHER, "operator", "permission", "signature: the signature does not verify with the key of operator"),
        (OTHER, "user:7", "permission", "signature: the signature does not verify with the key of user:7"),
        (OTHER, "node:node-1", "permission", "signature: the signature does not verify with the key of node:node-1"),
        (NODE, f"node:{OTHER.node_id}", "permission", "signature: the signature does not verify"),
        (JANE, "user:8", "not_found", "role: there is no user with threebot id 8"),
        (NODE, "node:node-2", "permission", "role: the key of this node is not known"),
        (NODE, "node:node-3", "permission", "role: the key of this node is not known"),
    ],
)
def test_who_has_another_key_stays_who_they_are(
    door: Callable[[], Door], key: signing.Key, role: str, kind: str, words: str
) -> None:
    """And is told why."""
    talk = door()
    talk.log_in(SECOND_OPERATOR, "operator")
    signature = signing.sign_login(key, role=role, challenge=talk.challenge(role))
    facts = talk.refused("auth.answer", f'{{"signature":"{signature}"}}')
    assert (facts["kind"], facts["context"]) == (kind, "auth.answer")
    assert facts["message"].startswith(words)
    assert talk.caller == "operator"


def test_a_signature_is_for_one_role(door: Callable[[], Door]) -> None:
    """One that signs as a user does not become somebody else."""
    talk = door()
    challenge = talk.challenge("operator")
    signature = signing.sign_login(OPERATOR, role="user:7", challenge=challenge)
    assert talk.refused("auth.answer", f'{{"signature":"{signature}"}}')["kind"] == "permission"


def test_a_challenge_is_worth_one_answer(door: Callable[[], Door]) -> None:
    """A right answer is worth nothing the second time, and a wrong one spends it."""
    talk = door()
    challenge = talk.challenge("user:7")
    signature = signing.sign_login(JANE, role="user:7", challenge=challenge)
    talk.call("auth.answer", signature=signature)
    assert "no challenge waits" in talk.refused("auth.answer", f'{{"signature":"{signature}"}}')["message"]
    challenge = talk.challenge("operator")
    talk.refused("auth.answer", f'{{"signature":"{"0" * 128}"}}')
    signature = signing.sign_login(OPERATOR, role="operator", challenge=challenge)
    assert "no challenge waits" in talk.refused("auth.answer", f'{{"signature":"{signature}"}}')["message"]
    assert talk.caller == "user:7"


def test_a_challenge_is_of_one_connection(door: Callable[[], Door]) -> None:
    """Whoever overhears an answer can not use it elsewhere."""
    one, two = door(), door()
    signature = signing.sign_login(JANE, role="user:7", challenge=one.challenge("user:7"))
    two.challenge("user:7")
    assert two.refused("auth.answer", f'{{"signature":"{signature}"}}')["kind"] == "permission"
    assert one.call("auth.answer", signature=signature) == {"role": "user:7"}


def test_the_last_challenge_counts(door: Callable[[], Door]) -> None:
    """Each one is drawn anew."""
    talk = door()
    first, second = talk.challenge("user:7"), talk.challenge("user:7")
    assert first != second
    assert len(bytes.fromhex(first)) == 32
    signature = signing.sign_login(JANE, role="user:7", challenge=first)
    assert talk.refused("auth.answer", f'{{"signature":"{signature}"}}')["kind"] == "permission"


@pytest.mark.parametrize(("seconds", "in_time"), [(59, True), (60, False)])
def test_a_challenge_waits_for_a_minute(door: Callable[[], Door], seconds: int, in_time: bool) -> None:  # noqa: FBT001 - parametrized
    """The second before, and the second itself."""
    talk = door()
    signature = signing.sign_login(JANE, role="user:7", challenge=talk.challenge("user:7"))
    talk.clock.now += seconds
    talk.data("auth.answer", f'{{"signature":"{signature}"}}')
    assert talk.caller == ("user:7" if in_time else "stranger")


@pytest.mark.parametrize("signature", ["", "00", "zz" * 64, "0" * 127, "0" * 130, "ü" * 128])
def test_a_signature_is_hex_text(door: Callable[[], Door], signature: str) -> None:
    """Anything else is a mistake, and no attempt."""
    talk = door()
    talk.challenge("user:7")
    facts = talk.refused("auth.answer", f'{{"signature":"{signature}"}}')
    assert (facts["kind"], facts["path"]) == ("input", "signature")


def test_who_fails_five_times_has_to_connect_again(door: Callable[[], Door]) -> None:
    """As with secrets."""
    talk = door()
    for _ in range(5):
        assert not talk.session.closing
        talk.challenge("user:7")
        talk.refused("auth.answer", f'{{"signature":"{"0" * 128}"}}')
    assert talk.session.closing


def test_a_server_without_operators_says_so(context: Context) -> None:
    """There is no key with which it could be signed."""
    login = Login.start(context)
    message = Request({"role": "operator", "challenge": "00", "signature": "0" * 128})
    with pytest.raises(PermissionDenied, match="set operator_keys"):
        login.ask(message, timeout=20)
    login.stop()


def test_the_actor_can_be_asked_by_the_host_as_well(context: Context) -> None:
    """It answers with who it is."""
    login = Login.start(context)
    signature = signing.sign_login(JANE, role="user:7", challenge="c0ffee")
    caller: Any = login.ask(Request({"role": "user:7", "challenge": "c0ffee", "signature": signature}), timeout=20)
    assert (caller.role, caller.tid) == (Role.user, 7)
    with pytest.raises(InputError, match="is asked with a Request"):
        login.ask({"role": "user:7"}, timeout=20)
    with pytest.raises(NotFound, match="threebot id 9"):
        login.ask(Request({"role": "user:9", "challenge": "c0ffee", "signature": signature}), timeout=20)
    login.stop()
