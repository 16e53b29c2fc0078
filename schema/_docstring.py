"""The blocks of a docstring: what a call takes, what it returns, and who may call it."""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import dataclass

from ..errors import Problem, SchemaError

__all__ = ["Block", "Blocks", "read_blocks"]

_OPENS = re.compile(r"(?P<fence>```|''')\s*(?P<name>in|out|acl)\s*")


@dataclass(frozen=True, slots=True)
class Block:
    """The text between two fences.

    Attributes:
        text: the text, without common indentation.
        line: how many lines of the docstring come before it.
    """

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """What a docstring says for people, and what it says for the machine.

    Attributes:
        input: the ``in`` block, where there is one.
        output: the ``out`` block, where there is one.
        acl: the ``acl`` block, where there is one.
        help: the docstring without its blocks.
    """

    input: Block | None
    output: Block | None
    acl: Block | None
    help: str


def read_blocks(docstring: str) -> Blocks:
    """Cut a docstring into its blocks, fenced by three backticks or three quotes.

    ``docs/schema.md``, "Docstring blocks", describes them. Fences with another name,
    such as ``python``, belong to the help.

    Raises:
        SchemaError: a block is not closed, or there twice.
    """
    found: dict[str, Block] = {}
    problems: list[Problem] = []
    help_lines: list[str] = []
    lines = iter(enumerate(docstring.splitlines(), 1))
    for number, line in lines:
        opened = _OPENS.fullmatch(line.strip())
        if opened is None:
            help_lines.append(line)
            continue
        inside, closed = [], False
        for _, inner in lines:
            closed = inner.strip() == opened["fence"]
            if closed:
                break
            inside.append(inner)
        if not closed:
            problems.append(Problem(f"the block '{opened['name']}' is not closed", line=number))
        if opened["name"] in found:
            problems.append(Problem(f"the block '{opened['name']}' is there twice", line=number))
        found[opened["name"]] = Block(textwrap.dedent("\n".join(inside)), number)
    if problems:
        raise SchemaError.of(problems)
    help_text = re.sub(r"\n{3,}", "\n\n", inspect.cleandoc("\n".join(help_lines))).strip()
    return Blocks(found.get("in"), found.get("out"), found.get("acl"), help_text)
