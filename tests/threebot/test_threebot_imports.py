"""What a program imports: no more than what it uses, since imports are most of what a short program waits for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

ROOT = "import workloadmanager"
START = "from workloadmanager import start\nstart(':memory:').stop()"
HELP = "from workloadmanager.threebot.cli import main\nassert main(['--help']) == 0"
LIBRARIES = ("lmdb", "msgspec", "nacl", "pykka", "tomlkit")
SHOW = "\nimport sys\nprint('\\n'.join(['modules:', *sys.modules]))"


def imported_by(program: str) -> set[str]:
    """Return the modules that a program has imported when it ends."""
    done = subprocess.run([sys.executable, "-c", program + SHOW], check=True, capture_output=True, text=True)
    return set(done.stdout.partition("modules:\n")[2].split())


def unwanted() -> Iterator[object]:
    """Yield each program with each module that it does not need."""
    for module in (*LIBRARIES, "asyncio", "typer", "rich", "workloadmanager.errors", "workloadmanager.threebot"):
        yield pytest.param(ROOT, module, id=f"the root, {module}")
    for module in ("typer", "rich", "prompt_toolkit", "sqlite3", "workloadmanager.schema._full_toml"):
        yield pytest.param(START, module, id=f"a start, {module}")
    for part in ("cli", "client", "demo", "gedis", "service", "shell"):
        yield pytest.param(START, f"workloadmanager.threebot.{part}", id=f"a start, {part}")
    for module in ("asyncio", "lmdb", "nacl", "prompt_toolkit", "pykka", "tomlkit"):
        yield pytest.param(HELP, module, id=f"the help, {module}")
    for part in ("actors", "bcdb", "rules", "threebot._host", "threebot.client", "threebot.gedis", "threebot.service"):
        yield pytest.param(HELP, f"workloadmanager.{part}", id=f"the help, {part}")


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """The modules that each of the programs imports."""
    return {program: imported_by(program) for program in (ROOT, START, HELP)}


@pytest.mark.parametrize(("program", "module"), list(unwanted()))
def test_what_is_not_used_is_not_imported(program: str, module: str, imported: dict[str, set[str]]) -> None:
    """A program that waits for it would wait for nothing."""
    assert imported[program]
    assert module not in imported[program]


def test_the_root_names_what_it_has_not_imported_yet() -> None:
    """For whoever looks around in it, and for tools that complete names."""
    program = f"{ROOT}\nassert {{'start', 'connect', 'NodeAgent'}} <= set(dir(workloadmanager))"
    assert "workloadmanager.threebot" not in imported_by(program)


@pytest.mark.parametrize("module", ["workloadmanager", "workloadmanager.threebot"])
def test_a_name_that_is_not_there_is_no_attribute(module: str) -> None:
    """As in any other module; a look for it imports nothing."""
    program = (
        f"import {module} as it\ntry:\n    it.stat\nexcept AttributeError as error:\n    assert 'stat' in str(error)"
    )
    assert "pykka" not in imported_by(f"{program}\nelse:\n    raise AssertionError")
