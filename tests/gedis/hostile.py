"""What a hostile client sends: strategies for whole calls, for commands of the connection, and for broken bytes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final

import msgspec
from hypothesis import strategies as st

from workloadmanager.actors import schemas_of
from workloadmanager.schema import Registry, Schema

from .fuzzing import CALLS_BY_NAME, NOW, Grid
from .hostile_values import ALMOST_COMMANDS, HEADERS, JSON_VALUES, MSGPACK_VALUES, PIECES, WRONG_NUMBERS
from .strictness import pack

NAMES: Final[list[str]] = list(CALLS_BY_NAME)
ALIASES: Final[list[str]] = [
    "default.workload_manager.reservations_list",
    "DEFAULT.WORKLOAD_MANAGER.WORKLOADS_LIST",
    "Tfgrid.Directory.Workload_Manager.reservation_get",
    "default.nodes.list",
    "system.api_meta",
    "auth.challenge",
    "auth.whoami",
    "AUTH.ANSWER",
]


class Payloads:
    """Makes payloads of calls, most of whose values are not what they should be.

    Arguments:
        registry: has the schemas of the calls.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._inputs = {name: schemas_of(call, registry).input for name, call in CALLS_BY_NAME.items()}

    def json(self, name: str, chance: random.Random) -> bytes:
        """Return a JSON text for a call."""
        text = self._object(self._inputs[name], chance, 0)
        if chance.random() < 0.05:
            return chance.choice(JSON_VALUES)
        if chance.random() < 0.05:
            return chance.choice([b"\xef\xbb\xbf%b", b" \n%b ", b"%b%b", b"%b\0", b"%b,", b"[%b]"]).replace(b"%b", text)
        return text

    def msgpack(self, name: str, chance: random.Random) -> bytes:
        """Return MessagePack for a call."""
        fields = [each.name for each in self._inputs[name].properties]
        chosen = chance.sample(fields, chance.randint(0, len(fields)))
        if chance.random() < 0.1:
            chosen.append(chance.choice(["", "id", "self", "é", *chosen]))
        pairs = (msgspec.msgpack.encode(field) + chance.choice(MSGPACK_VALUES) for field in chosen)
        return bytes([0x80 | len(chosen)]) + b"".join(pairs)

    def _object(self, schema: Schema, chance: random.Random, depth: int) -> bytes:
        """Return an object of a schema; the deeper, the fewer of its fields are there."""
        properties = list(schema.properties)
        most = len(properties) if depth == 0 else min(3, len(properties))
        chosen = chance.sample(properties, chance.randint(0, most))
        pairs = []
        for each in chosen:
            value = chance.choice(JSON_VALUES)
            if each.reference and depth < 4 and chance.random() < 0.8:
                value = self._object(self._registry.get(each.reference), chance, depth + 1)
                if each.kind.name.startswith("L") and chance.random() < 0.9:
                    value = b"[" + b",".join([value] * chance.choice([1, 1, 2, 70])) + b"]"
            pairs.append(b'"%b":%b' % (each.name.encode(), value))
        if chance.random() < 0.1:
            name = chance.choice(
                [b"", b"id", b"self", b"__class__", b"\\u0061", *(one.name.encode() for one in chosen)]
            )
            pairs.append(b'"%b":%b' % (name, chance.choice(JSON_VALUES)))
        return b"{" + b",".join(pairs) + b"}"


def calls(payloads: Payloads) -> st.SearchStrategy[bytes]:
    """Return a strategy for a call with a hostile payload, now and then with a header or too many parts."""
    spellings: list[Callable[[str], str]] = [str, str, str.upper, str.title]

    def make(name: str, chance: random.Random) -> bytes:
        is_json = chance.random() < 0.75
        parts = [payloads.json(name, chance) if is_json else payloads.msgpack(name, chance)]
        if chance.random() < 0.1:
            parts.append(chance.choice(HEADERS))
        if chance.random() < 0.02:
            parts += [b""] * chance.randint(1, 3)
        spelt = chance.choice(spellings)(name)
        return pack(spelt, *parts)

    return st.builds(make, st.sampled_from(NAMES), st.randoms(use_true_random=False))


