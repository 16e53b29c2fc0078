"""An actor of another package that asks the workload manager's actors by message.

    python examples/ask_from_another_actor.py

An actor of the workload manager is a Pykka actor: a message to it is a mapping of the call's arguments, and its
reply is a schema object. So another actor needs nothing but a reference to it.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pykka
from example_grid import NODES, fill
from make_reservation import build_signed

import workloadmanager
from workloadmanager.errors import NotFound


class Load(NamedTuple):
    """How much is on a node: the number of its workloads by the state of their reservations."""

    node_id: str
    workloads: dict[str, int]


class LoadReporter(pykka.ThreadingActor):
    """Tells how much is on a node. A message to it is a node id, its reply a `Load`.

    Arguments:
        reservation_list: the actor of the call `reservation_list`.
    """

    def __init__(self, reservation_list: pykka.ActorRef[Any]) -> None:
        super().__init__()
        self._reservation_list = reservation_list

    def on_receive(self, message: str) -> Load:
        """Count the workloads of a node."""
        reply: Any = self._reservation_list.ask({"node_id": message})
        workloads: dict[str, int] = {}
        for reservation in reply.reservations:
            state = str(reservation.next_action)
            workloads[state] = workloads.get(state, 0) + count_on(message, reservation.data_reservation)
        return Load(message, workloads)


def count_on(node_id: str, data: Any) -> int:  # noqa: ANN401 - a schema object; its type is made at the start
    """Return how many workloads of a reservation are on a node."""
    single = (*data.containers, *data.volumes, *data.zdbs, *data.kubernetes)
    resources = [resource for network in data.networks for resource in network.network_resources]
    return sum(workload.node_id == node_id for workload in (*single, *resources))


def main() -> None:
    """Start the workload manager and the other actor, and ask."""
    with workloadmanager.start(path=":memory:") as manager:
        fill(manager)

        # Actors are found as in any Pykka program, by the name of their class ...
        (register,) = pykka.ActorRegistry.get_by_class_name("ReservationRegister")
        reservation: Any = register.ask({"reservation": build_signed(int(time.time()))})
        print(f"reservation {reservation.id} is registered, its next action is {reservation.next_action}")

        # ... or by the name of their call.
        reporter = LoadReporter.start(manager.actors["reservation_list"])
        try:
            answers = [reporter.ask(node.key.node_id, block=False) for node in NODES]
            for answer in answers:
                load = answer.get(timeout=10)
                listed = ", ".join(f"{amount} workloads in {state}" for state, amount in load.workloads.items())
                print(f"node {load.node_id[:8]}… has {listed}")
        finally:
            reporter.stop()

        # What is refused is raised where it was asked.
        try:
            manager.actors["reservation_get"].ask({"reservation_id": 99})
        except NotFound as error:
            print(f"refused: {error}")


if __name__ == "__main__":
    main()
