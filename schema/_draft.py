"""A schema as its text says it, before anything in it is understood: what the carriers hand on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

__all__ = ["Draft", "Entry", "md5_of", "normal_text"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a schema: a property or a directive.

    Attributes:
        key: what stands before the ``=``: name and markers, or ``@`` and the directive's name.
        value: what stands behind it, with its comment.
        help: what the carrier's own comments say about it.
        line: its line in the source, from 1.
    """

    key: str
    value: str
    help: str = ""
    line: int = 0

    @property
    def is_directive(self) -> bool:
        """Whether it is a directive and no property."""
        return self.key.startswith("@")


@dataclass(frozen=True, slots=True)
class Draft:
    """One schema of a source. It never changes, so that registries may share it.

    Attributes:
        url_text: the url as written, which is what the md5 is taken of.
        entries: its lines in the order of the text.
        help: what the comments beside and above the url say.
        source: the name of the file or text it comes from.
        line: the line of its url, from 1.
    """

    url_text: str
    source: str
    line: int = 0
    help: str = ""
    entries: tuple[Entry, ...] = ()

    @property
    def url(self) -> str:
        """The url for people and lookups: in lower case, without quotes and comment."""
        return self.url_text.partition("#")[0].strip().strip("\"'").strip().lower()


def normal_text(draft: Draft, lines: list[str]) -> str:
    """Return the one spelling of a schema that its md5 is taken of.

    Arguments:
        draft: the schema.
        lines: its directives and numbered properties in the order of the text.
    """
    return "\n".join([f"@url = {draft.url_text}", *lines])


def md5_of(text: str) -> str:
    """Return the identity of a schema: the md5 of its normal text without spaces and line ends.

    The recipe is the original engine's, so that equal schemas have equal identities everywhere
    (``docs/schema.md``, "Identity"). It protects nothing.
    """
    bare = text.replace(" ", "").replace("\n", "")
    return hashlib.md5(bare.encode(), usedforsecurity=False).hexdigest()
