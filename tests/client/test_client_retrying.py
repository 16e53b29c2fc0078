"""When a request is sent again: decided without a connection and without a clock."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.errors import Unavailable
from workloadmanager.threebot.client._retrying import Attempts, Lost, Request, is_repeatable


def attempts(*, repeatable: bool = True, most: int = 5, deadline: float = 100.0, draw: float = 1.0) -> Attempts:
    """Return the attempts of a request."""
    request = Request("reservation_get", (b"command",), repeatable)
    return Attempts(request, most=most, deadline=deadline, timeout=60, place="tcp://a:1", draw=lambda: draw)


def test_the_pauses_grow_up_to_a_cap() -> None:
    """Twice as long each time."""
    tried = attempts(most=10)
    pauses = [tried.pause(Lost("gone", sent=True), 0.0) for _ in range(8)]
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_the_pauses_differ_from_client_to_client() -> None:
    """By up to a half, so that all do not come back at once."""
    assert attempts(draw=0.0).pause(Lost("gone", sent=True), 0.0) == 0.025


@pytest.mark.parametrize(
    ("options", "lost", "now", "words"),
    [
        ({"most": 1}, Lost("refused", sent=False), 0.0, "can not be reached: refused; the call was not sent"),
        (
            {"most": 1},
            Lost("broken", sent=True),
            0.0,
            "did not answer: broken; the call can be made again",
        ),
        ({"repeatable": False}, Lost("broken", sent=True), 0.0, "did not answer: broken, and it is not known whether"),
        ({}, Lost("broken", sent=True), 99.99, "no answer came within 60 s; the call can be made again"),
        ({"repeatable": False}, Lost("late", sent=True), 100.0, "no answer came within 60 s, and it is not known"),
        ({}, Lost("refused", sent=False), 100.0, "can not be reached: refused; the call was not sent"),
        ({}, Lost("strange", sent=True, hopeless=True), 0.0, "did not answer: strange"),
    ],
)
def test_the_last_attempt_says_what_is_known(options: dict[str, Any], lost: Lost, now: float, words: str) -> None:
    """Whether the call was sent, and whether it may be made again."""
    with pytest.raises(Unavailable) as raised:
        attempts(**options).pause(lost, now)
    assert words in str(raised.value)
    assert (raised.value.call, raised.value.__cause__) == ("reservation_get", lost)


def test_what_was_not_sent_is_sent_however_often_it_takes() -> None:
    """Also where it must not be carried out twice; but not after an attempt that was sent."""
    tried = attempts(repeatable=False)
    tried.pause(Lost("refused", sent=False), 0.0)
    tried.pause(Lost("refused", sent=False), 0.0)
    with pytest.raises(Unavailable, match="not known"):
        tried.pause(Lost("broken", sent=True), 0.0)


def test_an_earlier_attempt_that_was_sent_is_not_forgotten() -> None:
    """The last one was not sent; the first one may have been carried out."""
    tried = attempts(most=2)
    tried.pause(Lost("broken", sent=True), 0.0)
    with pytest.raises(Unavailable, match="can be made again without harm"):
        tried.pause(Lost("refused", sent=False), 0.0)


class Reservation:
    """An object with the attributes of a reservation."""

    customer_signature = "00"


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("reservation_get", {}, True),
        ("sign_farmer", {}, True),
        ("nodes_add", {}, True),
        ("users_register", {}, True),
        ("users_update", {"counter": 3}, True),
        ("users_update", {}, False),
        ("reservation_register", {"reservation": {"customer_signature": "00"}}, True),
        ("reservation_register", {"reservation": Reservation()}, True),
        ("reservation_register", {"reservation": {"customer_signature": ""}}, False),
        ("reservation_register", {"reservation": {}}, False),
        ("reservation_register", {}, False),
        ("somebody.else.call", {}, False),
    ],
)
def test_what_may_be_repeated(call: str, arguments: dict[str, Any], *, expected: bool) -> None:
    """What is the same when it is carried out twice; of calls of others nothing is known."""
    assert is_repeatable(call, arguments) is expected
