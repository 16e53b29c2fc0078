"""The rules are functions of what they are given."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from workloadmanager import rules

MODULES = sorted(Path(str(rules.__file__)).parent.glob("*.py"))
FORBIDDEN = frozenset(
    ("actors", "asyncio", "bcdb", "lmdb", "os", "pykka", "random", "secrets", "socket", "threading", "threebot", "time")
)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_rule_knows_no_store_no_thread_no_clock_and_no_socket(module: Path) -> None:
    """Nothing of the kind is imported, and no method of a clock is called."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imported = {part for node in ast.walk(tree) for name in names_of(node) for part in name.split(".")}
    assert imported & FORBIDDEN == set()
    called = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert called & {"datetime.now", "datetime.today", "datetime.utcnow"} == set()


def names_of(node: ast.AST) -> list[str]:
    """What a node of a syntax tree imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(alias.name for alias in node.names)]
    return []
