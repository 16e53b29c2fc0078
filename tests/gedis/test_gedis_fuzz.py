"""Whatever arrives: one reply to each whole command, in order, and never a crash, a hang, or a word too much."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import workloadmanager
from workloadmanager import signing

from .fuzzing import CALLS_BY_NAME, SECRETS, Grid, Wire, start_grid
from .hostile import CUTS, Payloads, calls, cuts, mutated, noise, polite_calls
from .hostile_values import JSON_VALUES, SESSION_COMMANDS
from .strictness import Refusal, pack, read_replies, split

MORE = int(os.environ.get("FUZZ", "1"))
"""How many times as much is tried: with more than once, always something else (``FUZZ=100 pytest …``)."""

FOLDERS = {str(Path(workloadmanager.__file__).parent), str(Path(__file__).parent), sys.prefix, str(Path.home())}
GIVEN_AWAY = re.compile(
    rb'Traceback|File \\?"|\.py\b|line \d+, in |<[a-z_.]+ object at 0x|\b[A-Z]\w+(?:Error|Exception)\('
    + b"".join(b"|" + re.escape(folder.encode()) for folder in FOLDERS if len(folder) > 1)
)
"""What only the host is to see."""

LITTLE_MORE = bytes(64)
"""As much as it may take until it is noticed that what was sent before can no longer become a command."""

ROLES: dict[str, tuple[bytes, ...]] = {
    "stranger": (),
    "user": (pack("AUTH", "user:4", SECRETS["user:4"]),),
    "node": (pack("HELLO", "3", "AUTH", "node:node-3", SECRETS["node:node-3"]),),
}


@dataclass(frozen=True)
class Login:
    """An attempt to log in with a key.

    Attributes:
        role: as whom.
        key: what signs.
        signed_role: the role that is signed, where it is another one.
        challenge: the challenge that is signed, where it is another one.
    """

    role: str
    key: signing.Key
    signed_role: str = ""
    challenge: str = ""

    def answer(self, challenge: str) -> bytes:
        """Return the answer to a challenge as a command."""
        signature = signing.sign_login(
            self.key, role=self.signed_role or self.role, challenge=self.challenge or challenge
        )
        return pack("auth.answer", json.dumps({"signature": signature}))


def fuzz(examples: int) -> Callable[[Any], Any]:
    """Run a test on so many examples, the same ones each time unless more are asked for."""
    return settings(
        max_examples=examples * MORE,
        deadline=None,
        derandomize=MORE == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def grid(caplog: pytest.LogCaptureFixture) -> Iterator[Grid]:
    """A grid with secrets in it; at the end the store is whole, and nothing was logged as a fault of the package."""
    caplog.set_level(logging.WARNING, logger="workloadmanager")
    with start_grid() as manager:
        made = Grid(manager)
        try:
            yield made
        finally:
            made.stop()
        assert manager._parts.store.check() == []
        assert manager.restarts == dict.fromkeys(manager.restarts, 0)
    assert [record.getMessage() for record in caplog.records] == []


def exported(grid: Grid) -> bytes:
    """Return all that is stored."""
    stream = io.BytesIO()
    grid.manager._parts.store.export(stream)
    return stream.getvalue()


def login(grid: Grid, role: str) -> Wire:
    """Return a connection that is logged in."""
    wire = Wire(grid)
    for command in ROLES[role]:
        wire.send(command)
    wire.replies.clear()
    return wire


def check(wire: Wire, sent: bytes, *, guarded: bool = True) -> list[tuple[list[bytes], Any]]:
    """See that what came back is what has to, and return each command that was answered with its reply.

    Arguments:
        wire: the connection, which nothing was sent on before.
        sent: all that was sent.
        guarded: whether the one who sent it may not see the secrets.
    """
    commands, end = split(sent)
    exchange = wire.exchange
    if end == "fault" and not exchange.finished:
        wire.send(LITTLE_MORE)
    replies = read_replies(bytes(wire.replies))
    assert not exchange.busy
    assert GIVEN_AWAY.search(wire.replies) is None, GIVEN_AWAY.search(wire.replies)
    if guarded:
        assert not [secret for secret in wire.grid.planted if secret in wire.replies]
    if exchange.fault is not None and len(replies) == len(commands) + 1:
        assert end == "fault"
        assert exchange.finished
        assert isinstance(replies.pop(), Refusal)
    elif len(replies) < len(commands):  # the connection was closed by what was answered last
        assert exchange.finished
        assert _closes(commands[len(replies) - 1], replies[-1]), commands[len(replies) - 1]
    else:
        assert exchange.fault is None
        assert end != "fault" or exchange.finished
    assert len(replies) <= len(commands)
    answered = list(zip(commands, replies, strict=False))
    for command, reply in answered:
        _check_reply(command, reply)
    return answered


def _closes(command: list[bytes], reply: Any) -> bool:
    """Whether a connection is closed by a command: a farewell, or one failed login too many."""
    word = command[0].lower()
    return word == b"quit" or (word in (b"auth", b"hello", b"auth.answer") and isinstance(reply, Refusal))


def _check_reply(command: list[bytes], reply: Any) -> None:
    """See that a reply belongs to a command."""
    name = command[0].lower()
    if name == b"echo" and len(command) == 2:
        assert reply == command[1]
    elif name == b"ping" and len(command) <= 2:
        assert reply == (command[1] if len(command) == 2 else b"PONG")
    elif (call := CALLS_BY_NAME.get(name.decode("ascii", "replace"))) is not None:
        if isinstance(reply, Refusal):
            assert reply.facts["context"] in (call.name, name.decode()), (command, reply)
        else:
            assert isinstance(reply, bytes), reply
            assert reply[:1] == b"{" or reply[0] & 0xF0 in (0x80, 0xD0), reply[:20]


def test_any_bytes(grid: Grid) -> None:
    """The reader takes nothing for a command that is none, and finds each that is one, however they are cut."""
    before = exported(grid)

    @fuzz(3500)
    @given(noise(), CUTS)
    def talk(data: bytes, places: list[int]) -> None:
        wire = Wire(grid, hurries=len(data) % 2 > 0)
        wire.send(*cuts(data, places))
        check(wire, data)
        if wire.exchange.fault is not None:
            assert wire.send(pack("PING")) == b""

    talk()
    assert exported(grid) == before


@pytest.mark.parametrize("role", ROLES)
def test_commands_that_were_changed_on_their_way(grid: Grid, role: str) -> None:
    """Bytes that were lost, doubled or turned break no other command, and nobody hears what is not for them."""
    before = exported(grid)
    marked = [pack("ECHO", f"number {number}") for number in range(4)]
    commands = [*polite_calls(grid), *(pack(*words) for words in SESSION_COMMANDS), *marked]

    @fuzz(1500)
    @given(mutated(commands), CUTS)
    def talk(data: bytes, places: list[int]) -> None:
        wire = login(grid, role)
        wire.send(*cuts(data, places))
        check(wire, data)

    talk()
    if role == "stranger":
        assert exported(grid) == before


@pytest.mark.parametrize("role", ROLES)
def test_calls_with_hostile_arguments(grid: Grid, role: str) -> None:
    """Each is answered, most are refused, and what is refused leaves nothing behind."""
    before, counts = exported(grid), grid.counts()
    made: set[int] = set()

    @fuzz(900)
    @given(st.lists(calls(Payloads(grid.manager.registry)), min_size=1, max_size=4))
    def talk(commands: list[bytes]) -> None:
        wire = login(grid, role)
        data = b"".join(command + pack("ECHO", str(number)) for number, command in enumerate(commands))
        wire.send(data)
        for command, reply in check(wire, data):
            if command[0].lower().endswith(b"reservation_register") and not isinstance(reply, Refusal):
                made.add(_id_in(reply))

    talk()
    if role == "stranger":
        assert exported(grid) == before
    assert grid.counts()["reservation_register"] == counts["reservation_register"] + len(made)


def test_conversations_of_whoever_it_is(grid: Grid) -> None:
    """Logins that succeed and logins that do not, between calls that are right and calls that are not."""
    counts = grid.counts()
    made: set[int] = set()
    polite = st.sampled_from(polite_calls(grid))
    words = st.sampled_from([pack(*each) for each in (*SESSION_COMMANDS, (b"QUIT",))])
    step = st.one_of(st.sampled_from(_logins(grid)), polite, polite, words, calls(Payloads(grid.manager.registry)))

    @fuzz(2500)
    @given(steps=st.lists(step, min_size=1, max_size=8), is_open=st.booleans())
    def talk(*, steps: list[bytes | Login], is_open: bool) -> None:
        wire = Wire(grid, is_open=is_open, hurries=len(steps) % 2 > 0)
        sent = b"".join(part for each in steps for part in _sent(wire, each))
        for command, reply in check(wire, sent, guarded=not is_open):
            if command[0].lower().endswith(b"reservation_register") and not isinstance(reply, Refusal):
                made.add(_id_in(reply))

    talk()
    assert made
    assert grid.counts()["reservation_register"] == counts["reservation_register"] + len(made)


def _logins(grid: Grid) -> list[bytes | Login]:
    """Return logins as a bystander and as a node of nobody's, and failed ones as somebody who sees more."""
    node = f"node:{grid.idle.node_id}"
    return [
        Login("user:4", grid.bystander),
        Login(node, grid.idle),
        Login("user:4", grid.idle),
        Login("user:1", grid.bystander),
        Login("operator", grid.bystander),
        Login("operator", grid.operator, signed_role=node),
        Login("user:4", grid.bystander, signed_role="operator"),
        Login("user:99", grid.bystander),
        Login("node:node-3", grid.idle),
        Login("user:1", grid.customer, challenge="00" * 32),
        pack("AUTH", SECRETS["user:4"]),
        pack("AUTH", "default", SECRETS["node:node-3"]),
        pack("AUTH", "user:1", SECRETS["user:4"]),
        pack("AUTH", "operator", SECRETS["user:4"]),
        pack("AUTH", SECRETS["operator"][:-1]),
        pack("AUTH", SECRETS["operator"] + "\0"),
        pack("HELLO", "3", "AUTH", "operator", ""),
        pack("HELLO", "2", "AUTH", "user:4", SECRETS["user:4"], "SETNAME", "a b"),
    ]


