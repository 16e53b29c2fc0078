"""Who takes part: people with a key and an entry in the phonebook, nodes whose id is their key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ... import signing

__all__ = ["Cast", "Enrol", "Node", "Person"]

Enrol = Callable[[str, signing.Key], int]
"""Enters a name and the public half of a key into the phonebook, and returns the threebot id."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a key of their own, of which the phonebook has the public half.

    Attributes:
        name: as it is shown, and as the phonebook has it.
        tid: the threebot id that the phonebook gave.
        key: the key pair; only this person signs with it.
    """

    name: str
    tid: int
    key: signing.Key

    @classmethod
    def enrolled(cls, name: str, enrol: Enrol) -> Person:
        """Make a key and enter its public half into the phonebook."""
        key = signing.Key.generate()
        return cls(name, enrol(name, key), key)

    def sign(self, purpose: str, reservation_id: int, json: str, form: signing.Form = "bound") -> str:
        """Sign a reservation's json text for a purpose."""
        return signing.sign(self.key, purpose, json=json, reservation_id=reservation_id, tid=self.tid, form=form)


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its id is its public key.

    Attributes:
        name: as it is shown.
        farmer: who owns it and is paid for what runs on it.
        key: the key pair, with which it signs results and opens secrets that are sealed to it.
        form: the form in which its software signs results, ``2020`` or ``2019``.
    """

    name: str
    farmer: Person
    form: Literal["2020", "2019"]
    key: signing.Key = field(default_factory=signing.Key.generate)

    @property
    def place(self) -> str:
        """Where it stands, which is the last word of its name."""
        return self.name.rpartition(" ")[2]

    @property
    def node_id(self) -> str:
        """The node's id, base58 of its public key."""
        return self.key.node_id


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in the story.

    Attributes:
        customer: who orders.
        cosigners: three of whom two must agree that it is provisioned.
        farmers: who own the nodes and say that they were paid.
        outsider: a user who has no part in the reservation, and tries.
    """

    customer: Person
    cosigners: tuple[Person, Person, Person]
    farmers: tuple[Person, Person]
    outsider: Person

    @classmethod
    def enrolled(cls, enrol: Enrol) -> Cast:
        """Make everybody's keys and fill the phonebook."""
        ann, ben, cleo = (Person.enrolled(f"co-signer {letter}", enrol) for letter in "ABC")
        north, south = (Person.enrolled(f"farmer {place}", enrol) for place in ("north", "south"))
        return cls(
            customer=Person.enrolled("customer", enrol),
            cosigners=(ann, ben, cleo),
            farmers=(north, south),
            outsider=Person.enrolled("outsider", enrol),
        )

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who is in the phonebook."""
        return (self.customer, *self.cosigners, *self.farmers, self.outsider)

    def names_of(self, tids: Sequence[int]) -> str:
        """Return the names of those with some threebot ids, those of one role together: ``co-signer B, C``."""
        roles: dict[str, list[str]] = {}
        for person in self.people:
            if person.tid in tids:
                role, _, which = person.name.partition(" ")
                roles.setdefault(role, []).append(which)
        return ", ".join(f"{role} {', '.join(which)}".strip() for role, which in roles.items())
