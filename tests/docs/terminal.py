"""A page that is typed in at one terminal: its files are saved, its commands run in order, what they print is kept."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .pages import Block

PROMPT, CONTINUED = "$ ", "> "
_MARK = "--- the next command of the page is number"
_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Command:
    """A command as a page has it.

    Attributes:
        text: what is typed, in one line or, behind the prompt ``>``, in several.
        shown: what the page shows that it prints; ``…`` stands for any text in a line, and alone for one or
            more lines.
        line: its line in the page.
        needs: the program without which it is passed over.
    """

    text: str
    shown: str
    line: int
    needs: str

    def prints(self, printed: str) -> bool:
        """Whether what it printed is what the page shows; a page need not show anything."""
        pattern = re.escape(_stripped(self.shown))
        pattern = re.sub(r"(?m)^…$", r"[\\s\\S]*?", pattern).replace("…", ".*?")
        return not self.shown or re.fullmatch(pattern, _stripped(printed)) is not None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What came of a page.

    Attributes:
        status: the status of the terminal: 0 where every command succeeded.
        printed: for each command that was typed, in order, what it printed.
        missing: programs that are not on this machine; what needs them was passed over.
    """

    status: int
    printed: dict[Command, str]
    missing: frozenset[str]


def commands_of(block: Block) -> Iterator[Command]:
    """Yield the commands of a console block."""
    typed: list[str] = []
    shown: list[str] = []
    begin = block.line
    for line, text in enumerate((*block.text.splitlines(), PROMPT), start=block.line + 1):
        if text.startswith(PROMPT):
            if typed:
                yield Command("\n".join(typed), "\n".join(shown), begin, block.needs)
            typed, shown, begin = [text.removeprefix(PROMPT)], [], line
        elif text.startswith(CONTINUED) and not shown:
            typed.append(text.removeprefix(CONTINUED))
        else:
            shown.append(text)


def type_in(blocks: list[Block], folder: Path, environment: dict[str, str]) -> Transcript:
    """Save the files of a page and type in its commands, in a terminal that ends at the first one that fails.

    Whatever still runs in the background then is ended as well.

    Arguments:
        blocks: the blocks of the page.
        folder: where the terminal is.
        environment: its variables.
    """
    missing = frozenset(each.needs for each in blocks if each.needs and not shutil.which(each.needs))
    there = [each for each in blocks if each.needs not in missing]
    for block in there:
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
    commands = [command for block in there if block.kind == "console" for command in commands_of(block)]
    script = "\n".join(f"printf '\\n%s %d\\n' '{_MARK}' {number}\n{each.text}" for number, each in enumerate(commands))
    status, output = _run(script, folder, environment)
    pieces = re.split(rf"(?m)^{_MARK} \d+\n", output)[1:]
    return Transcript(status, dict(zip(commands, pieces, strict=False)), missing)


def variables(folder: Path) -> dict[str, str]:
    """What a snippet sees: the installed package, a home of its own, and nothing of this machine's user."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return {"PATH": path, "HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "COLUMNS": "120"}


def _run(script: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a script of bash; what it prints goes to a file, which a server that it leaves behind can not keep open."""
    with (folder / ".printed").open("w+", encoding="utf-8") as printed:
        terminal = subprocess.Popen(
            ["bash", "-e", "-c", script],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = terminal.wait(_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(terminal.pid, signal.SIGKILL)
            terminal.wait()
        printed.seek(0)
        return status, printed.read()


def _stripped(text: str) -> str:
    """Return a text without what nobody sees: spaces at the ends of lines, empty lines above and below."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
