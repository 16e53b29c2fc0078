"""What the calls declare: names, blocks, one public method each, and how they are asked."""

from __future__ import annotations

import inspect
from types import MappingProxyType
from typing import Any

import pykka
import pytest

from workloadmanager.actors import CALLS, CallActor, call_of
from workloadmanager.errors import Conflict, InputError, SchemaError

SEED = {
    "reservation_register": (["reservation"], []),
    "reservation_get": (["reservation_id"], ["history"]),
    "reservation_list": ([], ["node_id", "state", "epoch", "cursor", "limit", "customer_tid"]),
    "workloads_list": ([], ["node_id", "epoch", "cursor", "limit"]),
    "workload_get": (["gwid"], []),
    "sign_provision": (["reservation_id", "tid", "signature"], []),
    "sign_delete": (["reservation_id"], ["tid", "signature"]),
    "sign_farmer": (["reservation_id", "tid", "signature"], []),
    "sign_customer": (["reservation_id", "signature"], []),
    "set_workload_result": (["global_workload_id", "result"], ["node_id"]),
    "workload_deleted": (["workload_id"], ["reservation_id", "node_id"]),
}
"""The documented calls in their order, with the arguments that they need and those that may be left out."""


def test_there_are_eleven_calls_in_the_order_of_the_documentation() -> None:
    """Each with its arguments."""
    declared = {name: (list(call_of(actor).required), list(call_of(actor).optional)) for name, actor in CALLS.items()}
    assert declared == SEED
    assert list(declared) == list(SEED)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_named_as_its_module_and_its_class(name: str) -> None:
    """`reservation_get` is in `reservation_get.py` as `ReservationGet`."""
    actor = CALLS[name]
    assert actor.__module__ == f"workloadmanager.actors.{name}"
    assert actor.__name__ == "".join(word.capitalize() for word in name.split("_"))
    assert call_of(actor).name == name


def test_reservation_list_has_an_alias() -> None:
    """Earlier clients ask for it in the plural."""
    aliases = {alias: name for name, actor in CALLS.items() for alias in call_of(actor).aliases}
    assert aliases == {"reservations_list": "reservation_list"}


@pytest.mark.parametrize("name", CALLS)
def test_a_docstring_explains_the_call_and_holds_its_blocks(grid: Any, name: str) -> None:
    """The help has no blocks in it; the schemas have a help for every field."""
    call = call_of(CALLS[name])
    assert call.help.splitlines()[0].endswith(".")
    assert "```in" not in call.help
    assert "Errors: " in call.help
    assert call.blocks.input is not None
    assert call.blocks.output is not None
    assert grid.refs[name].is_alive()
    schema = grid.context.registry.get(f"actors.tfgrid.workloadmanager.{name}.in")
    assert [each.name for each in schema.properties] == [*call.required, *call.optional]
    assert all(each.help or each.reference for each in schema.properties)


def test_every_reference_of_the_blocks_leads_to_a_schema(grid: Any) -> None:
    """Models and blocks together."""
    assert all(grid.refs[name].is_alive() for name in CALLS)
    grid.context.registry.resolve()


@pytest.mark.parametrize("name", CALLS)
def test_a_proxy_shows_nothing_but_the_call(grid: Any, name: str) -> None:
    """Beyond what every Pykka actor has."""
    proxy = grid.refs[name].proxy()
    plain = pykka.ThreadingActor.start()
    shown = {path[0] for path in proxy._known_attrs} - {path[0] for path in plain.proxy()._known_attrs}
    plain.stop()
    assert shown == {name}


@pytest.mark.parametrize("name", CALLS)
def test_the_registry_finds_a_call_by_its_class_name(grid: Any, name: str) -> None:
    """As other actors do."""
    ref = grid.refs[name]
    assert pykka.ActorRegistry.get_by_class_name(CALLS[name].__name__) == [ref]


@pytest.mark.parametrize("name", CALLS)
def test_a_method_takes_its_arguments_by_name_and_types_them(name: str) -> None:
    """So that an editor knows them."""
    signature = inspect.signature(getattr(CALLS[name], name))
    parameters = list(signature.parameters.values())[1:]
    assert {one.kind for one in parameters} == {inspect.Parameter.KEYWORD_ONLY}
    assert all(one.annotation is not inspect.Parameter.empty for one in parameters)


