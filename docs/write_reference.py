#!/usr/bin/env python3
"""Write docs/reference.md: the public names of each doorway, with the first sentence of their docstrings.

Run it with the installed package: ``python docs/write_reference.py``; with ``--check`` it writes nothing
and fails when the page is not what it would write.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import get_origin

PAGE = Path(__file__).with_name("reference.md")
DOORWAYS = (
    "",
    ".threebot",
    ".threebot.client",
    ".threebot.gedis",
    ".threebot.directory",
    ".threebot.phonebook",
    ".threebot.service",
    ".actors",
    ".rules",
    ".bcdb",
    ".schema",
    ".signing",
    ".errors",
)
HEAD = """# Reference

The public names, by the module that offers them. Each explains itself with `help(...)`. This page is
written by `docs/write_reference.py`.
"""


def doorway(name: str) -> ModuleType:
    """Return the module of a doorway."""
    return importlib.import_module(f"workloadmanager{name}")


def first_sentence(text: str) -> str:
    """Return the first paragraph of a docstring as one line that fits a table."""
    paragraph = inspect.cleandoc(text).split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


def explained_values(module: ModuleType) -> dict[str, str]:
    """Return the texts that stand below plain values in the modules behind a doorway."""
    folder = Path(inspect.getfile(module))
    sources = sorted(folder.parent.glob("*.py")) if folder.name == "__init__.py" else [folder]
    found = {}
    for source in sources:
        body = ast.parse(source.read_text(encoding="utf-8")).body
        for statement, following in pairwise(body):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
            value = getattr(following, "value", None)
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[target.id] = value.value
    return found


def section(name: str) -> str:
    """Return the section of one doorway."""
    module = doorway(name)
    values = {key: text for source in (".rules", name) for key, text in explained_values(doorway(source)).items()}
    rows = []
    for public in sorted(module.__all__):
        offered = getattr(module, public)
        own = values.get(public) or (offered.__doc__ if callable(offered) and get_origin(offered) is None else "")
        rows.append(f"| `{public}` | {first_sentence(own or '')} |")
    lines = [
        f"## `{module.__name__}`",
        "",
        first_sentence(module.__doc__ or ""),
        "",
        "| name | what it is |",
        "|---|---|",
    ]
    return "\n".join((*lines, *rows, ""))


def main() -> int:
    """Write the page, or compare it."""
    text = "\n".join((HEAD, *(section(name) for name in DOORWAYS)))
    if "--check" in sys.argv[1:]:
        return int(text != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
