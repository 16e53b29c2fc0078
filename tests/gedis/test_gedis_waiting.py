"""What is large waits as bytes, within bounds: for its actor, for its connection, and for all of them together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

import workloadmanager
from workloadmanager.errors import InputError
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis import Gedis, Limits
from workloadmanager.threebot.gedis._budget import LARGE, Budget  # what is behind the doorway, without a socket
from workloadmanager.threebot.gedis._later import Later
from workloadmanager.threebot.gedis._server import Server

from .hosting import HOLD, PASS_ON, Client, Clock, Gate, command, say, word_of
from .talking import GET, LIST, POLL, REGISTER, SECRETS, Talk
from .wiring import Wire

MakeWire = Callable[..., Wire]

LONG = 700
"""Letters of a word that is counted."""
PAD = "x" * 1000


def long(word: str, letters: int = LONG, *, name: str = HOLD) -> bytes:
    """A command that is counted, whose word begins so; the test's words show twenty letters."""
    return say(word.ljust(20, ".").ljust(letters, "x"), name=name)


def words(one: Wire) -> list[str]:
    """The words that came, as far as they are of interest."""
    return [word.rstrip(".") for word in one.words()]


# One connection


def test_a_connection_has_so_many_bytes_with_actors_and_no_more(wire: MakeWire, manager: WorkloadManager) -> None:
    """The next command waits for the one before; nothing is read meanwhile."""
    one, gate = wire(maximum_waiting_bytes=2 * LONG), Gate(manager)
    one.receive(long("wait") + long("b") + long("c"))
    assert gate.entered().startswith("wait")
    assert not one.exchange.wants_to_read
    gate.open()
    one.settle()
    assert words(one) == ["wait"]
    one.settle(2)
    assert words(one) == ["b", "c"]
    assert one.exchange.wants_to_read


def test_one_that_is_larger_goes_alone(wire: MakeWire) -> None:
    """In its turn."""
    one = wire(maximum_waiting_bytes=LONG)
    one.receive(say("a") + long("b", 5 * LONG) + say("c"))
    one.settle(3)
    assert words(one) == ["a", "b", "c"]


def test_small_commands_are_not_counted(wire: MakeWire, manager: WorkloadManager) -> None:
    """They are with the actor together, as many as its replies allow."""
    one, gate = wire(maximum_waiting_bytes=1), Gate(manager)
    one.receive(say("wait") + say("b") + say("c"))
    gate.open()
    assert [gate.entered() for _ in range(3)] == ["wait", "b", "c"]


# All connections


def budget_of(total: int) -> Budget:
    """The bytes that connections share."""
    return Budget(Limits(maximum_total_waiting_bytes=total))


def test_connections_wait_for_each_other_and_go_on_by_themselves(wire: MakeWire, manager: WorkloadManager) -> None:
    """One asks when another is answered; until then nothing is read of it."""
    budget, gate = budget_of(12 * LONG), Gate(manager)
    one, other = wire(budget), wire(budget)
    one.receive(long("wait"))
    other.receive(long("b"))
    assert gate.entered().startswith("wait")
    assert (one.exchange.wants_to_read, other.exchange.wants_to_read) == (True, False)
    gate.open()
    one.settle()
    assert gate.entered().startswith("b")
    other.settle()
    assert (words(one), words(other)) == (["wait"], ["b"])
    assert other.exchange.wants_to_read


def test_what_waits_for_one_actor_keeps_no_other_from_work(wire: MakeWire, manager: WorkloadManager) -> None:
    """Neither do large commands keep small ones."""
    budget, hold = budget_of(12 * LONG), Gate(manager)
    one, other, third = wire(budget), wire(budget), wire(budget)
    one.receive(long("wait"))
    other.receive(long("b"))
    third.receive(long("c", name=PASS_ON) + say("d"))
    assert hold.entered().startswith("wait")
    third.settle()
    assert words(third) == ["c"]
    hold.open()
    for each in (one, other, third):
        each.settle()
    assert [words(each) for each in (one, other, third)] == [["wait"], ["b"], ["d"]]


