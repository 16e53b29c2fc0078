"""Secrets give roles: AUTH, the table of secrets, and the texts of roles."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.actors import Caller, Role
from workloadmanager.errors import InputError
from workloadmanager.threebot.gedis._roles import read_role
from workloadmanager.threebot.gedis._secrets import Secrets

from .talking import GET, SECRETS, Talk

STRONG = "p7Qm.x2Vt~9Lk_w4Hs-Zc"


@pytest.mark.parametrize(
    ("text", "caller"),
    [
        ("operator", Caller(Role.operator)),
        ("node:node-1", Caller(Role.node, node_id="node-1")),
        ("node:a:b", Caller(Role.node, node_id="a:b")),
        ("user:7", Caller(Role.user, tid=7)),
        ("user:2147483646", Caller(Role.user, tid=2147483646)),
    ],
)
def test_a_role_is_written_as_it_is_shown(text: str, caller: Caller) -> None:
    """Reading what is shown gives the same role."""
    assert read_role(text) == caller
    assert str(caller) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "admin",
        "Operator",
        "operator:",
        "operator:1",
        "host",
        "guest",
        "stranger",
        "node",
        "node:",
        "node: a",
        "node:a\n",
        "node:" + "x" * 256,
        "user:",
        "user:0",
        "user:-1",
        "user:07",
        "user:1.0",
        "user:one",
        "user:2147483647",
        "user:٣",
        7,
        None,
    ],
)
def test_other_texts_are_no_roles(text: object) -> None:
    """Nobody logs in as the host, or as nobody."""
    with pytest.raises(InputError, match="must be operator, node:<node id> or user:<threebot id>"):
        read_role(text)


@pytest.mark.parametrize("role", SECRETS)
def test_a_secret_gives_its_role(role: str) -> None:
    """Alone, or behind a name: of a role, or of anything else."""
    for words in ([], ["default"], [""], [b"\xff"], [role]):
        talk = Talk(is_open=False, secrets=SECRETS)
        assert talk.say("AUTH", *words, SECRETS[role]) == b"OK"
        assert talk.caller == role
        assert str(talk.asks_as(GET, "{}")) == role


@pytest.mark.parametrize(
    "words",
    [
        ["wrong"],
        [""],
        [b"\xff" * 40],
        ["default", "wrong"],
        ["user:8", SECRETS["user:7"]],
        ["operator", SECRETS["user:7"]],
        [SECRETS["operator"].upper()],
        [SECRETS["operator"][:-1]],
        [SECRETS["operator"] + "\n"],
    ],
    ids=repr,
)
@pytest.mark.parametrize("is_open", [True, False])
def test_another_secret_leaves_the_session_what_it_was(words: list[Any], is_open: bool) -> None:  # noqa: FBT001 - drawn
    """The refusal shows nothing of what was tried."""
    talk = Talk(is_open=is_open, secrets=SECRETS)
    before = talk.caller
    facts = talk.refused("AUTH", *words)
    assert (facts["kind"], facts["context"]) == ("permission", "auth")
    assert talk.caller == before
    talk.say("AUTH", SECRETS["user:7"])
    talk.refused("AUTH", *words)
    assert talk.caller == "user:7"


def test_who_fails_five_times_has_to_connect_again(caplog: pytest.LogCaptureFixture) -> None:
    """Also where a right one came between: it may be another role's that is guessed."""
    talk = Talk(secrets=SECRETS)
    for _ in range(2):
        talk.refused("AUTH", "wrong")
        talk.refused("HELLO", "3", "AUTH", "x", "wrong")
    talk.say("AUTH", SECRETS["user:7"])
    talk.say("RESET")
    closing = [talk.session.closing]
    talk.refused("AUTH", "wrong")
    closing.append(talk.session.closing)
    assert closing == [False, True]
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told == ["somebody at 192.0.2.1 failed to log in 5 times, and is disconnected"]


def test_an_open_server_without_secrets_takes_any_and_gives_nothing_for_it() -> None:
    """Nodes of the time send AUTH whenever their address has a user part."""
    talk = Talk()
    assert talk.say("AUTH", "whatever") == b"OK"
    assert talk.caller == "guest"


def test_a_closed_server_without_secrets_says_how_to_log_in() -> None:
    """There is nothing that would be right."""
    talk = Talk(is_open=False)
    assert "auth.challenge" in talk.refused("AUTH", "whatever")["message"]
    assert talk.caller == "stranger"


@pytest.mark.parametrize(
    ("secrets", "words"),
    [
        ({"operator": ""}, "secrets.operator: this secret is easy to guess; it needs 20 characters, 8 different"),
        ({"operator": STRONG[:19]}, "secrets.operator: this secret is easy to guess"),
        ({"operator": "1234567" * 10}, "secrets.operator: this secret is easy to guess"),
        ({"operator": f"{STRONG} "}, "secrets.operator: a secret has letters, digits and . _ ~ - only"),
        ({"operator": f"{STRONG}\n"}, "secrets.operator: a secret has letters, digits and . _ ~ - only"),
        ({"operator": f"{STRONG}é"}, "secrets.operator: a secret has letters, digits and . _ ~ - only"),
        ({"operator": 7}, "secrets.operator: a secret is a text in quotes"),
        ({"operator": None}, "secrets.operator: a secret is a text in quotes"),
        ({"operator": STRONG.encode()}, "secrets.operator: a secret is a text in quotes"),
        ({"operato": STRONG}, 'secrets.operato: a role is operator, "node:<node id>" or "user:<threebot id>"; did'),
        ({"admin": STRONG}, "secrets: a role is operator"),
        ({STRONG: "operator"}, "2 mistakes: secrets: a role is operator"),
        ({"user:0": STRONG}, "secrets.user:0: a role is operator"),
        ({7: STRONG}, "secrets: a role is operator"),
        ({"operator": STRONG, "user:7": STRONG}, "secrets.user:7: the secret is that of operator too; give each role"),
        ({"operator": "", "admin": ""}, "3 mistakes"),
    ],
    ids=repr,
)
def test_secrets_that_would_be_a_risk_are_refused(secrets: Any, words: str) -> None:
    """All mistakes at once."""
    with pytest.raises(InputError) as caught:
        Secrets(secrets)
    assert str(caught.value).startswith(words)
    assert STRONG not in str(caught.value) + repr(caught.value.as_dict())


@given(st.text(max_size=30))
def test_no_secret_is_ever_shown(secret: str) -> None:
    """Neither in a repr nor in the words of a mistake."""
    try:
        shown = repr(Secrets({"operator": f"hunter{secret}"}))
    except InputError as error:
        shown = repr(error) + str(error) + str(error.errors)
    assert "hunter" not in shown
