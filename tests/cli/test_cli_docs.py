"""docs/command-line.md and the help texts are held to the commands that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from workloadmanager.threebot.cli._app import application  # no doorway: the tree is the command line's own
from workloadmanager.threebot.cli._shared import PARAMETERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
FLAG = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")
SECTION = re.compile(r"^### `(?P<title>[^`]+)`\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each command that does something, by what is typed for it."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}")
    if not getattr(command, "commands", {}):
        yield path, command


def groups(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the whole command line and each noun."""
    yield path, command
    for name, inner in command.commands.items():
        if getattr(inner, "commands", {}):
            yield f"{path} {name}", inner


ROOT = get_command(application())
COMMANDS = dict(commands(ROOT, "workloadmanager"))
GROUPS = dict(groups(ROOT, "workloadmanager"))
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = {found["title"]: found["text"] for found in SECTION.finditer(TEXT)}


def arguments(command: Any) -> list[str]:
    """The arguments of a command, as its usage names them."""
    return [each.metavar for each in command.params if each.param_type_name == "argument"]


def options(command: Any, *, shared: bool = False) -> dict[str, Any]:
    """The options of a command by how they are written: its own, or those it shares."""
    return {
        each.opts[0]: each
        for each in command.params
        if each.param_type_name == "option" and (each.name in PARAMETERS) == shared
    }


def test_every_command_has_its_section_and_every_section_its_command() -> None:
    """The headings are the usages, no more and no less."""
    usages = {" ".join((path, *arguments(command))) for path, command in COMMANDS.items()}
    assert set(SECTIONS) == usages


@pytest.mark.parametrize("path", COMMANDS)
def test_the_options_of_a_section_are_those_of_its_command(path: str) -> None:
    """A row for each option, with the word for its value; no option that is not there."""
    command = COMMANDS[path]
    text = SECTIONS[" ".join((path, *arguments(command)))]
    rows = {row.split("`")[1].split()[0]: row.split("`")[1] for row in text.splitlines() if row.startswith("| `")}
    assert set(rows) == set(options(command))
    for flag, each in options(command).items():
        assert rows[flag].replace("\\|", "|") == (f"{flag} {each.metavar}" if each.metavar else flag)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_section_has_an_example_that_calls_its_command(path: str) -> None:
    """The example is run by the test of all pages."""
    text = SECTIONS[" ".join((path, *arguments(COMMANDS[path])))]
    assert re.search(rf"^\$ .*{path}\b", text, re.MULTILINE)


@pytest.mark.parametrize("flag", ["--store", "--set", "--keys", "--json"])
def test_the_page_says_which_commands_take_a_shared_option(flag: str) -> None:
    """By name, or every one but those named."""
    (row,) = (line for line in TEXT.splitlines() if line.startswith(f"| `{flag}"))
    cell = row.rsplit("|", 2)[1]
    named = [f"workloadmanager {name}" for name in re.findall(r"`([a-z ]+)`", cell)]
    of_named = {path for path in COMMANDS if any(path == name or path.startswith(f"{name} ") for name in named)}
    taken = {path for path, command in COMMANDS.items() if flag in options(command, shared=True)}
    assert taken == (set(COMMANDS) - of_named if "every command but" in cell else of_named)


@pytest.mark.parametrize("path", COMMANDS)
def test_the_help_of_a_command_has_an_example(path: str) -> None:
    """The example calls the command, with options that it has."""
    command = COMMANDS[path]
    _, _, example = command.epilog.partition("Example[/bold]")
    lines = example.strip().splitlines()
    assert lines
    known = {flag for each in command.params for flag in each.opts}
    for line in lines:
        assert f"{path} " in f"{line.strip()} "
        assert set(FLAG.findall(line.partition(path)[2].split("'")[0])) <= known


@pytest.mark.parametrize("path", [*GROUPS, *COMMANDS])
def test_every_command_and_option_explains_itself(path: str) -> None:
    """A sentence for the command, and one for each option."""
    command = {**GROUPS, **COMMANDS}[path]
    assert command.help.endswith(".")
    unexplained = [each.opts for each in command.params if not each.help and each.opts[0] not in ("--help", "-h")]
    assert unexplained == []


@pytest.mark.parametrize("path", [*GROUPS, *COMMANDS])
def test_the_help_can_be_shown(cli: Any, path: str) -> None:
    """On 80 columns, with status 0, and nothing on stderr; rich markup in it is all meant."""
    _, *words = path.split()
    finished = cli(*words, "--help")
    assert (finished.status, finished.err) == (0, "")
    assert path in finished.out
    assert "[/" not in finished.out


def test_the_short_form_of_help_works(cli: Any) -> None:
    """`-h` is what fingers type."""
    assert cli("user", "-h").out == cli("user", "--help").out


def test_completion_of_a_shell_is_written(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell asks in this way for what may follow."""
    monkeypatch.setenv("_WORKLOADMANAGER_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "workloadmanager reservation re")
    monkeypatch.setenv("COMP_CWORD", "2")
    finished = cli()
    assert (finished.status, finished.out.split()) == (0, ["register"])
