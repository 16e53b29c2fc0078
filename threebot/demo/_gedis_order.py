"""The beginning of the story over gedis: a server that is closed, and everybody who comes to it with a key."""

from __future__ import annotations

from ... import signing
from ._gedis_stage import GedisStage
from ._parties import Cast, Node

__all__ = ["farmers_register_farms", "nodes_join", "people_register", "server_starts"]


def server_starts(stage: GedisStage) -> None:
    """Start the server on a store that does not exist yet, for those alone who log in."""
    with stage.screen.waiting("the server starts"):
        stage.begin()
    stage.expect(stage.operator.role == "operator", "the operator's secret should log in as operator, and does not")
    stage.expect(stage.stranger.role == "stranger", "whoever does not log in should be a stranger, and is not")
    stage.screen.done("server", f"serves at {stage.server.address}, closed, process {stage.server.number}")


def people_register(stage: GedisStage) -> None:
    """Everybody makes a key and registers with it, which needs no login: the entry carries the user's signature."""

    def enrol(name: str, key: signing.Key) -> int:
        return stage.stranger.phonebook.add(name=name, key=key).id

    stage.cast = Cast.enrolled(enrol)
    for person in stage.cast.people:
        role = stage.calls_of(person).role
        stage.expect(role == f"user:{person.tid}", f"{person.name} should log in as user:{person.tid}, and is {role}")
    amount = len(stage.cast.people)
    stage.screen.done("people", f"{amount} register, each with a signature of the own key")
    stage.screen.done("people", f"{amount} log in, each by signing the server's challenge")


def farmers_register_farms(stage: GedisStage) -> None:
    """Each farmer registers the own farm, and buys a node."""
    north, south = stage.cast.farmers
    stage.nodes = (Node("node north", north, "2020"), Node("node south", south, "2020"))
    for node in stage.nodes:
        name = f"farm {node.place}"
        farm = stage.calls_of(node.farmer).directory.add_farm(name=name, farmer_tid=node.farmer.tid)
        stage.farms[node.name] = farm.id
        stage.screen.done(node.farmer.name, f"registers {name}")


def nodes_join(stage: GedisStage) -> None:
    """Each node starts, logs in with its own key, and adds itself to its farm."""
    numbers = [stage.begin_node(node) for node in stage.nodes]
    for node, number in zip(stage.nodes, numbers, strict=True):
        with stage.screen.waiting(f"{node.name} starts"):
            stage.at_work[node.name].wait_until_joined()
        stage.screen.done(node.name, f"joins farm {node.place} as {node.node_id[:8]}…, polls, process {number}")
    found = {(each.node_id, each.farm_id) for each in stage.operator.directory.list_nodes()}
    expected = {(node.node_id, stage.farms[node.name]) for node in stage.nodes}
    stage.expect(found == expected, "the directory should have both nodes, each in its farm, and has not")
