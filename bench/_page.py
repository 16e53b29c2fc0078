"""The page about performance: what is between its marks is written by a run, everything else by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from _figures import Run
from _plots import draw
from _report import heading, table, verdict

__all__ = ["PAGE", "filled_in", "write_page"]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
"""The page; its plots are in ``plots`` beside it."""

_REGION = re.compile(r"(<!-- bench: (?!end )(.+?) -->\n)(.*?)(<!-- bench: end -->)", re.DOTALL)
_WORDS: dict[str, Callable[[Run], str]] = {
    "conditions": lambda run: heading(run.conditions),
    "verdict": lambda run: verdict(run.results),
}


def write_page(run: Run, page: Path) -> None:
    """Write the regions of a page again, and draw its plots.

    Arguments:
        run: what was measured.
        page: the page, a file in Markdown.

    Raises:
        ValueError: the page has no place for a result.
    """
    text = filled_in(page.read_text(encoding="utf-8"), run)
    draw(run.results, page.parent / "plots")
    page.write_text(text, encoding="utf-8")


def filled_in(text: str, run: Run) -> str:
    """Return a text whose regions hold what a run found.

    A region begins with ``<!-- bench: conditions -->``, with ``<!-- bench: verdict -->``, or with the names of the
    benchmarks that its table shows, ``<!-- bench: B8 B9 -->``. It reaches to ``<!-- bench: end -->``.

    Raises:
        ValueError: a region has no end, or none shows a result, which would get lost.
    """
    shown: set[str] = set()

    def fill(region: re.Match[str]) -> str:
        begin, words, before, end = region.groups()
        if "<!-- bench:" in before:
            raise ValueError(f"the region {begin.strip()} has no <!-- bench: end -->")
        if words in _WORDS:
            return f"{begin}{_WORDS[words](run)}\n{end}"
        names = words.split()
        shown.update(names)
        return f"{begin}{_table(run, names)}\n{end}"

    filled = _REGION.sub(fill, text)
    lost = dict.fromkeys(result.name for result in run.results if result.name not in shown)
    if lost:
        raise ValueError(f"the page has no region for {', '.join(lost)}: add <!-- bench: {' '.join(lost)} -->")
    return filled


def _table(run: Run, names: list[str]) -> str:
    found = [result for result in run.results if result.name in names]
    return table(found) if found else "Not measured in this run: what it is measured against was not installed."
