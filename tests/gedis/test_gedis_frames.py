"""Bytes become commands, however they are cut; what is no command is refused before it costs anything."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workloadmanager.errors import InputError
from workloadmanager.threebot.gedis._frames import Frames, ProtocolFault
from workloadmanager.threebot.gedis._limits import Limits

from .talking import GET, pack

SMALL = Limits(maximum_request_bytes=1024)
PING = pack("PING")

COMMANDS = st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=3), max_size=6)
CUTS = st.lists(st.integers(0, 5000), max_size=12)
NOISE = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            [b"*", b"$", b"\r", b"\n", b"\r\n", b"0", b"1", b"2", b"9", b"-", b"+", b":", b"a", PING, b"*1\r\n$"]
        ),
        max_size=25,
    ).map(b"".join),
)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut some bytes at some places."""
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    return [data[begin:end] for begin, end in pairwise(places)]


def fed(*pieces: bytes, limits: Limits | None = None) -> tuple[list[list[bytes]], str]:
    """Return the commands that some pieces make, and the fault; empty where there is none."""
    frames = Frames(limits or Limits())
    commands = [command for piece in pieces for command in frames.feed(piece)]
    return commands, frames.fault.message if frames.fault else ""


@given(COMMANDS, CUTS)
def test_every_way_of_cutting_the_bytes_gives_the_same_commands(commands: list[list[bytes]], cuts: list[int]) -> None:
    """A network cuts where it likes; nothing is lost, doubled or mixed up."""
    data = b"".join(pack(*command) for command in commands)
    frames = Frames(Limits())
    found = [command for piece in in_pieces(data, cuts) for command in frames.feed(piece)]
    assert found == commands
    assert not frames.waits
    assert frames.fault is None


@given(NOISE, NOISE, CUTS)
@example(b"*2\r\n$1\r\nx\r", b"\n$1\r\ny\r\n", [3, 4])
@example(b"*-", b"1\r\n", [])
@settings(max_examples=400)
def test_noise_is_refused_alike_however_it_is_cut(noise: bytes, more: bytes, cuts: list[int]) -> None:
    """The commands before the first mistake, and whether there is one, do not depend on the cuts."""
    data = PING + noise + more
    commands, fault = fed(data, limits=SMALL)
    assert commands[0] == [b"PING"]
    cut_commands, cut_fault = fed(*in_pieces(data, cuts), limits=SMALL)
    assert (cut_commands, bool(cut_fault)) == (commands, bool(fault))


@given(NOISE)
def test_byte_by_byte_is_a_way_to_cut_too(noise: bytes) -> None:
    """Each prefix of what is legal is waited for."""
    commands, fault = fed(noise, limits=SMALL)
    assert fed(*(noise[place : place + 1] for place in range(len(noise))), limits=SMALL) == (commands, fault)


