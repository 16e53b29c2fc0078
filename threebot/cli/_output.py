"""What a command writes to stdout: tables and descriptions for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from ...schema import schema_of, to_json
from ..shell import Column, Line, Style, columns_of, describe, describe_mapping, grid, visible

if TYPE_CHECKING:
    from ...bcdb import Progress

__all__ = ["Output"]

LOOKS: Mapping[Style, str] = {
    Style.HEADING: "bold",
    Style.NAME: "cyan",
    Style.TEXT: "",
    Style.NUMBER: "",
    Style.WORD: "",
    Style.DIM: "dim",
    Style.SECRET: "yellow",
    Style.ERROR: "red",
}


class Screen(Console):
    """A console that leaves a closed pipe to the command, instead of ending the program on the spot."""

    def on_broken_pipe(self) -> None:
        """Raise the error that is being handled again."""
        raise  # it is called where a BrokenPipeError is being handled


class Output:
    """Where the result of a command goes.

    Arguments:
        as_json: write one JSON document with the exact wire types, and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Screen(file=sys.stdout, highlight=False, markup=False, emoji=False)

    def result(self, document: str | Mapping[str, Any], lines: Iterable[Line]) -> None:
        """Write the result of a command.

        Arguments:
            document: for programs, plain data or its JSON text.
            lines: for people.
        """
        if self.as_json:
            text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
            sys.stdout.write(text + "\n")
            return
        self._lines(lines)

    def progress(self, lines: Iterable[Line]) -> None:
        """Write what happens meanwhile, for people only; each line is there as soon as it is known."""
        if not self.as_json:
            self._lines(lines)
            self.flush()

    @contextmanager
    def progress_bar(self, what: str) -> Iterator[Progress]:
        """Show on stderr how far a long work is, where a person watches; yields what the work tells it.

        Arguments:
            what: the word before the bar.
        """
        console = Console(stderr=True)
        if self.as_json or not console.is_terminal:
            yield lambda _done, _total: None
            return
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total or None)

    def mapping(self, document: Mapping[str, Any], shown: Mapping[str, Any] | None = None) -> None:
        """Write plain data as the result.

        Arguments:
            document: for programs.
            shown: for people, one field below the other; the document itself where it is None.
        """
        self.result(document, describe_mapping(document if shown is None else shown))

    def one(self, value: object) -> None:
        """Write an object of a schema as the result."""
        self.result(to_json(value), describe(value) or [])

    def said(self, document: str | Mapping[str, Any], sentence: str) -> None:
        """Write one sentence for people as the result, and a document for programs."""
        self.result(document, [[(Style.TEXT, visible(sentence))]])

    def objects(self, document: str | Mapping[str, Any], rows: Sequence[object], *, empty: str) -> None:
        """Write a list of objects of one schema as the result, for people in the columns that the schema has.

        Arguments:
            document: for programs, plain data or its JSON text.
            rows: the objects.
            empty: the sentence that people read when there are none.
        """
        self.table(document, columns_of(schema_of(rows[0]).url) or () if rows else (), rows, empty=empty)

    def table(
        self, document: str | Mapping[str, Any], columns: Sequence[Column], rows: Sequence[object], *, empty: str
    ) -> None:
        """Write a list as the result, for people in some columns; otherwise as `objects`."""
        if self.as_json or not rows:
            self.said(document, empty)
        else:
            self.listing(columns, rows)

    def listing(self, columns: Sequence[Column], rows: Sequence[object]) -> None:
        """Write a table for people: at a terminal one that fits its width, else lines that nothing folds."""
        if not self.console.is_terminal:
            self._lines(grid(columns, rows))
            return
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for column in columns:
            side: Literal["left", "right"] = "right" if column.right else "left"
            table.add_column(column.title, justify=side, no_wrap=not column.folds, overflow="fold")
        for row in rows:
            table.add_row(*(Text(visible(column.text(row))) for column in columns))
        self.console.print(table)

    def note(self, sentence: str) -> None:
        """Write a remark for people below the result."""
        self.console.print(Text(visible(sentence), style=LOOKS[Style.DIM]), soft_wrap=True)

    def _lines(self, lines: Iterable[Line]) -> None:
        for line in lines:
            text = Text.assemble(*((text, LOOKS[style]) for style, text in line))
            text.rstrip()
            self.console.print(text, soft_wrap=True)

    def flush(self) -> None:
        """Hand everything to the reader now, so that a closed pipe is noticed here."""
        sys.stdout.flush()
