"""A session answers the commands of the protocol, and nothing that is sent can break it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pykka
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloadmanager.actors import ActorStopped, Request
from workloadmanager.errors import InputError, NotFound, Overloaded
from workloadmanager.threebot.gedis._ask import Ask
from workloadmanager.threebot.gedis._commands import COMMANDS
from workloadmanager.threebot.gedis._own_calls import OWN_CALLS
from workloadmanager.threebot.gedis._whereabouts import Whereabouts

from .talking import DELETED, GET, NOW, POLL, RESULT, SECRETS, Talk, read, refusal


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (["PING"], b"PONG"),
        (["ping"], b"PONG"),
        (["system.ping"], b"PONG"),
        (["SYSTEM.PING"], b"PONG"),
        (["PING", "hello"], b"hello"),
        (["PING", ""], b""),
        (["ECHO", b"\x00\xff\r\n"], b"\x00\xff\r\n"),
        (["SELECT", "0"], b"OK"),
        (["COMMAND"], []),
        (["COMMAND", "DOCS"], []),
        (["command", "docs", "get"], []),
        (["COMMAND", "COUNT"], 0),
        (["COMMAND", "INFO", "get"], []),
        (["CONFIG", "GET", "save"], [b"save", b""]),
        (["CONFIG", "GET", "save", "appendonly"], [b"save", b"", b"appendonly", b""]),
        (["CONFIG", "GET"], []),
        (["PING", "x" * 65536], b"x" * 65536),
        (["CLIENT", "SETINFO", "LIB-NAME", "redis-py"], b"OK"),
        (["CLIENT", "SETNAME", "node-1"], b"OK"),
        (["CLIENT", "NO-EVICT", "on"], b"OK"),
        (["CLIENT", "GETNAME"], None),
        (["RESET"], b"RESET"),
        (["QUIT"], b"OK"),
        (["config_format", "json"], b"OK"),
        (["CONFIG_FORMAT", "MSGPACK"], b"OK"),
        (["config_format"], b"OK"),
        (["config_format", "capnp"], b"OK"),
        (["config_format", b"\xff"], b"OK"),
        (["config_content_type", "auto"], b"OK"),
        (["config_response_type", "json"], b"OK"),
        (["config_whatever", "you", "like"], b"OK"),
    ],
    ids=repr,
)
def test_the_commands_that_clients_send_are_answered(words: list[Any], reply: object) -> None:
    """Those of redis-cli, of Redis libraries, of redis-benchmark and of the nodes of the time."""
    assert Talk().say(*words) == reply


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ECHO"], "ECHO takes 1 word behind it, not 0"),
        (["PING", "a", "b"], "PING takes 0 to 1 words behind it, not 2"),
        (["ECHO", "x" * 65537], "at most 65536 bytes are said back"),
        (["SELECT", "1"], "there is one database here, SELECT 0"),
        (["SELECT"], "SELECT takes 1 word behind it, not 0"),
        (["AUTH"], "AUTH takes 1 to 2 words behind it, not 0"),
        (["AUTH", "a", "b", "c"], "AUTH takes 1 to 2 words behind it, not 3"),
        (["RESET", "all"], "RESET takes 0 words behind it, not 1"),
        (["CONFIG"], "the server is configured where it is started"),
        (["CONFIG", "SET", "save", ""], "the server is configured where it is started"),
        (["CLIENT"], "CLIENT takes"),
        (["CLIENT", "REPLY", "OFF"], "CLIENT takes"),
        (["CLIENT", "KILL", "all"], "CLIENT takes"),
        (["CLIENT", "SETNAME"], "CLIENT takes"),
        (["CLIENT", "SETNAME", "two words"], "the name of a client is one word"),
        (["CLIENT", "SETNAME", "ü"], "the name of a client is one word"),
        (["CLIENT", "SETNAME", "x" * 256], "the name of a client is one word"),
        (["HELLO", "4"], "the server speaks version 2 and 3"),
        (["HELLO", "three"], "the server speaks version 2 and 3"),
        (["HELLO", "3", "AUTH", "name"], "HELLO takes a version"),
        (["HELLO", "3", "SETNAME"], "HELLO takes a version"),
        (["HELLO", "3", "else"], "HELLO takes a version"),
        (["GET", "key"], 'there is no command "GET"'),
        (["SET", "key", "value"], 'there is no command "SET"'),
        (["pong"], 'there is no command "pong"; did you mean "ping"?'),
        (["auth.challange"], 'there is no command "auth.challange"; did you mean "auth.challenge"?'),
        ([""], 'there is no command ""'),
        ([b"\x00\xff"], "there is no command"),
        (["x" * 100_000], "there is no command"),
        (["auth.whoami", '{"who":"me"}'], "who: is no argument of this call"),
        (["auth.challenge"], "role: is missing"),
        (["auth.challenge", '{"role":7}'], "role: must be a text, not 7"),
        (
            ["auth.challenge", '{"roll":"operator"}'],
            '2 mistakes: roll: is no argument of this call; did you mean "role"?',
        ),
        (["auth.challenge", '{"role":"admin"}'], "role: must be operator, node:<node id> or user:<threebot id>"),
        (["auth.answer", '{"signature":"00"}'], "no challenge waits for an answer"),
        (["system.api_meta", '{"package":7}'], "package: must be a text, not 7"),
        (["system.api_meta", "[]"], "the payload is no JSON object"),
    ],
    ids=repr,
)
def test_what_is_no_command_is_refused_in_one_sentence(words: list[Any], message: str) -> None:
    """The session goes on."""
    talk = Talk()
    facts = talk.refused(*words)
    assert facts["message"].startswith(message)
    assert facts["cat"] in ("input", "not_found", "permission")
    assert talk.say("PING") == b"PONG"


def test_the_error_of_a_command_names_it() -> None:
    """In small letters, as commands are known."""
    assert Talk().refused("SELECT", "9")["context"] == "select"
    assert Talk().refused(GET, "[]")["context"] == "reservation_get"


def test_quit_closes_behind_its_answer() -> None:
    """The connection learns it from the session."""
    talk = Talk()
    assert not talk.session.closing
    assert talk.say("QUIT") == b"OK"
    assert talk.session.closing


# HELLO, CLIENT, INFO


def test_hello_is_a_flat_array_in_the_second_version() -> None:
    """Clients of both versions begin with it."""
    flat = Talk().say("HELLO")
    assert dict(zip(flat[::2], flat[1::2], strict=True)) == {
        b"server": b"workloadmanager",
        b"version": b"1.2.3",
        b"proto": 2,
        b"id": 1,
        b"mode": b"standalone",
        b"role": b"master",
        b"modules": [],
    }


def test_hello_switches_to_the_third_version_and_back() -> None:
    """Nulls, maps and texts for people then have forms of their own."""
    talk = Talk()
    assert talk.data("HELLO", "3").startswith(b"%7\r\n")
    assert talk.data("CLIENT", "GETNAME") == b"_\r\n"
    assert talk.data("CONFIG", "GET", "save") == b"%1\r\n$4\r\nsave\r\n$0\r\n\r\n"
    assert talk.data("COMMAND", "DOCS") == b"%0\r\n"
    assert talk.data("INFO").startswith(b"=")
    assert talk.data("HELLO").startswith(b"%7\r\n")
    assert talk.data("HELLO", "2").startswith(b"*14\r\n")
    assert talk.data("CLIENT", "GETNAME") == b"$-1\r\n"


def test_hello_names_the_connection_and_logs_in() -> None:
    """In whatever order the two are given."""
    talk = Talk(secrets=SECRETS)
    secret = SECRETS["user:7"]
    assert talk.data("HELLO", "3", "SETNAME", "cli", "AUTH", "default", secret).startswith(b"%7\r\n")
    assert talk.say("CLIENT", "GETNAME") == b"cli"
    assert talk.caller == "user:7"


def test_a_hello_that_is_refused_changes_nothing() -> None:
    """Neither the version, nor the name, nor who somebody is."""
    talk = Talk(secrets=SECRETS)
    talk.refused("HELLO", "3", "SETNAME", "cli", "AUTH", "default", "wrong")
    talk.refused("HELLO", "3", "AUTH", "default", SECRETS["operator"], "SETNAME", "two words")
    assert talk.data("CLIENT", "GETNAME") == b"$-1\r\n"
    assert talk.caller == "guest"


def test_each_connection_has_a_number() -> None:
    """They count up."""
    talk = Talk()
    assert (talk.say("CLIENT", "ID"), talk.again().say("CLIENT", "ID"), talk.say("CLIENT", "ID")) == (1, 2, 1)
    assert talk.say("CLIENT", "INFO").startswith(b"id=1 addr=192.0.2.1 name= user=guest resp=2")


def info(text: bytes) -> dict[str, dict[str, str]]:
    """Read what INFO shows, as clients do."""
    sections: dict[str, dict[str, str]] = {}
    for line in text.decode().splitlines():
        if line.startswith("# "):
            sections[line.removeprefix("# ")] = {}
        elif line:
            name, _, value = line.partition(":")
            sections[list(sections)[-1]][name] = value
    return sections


def test_info_shows_the_server_and_what_it_counts() -> None:
    """In the sections and lines that redis-cli and Redis libraries read."""
    talk = Talk()
    talk.clock.now += 90_000
    shown = info(talk.say("INFO"))
    assert list(shown) == ["Server", "Clients", "Keyspace"]
    assert shown["Server"]["workloadmanager_version"] == "1.2.3"
    assert (shown["Server"]["uptime_in_seconds"], shown["Server"]["uptime_in_days"]) == ("90000", "1")
    assert shown["Clients"] == {"connected_clients": "3"}


@pytest.mark.parametrize(
    ("words", "sections"),
    [
        (["server"], ["Server"]),
        (["CLIENTS", "keyspace"], ["Clients", "Keyspace"]),
        (["all"], ["Server", "Clients", "Keyspace"]),
        (["everything"], ["Server", "Clients", "Keyspace"]),
        (["nothing", b"\xff"], []),
    ],
)
def test_info_shows_the_sections_that_are_asked_for(words: list[Any], sections: list[str]) -> None:
    """In any case; of one that there is not, nothing."""
    assert list(info(Talk().say("INFO", *words))) == sections


def test_a_stranger_learns_the_version_alone() -> None:
    """What the server counts is for those who are logged in."""
    talk = Talk(is_open=False, secrets=SECRETS)
    assert list(info(talk.say("INFO"))) == ["Server"]
    assert list(info(talk.say("INFO", "clients"))) == []
    talk.say("AUTH", SECRETS["node:node-1"])
    assert "Clients" in info(talk.say("INFO"))


# Formats


def test_the_format_of_a_session_is_that_of_its_replies_too() -> None:
    """Nodes say config_format json on each connection."""
    talk = Talk()
    assert json.loads(talk.say("auth.whoami")) == {"role": "guest"}
    talk.say("config_format", "msgpack")
    assert talk.say("auth.whoami") == b"\x81\xa4role\xa5guest"
    talk.say("config_response_type", "json")
    assert json.loads(talk.say("auth.whoami", b"\x80")) == {"role": "guest"}
    talk.say("config_content_type", "json")
    assert json.loads(talk.say("auth.whoami", "{}")) == {"role": "guest"}


def test_reset_makes_a_new_connection_of_an_old_one() -> None:
    """But for its number."""
    talk = Talk(secrets=SECRETS)
    for words in (["HELLO", "3", "AUTH", "x", SECRETS["operator"], "SETNAME", "cli"], ["config_format", "msgpack"]):
        talk.data(*words)
    assert talk.data("RESET") == b"+RESET\r\n"
    assert talk.caller == "guest"
    assert talk.data("CLIENT", "GETNAME") == b"$-1\r\n"
    assert json.loads(talk.say("auth.whoami")) == {"role": "guest"}
    assert talk.say("CLIENT", "ID") == 1


# Calls


def test_a_call_becomes_a_question_to_its_actor() -> None:
    """With the arguments, and who asks."""
    asked = Talk(secrets=SECRETS).asked(GET.upper(), '{"reservation_id":7}')
    assert (asked.name, asked.call, asked.alone) == ("reservation_get", "reservation_get", False)
    assert asked.request.arguments == {"reservation_id": 7}
    assert str(asked.request.caller) == "guest"


def test_a_question_keeps_who_asked_it() -> None:
    """A login behind it does not change it."""
    talk = Talk(secrets=SECRETS)
    before = talk.asked(GET, "{}")
    talk.say("AUTH", SECRETS["operator"])
    assert str(before.request.caller) == "guest"
    assert str(talk.asks_as(GET, "{}")) == "operator"


def test_at_a_closed_server_who_is_not_logged_in_is_a_stranger() -> None:
    """The calls decide what strangers may."""
    assert str(Talk(is_open=False).asks_as(GET, "{}")) == "stranger"


# Where nodes are


def test_a_report_comes_from_the_nodes_that_polled_on_its_connection() -> None:
    """Nodes of the time do not say who they are."""
    talk = Talk()
    assert talk.asks_as(DELETED, "{}").nodes == ()
    talk.asked(POLL, '{"cursor":0,"node_id":"node-1"}')
    assert talk.asks_as(DELETED, "{}").nodes == ("node-1",)
    assert talk.asks_as(RESULT, "{}").nodes == ("node-1",)
    assert talk.asks_as(GET, "{}").nodes == ()
    talk.asked(POLL, '{"cursor":0,"node_id":"node-2"}')
    assert talk.asks_as(DELETED, "{}").nodes == ("node-1", "node-2")


def test_a_report_on_a_connection_of_its_own_comes_from_the_nodes_of_its_host() -> None:
    """The oldest clients make a new connection for each call."""
    talk = Talk()
    talk.asked(POLL, '{"cursor":0,"node_id":"node-1"}')
    assert talk.again("192.0.2.1:4001").asks_as(DELETED, "{}").nodes == ("node-1",)
    assert talk.again("192.0.2.2:4000").asks_as(DELETED, "{}").nodes == ()
    other = talk.again("192.0.2.1:4002")
    other.asked(POLL, '{"cursor":0,"node_id":"node-2"}')
    assert other.asks_as(DELETED, "{}").nodes == ("node-2",)
    assert talk.again().asks_as(DELETED, "{}").nodes == ("node-1", "node-2")


def test_what_a_host_polled_for_is_forgotten_after_an_hour() -> None:
    """By then the node may be elsewhere."""
    talk = Talk()
    talk.asked(POLL, '{"cursor":0,"node_id":"node-1"}')
    talk.clock.now = NOW + 3599
    assert talk.again().asks_as(DELETED, "{}").nodes == ("node-1",)
    talk.clock.now = NOW + 3600
    assert talk.again().asks_as(DELETED, "{}").nodes == ()
    assert talk.asks_as(DELETED, "{}").nodes == ("node-1",)


def test_a_host_that_polls_for_very_many_nodes_says_nothing() -> None:
    """Of all of them one would have to be forgotten, and the rest would seem to be certain."""
    talk = Talk()
    for number in range(64):
        talk.asked(POLL, json.dumps({"node_id": f"node-{number}"}))
    assert len(talk.asks_as(DELETED, "{}").nodes) == len(talk.again().asks_as(DELETED, "{}").nodes) == 64
    talk.asked(POLL, '{"node_id":"one more"}')
    assert talk.asks_as(DELETED, "{}").nodes == talk.again().asks_as(DELETED, "{}").nodes == ()


def test_so_many_hosts_are_remembered_and_no_more() -> None:
    """The one that is silent for longest is forgotten."""
    whereabouts = Whereabouts(most_hosts=2)
    for host in ("a", "b", "a", "c"):
        whereabouts.note(host, f"node of {host}", NOW)
    assert [whereabouts.at(host, NOW) for host in "abc"] == [("node of a",), (), ("node of c",)]
    assert len(whereabouts) == 2


@pytest.mark.parametrize(
    "payload", ["{}", '{"node_id":""}', '{"node_id":7}', '{"node_id":null}', json.dumps({"node_id": "x" * 256})]
)
def test_a_poll_that_names_no_node_teaches_nothing(payload: str) -> None:
    """Whoever polls for all nodes is none."""
    talk = Talk()
    talk.asked(POLL, payload)
    assert talk.asks_as(DELETED, "{}").nodes == ()


def test_who_is_logged_in_needs_no_guess() -> None:
    """A node's session is that node's, and an operator is on none."""
    talk = Talk(secrets=SECRETS)
    talk.asked(POLL, '{"node_id":"node-2"}')
    talk.say("AUTH", SECRETS["node:node-1"])
    talk.asked(POLL, '{"node_id":"node-1"}')
    assert talk.asks_as(DELETED, "{}").nodes == ()
    assert talk.again().asks_as(DELETED, "{}").nodes == ("node-2",)


def test_a_stranger_is_nowhere() -> None:
    """At a closed server nobody is known by where they are."""
    talk = Talk(is_open=False)
    talk.asked(POLL, '{"node_id":"node-1"}')
    assert talk.asks_as(DELETED, "{}").nodes == ()
    assert talk.services is not None
    assert talk.services.whereabouts.at("192.0.2.1", NOW) == ()


# Errors


ASKED = Ask("farms_get", Request({}), lambda _reply: b"", "farms_get")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (NotFound("there is no farm 7", path="farm_id"), "not_found", "farm_id: there is no farm 7"),
        (Overloaded("too many wait"), "overloaded", "too many wait"),
        (ActorStopped(), "unavailable", "its actor does not run just now"),
        (pykka.ActorDeadError("gone"), "unavailable", "its actor does not run just now"),
        (KeyError("farms_get"), "unavailable", "its actor does not run just now"),
        (TimeoutError(), "unavailable", "no answer came in time"),
        (pykka.Timeout("late"), "unavailable", "no answer came in time"),
        (ZeroDivisionError("division by zero"), "internal", "a fault in the package"),
        (RuntimeError("/srv/secret/file"), "internal", "a fault in the package"),
    ],
    ids=repr,
)
def test_whatever_an_actor_answers_with_is_an_error_of_the_family(error: BaseException, kind: str, words: str) -> None:
    """It names its call, and nothing of the host."""
    facts = refusal(Talk().session.refusal(error, ASKED))
    assert (facts["kind"], facts["context"]) == (kind, "farms_get")
    assert facts["message"].startswith(words)


def test_what_was_not_expected_is_logged_with_its_place_and_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    """The words may hold what a client sent."""
    words = "the secret is hunter2"

    def fail() -> None:
        raise ValueError(words)

    with pytest.raises(ValueError, match="hunter2") as caught:
        fail()
    with caplog.at_level(logging.ERROR):
        data = Talk().session.refusal(caught.value, ASKED)
    assert refusal(data)["kind"] == "internal"
    (record,) = caplog.records
    assert "ValueError" in record.getMessage()
    assert "in fail" in record.getMessage()
    assert words not in caplog.text


def test_a_fault_of_a_session_command_is_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the server's own parts do, the client is answered once."""
    talk = Talk()
    assert talk.services is not None
    talk.services.info = lambda: {"Broken": 7}  # type: ignore[dict-item]  # as a server with a fault would have it
    assert talk.refused("INFO")["kind"] == "internal"
    assert "AttributeError in info" in caplog.text
    assert talk.say("PING") == b"PONG"