MISTAKES = [
    ("an inline command", b"INFO\r\n", "begins with *"),
    ("an inline command with words", b"PING hello\r\n", "begins with *"),
    ("an inline command without its carriage return", b"PING\n", "begins with *"),
    ("an inline command that is none", b"PINK\r\n", "begins with *"),
    ("a web browser", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", "no HTTP"),
    ("a TLS hello", b"\x16\x03\x01\x02\x00", "begins with *"),
    ("a bulk string alone", b"$4\r\nPING\r\n", "begins with *"),
    ("a simple string", b"+OK\r\n", "begins with *"),
    ("an integer", b":1\r\n", "begins with *"),
    ("a map of the third protocol", b"%1\r\n$1\r\na\r\n$1\r\nb\r\n", "begins with *"),
    ("a set of the third protocol", b"~1\r\n$1\r\na\r\n", "begins with *"),
    ("an attribute of the third protocol", b"|1\r\n$1\r\na\r\n$1\r\nb\r\n", "begins with *"),
    ("a null of the third protocol", b"_\r\n", "begins with *"),
    ("an empty line without its carriage return", b"\n", "begins with *"),
    ("a carriage return alone", b"\r*1\r\n$4\r\nPING\r\n", "begins with *"),
    ("a count with a sign", b"*+1\r\n$4\r\nPING\r\n", "begins with *"),
    ("a count with a leading zero", b"*01\r\n$4\r\nPING\r\n", "begins with *"),
    ("a count below -1", b"*-2\r\n", "begins with *"),
    ("a count of letters", b"*one\r\n", "begins with *"),
    ("a count with a space", b"* 1\r\n$4\r\nPING\r\n", "begins with *"),
    ("no count", b"*\r\n", "begins with *"),
    ("a count without its carriage return", b"*1\n$4\nPING\n", "begins with *"),
    ("a count without its line feed", b"*1\r$4\r\nPING\r\n", "begins with *"),
    ("more parts than a command has", b"*17\r\n$1\r\na\r\n", "at most 16 parts"),
    ("a thousand parts", b"*1000\r\n", "at most 16 parts"),
    ("a thousand million parts", b"*1000000000\r\n", "at most 16 parts"),
    ("more parts than numbers can count", b"*" + b"9" * 40, "at most 16 parts"),
    ("an array in a command", b"*1\r\n*1\r\n$4\r\nPING\r\n", "bulk string"),
    ("an integer in a command", b"*2\r\n$4\r\nECHO\r\n:1\r\n", "bulk string"),
    ("a simple string in a command", b"*1\r\n+PING\r\n", "bulk string"),
    ("a null in a command", b"*2\r\n$4\r\nECHO\r\n$-1\r\n", "bulk string"),
    ("a null as the name", b"*1\r\n$-1\r\n", "bulk string"),
    ("a length with a sign", b"*1\r\n$+4\r\nPING\r\n", "bulk string"),
    ("a length with a leading zero", b"*1\r\n$04\r\nPING\r\n", "bulk string"),
    ("a length of letters", b"*2\r\n$4\r\nECHO\r\n$a\r\n", "bulk string"),
    ("no length", b"*1\r\n$\r\nPING\r\n", "bulk string"),
    ("a streamed string", b"*1\r\n$?\r\n;4\r\nPING\r\n;0\r\n", "bulk string"),
    ("a part that is longer than it says", b"*1\r\n$3\r\nPING\r\n", "longer or shorter"),
    ("a part that is shorter than it says", b"*2\r\n$5\r\nECHO\r\n$1\r\na\r\n", "longer or shorter"),
    ("a part without its end", b"*1\r\n$4\r\nPING*1\r\n", "longer or shorter"),
    ("a part with half its end", b"*1\r\n$4\r\nPING\r$", "longer or shorter"),
    ("a part larger than a command", b"*2\r\n$4\r\nECHO\r\n$4194304\r\n", "at most 4194304 bytes"),
    ("a part larger than any memory", b"*2\r\n$4\r\nECHO\r\n$9999999999\r\n", "at most 4194304 bytes"),
    ("a name larger than any memory", b"*1\r\n$99999999999999\r\n", "at most 4194304 bytes"),
    ("a length that no number holds", b"*2\r\n$4\r\nECHO\r\n$" + b"9" * 40, "at most 4194304 bytes"),
]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_ping_may_be_a_line_of_its_own(size: int) -> None:
    """As the first test of redis-benchmark; between other commands, however it is cut, and in any case."""
    frames = Frames(Limits())
    data = b"PING\r\n" + PING + b"ping\r\n\r\nPiNg\r\n" + PING + b"PI"
    commands = [each for start in range(0, len(data), size) for each in frames.feed(data[start : start + size])]
    assert commands == [[b"PING"]] * 5
    assert (frames.fault, frames.waits) == (None, True)


@pytest.mark.parametrize(("data", "words"), [mistake[1:] for mistake in MISTAKES], ids=[each[0] for each in MISTAKES])
def test_what_is_no_command_is_refused_behind_the_commands_before_it(data: bytes, words: str) -> None:
    """Commands that came before are answered; what comes behind a mistake could mean anything."""
    frames = Frames(Limits())
    assert frames.feed(PING + data) == [[b"PING"]]
    assert frames.fault is not None
    assert words in frames.fault.message
    assert frames.feed(PING) == []
    assert not frames.waits


def test_a_fault_is_an_error_of_the_family() -> None:
    """It is answered as any other mistake is."""
    frames = Frames(Limits())
    frames.feed(b"GET / HTTP/1.1\r\n")
    assert isinstance(frames.fault, ProtocolFault)
    assert isinstance(frames.fault, InputError)


def test_a_fault_does_not_repeat_what_was_sent() -> None:
    """An inline AUTH holds a secret, and an answer may be logged."""
    frames = Frames(Limits())
    frames.feed(b"AUTH hunter2hunter2hunter2\r\n")
    assert "hunter2" not in str(frames.fault)


@pytest.mark.parametrize("nothing", [b"*0\r\n", b"*-1\r\n", b"\r\n", b"\r\n*0\r\n\r\n"])
def test_an_array_without_parts_and_an_empty_line_are_skipped(nothing: bytes) -> None:
    """As Redis does, whose own tool ends its mass insertion with an empty line; there is no command to answer."""
    assert fed(nothing + PING + nothing + nothing + PING) == ([[b"PING"], [b"PING"]], "")
    assert fed(nothing) == ([], "")


@pytest.mark.parametrize("spare", [0, 1])
def test_a_command_may_be_as_large_as_the_limit_and_no_larger(spare: int) -> None:
    """The limit counts all bytes of a command."""
    framing = len(pack("ECHO", "x" * 1000)) - 1000
    payload = "x" * (1024 - framing + spare)
    commands, fault = fed(pack("ECHO", payload), limits=SMALL)
    assert (len(commands), bool(fault)) == (1 - spare, bool(spare))


def test_a_limit_is_met_when_the_header_arrives_and_not_later() -> None:
    """Nobody may send eight megabytes to learn that they are too many."""
    frames = Frames(SMALL)
    assert frames.feed(b"*2\r\n$4\r\nECHO\r\n$1002\r\n") == []
    assert frames.fault is not None


def test_sixteen_parts_are_a_command() -> None:
    """The limit itself is allowed."""
    words = [str(number) for number in range(16)]
    assert fed(pack(*words)) == ([[word.encode() for word in words]], "")


def test_parts_may_hold_any_bytes() -> None:
    """Ends of lines, headers and zeros in a payload mean nothing, and an empty part is one."""
    words = [b"\r\n*1\r\n$4\r\nPING\r\n", b"", b"\x00\xff" * 9]
    assert fed(pack(*words)) == ([words], "")


def test_half_a_command_is_waited_for() -> None:
    """A connection learns whether a command is under way, to give it a time."""
    frames = Frames(Limits())
    waited = [(len(frames.feed(piece)), frames.waits) for piece in (b"", PING + PING[:5], PING[5:])]
    assert waited == [(0, False), (1, True), (1, False)]


def test_a_large_payload_in_small_pieces_is_looked_at_when_it_is_whole() -> None:
    """While a payload arrives, its pieces are put together and nothing else is done."""
    data = pack(GET, b"x" * 1_000_000)
    frames = Frames(Limits())
    pieces = [data[place : place + 1000] for place in range(0, len(data), 1000)]
    assert [len(frames.feed(piece)) for piece in pieces] == [0] * (len(pieces) - 1) + [1]
    assert frames._guard.needed == 0


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
@pytest.mark.parametrize("value", [0, -1, True, 1.5, "10", None])
def test_a_limit_that_would_let_nothing_through_is_refused(name: str, value: Any) -> None:
    """With its name."""
    with pytest.raises(InputError, match="must be a whole number from") as caught:
        Limits(**{name: value})
    assert caught.value.path == name


def test_all_mistakes_in_limits_come_at_once() -> None:
    """A request has room for the calls that there are, too."""
    with pytest.raises(
        InputError, match="2 mistakes: maximum_request_bytes: must be a whole number from 1024, not 100"
    ):
        Limits(maximum_request_bytes=100, idle_seconds=0)


def test_many_commands_in_one_piece_come_in_their_order() -> None:
    """Clients send pipelines."""
    names = [f"name-{number}" for number in range(2000)]
    commands, _ = fed(b"".join(pack(name, "{}") for name in names))
    assert [command[0].decode() for command in commands] == names
