"""How a command ends when it does not end well: one line for each mistake, and an exit status."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

import typer

from ...errors import WorkloadManagerError
from ..shell import mistakes, visible

__all__ = [
    "CLOSED_PIPE",
    "INTERRUPTED",
    "OK",
    "PROGRAM",
    "REFUSED",
    "USAGE",
    "UsageError",
    "close_quietly",
    "refuse",
    "refuse_usage",
]

PROGRAM = "workloadmanager"
OK = 0
REFUSED = 1
USAGE = 2
INTERRUPTED = 130
"""What a shell reports for a program that Ctrl-C ended: 128 + SIGINT."""
CLOSED_PIPE = 141
"""What a shell reports for a program whose reader went away: 128 + SIGPIPE."""

UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
"""What typer raises when it is called wrongly; it has no public name of its own."""


def refuse(error: WorkloadManagerError, *, as_json: bool) -> int:
    """Write an error to stderr and return the exit status.

    Arguments:
        error: what was refused; several mistakes take one line each.
        as_json: one JSON object instead of lines for people.
    """
    if as_json:
        _write_json(error.as_dict())
    else:
        _write_lines(mistakes(error))
    return REFUSED


def refuse_usage(message: str, *, as_json: bool) -> int:
    """Write to stderr how a command was called wrongly, and return the exit status."""
    if as_json:
        _write_json({"kind": "usage", "message": message})
    else:
        _write_lines([message])
    return USAGE


def close_quietly() -> int:
    """Let what is still buffered for stdout go nowhere, and return the exit status.

    Without this the interpreter would flush at its end and complain about the closed pipe.
    """
    with suppress(OSError, ValueError):  # a host may have put something in its place that is no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return CLOSED_PIPE


def _write_json(document: Mapping[str, Any]) -> None:
    sys.stderr.write(json.dumps(document, ensure_ascii=False) + "\n")


def _write_lines(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        sys.stderr.write(f"{PROGRAM}: {visible(sentence)}\n")
