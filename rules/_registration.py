"""What registration checks before anything is stored: all mistakes at once, each with its path.

``docs/registration.md`` says the same in words.

What the model itself refuses is not checked again here: unknown fields, wrong types, and enumerations out of range
never become a document (``docs/schema.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..errors import Problem
from ..schema import NOT_SET
from . import _registration_network as network
from . import _registration_workloads as workloads
from ._application import Application
from ._moments import moment
from ._settings import Settings
from ._shapes import Reservation, SigningRequest
from ._surroundings import Surroundings

__all__ = ["check_document_size", "check_json", "check_registration"]

Check = Callable[[Application], Iterator[Problem]]

_UNSET = frozenset((0, NOT_SET))
"""What an expiration holds that nobody set."""


def check_registration(
    reservation: Reservation, surroundings: Surroundings, *, now: int, settings: Settings
) -> list[Problem]:
    """Check a reservation that is about to be registered.

    Arguments:
        reservation: as the client sent it, read through the model; ``json`` and ``data_reservation`` are both
            there (where one was left out it was derived) and hold the same (`same_data`).
        surroundings: what was found of what it `needs`.
        now: seconds since 1970.
        settings: the operator's.

    Returns:
        Every mistake, each with its path; an empty list for a reservation that may be stored.
    """
    application = Application.of(reservation, surroundings, now=now, settings=settings)
    return [problem for check in _CHECKS for problem in check(application)]


def check_json(text: str) -> list[Problem]:
    """Check that a reservation's json text can be signed: it begins with ``{`` and is Unicode text."""
    if not text.startswith("{"):
        return [Problem("the text that is signed begins with {, without anything before it", "json")]
    try:
        text.encode()
    except UnicodeEncodeError:
        return [Problem("the text that is signed holds a lone surrogate, which has no UTF-8 form", "json")]
    return []


def check_document_size(
    size: int, settings: Settings, *, what: str = "the reservation", path: str = ""
) -> list[Problem]:
    """Check how large a reservation is, or what a node adds to it.

    Arguments:
        size: bytes of the encoded reservation; of a result, those of its message and data.
        settings: the operator's.
        what: what has this size, in words.
        path: the field it came in.
    """
    limit = settings.maximum_document_bytes
    return [Problem(f"{what} has {size} bytes; the most is {limit}", path)] if size > limit else []


def _json(application: Application) -> Iterator[Problem]:
    yield from check_json(application.reservation.json)


def _customer(application: Application) -> Iterator[Problem]:
    tid = application.reservation.customer_tid
    if tid == NOT_SET:
        yield Problem("the customer's threebot id is not set", "customer_tid")
    elif tid not in application.surroundings.known_tids:
        yield Problem(f"threebot {tid} is not in the phonebook", "customer_tid")


def _signing_requests(application: Application) -> Iterator[Problem]:
    data = application.data
    yield from _signing_request(application, data.signing_request_provision, "signing_request_provision")
    yield from _signing_request(application, data.signing_request_delete, "signing_request_delete")


def _signing_request(application: Application, request: SigningRequest, name: str) -> Iterator[Problem]:
    path = f"data_reservation.{name}"
    distinct = len(set(request.signers))
    limit = application.settings.maximum_signers
    if len(request.signers) > limit:
        yield Problem(f"{len(request.signers)} signers; the most is {limit}", f"{path}.signers")
    for position, tid in enumerate(request.signers):
        if tid not in application.surroundings.known_tids:
            yield Problem(f"threebot {tid} is not in the phonebook", f"{path}.signers[{position}]")
    needed = request.quorum_min
    if distinct and not 1 <= needed <= distinct:
        shown = "not set" if needed == NOT_SET else str(needed)
        yield Problem(f"the quorum of {distinct} signers is 1 to {distinct}, but it is {shown}", f"{path}.quorum_min")
    elif not distinct and needed not in (0, NOT_SET):
        yield Problem(
            f"a quorum of {needed} without signers cannot be reached; leave it out to let the customer decide alone",
            f"{path}.quorum_min",
        )


def _expirations(application: Application) -> Iterator[Problem]:
    now, latest = application.now, application.now + application.settings.maximum_duration
    provisioning, reservation = application.data.expiration_provisioning, application.data.expiration_reservation
    if provisioning in _UNSET:
        yield Problem("is not set", "data_reservation.expiration_provisioning")
    if reservation in _UNSET:
        yield Problem("is not set", "data_reservation.expiration_reservation")
    if provisioning <= now and provisioning not in _UNSET:
        yield Problem(
            f"{moment(provisioning)} has passed: it is {moment(now)}", "data_reservation.expiration_provisioning"
        )
    if reservation < provisioning and not {reservation, provisioning} & _UNSET:
        yield Problem(
            f"{moment(reservation)} is before expiration_provisioning, {moment(provisioning)}",
            "data_reservation.expiration_reservation",
        )
    if reservation > latest and reservation not in _UNSET:
        yield Problem(
            f"{moment(reservation)} is too far away: the latest is {moment(latest)}",
            "data_reservation.expiration_reservation",
        )


_CHECKS: tuple[Check, ...] = (
    _json,
    _customer,
    _signing_requests,
    workloads.count,
    workloads.ids,
    workloads.nodes,
    workloads.containers,
    workloads.mounts,
    workloads.sizes,
    workloads.stats_aggregators,
    network.networks,
    network.resources,
    network.listen_ports,
    network.peers,
    network.addresses,
    _expirations,
)
