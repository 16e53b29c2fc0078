"""The log of the service: one line for each record, as text for people or as JSON for programs."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

from ..shell import visible

__all__ = ["FORMATS", "LEVELS", "JsonLines", "TextLines", "logging_to"]

FORMATS = ("text", "json")
"""The forms of the log: lines for people, or a JSON object in each line."""

LEVELS = ("debug", "info", "warning", "error")
"""From which level on records are written."""

OURS = ("workloadmanager", "pykka")
"""The loggers that the level is for; what other libraries say is of interest from warnings on. Pykka says nothing below
information that would help, and quotes there what actors were sent."""

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; anything else was given with it."""

logger = logging.getLogger(__name__)


class TextLines(logging.Formatter):
    """One line for each record: time in UTC, level, logger, message, and what was given with it.

    A traceback follows on lines of its own, set in. Control characters are spelled out, so that
    what a client sent neither makes lines nor acts on a terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        given = "".join(f" {name}={visible(str(value))}" for name, value in _given(record).items())
        line = f"{_moment(record)} {record.levelname:<8} {record.name}: {visible(record.getMessage())}{given}"
        trace = _trace(self, record)
        return "\n".join((line, *(f"  {visible(each)}" for each in trace.splitlines())))


class JsonLines(logging.Formatter):
    """One JSON object for each record: ``time``, ``level``, ``logger``, ``message``, and what was given with it.

    A traceback is one text, ``exception``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        document: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := _trace(self, record):
            document["exception"] = trace
        return json.dumps({**_given(record), **document}, ensure_ascii=False, default=str)


@contextmanager
def logging_to(stream: TextIO | None = None, *, form: str = "text", level: str = "info") -> Iterator[None]:
    """Send the log of the whole process to one stream for a ``with`` block; then everything is as it was.

    Warnings of Python's `warnings`, and exceptions that end a thread, go to the log too.

    Arguments:
        stream: where to; stderr by default.
        form: ``text`` or ``json``.
        level: the least that is logged of this package: ``debug``, ``info``, ``warning`` or ``error``.
    """
    root = logging.getLogger()
    before = (root.handlers[:], root.level, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in OURS}
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("workloadmanager").setLevel(level.upper())
    logging.getLogger("pykka").setLevel("INFO" if level == "debug" else level.upper())
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_died
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        handler.flush()
        root.handlers[:], threading.excepthook = before[0], before[2]
        root.setLevel(before[1])
        for name, earlier in levels.items():
            logging.getLogger(name).setLevel(earlier)


def _thread_died(arguments: threading.ExceptHookArgs) -> None:
    name = arguments.thread.name if arguments.thread else "of nobody"
    error = arguments.exc_value or arguments.exc_type()
    logger.error("the thread %s ended by an exception", name, exc_info=error)


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _given(record: logging.LogRecord) -> Mapping[str, object]:
    """Return what was given with a record, as by ``extra=``, in the order it was given."""
    return {name: value for name, value in vars(record).items() if name not in _USUAL}


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """Return the traceback of a record, and its stack where it was asked for; empty without both."""
    parts = []
    if record.exc_info and record.exc_info[0] is not None:
        parts.append(formatter.formatException(record.exc_info))
    if record.stack_info:
        parts.append(record.stack_info)
    return "\n".join(parts)
