"""The pages of the documentation, and the fenced blocks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

_BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>not run|needs): (?P<value>[^\n]+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_FILE = re.compile(r"(?://|#) (?P<name>[\w-]+\.(?:js|go|sh))\b")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block that can be run, or saved.

    Attributes:
        kind: its language.
        text: what is in it.
        line: the lines of the page above it.
        needs: the program without which it is passed over, as ``<!-- needs: node -->`` above it says.
        file: the name under which a reader saves it, which its first line says in a comment; empty for the others.
    """

    kind: str
    text: str
    line: int
    needs: str
    file: str


def blocks(page: Path, *kinds: str) -> Iterator[Block]:
    """Yield the blocks of a page in order, but for those that it says are not run.

    Arguments:
        page: the file.
        kinds: the languages that are wanted; all where there is none.
    """
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        if found["mark"] != "not run" and (not kinds or found["kind"] in kinds):
            file = _FILE.match(found["text"])
            needs = found["value"] if found["mark"] else ""
            line = text.count("\n", 0, found.start("text"))
            yield Block(found["kind"], found["text"], line, needs, file["name"] if file else "")


def names(pages: list[Path]) -> list[str]:
    """The pages as ids of tests."""
    return [page.relative_to(REPOSITORY).as_posix() for page in pages]
