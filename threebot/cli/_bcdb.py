"""``workloadmanager bcdb``: care of the store itself."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ...errors import InputError
from ..shell import Style, visible
from ._command import command, noun
from ._files import STANDARD, open_input, open_output
from ._session import Session
from ._shared import JSON, STORE

__all__ = ["group"]

SHARED = (STORE, JSON)
group = noun("bcdb", "The store: check, rebuild, export, import, stats.", shared=SHARED)


@command(group, "check", example="workloadmanager bcdb check", shared=SHARED)
def check(session: Session) -> None:
    """Compare the store with itself: every index, queue and counter with the documents.

    It ends with status 1 where something does not agree; rebuild makes the indexes again.
    """
    with session.store() as store, session.output.progress_bar("Checking") as progress:
        problems = store.check(progress)
    sentences = problems or ["The store agrees with itself."]
    session.output.result(
        {"sound": not problems, "problems": problems}, [[(Style.TEXT, visible(sentence))] for sentence in sentences]
    )
    if problems:
        raise typer.Exit(1)


@command(group, "rebuild", example="workloadmanager bcdb rebuild", shared=SHARED)
def rebuild(session: Session) -> None:
    """Make every index again from the documents, in one transaction."""
    with session.store() as store, session.output.progress_bar("Rebuilding") as progress:
        count = store.rebuild(progress)
    session.output.said({"documents": count}, f"Every index is made again, from {count:,} documents.")


@command(
    group,
    "export",
    example="workloadmanager bcdb export backup.bcdb\nworkloadmanager bcdb export - | zstd > backup.zst",
    shared=SHARED,
)
def export(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file; - is stdout.", show_default=False)],
) -> None:
    """Write one consistent state of everything to an archive, while others go on writing."""
    if file == STANDARD and sys.stdout.isatty():
        raise InputError("an archive is nothing to read; name a file, or send it through a pipe")
    with session.store() as store, open_output(file) as stream, session.output.progress_bar("Exporting") as progress:
        count = store.export(stream, progress)
    if file != STANDARD:
        session.output.said({"entries": count, "file": file}, f"{count:,} entries are in {file}.")


@command(
    group,
    "import",
    example="workloadmanager bcdb import backup.bcdb --store new\nzstd -dc backup.zst | workloadmanager bcdb import -",
    shared=SHARED,
)
def import_archive(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="An archive; - is stdin.", show_default=False)],
) -> None:
    """Read an archive into a store that is empty: all of it, or nothing."""
    with (
        open_input(file) as stream,
        session.store(new=True) as store,
        session.output.progress_bar("Importing") as progress,
    ):
        count = store.load(stream, progress)
    session.output.said({"entries": count}, f"{count:,} entries are read.")


@command(group, "stats", example="workloadmanager bcdb stats --json", shared=SHARED)
def stats(session: Session) -> None:
    """Show the figures of the store."""
    from ...rules import NextAction

    with session.store() as store:
        figures = store.statistics()
    states = {NextAction(state).name: count for state, count in sorted(figures.reservations.items())}
    session.output.mapping(
        {
            "layout": figures.layout,
            "reservations": states,
            "pending": figures.pending,
            "collections": dict(figures.collections),
            "size": figures.size,
        },
        {
            "layout": figures.layout,
            "reservations": {**states, "total": sum(states.values())},
            "pending": figures.pending,
            "collections": dict(figures.collections),
            "size": f"{figures.size:,} bytes",
        },
    )