def test_a_proxys_call_is_checked_like_a_message(grid: Any) -> None:
    """Digit text, defaults, mistakes."""
    grid.register()
    proxy = grid.refs["reservation_get"].proxy()
    assert proxy.reservation_get(reservation_id="1").get().id == 1
    with pytest.raises(InputError) as caught:
        proxy.reservation_get(reservation_idd=1).get()
    assert caught.value.call == "reservation_get"
    assert [problem.path for problem in caught.value.errors] == ["reservation_idd", "reservation_id"]


def test_a_proxys_call_with_unnamed_arguments_is_refused(grid: Any) -> None:
    """It is a mistake of who calls, not a fault."""
    with pytest.raises(InputError, match="by name"):
        grid.refs["reservation_get"].proxy().reservation_get(1).get()


def test_a_message_may_be_any_mapping(grid: Any) -> None:
    """Also one that is no dict."""
    grid.register()
    assert grid.refs["reservation_get"].ask(MappingProxyType({"reservation_id": 1})).id == 1


def test_an_actor_can_be_told_a_call(grid: Any) -> None:
    """Nobody waits for the answer, and a refusal ends nothing."""
    grid.refs["reservation_register"].tell({"reservation": {}})
    grid.refs["reservation_register"].tell({"reservation": {"customer_tid": 1, "data_reservation": grid.data()}})
    assert grid.register().id == 2


def test_an_actor_that_is_started_again_has_the_same_schemas(grid: Any) -> None:
    """A supervisor starts one that died with the same registry."""
    grid.refs["reservation_get"].stop()
    grid.refs["reservation_get"] = CALLS["reservation_get"].start(grid.context)
    grid.register()
    assert grid.call("reservation_get", reservation_id=1).id == 1


def test_what_is_answered_is_true_as_a_truth_value(grid: Any) -> None:
    """Also a list of nothing."""
    assert grid.call("reservation_list")
    assert grid.call("workloads_list")


def test_a_call_has_one_public_method() -> None:
    """A second one would be a second call."""
    with pytest.raises(TypeError, match="more than its call in public: one, two"):

        class Double(CallActor):
            """Two calls in one."""

            def one(self) -> None:
                """Do one thing."""

            def two(self) -> None:
                """Do another."""


def test_the_hooks_of_pykka_are_not_calls(grid: Any) -> None:
    """An actor may have something to do when it starts and stops."""

    class Prepared(CallActor):
        """Notes that it was started.

        ```in
        ```

        ```out
        started = (B)
        ```
        """

        def on_start(self) -> None:
            """Take note."""
            self._started = True

        def prepared(self) -> object:
            """Say so."""
            return self._output.new(started=self._started)

    ref = Prepared.start(grid.context)
    assert ref.ask({}, block=True).started is True
    ref.stop()


def test_a_block_that_does_not_fit_the_method_is_a_mistake_at_start(grid: Any) -> None:
    """With the fields that differ."""

    class Odd(CallActor):
        """Takes something else than it says.

        ```in
        a = (S)
        b = (S)
        ```

        ```out
        c = (S)
        ```
        """

        def odd(self, *, a: str, d: str = "") -> None:
            """Do nothing."""

    with pytest.raises(SchemaError, match="differ in b, d"):
        Odd(grid.context)


def test_a_call_without_blocks_is_a_mistake_at_start(grid: Any) -> None:
    """There would be nothing to check its arguments by."""

    class Bare(CallActor):
        """Says nothing."""

        def bare(self) -> None:
            """Do nothing."""

    with pytest.raises(SchemaError, match="no block 'in'"):
        Bare(grid.context)


def test_an_error_that_several_calls_share_names_each_of_them(grid: Any) -> None:
    """The store may answer many changes with one error."""
    shared = Conflict("the disk is full")
    first = grid.refs["sign_farmer"]._actor_weakref()._refusal(shared)
    second = grid.refs["sign_delete"]._actor_weakref()._refusal(shared)
    assert (first.call, second.call) == ("sign_farmer", "sign_delete")
    assert second.message == shared.message