def _sent(wire: Wire, step: bytes | Login) -> Iterator[bytes]:
    """Send a step of a conversation, and yield what was sent."""
    if isinstance(step, bytes):
        wire.send(step)
        yield step
        return
    asked = pack("auth.challenge", json.dumps({"role": step.role}))
    challenge = re.search(rb"[0-9a-f]{64}", wire.send(asked))
    yield asked
    answer = step.answer(challenge[0].decode() if challenge else "")
    yield answer
    wire.send(answer)
    wire.send(answer)
    yield answer  # once more, when it is worth nothing any more


def _id_in(reply: bytes) -> int:
    """Return the id in a reply of either format."""
    decode = msgspec.json.decode if reply.startswith(b"{") else msgspec.msgpack.decode
    number: int = decode(reply)["id"]
    return number


FOR_EVER = 1_000_000
PIECES_UNTIL_GONE = st.sampled_from([1, 2, 4, FOR_EVER, FOR_EVER])
SIZES = st.sampled_from([0, 100, 600, 3000, 20_000, 40_000, 70_000, 100_000])
LARGE_CALLS = st.builds(
    lambda name, size: pack(name, b'{"a":"%b"}' % (b"x" * size)),
    st.sampled_from([name for name in CALLS_BY_NAME if name.endswith(("_register", "_result", "users.register"))]),
    SIZES,
)


