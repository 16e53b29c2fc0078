"""What a person sees of the demo: one line a step, in three columns, with or without colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 100  # columns; on a wider terminal the state would stand too far from its step
NARROWEST = 20  # columns for what was done, however narrow the terminal is
WHO_WIDTH = 14
STATE_WIDTH = 7
GAP = 2
IN_ASCII = str.maketrans({"→": ">", "…": "..."})
STATE_STYLES = {
    "create": "yellow",
    "sign": "yellow",
    "pay": "yellow",
    "deploy": "green",
    "delete": "magenta",
    "deleted": "blue",
    "invalid": "red",
}


class Mark(NamedTuple):
    """A sign in the first column: for terminals that know it, for those that do not, its colour and its meaning."""

    sign: str
    plain: str
    style: str
    meaning: str


DONE = Mark("✓", "+", "green", "done")
SEEN = Mark("•", "-", "cyan", "checked")
REFUSED = Mark("✗", "x", "yellow", "refused, as it must be")
FAILED = Mark("✗", "!", "bold red", "wrong: the demo stops here")


class Screen:
    """Prints the steps of the story and counts them.

    Arguments:
        console: where to print; its width, colour and encoding are respected.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, WIDEST)
        self._counts: Counter[Mark] = Counter()
        self._ascii = console.options.ascii_only
        self._begin = perf_counter()

    def opening(self, title: str, states: tuple[str, ...]) -> None:
        """Print the title, the legend of the signs, the way of the states and the head of the columns."""
        marks = (Text.assemble(self._sign(mark), f" {mark.meaning}") for mark in (DONE, SEEN, REFUSED))
        way = (self._text(state, STATE_STYLES[state]) for state in states)
        self._print(self._text(title, "bold"))
        self._print(Text.assemble("signs   ", Text("   ").join(marks)))
        self._print(Text.assemble("states  ", self._text(" → ", "dim").join(way)))
        self._print()
        self._row(self._text("  who", "dim"), self._text("did what", "dim"), self._text("state", "dim"))

    def chapter(self, title: str) -> None:
        """Print the title of the next part of the story."""
        self._print()
        self._print(self._text(title, "bold"))

    def done(self, party: str, action: str, state: object = "") -> None:
        """Print a step that changed something.

        Arguments:
            party: who did it, at most 12 characters.
            action: what was done; it wraps at the column's width.
            state: the reservation's `next_action` after it; empty before there is one.
        """
        self._step(DONE, party, self._text(action), state)

    def seen(self, party: str, action: str, state: object = "") -> None:
        """Print a look at something that changes nothing and was found as it should be."""
        self._step(SEEN, party, self._text(action), state)

    def refused(self, party: str, action: str, reason: str, state: object) -> None:
        """Print an attempt that was refused, and below it the refusal's own sentence."""
        self._step(REFUSED, party, Text.assemble(self._text(action), "\n", self._text(reason, REFUSED.style)), state)

    def note(self, party: str, action: str, state: str) -> None:
        """Print a line that belongs to the step before it and is not counted."""
        self._row(self._text(f"  {party}", "dim"), self._text(action, "dim"), self._text(state, "dim"))

    def failed(self, message: str) -> None:
        """Print why the demo stops here, in one plain sentence."""
        self._print()
        self._print(Text.assemble(self._sign(FAILED), self._text(f" The demo failed: {message}", FAILED.style)))

    def closing(self, *facts: str) -> None:
        """Print the counts of the steps, the story's own facts and the time it took."""
        steps = f"{self._counts.total()} steps, {self._counts[REFUSED]} refusals"
        seconds = f"{perf_counter() - self._begin:.1f} s"
        summary = f" Everything is as it should be: {', '.join((steps, *facts, seconds))}"
        self._print()
        self._print(Text.assemble(self._sign(DONE), self._text(summary, "bold")))

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show on a terminal that something is waited for; print nothing elsewhere."""
        if not self._console.is_terminal:
            yield
            return
        with self._console.status(self._text(what, "dim")):
            yield

    def _text(self, words: str, style: str = "") -> Text:
        """Return words as they can be printed: on a terminal of ASCII only, other characters are replaced."""
        if self._ascii:
            words = words.translate(IN_ASCII).encode("ascii", "replace").decode("ascii")
        return Text(words, style)

    def _sign(self, mark: Mark) -> Text:
        return Text(mark.plain if self._ascii else mark.sign, mark.style)

    def _step(self, mark: Mark, party: str, action: Text, state: object) -> None:
        self._counts[mark] += 1
        who = Text.assemble(self._sign(mark), " ", self._text(party, "bold"))
        self._row(who, action, self._text(str(state), STATE_STYLES.get(str(state), "")))

    def _row(self, who: Text, action: Text, state: Text) -> None:
        row = Table.grid(padding=(0, GAP, 0, 0))
        row.add_column(width=WHO_WIDTH, overflow="fold")
        row.add_column(width=max(NARROWEST, self._width - WHO_WIDTH - STATE_WIDTH - 2 * GAP), overflow="fold")
        row.add_column(width=STATE_WIDTH, no_wrap=True)
        row.add_row(who, action, state)
        self._console.print(row, highlight=False)

    def _print(self, text: Text | None = None) -> None:
        self._console.print(text or "", highlight=False)
