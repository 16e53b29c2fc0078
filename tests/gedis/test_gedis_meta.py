"""The calls describe themselves: names, arguments, types and help, from their docstrings and the models."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from workloadmanager.actors import CALLS, CallActor, call_of
from workloadmanager.threebot import directory, phonebook
from workloadmanager.threebot.gedis._names import Names
from workloadmanager.threebot.gedis._own_calls import OWN_CALLS
from workloadmanager.threebot.gedis._services import Services

from .talking import Talk, models, read


class Greet(CallActor):
    """Greet somebody.

    ```in
    name = (S)          # whom
    tone = "warm,cold" (E)   # how
    times = 1 (I)       # how often
    words = (LS)
    ```

    ```out
    greeting = (S)      # what is said
    node = (O) !tfgrid.directory.node.2
    ```
    """

    def greet(self, *, name: str, tone: object = None, times: int = 1, words: object = ()) -> object:
        """Answer."""
        return (name, tone, times, words)


@pytest.fixture(scope="module")
def services() -> Services:
    """A server with a package of its own."""
    names = Names(
        workloads=CALLS,
        directory=directory.CALLS,
        phonebook=phonebook.CALLS,
        packages=[("jane.greetings", {"greet": Greet})],
    )
    return Services(names=names, registry=models(), clock=lambda: 0, version="1.2.3")


@pytest.fixture
def talk(services: Services) -> Talk:
    """A session of a stranger."""
    return Talk(is_open=False, services=services)


def call_named(meta: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the description of a call."""
    (found,) = [call for call in meta["calls"] if call["name"] == name]
    return dict(found)


def test_a_stranger_may_read_the_description(talk: Talk) -> None:
    """It is documentation."""
    meta = talk.call("system.api_meta")
    assert meta["version"] == "1.2.3"
    assert meta["packages"] == ["greetings", "workloadmanager"]


def test_every_call_is_described(talk: Talk) -> None:
    """In the order of the documentation, with the help of its docstring and who may make it."""
    meta = talk.call("system.api_meta")
    actors: dict[str, type[CallActor]] = {**CALLS, **directory.CALLS, **phonebook.CALLS, "greet": Greet}
    everything = {name: call_of(actor_class) for name, actor_class in actors.items()}
    everything |= {name.decode(): own_call.call for name, own_call in OWN_CALLS.items()}
    assert [call["name"] for call in meta["calls"]] == list(everything)
    for name, declared in everything.items():
        call = call_named(meta, name)
        assert (call["help"], call["access"]) == (declared.help, str(declared.access))
        assert {each["name"] for each in call["arguments"]} == {*declared.required, *declared.optional}
        assert {each["name"] for each in call["arguments"] if each["required"]} == set(declared.required)


def test_the_calls_that_the_server_answers_itself_are_described_as_well(talk: Talk) -> None:
    """How to log in, and this description; everybody may make them."""
    meta = talk.call("system.api_meta")
    own = {call["command"]: call for call in meta["calls"] if call["name"].encode() in OWN_CALLS}
    assert set(own) == {"system.api_meta", "auth.challenge", "auth.answer", "auth.whoami"}
    assert {call["access"] for call in own.values()} == {"anybody"}
    assert all(call["help"] for call in own.values())


def test_the_replies_of_the_calls_that_the_server_answers_itself_are_as_described(talk: Talk) -> None:
    """Field for field; the answer to a challenge is that of its actor."""
    meta = talk.call("system.api_meta")
    replies = {
        "system.api_meta": meta,
        "auth.challenge": talk.call("auth.challenge", role="user:7"),
        "auth.whoami": talk.call("auth.whoami"),
    }
    for name, reply in replies.items():
        assert [field["name"] for field in call_named(meta, name)["reply"]["fields"]] == list(reply)


@pytest.mark.parametrize("command", [name.decode() for name in OWN_CALLS])
def test_the_server_takes_the_arguments_that_it_describes_and_no_others(talk: Talk, command: str) -> None:
    """What is required is asked for, and what is unknown is refused."""
    arguments = call_named(talk.call("system.api_meta"), command)["arguments"]
    facts = talk.refused(command, '{"nonsense":"1"}')
    missing = [error["path"] for error in facts["errors"] if error["message"] == "is missing"]
    assert missing == [each["name"] for each in arguments if each["required"]]
    assert facts["errors"][0]["path"] == "nonsense"
    odd = talk.refused(command, json.dumps({"nonsense": "1", **{each["name"]: 5 for each in arguments}}))
    assert [error["path"] for error in odd["errors"]] == ["nonsense", *(each["name"] for each in arguments)]