def test_room_is_given_back_when_the_actor_answers_somebody_who_is_gone(
    wire: MakeWire, manager: WorkloadManager
) -> None:
    """Not before: the actor has the request still. Who waited and is gone is forgotten."""
    budget, gate = budget_of(12 * LONG), Gate(manager)
    one, other, third = wire(budget), wire(budget), wire(budget)
    one.receive(long("wait"))
    other.receive(long("b"))
    third.receive(long("c"))
    assert gate.entered().startswith("wait")
    one.exchange.drop()
    other.exchange.drop()
    assert gate.nobody()
    gate.open()
    one.settle()
    third.settle()
    assert (words(one), words(other), words(third)) == ([], [], ["c"])
    assert gate.entered().startswith("c")


def test_room_is_given_back_when_the_actor_cannot_be_asked(wire: MakeWire, manager: WorkloadManager) -> None:
    """Whoever comes next is told so as well."""
    budget = budget_of(12 * LONG)
    one, other = wire(budget), wire(budget)
    manager.stop()
    one.receive(long("a") * 3)
    other.receive(long("b"))
    replies = one.replies() + other.replies()
    assert len(replies) == 4
    assert all("is stopped; start it again" in str(reply) for reply in replies)


HUGE = 10 * LARGE
BEGUN = 4 * LARGE + 1000
"""The letters of a command that has a claim while it arrives, and the bytes after which it has."""


def test_large_commands_take_room_while_they_arrive(wire: MakeWire) -> None:
    """Of another one no more is read before the first is answered, however slowly it comes."""
    budget = budget_of(4 * 11 * LARGE)
    one, other = wire(budget), wire(budget)
    data = long("a", HUGE)
    for each in (one, other):
        each.receive(data[:BEGUN])
    assert (one.exchange.wants_to_read, other.exchange.wants_to_read) == (True, False)
    assert (one.exchange.keeps_room, other.exchange.keeps_room) == (True, False)
    assert (one.exchange.lacks_room, other.exchange.lacks_room) == (False, True)
    one.receive(data[BEGUN:])
    one.settle()
    assert words(one) == ["a"]
    assert other.exchange.wants_to_read
    other.receive(data[BEGUN:])
    other.settle()
    assert words(other) == ["a"]


def test_what_a_header_promises_takes_no_room(wire: MakeWire) -> None:
    """Nor does what arrived of a command before it is much."""
    budget = budget_of(4 * 11 * LARGE)
    data = long("a", HUGE)
    for _ in range(50):
        wire(budget).receive(data[:LARGE])
    one = wire(budget)
    one.receive(data[:BEGUN])
    assert one.exchange.wants_to_read


@pytest.mark.parametrize("end", ["drop", "refuse"])
def test_half_a_large_command_gives_its_room_back_when_it_ends(wire: MakeWire, end: str) -> None:
    """When the connection is gone."""
    budget = budget_of(4 * 11 * LARGE)
    one, other = wire(budget), wire(budget)
    for each in (one, other):
        each.receive(long("a", HUGE)[:BEGUN])
    if end == "refuse":
        one.exchange.refuse(InputError("too slow"))
        assert len(one.replies()) == 1
    one.exchange.drop()
    assert other.exchange.wants_to_read


def test_large_commands_that_need_no_actor_take_room_for_a_moment(wire: MakeWire) -> None:
    """A name that nobody has."""
    budget = budget_of(4 * 11 * LARGE)
    one, other = wire(budget), wire(budget)
    data = command("nobody", "x" * HUGE)
    one.receive(data[:BEGUN])
    one.receive(data[BEGUN:])
    assert len(one.replies()) == 1
    other.receive(long("a", HUGE)[:BEGUN])
    assert other.exchange.wants_to_read