def test_a_fault_of_the_frames_is_refused_like_any_mistake() -> None:
    """It belongs to no call."""
    facts = refusal(Talk().session.refusal(InputError("a command has at most 16 parts")))
    assert facts == {
        "message": "a command has at most 16 parts",
        "level": 40,
        "context": "",
        "cat": "input",
        "kind": "input",
    }


NAMES = st.one_of(
    st.sampled_from(
        [*COMMANDS, *OWN_CALLS, b"config_format", b"config_content_type", GET.encode(), POLL.encode(), RESULT.encode()]
    ),
    st.binary(max_size=20),
)
PARTS = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            *(b"{}", b"[]", b"null", b"\x80", b"2", b"3", b"AUTH", b"SETNAME", b"GET", b"DOCS", b"json", b"msgpack"),
            *(b'{"role":"operator"}', b'{"signature":"00"}', b'{"result":{"data_json":{}}}', b'{"node_id":"a"}'),
        ]
    ),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3).map(
        lambda made: json.dumps(made).encode()
    ),
)


@given(st.booleans(), st.lists(st.tuples(NAMES, st.lists(PARTS, max_size=4)), max_size=8))
@settings(max_examples=300)
def test_any_commands_are_answered_once_each(is_open: bool, commands: list[tuple[bytes, list[bytes]]]) -> None:  # noqa: FBT001 - drawn
    """With one reply or one question; nothing is raised, and no reply has a traceback or a path of the host."""
    talk = Talk(is_open=is_open, secrets=SECRETS)
    for name, parts in commands:
        made = talk.raw(name, *parts)
        if isinstance(made, Ask):
            made = made.encode({"a": "reply"})
        read(made)
        assert b"Traceback" not in made
        assert b".py" not in made or name.lower() == b"system.api_meta" or any(b".py" in part for part in parts)
        assert not made.startswith(b"-") or refusal(made)["kind"] != "internal"
