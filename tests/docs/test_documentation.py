"""The docs are held to the code: every call, argument, error and public name is documented, every snippet runs."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_origin

import pytest

from workloadmanager import errors, start
from workloadmanager.actors import CALLS
from workloadmanager.rules import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
DOORWAYS = ("", ".actors", ".bcdb", ".rules", ".schema", ".threebot", ".errors", ".signing")
BLOCK = re.compile(
    r"^(?P<skip><!-- not run: (?P<reason>.+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")
MENTION = re.compile(r"`(?P<page>docs/[\w./-]+)`")


def blocks(page: Path, kind: str) -> Iterator[str]:
    """Yield the blocks of one kind that a page says can be run, with the line numbers of the page."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found["kind"] == kind and not found["skip"]:
            yield "\n" * text.count("\n", 0, found.start("text")) + found["text"]


def names(pages: list[Path]) -> list[str]:
    """The pages as ids of tests."""
    return [page.relative_to(REPOSITORY).as_posix() for page in pages]


PAGES_WITH_PYTHON = [page for page in PAGES if list(blocks(page, "python"))]
PAGES_WITH_COMMANDS = [page for page in PAGES if list(blocks(page, "console"))]


def environment(folder: Path) -> dict[str, str]:
    """What a snippet sees: the installed package, a home of its own, and nothing of this machine's user."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return {"PATH": path, "HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "COLUMNS": "120"}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES_WITH_PYTHON, ids=names(PAGES_WITH_PYTHON))
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    """A reader can type in a page's Python in order, in one interpreter, and it works without a warning."""
    script = tmp_path / "page.py"
    source = "\n".join(
        f"exec(compile({block!r}, {page.name!r}, 'exec'), globals())" for block in blocks(page, "python")
    )
    script.write_text(source, encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=REPOSITORY / "examples",
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=names(PAGES_WITH_COMMANDS))
def test_the_commands_of_a_page_run_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    """A reader can type in a page's commands in order, in one terminal, and each succeeds."""
    commands = [
        line.removeprefix("$ ")
        for block in blocks(page, "console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    finished = subprocess.run(
        ["bash", "-e", "-c", "\n".join(commands)],
        cwd=tmp_path,
        env=environment(tmp_path) | {"EXAMPLES": str(REPOSITORY / "examples")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    """A link inside the repository, and a page named in the text, exists."""
    text = page.read_text(encoding="utf-8")
    links = [page.parent / found["target"] for found in LINK.finditer(text) if "://" not in found["target"]]
    mentions = [REPOSITORY / found["page"] for found in MENTION.finditer(text)]
    assert [str(target) for target in (*links, *mentions) if not target.exists()] == []


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_documented_with_each_of_its_arguments(call: str) -> None:
    """docs/calls.md has a section for the call that names every argument its docstring declares."""
    text = (REPOSITORY / "docs" / "calls.md").read_text(encoding="utf-8")
    section = re.search(rf"^## `?{call}`?$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/calls.md has no section {call}"
    documentation = CALLS[call].__doc__ or ""
    declared = re.search(r"```in\n(.*?)```", documentation, re.DOTALL)
    assert declared
    arguments = re.findall(r"^\s*(\w+)\s*=", declared[1], re.MULTILINE)
    assert arguments
    assert [name for name in arguments if f"`{name}`" not in section[1]] == []


OPTIONS = [
    *(field.name for field in fields(Settings)),
    *(each.name for each in inspect.signature(start).parameters.values() if each.kind is not each.VAR_KEYWORD),
]


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_documented(option: str) -> None:
    """docs/operating.md has a row for each setting of the manifest and each argument of start()."""
    text = (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    assert any(f"`{option}`" in row for row in rows)


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name not in {"Problem", "WorkloadManagerError"}])
def test_an_error_is_documented_with_its_kind(name: str) -> None:
    """docs/errors.md has a row for each error class, with its kind."""
    text = (REPOSITORY / "docs" / "errors.md").read_text(encoding="utf-8")
    assert f"| `{getattr(errors, name).kind}` | `{name}` |" in text


def test_the_reference_page_is_what_its_script_writes() -> None:
    """docs/reference.md lists what each doorway offers today, with its first sentence, and nothing else."""
    script = REPOSITORY / "docs" / "write_reference.py"
    finished = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize("doorway", DOORWAYS)
def test_every_public_name_has_a_docstring(doorway: str) -> None:
    """What a doorway offers explains itself; plain values are explained on the reference page."""
    module = importlib.import_module(f"workloadmanager{doorway}")
    offered = {name: getattr(module, name) for name in module.__all__}
    explained = {name: value for name, value in offered.items() if callable(value) and get_origin(value) is None}
    assert [name for name, value in explained.items() if not value.__doc__] == []
