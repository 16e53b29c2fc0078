"""What the tests of the pages stand on: commands in a terminal, and what a page shows that they print."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pages import Block, blocks
from .terminal import Command, commands_of, type_in, variables

CONSOLE = "$ echo one\none\n$ cat <<END\n> two\n> END\ntwo\n…\n"


def console(text: str, needs: str = "") -> Block:
    """A block of commands."""
    return Block("console", text, 10, needs, "")


def test_commands_are_told_from_what_they_print() -> None:
    """A prompt begins a command, its continuation goes on with it, the rest is shown; lines are those of the page."""
    assert list(commands_of(console(CONSOLE))) == [
        Command("echo one", "one", 11, ""),
        Command("cat <<END\ntwo\nEND", "two\n…", 13, ""),
    ]


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        ("", "whatever", True),
        ("one", "one\n", True),
        ("one", "\none  \n\n", True),
        ("one", "one\ntwo\n", False),
        ("one", "on", False),
        ("a.c", "abc", False),
        ("{…,3}", "{1,2,3}", True),
        ("{…}", "{1,\n2}", False),
        ("one\n…", "one\ntwo\nthree\n", True),
        ("one\n…\nthree", "one\ntwo\n", False),
    ],
)
def test_what_is_shown_is_compared(shown: str, printed: str, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    """To the letter, but for the ellipsis and for what nobody sees."""
    assert Command("true", shown, 1, "").prints(printed) is fits


def test_a_page_is_typed_in_until_a_command_fails(tmp_path: Path) -> None:
    """Files are saved before; commands share one terminal; what still runs in the background does not keep it open."""
    page = [
        Block("bash", "# say.sh: says it\nsay() { echo $1; }\n", 1, "", "say.sh"),
        console("$ sleep 1000 &\n$ . ./say.sh\n$ WORD=hello\n$ say $WORD\n"),
        console("$ no-such-program\n", needs="no-such-program"),
        console("$ false\n$ echo never\n"),
    ]
    transcript = type_in(page, tmp_path, variables(tmp_path))
    printed = {command.text: text.strip() for command, text in transcript.printed.items()}
    assert printed == {"sleep 1000 &": "", ". ./say.sh": "", "WORD=hello": "", "say $WORD": "hello", "false": ""}
    assert (transcript.status, transcript.missing) == (1, frozenset({"no-such-program"}))


def test_marks_belong_to_the_block_below_them_alone(tmp_path: Path) -> None:
    """Two blocks that are not run do not take with them what is between them."""
    page = tmp_path / "page.md"
    skipped = "<!-- not run: it waits -->\n```console\n$ sleep 1000\n```\n"
    page.write_text(
        f"{skipped}\n```console\n$ true\n```\n\n<!-- needs: go -->\n```console\n$ go\n```\n\n{skipped}",
        encoding="utf-8",
    )
    assert [(block.text, block.needs) for block in blocks(page)] == [("$ true\n", ""), ("$ go\n", "go")]