def test_every_name_on_the_wire_is_listed_and_leads_to_its_call(talk: Talk, services: Services) -> None:
    """Today's first."""
    for call in talk.call("system.api_meta")["calls"]:
        assert call["command"] == call["names"][0]
        if call["name"].encode() in OWN_CALLS:
            assert call["names"] == [call["name"]]
            continue
        for name in call["names"]:
            route = services.names.find(name.encode())
            assert route is not None
            assert route.name == call["name"]


def test_every_schema_that_is_used_is_described_once(talk: Talk) -> None:
    """References lead to what is there, in the order of their urls."""
    meta = talk.call("system.api_meta")
    assert list(meta["schemas"]) == sorted(meta["schemas"])
    fields = [field for schema in meta["schemas"].values() for field in schema["fields"]]
    fields += [field for call in meta["calls"] for field in call["arguments"] + call["reply"].get("fields", [])]
    used = {field["schema"] for field in fields if "schema" in field}
    used |= {call["reply"]["schema"] for call in meta["calls"] if "schema" in call["reply"]}
    assert used == set(meta["schemas"])
    reservation = meta["schemas"]["tfgrid.workloads.reservation.1"]
    assert reservation["id"]
    assert reservation["help"] == models().get("tfgrid.workloads.reservation.1").help
    assert [field["name"] for field in reservation["fields"]] == [
        each.name for each in models().get("tfgrid.workloads.reservation.1").properties
    ]


def test_a_call_of_another_package_is_described_like_our_own(talk: Talk) -> None:
    """Types, choices, defaults, and the fields of its reply."""
    meta = talk.call("system.api_meta", package="Greetings")
    (call,) = meta["calls"]
    assert meta["packages"] == ["greetings"]
    assert (call["package"], call["command"], call["access"]) == ("greetings", "jane.greetings.greet", "operator")
    assert call["arguments"] == [
        {"name": "name", "type": "(S)", "python": "str", "help": "whom", "default": "", "required": True},
        {
            "name": "tone",
            "type": "(E)",
            "python": "int",
            "choices": ["warm", "cold"],
            "help": "how",
            "default": 0,
            "required": False,
        },
        {"name": "times", "type": "(I)", "python": "int", "help": "how often", "default": 1, "required": False},
        {"name": "words", "type": "(LS)", "python": "list[str]", "default": [], "required": False},
    ]
    assert call["reply"]["fields"] == [
        {"name": "greeting", "type": "(S)", "python": "str", "help": "what is said", "default": ""},
        {"name": "node", "type": "(O)", "python": "object", "schema": "tfgrid.directory.node.2"},
    ]
    assert "tfgrid.directory.location.1" in meta["schemas"]
    assert "tfgrid.workloads.reservation.1" not in meta["schemas"]


@pytest.mark.parametrize("package", ["workloadmanager", "tfgrid.workloadmanager"])
def test_a_package_may_be_named_with_its_author(talk: Talk, package: str) -> None:
    """Its calls alone are described."""
    assert {call["package"] for call in talk.call("system.api_meta", package=package)["calls"]} == {"workloadmanager"}


def test_a_package_without_calls_is_not_found(talk: Talk) -> None:
    """With a near miss."""
    facts = talk.refused("system.api_meta", '{"package":"greeting"}')
    assert (facts["kind"], facts["path"]) == ("not_found", "package")
    assert 'did you mean "greetings"?' in facts["message"]


def test_an_integer_that_nobody_sets_has_no_default(talk: Talk) -> None:
    """The number that stands for it would be taken for one."""
    fields = talk.call("system.api_meta")["schemas"]["tfgrid.workloads.reservation.1"]["fields"]
    (customer,) = [field for field in fields if field["name"] == "customer_tid"]
    assert customer["default"] is None


def test_the_description_is_made_once_and_is_always_the_same(talk: Talk, services: Services) -> None:
    """The bytes are kept, and another server says the same."""
    assert talk.data("system.api_meta") is talk.data("system.api_meta")
    another = Services(names=services.names, registry=models(), clock=lambda: 0, version="1.2.3")
    assert talk.data("system.api_meta") == Talk(services=another).data("system.api_meta")


def test_the_description_comes_as_messagepack_too(talk: Talk) -> None:
    """With the same content."""
    body = read(talk.data("system.api_meta", msgspec.msgpack.encode({"package": ""})))
    assert msgspec.msgpack.decode(body) == json.loads(read(talk.data("system.api_meta")))