def test_connections_that_share_little_room(grid: Grid) -> None:
    """Whoever waits for room gets it, whatever becomes of those who have it; in the end nobody has any."""

    @fuzz(400)
    @given(
        st.lists(st.tuples(st.lists(LARGE_CALLS, max_size=6), CUTS, PIECES_UNTIL_GONE), min_size=2, max_size=4),
    )
    def talk(clients: list[tuple[list[bytes], list[int], int]]) -> None:
        wires = [Wire(grid, hurries=len(commands) % 2 > 0) for commands, _, _ in clients]
        pieces = [deque(cuts(b"".join(commands), places)) for commands, places, _ in clients]
        lasting = [until_gone for _, _, until_gone in clients]
        while _feed(wires, pieces, lasting) or any(wire.exchange.busy for wire in wires):
            if any(wire.exchange.busy for wire in wires):
                grid.settle()
            for wire in wires:
                wire.take()
        assert not any(pieces), "somebody waits for room that nobody has"
        for wire, (commands, _, until_gone) in zip(wires, clients, strict=True):
            if until_gone == FOR_EVER:
                check(wire, b"".join(commands))
            wire.exchange.drop()
        shares = (grid.budget.arriving, grid.budget._small, grid.budget._large)
        while any(share._taken for share in shares):  # what the actors still have of those who are gone
            grid.settle()
        assert not any(share._waiting for share in shares)

    talk()


def _feed(wires: list[Wire], pieces: list[deque[bytes]], lasting: list[int]) -> bool:
    """Send the next piece on every connection that reads; return whether there was one."""
    fed = False
    for number, wire in enumerate(wires):
        if pieces[number] and wire.exchange.wants_to_read:
            fed = True
            wire.exchange.received(pieces[number].popleft())
            wire.take()
            lasting[number] -= 1
            if not lasting[number]:
                wire.exchange.drop()
                pieces[number].clear()
    return fed


@pytest.mark.parametrize("is_open", [False, True], ids=["stranger", "guest"])
def test_every_value_for_every_argument(grid: Grid, *, is_open: bool) -> None:
    """One argument after the other is what it should never be; guests come further than those who are refused."""
    for value in JSON_VALUES:
        wire = Wire(grid, is_open=is_open)
        sent = [
            pack(name, b'{"%b":%b}' % (argument.encode(), value))
            for name, call in CALLS_BY_NAME.items()
            for argument in (*call.required, *call.optional)
        ]
        for each in sent:
            wire.send(each)
        check(wire, b"".join(sent), guarded=not is_open)