def polite_calls(grid: Grid) -> list[bytes]:
    """Return calls that are right, as far as who makes them may make them; none of them logs in."""
    data = {
        "volumes": [{"workload_id": 1, "node_id": "node-3", "size": 1}],
        "expiration_provisioning": NOW + 600,
        "expiration_reservation": NOW + 3600,
    }
    gwid = f"{grid.running.id}-1"
    result = {"category": 2, "workload_id": gwid, "data_json": {"a": "<é>"}, "signature": "00" * 64, "state": 1}
    node = {"node_id": "node-3", "farm_id": 1, "os_version": "1", "wg_ports": None}
    workloads = {
        "reservation_register": {"reservation": {"customer_tid": 4, "data_reservation": data}},
        "reservation_get": {"reservation_id": 1, "history": True},
        "reservation_list": {"state": ["sign", 3], "limit": 0},
        "workloads_list": {"node_id": "node-3", "cursor": 0},
        "workload_get": {"gwid": gwid},
        "set_workload_result": {"global_workload_id": gwid, "result": result},
        "workload_deleted": {"workload_id": f"{grid.ending.id}-2"},
        "sign_delete": {"reservation_id": grid.waiting.id},
        "sign_provision": {"reservation_id": grid.waiting.id, "tid": 3, "signature": "ab" * 64},
        "sign_customer": {"reservation_id": 1, "signature": "ab" * 64},
        "sign_farmer": {"reservation_id": 1, "tid": 2, "signature": "ab" * 64},
    }
    others = {
        "tfgrid.directory.nodes.add": {"node": node},
        "tfgrid.directory.nodes.uptime_update": {"node_id": "node-3", "uptime": 5},
        "tfgrid.directory.nodes.list": {},
        "tfgrid.directory.nodes.get": {"node_id": "node-3"},
        "tfgrid.directory.farms.register": {"farm": {"name": "valley", "threebot_id": 4}},
        "tfgrid.directory.farms.list": {},
        "tfgrid.phonebook.users.list": {"limit": 3},
        "tfgrid.phonebook.users.get": {"tid": 1},
    }
    named = {f"tfgrid.workloads.workload_manager.{name}": arguments for name, arguments in workloads.items()}
    both: list[bytes] = []
    for name, arguments in (named | others).items():
        both += [pack(name, json.dumps(arguments)), pack(name, msgspec.msgpack.encode(arguments))]
    return both + [pack(name, b"{}") for name in ALIASES]


def noise() -> st.SearchStrategy[bytes]:
    """Return a strategy for bytes that are hardly commands, and for pieces of what commands are made of."""
    ping = pack("PING")
    pieces = st.sampled_from([*PIECES, ping])
    almost = st.sampled_from([*ALMOST_COMMANDS, *[ping] * len(ALMOST_COMMANDS)])
    return st.one_of(
        st.binary(max_size=60),
        st.lists(pieces, max_size=14).map(b"".join),
        st.lists(almost, max_size=5).map(b"".join),
        st.lists(st.one_of(almost, pieces), max_size=6).map(b"".join),
    )


def mutated(commands: list[bytes]) -> st.SearchStrategy[bytes]:
    """Return a strategy for commands that were right before something in their bytes was changed."""

    def make(chosen: list[bytes], chance: random.Random) -> bytes:
        data = bytearray(b"".join(chosen))
        for _ in range(chance.choice([0, 1, 1, 1, 2, 4])):
            chance.choice(_MUTATIONS)(data, chance)
        return bytes(data)

    return st.builds(
        make, st.lists(st.sampled_from(commands), min_size=1, max_size=4), st.randoms(use_true_random=False)
    )


def cuts(data: bytes, places: list[int]) -> Iterator[bytes]:
    """Yield some bytes in the pieces that cutting them at some places makes."""
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return (data[begin:end] for begin, end in pairwise(ends))


CUTS: Final = st.lists(st.integers(0, 2**16), max_size=4)


_HEADER: Final = re.compile(rb"(?:^|(?<=\n))[*$]([0-9]+)\r\n")


def _replace(data: bytearray, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.choice(b'\0\r\n*$0129-{}[]":,\xff\x80\x93a')


def _insert(data: bytearray, chance: random.Random) -> None:
    place = chance.randint(0, len(data))
    data[place:place] = chance.choice([b"\r\n", b"\n", b"0", b"9", b"\0", b"$", b"*", b"{", b"*0\r\n", b"\xff" * 3])


def _delete(data: bytearray, chance: random.Random) -> None:
    place = chance.randint(0, len(data))
    del data[place : place + chance.choice([1, 1, 2, 10])]


def _double(data: bytearray, chance: random.Random) -> None:
    place, size = chance.randint(0, len(data)), chance.randint(1, 30)
    data[place:place] = data[place : place + size]


def _cut_off(data: bytearray, chance: random.Random) -> None:
    del data[chance.randint(0, len(data)) :]


def _count_wrong(data: bytearray, chance: random.Random) -> None:
    headers = list(_HEADER.finditer(data))
    if headers:
        header = chance.choice(headers)
        data[header.start(1) : header.end(1)] = chance.choice(WRONG_NUMBERS)


_MUTATIONS: Final[list[Callable[[bytearray, random.Random], Any]]] = [
    _replace,
    _insert,
    _delete,
    _double,
    _cut_off,
    _count_wrong,
    _count_wrong,
]
