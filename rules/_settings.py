"""What the operator of a workload manager may set (``docs/registration.md``, ``docs/signatures.md``)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

from ..errors import InputError, Problem

__all__ = ["Settings", "UnboundSignatures", "UnknownNodes"]

UnknownNodes = Literal["refuse", "declared"]
UnboundSignatures = Literal["single-use", "refuse"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The rules' settings.

    Attributes:
        maximum_duration: seconds from now to the latest ``expiration_reservation``; ten years.
        maximum_workloads: how many workloads a reservation may have.
        maximum_signers: how many signers a signing request may name.
        maximum_environment_entries: how many entries each environment of a container may have.
        maximum_environment_bytes: bytes of UTF-8 that each value of an environment may have.
        maximum_document_bytes: bytes that an encoded reservation may have, and that message and data of a
            result may have.
        unknown_nodes: ``refuse`` refuses nodes that the directory does not know; ``declared`` trusts the
            ``farmer_tid`` of their workloads instead, which is for grids without a directory.
        unbound_signatures: ``single-use`` takes signatures that do not say what they are for, each for one
            use; ``refuse`` takes only those that say it.
        unsigned_results: whether results are taken from nodes whose key is not known.

    Raises:
        InputError: a value is out of range; all mistakes at once, each with the setting's name as path.
    """

    maximum_duration: int = 10 * 365 * 24 * 3600
    maximum_workloads: int = 512
    maximum_signers: int = 128
    maximum_environment_entries: int = 256
    maximum_environment_bytes: int = 16 * 1024
    maximum_document_bytes: int = 1024 * 1024
    unknown_nodes: UnknownNodes = "refuse"
    unbound_signatures: UnboundSignatures = "single-use"
    unsigned_results: bool = False

    def __post_init__(self) -> None:
        """Check every setting."""
        problems = [*self._wrong_numbers(), *self._wrong_words()]
        if self.unsigned_results not in (True, False):
            problems.append(Problem(f"{self.unsigned_results!r} is not true or false", "unsigned_results"))
        if problems:
            raise InputError.of(problems)

    def _wrong_numbers(self) -> list[Problem]:
        limits = {field.name: getattr(self, field.name) for field in fields(self) if field.name.startswith("maximum_")}
        return [
            Problem(f"{value!r} is not a whole number of 1 or more", name)
            for name, value in limits.items()
            if not isinstance(value, int) or isinstance(value, bool) or value < 1
        ]

    def _wrong_words(self) -> list[Problem]:
        words = {"unknown_nodes": get_args(UnknownNodes), "unbound_signatures": get_args(UnboundSignatures)}
        return [
            Problem(f"{getattr(self, name)!r} is not one of {', '.join(allowed)}", name)
            for name, allowed in words.items()
            if getattr(self, name) not in allowed
        ]
