"""The prompt: ptpython with our printing, our errors on a line, and a history of its own."""

from __future__ import annotations

import asyncio
import inspect
from importlib.metadata import version
from pathlib import Path
from typing import Any

import platformdirs
from prompt_toolkit.formatted_text import FormattedText, StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output
from ptpython.completer import CompletePrivateAttributes
from ptpython.repl import PythonRepl

from ...errors import WorkloadManagerError
from ._fragments import Line, Style
from ._printing import describe, mistakes

__all__ = ["Repl", "history_file", "make_prompt", "open_prompt"]

LOOKS: dict[Style, str] = {
    Style.HEADING: "bold",
    Style.NAME: "ansicyan",
    Style.TEXT: "",
    Style.NUMBER: "",
    Style.WORD: "",
    Style.DIM: "ansibrightblack",
    Style.SECRET: "ansiyellow",
    Style.ERROR: "ansired",
}
WELCOME = """workloadmanager {version}
{begin}; fields(Reservation) explains a model; exit leaves and stops everything.
"""


class Shown:
    """What the prompt shows in place of a value."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines

    def __pt_repr__(self) -> FormattedText:
        """Return the lines as ptpython prints them."""
        painted: StyleAndTextTuples = []
        for line in self._lines:
            painted += [(LOOKS[style], text) for style, text in line]
            painted.append(("", "\n"))
        return FormattedText(painted[:-1])


class Repl(PythonRepl):
    """A prompt that shows schema objects readably, and a refusal as one line for each mistake."""

    def eval(self, line: str) -> object:
        """Run what was typed; `_` keeps the value itself, the return value is what is shown."""
        try:
            value = asyncio.run(self.eval_async(line)) if self._awaits(line) else super().eval(line)
        except WorkloadManagerError as error:
            name = type(error).__name__
            return Shown([[(Style.ERROR, f"{name}: "), (Style.TEXT, mistake)] for mistake in mistakes(error)])
        lines = describe(value)
        return value if lines is None else Shown(lines)

    def _awaits(self, line: str) -> bool:
        """Tell whether what was typed awaits something and needs an event loop; other code may start its own."""
        try:
            code = compile(line, "<stdin>", "exec", flags=self.get_compiler_flags(), dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
        return bool(code.co_flags & inspect.CO_COROUTINE)


def make_prompt(
    names: dict[str, Any], *, history: Path | None = None, source: Input | None = None, target: Output | None = None
) -> Repl:
    """Return a prompt that is not running yet.

    Arguments:
        names: its globals.
        history: the file that keeps what was typed; None keeps it in memory.
        source: where keys come from; None is the terminal.
        target: where it draws; None is the terminal.
    """
    repl = Repl(
        get_globals=lambda: names,
        history_filename=None if history is None else str(history),
        input=source,
        output=target,
    )
    repl.title = "workloadmanager "
    repl.terminal_title = "workloadmanager"
    repl.show_signature = True
    repl.show_docstring = True
    repl.complete_private_attributes = CompletePrivateAttributes.IF_NO_PUBLIC
    repl.confirm_exit = False
    repl.complete_while_typing = True
    return repl


def open_prompt(names: dict[str, Any]) -> None:
    """Run a prompt at the terminal until its user leaves."""
    prompt = make_prompt(names, history=history_file())
    begin = "wm is running" if "wm" in names else "wm = package.workloadmanager.start() begins"
    prompt.app.output.write(WELCOME.format(version=version("workloadmanager"), begin=begin))
    prompt.run()


def history_file() -> Path | None:
    """Return the file that keeps what was typed, readable by its user only; None where none can be kept."""
    try:
        folder = platformdirs.user_state_path("workloadmanager", appauthor=False, ensure_exists=True)
        file = folder / "shell-history"
        file.touch(mode=0o600, exist_ok=True)
    except OSError:
        return None
    return file
