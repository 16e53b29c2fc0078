"""The options of a run, and the mistakes in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Load = Callable[[str], Any]


@pytest.fixture
def read(load: Load) -> Callable[[list[str]], Any]:
    """Read options."""
    read_options: Callable[[list[str]], Any] = load("_options").read_options
    return read_options


def test_a_whole_run_reaches_a_million(read: Any) -> None:
    """With 100,000 stored for most benchmarks, and all of them are run."""
    options = read([])
    assert (options.documents, options.sizes, options.rounds, options.share) == (
        100_000,
        [1_000, 10_000, 100_000, 1_000_000],
        7,
        1.0,
    )
    assert (options.only, options.docs, options.again) == ([], False, None)


def test_a_quick_run_is_smaller(read: Any) -> None:
    """With no fewer rounds than a median needs."""
    options = read(["--quick"])
    assert (options.documents, options.sizes[-1], options.rounds) == (20_000, 100_000, 5)


def test_what_is_said_wins_over_quick(read: Any) -> None:
    """In whatever order."""
    assert read(["--documents", "300", "--quick"]).documents == 300


def test_the_figures_go_beside_the_stores(read: Any) -> None:
    """Unless another file is named."""
    assert read(["--folder", "stores"]).json == Path("stores/figures.json")
    assert read(["--json", "other.json"]).json == Path("other.json")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rounds", "4"], "4 is too few; the fewest is 5"),
        (["--documents", "99"], "99 is too few; the fewest is 100"),
        (["--documents", "many"], "invalid whole_number value: 'many'"),
        (["--sizes", "200", "100"], "--sizes has to rise"),
        (["--sizes", "200"], "--sizes needs two or more"),
        (["--only", "B99"], "invalid choice: 'B99'"),
        (["--only", "B1", "--docs"], "--docs shows all benchmarks, so leave --only out"),
        (["--share", "0"], "'0' is no size; give a number above 0, up to 100"),
        (["--share", "nan"], "'nan' is no size"),
        (["--share", "half"], "'half' is no size"),
        (["--json", "no such folder/figures.json"], "name a file in a folder that is there"),
        (["--json", "."], "'.' can not be written"),
        (["--again", "no such file"], "'no such file' is not there"),
    ],
)
def test_a_mistake_is_said_before_anything_is_measured(
    read: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """In a sentence, with status 2."""
    with pytest.raises(SystemExit) as caught:
        read(arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
