"""The log of the service: one line for each record, in both forms."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
import warnings
from typing import Any

import pytest

from workloadmanager.threebot.service import FORMATS, LEVELS, logging_to

OURS = logging.getLogger("workloadmanager.threebot.gedis")
FOREIGN = logging.getLogger("a_library")
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?P<level>\w+) +(?P<logger>[\w.]+): (?P<rest>.*)")


def logged(form: str, level: str = "info") -> tuple[io.StringIO, Any]:
    """A stream, and the log that goes into it for a ``with`` block."""
    stream = io.StringIO()
    return stream, logging_to(stream, form=form, level=level)


def test_a_line_has_time_level_logger_and_message() -> None:
    """In UTC, with what was given beside the message behind it."""
    stream, log = logged("text")
    with log:
        OURS.info("listens at %s", "tcp://127.0.0.1:8901", extra={"open": True})
    (line,) = stream.getvalue().splitlines()
    found = LINE.fullmatch(line)
    assert found
    assert found["level"] == "INFO"
    assert found["logger"] == OURS.name
    assert found["rest"] == "listens at tcp://127.0.0.1:8901 open=True"


def test_a_json_line_has_the_same_as_fields() -> None:
    """What was given beside the message keeps its type; what JSON has no form for is its text."""
    stream, log = logged("json")
    with log:
        OURS.warning("refused %s", "é", extra={"role": "operator", "attempts": 3, "peer": OURS.__class__})
    document = json.loads(stream.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document.pop("time"))
    assert document == {
        "level": "warning",
        "logger": OURS.name,
        "message": "refused é",
        "role": "operator",
        "attempts": 3,
        "peer": "<class 'logging.Logger'>",
    }


def test_what_is_given_does_not_take_the_place_of_a_field() -> None:
    """Nobody can write another time or level into a line."""
    stream, log = logged("json")
    with log:
        OURS.info("m", extra={"time": "never", "level": "none", "logger": "x"})
    document = json.loads(stream.getvalue())
    assert document["time"] != "never"
    assert (document["level"], document["logger"]) == ("info", OURS.name)


@pytest.mark.parametrize("form", FORMATS)
def test_a_hostile_text_makes_no_line_of_its_own(form: str) -> None:
    """Line ends and escape sequences of others are spelled out."""
    stream, log = logged(form)
    with log:
        OURS.info("from %s", "a\nb\x1b[2J\x85\u2028c", extra={"peer": "x\r\ny"})
    (line,) = stream.getvalue().split("\n")[:-1]
    assert not set(line) & {"\r", "\x1b"}


def test_a_traceback_is_set_in_below_its_line() -> None:
    """Whoever greps for a time finds records alone."""
    stream, log = logged("text")
    with log:
        try:
            raise ValueError("a\nb")
        except ValueError:
            OURS.exception("it failed")
    first, *others = stream.getvalue().splitlines()
    assert LINE.fullmatch(first)
    assert others
    assert all(line.startswith("  ") for line in others)
    assert others[0] == "  Traceback (most recent call last):"


def test_a_traceback_is_one_field_of_json() -> None:
    """A record stays one line."""
    stream, log = logged("json")
    with log:
        try:
            raise ValueError("wrong")
        except ValueError:
            OURS.exception("it failed")
    (line,) = stream.getvalue().splitlines()
    document = json.loads(line)
    assert document["message"] == "it failed"
    assert document["exception"].startswith("Traceback")
    assert document["exception"].endswith("ValueError: wrong")


@pytest.mark.parametrize("level", LEVELS)
def test_the_level_is_the_least_that_is_logged(level: str) -> None:
    """For this package and its actors; other libraries are heard from warnings on."""
    stream, log = logged("json", level)
    with log:
        for each in LEVELS:
            OURS.log(getattr(logging, each.upper()), each)
            FOREIGN.log(getattr(logging, each.upper()), each)
    seen = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [each["message"] for each in seen if each["logger"] == OURS.name] == list(LEVELS[LEVELS.index(level) :])
    assert [each["message"] for each in seen if each["logger"] == FOREIGN.name] == ["warning", "error"]


def test_a_warning_of_python_and_the_end_of_a_thread_are_logged() -> None:
    """What would be free text on stderr is a record too."""
    stream, log = logged("json")

    def fail() -> None:
        raise ValueError("in a thread")

    with log:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=True)
            warnings.warn("old", DeprecationWarning, stacklevel=1)
            logging.captureWarnings(capture=False)
        thread = threading.Thread(target=fail, name="worker")
        thread.start()
        thread.join()
    warning, ended = (json.loads(line) for line in stream.getvalue().splitlines())
    assert "DeprecationWarning: old" in warning["message"]
    assert ended["message"] == "the thread worker ended by an exception"
    assert ended["exception"].endswith("ValueError: in a thread")


def test_the_log_is_afterwards_as_it_was() -> None:
    """A program that serves for a while keeps its own logging."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, OURS.getEffectiveLevel(), threading.excepthook)
    _, log = logged("json", "debug")
    with log:
        assert root.handlers != before[0]
    assert (root.handlers[:], root.level, OURS.getEffectiveLevel(), threading.excepthook) == before