def test_who_keeps_room_that_others_wait_for_and_sends_nothing_is_refused(
    host: Callable[..., WorkloadManager], serve: Callable[..., Server], connect: Callable[..., Client], monotonic: Clock
) -> None:
    """So that a few who stall do not shut out everybody else."""
    limits = Limits(maximum_total_waiting_bytes=4 * 11 * LARGE)
    (address,) = serve(host(), Gedis(listen="tcp://127.0.0.1:0", limits=limits)).addresses
    data = long("a", HUGE)
    stalls, other = connect(address), connect(address)
    stalls.send(command("PING") + data[:BEGUN])
    assert stalls.reply() == b"PONG"
    other.send(data)
    other.socket.settimeout(0.01)
    while True:
        monotonic.now += 0.3
        try:
            assert word_of(other.reply()).rstrip(".") == "a"
            break
        except TimeoutError:
            continue
    error = stalls.error()
    assert (error["kind"], error["message"]) == (
        "overloaded",
        "others wait to send large commands, and this one comes too slowly; try again",
    )
    assert stalls.is_closed()


def test_who_waits_for_room_for_too_long_is_told(
    host: Callable[..., WorkloadManager], serve: Callable[..., Server], connect: Callable[..., Client], monotonic: Clock
) -> None:
    """While the room is that of a command which waits for its actor."""
    limits = Limits(maximum_total_waiting_bytes=4 * 11 * LARGE)
    manager = host(timeout=10_000)
    server = serve(manager, Gedis(listen="tcp://127.0.0.1:0", limits=limits))
    gate = Gate(manager)
    first, waits, other = (connect(*server.addresses) for _ in range(3))
    first.send(long("wait", HUGE) + long("b", HUGE))
    assert gate.entered().startswith("wait")
    while not server._budget.arriving._taken:
        assert other.ask(command("PING")) == b"PONG"
    waits.send(long("c", HUGE)[:BEGUN])
    waits.socket.settimeout(0.01)
    while True:
        monotonic.now += 5
        try:
            error = waits.error()
            break
        except TimeoutError:
            continue
    gate.open()
    assert error["kind"] == "overloaded"
    assert error["message"].startswith("no room came free within 30 s")


def test_who_takes_no_replies_is_given_no_more_while_much_is_unsent_over_all(
    host: Callable[..., WorkloadManager], connect: Callable[..., Client]
) -> None:
    """Those who take them go on, and so does it when it takes them after all."""
    limits = Limits(maximum_total_waiting_bytes=4 * LARGE)
    manager = host(gedis=Gedis(listen="tcp://127.0.0.1:0", limits=limits))
    (address,) = manager.addresses
    silent, other = connect(address, receive_buffer=4096), connect(address)
    silent.send(command("system.api_meta") * 200)
    size = len(other.ask(command("system.api_meta")))
    for _ in range(20):
        assert len(other.ask(command("system.api_meta"))) == size
    facts = dict(line.split(":", 1) for line in other.ask(command("INFO")).decode().splitlines() if ":" in line)
    assert 0 < int(facts["unsent_bytes"]) < 20 * size
    assert [len(silent.reply()) for _ in range(200)] == [size] * 200


# Lists


@pytest.mark.parametrize("first", [b"", command(LIST, '{"limit":1}')])
def test_lists_are_asked_for_a_few_at_a_time(wire: MakeWire, manager: WorkloadManager, first: bytes) -> None:
    """However small those before were: the next one may be as large as a page is."""
    one = wire(maximum_unsent_bytes=3 * 10_000, maximum_page_bytes=10_000)
    if first:
        one.receive(first)
        one.settle()
        assert len(one.replies()) == 1
    one.receive(command(LIST) * 20)
    for round_ in range(6):
        manager.reservation_list()  # behind whatever was asked before
        settled = [one.answers.get_nowait() for _ in range(one.answers.qsize())]
        assert len(settled) == 3, round_
        for answer in settled:
            one.exchange.settle(*answer)
        one.go_on()
    assert len(one.replies()) == 18


