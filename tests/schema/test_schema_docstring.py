"""Docstrings: blocks for the machine, help for people."""

from __future__ import annotations

import pytest

from workloadmanager.errors import SchemaError
from workloadmanager.schema import Block, Blocks, read_blocks

DOCSTRING = """List reservations.

    Every filter may be empty.

    ```in
    node_id = (S)  # a node
    epoch = (I)
    ```

    ```out
    !some.url.1
    ```

    ```python
    ask({})
    ```

    '''acl
    admin
    '''

    Rules: docs.
    """


def test_a_docstring_is_cut_into_its_blocks() -> None:
    """Each knows how many lines come before it; indentation that all share is gone."""
    blocks = read_blocks(DOCSTRING)
    assert blocks.input == Block("node_id = (S)  # a node\nepoch = (I)", 5)
    assert blocks.output == Block("!some.url.1", 10)
    assert blocks.acl == Block("admin", 18)


def test_the_help_is_the_docstring_without_its_blocks() -> None:
    """Other fences belong to it."""
    assert read_blocks(DOCSTRING).help == (
        "List reservations.\n\nEvery filter may be empty.\n\n```python\nask({})\n```\n\nRules: docs."
    )


def test_a_docstring_without_blocks_is_help_alone() -> None:
    """An empty one too."""
    assert read_blocks("Just help.") == Blocks(None, None, None, "Just help.")
    assert read_blocks("") == Blocks(None, None, None, "")


@pytest.mark.parametrize(
    ("docstring", "line", "message"),
    [
        ("Help.\n```in\na = (S)", 2, "the block 'in' is not closed"),
        ("```in\na = (S)\n'''", 1, "the block 'in' is not closed"),
        ("```in\n```\n```in\n```", 3, "the block 'in' is there twice"),
    ],
)
def test_blocks_that_do_not_fit_are_refused(docstring: str, line: int, message: str) -> None:
    """With the line of the docstring."""
    with pytest.raises(SchemaError) as caught:
        read_blocks(docstring)
    (problem,) = caught.value.errors
    assert (problem.line, problem.message) == (line, message)