def test_a_reply_is_encoded_when_it_is_its_turn_to_be_sent(wire: MakeWire, manager: WorkloadManager) -> None:
    """One that cannot be sent yet takes the time of nobody."""
    one, gate = wire(maximum_unsent_bytes=1000), Gate(manager)
    gate.open()
    one.receive(say("abc", 500) * 3)
    one.exchange.block()
    one.settle(3)
    assert (one.exchange.outgoing(), one.exchange.goes_on) == (b"", False)
    one.exchange.unblock()
    assert [one.exchange.outgoing(most=1000).count(b"$") for _ in range(4)] == [1, 1, 1, 0]


# Arguments that are read later


@pytest.fixture
def grid() -> Iterator[WorkloadManager]:
    """A host that runs."""
    with workloadmanager.start(":memory:") as grid:
        yield grid


def test_large_arguments_are_read_by_the_actor(grid: WorkloadManager) -> None:
    """A mistake in them is that of the call, as it is of small ones."""
    talk = Talk(manager=grid)
    payload = '{"reservation":{"description":"' + PAD + '"},'
    ask = talk.asked(REGISTER, payload)
    assert isinstance(ask.request.arguments, Later)
    assert ask.size == len(payload)
    assert repr(ask.request.arguments) == "<arguments of a call>"
    facts = talk.refused(REGISTER, payload)
    assert (facts["kind"], facts["call"]) == ("input", "reservation_register")
    assert "it ends too early" in facts["message"]


@pytest.mark.parametrize("pad", ["", " " * 1000])
@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (GET, '{"reservation_id":7}'),
        (GET, '{"id":7}'),
        (LIST, '{"state":"deploy","limit":3}'),
        (POLL, '{"node_id":"node-1","limit":"3"}'),
        (REGISTER, '{"reservation":{"customer_tid":7,"json":{"a":1}}}'),
        (REGISTER, '{"reservation":[]}'),
        (
            "tfgrid.workloads.workload_manager.set_workload_result",
            '{"global_workload_id":"1-1","result":{"data_json":{}}}',
        ),
        ("tfgrid.phonebook.users.get", '{"tid":1}'),
    ],
)
def test_the_answer_is_the_same_however_large_the_payload_is(
    grid: WorkloadManager, name: str, payload: str, pad: str
) -> None:
    """Spaces change nothing."""
    assert Talk(manager=grid).data(name, payload + pad) == Talk(manager=grid).data(name, payload)


def test_who_may_not_make_a_call_is_refused_before_others_wait_for_it() -> None:
    """Whatever is in the payload; the words are those of the actor."""
    talk = Talk(is_open=False, secrets=SECRETS)
    facts = talk.refused(LIST, "{" + PAD)
    assert facts["kind"] == "permission"
    assert "log in first" in facts["message"]
    assert talk.asked(REGISTER, "{" + PAD).name == "reservation_register"


@pytest.mark.parametrize("name", [LIST, POLL, "auth.challenge", "system.api_meta"])
def test_arguments_that_the_server_looks_at_are_never_large(name: str) -> None:
    """It is told before they are read."""
    facts = Talk().refused(name, json.dumps({"node_id": PAD * 70}))
    assert facts["message"] == "the arguments of this call have at most 65536 bytes"


def test_a_header_is_never_large() -> None:
    """So it is with the header behind a payload."""
    facts = Talk().refused(GET, "{}", json.dumps({"else": PAD}))
    assert facts["message"] == "header: the header behind the payload has at most 512 bytes"


def test_a_flood_of_large_commands_is_answered_over_the_wire(
    host: Callable[..., WorkloadManager], connect: Callable[..., Client]
) -> None:
    """By several connections that share little room, each in its order."""
    limits = Limits(maximum_total_waiting_bytes=8 * LARGE, maximum_waiting_bytes=LARGE)
    manager = host(gedis=Gedis(listen="tcp://127.0.0.1:0", limits=limits))
    clients = [connect(manager.addresses[0]) for _ in range(6)]
    for client in clients:
        client.send(b"".join(long(f"{number:03}", LARGE // 2 * (1 + number % 4)) for number in range(8)))
    for client in clients:
        assert [word_of(client.reply())[:3] for _ in range(8)] == [f"{number:03}" for number in range(8)]
