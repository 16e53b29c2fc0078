"""The options of a run, as the command line gives them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from _groups import names

__all__ = ["FEWEST_DOCUMENTS", "FEWEST_ROUNDS", "read_options"]

FEWEST_ROUNDS = 5
"""A median of fewer says too little."""

FEWEST_DOCUMENTS = 100
"""A store of fewer has no page to read."""

_LARGEST_SHARE = 100
_FEWEST_SIZES = 2
_FOLDER = Path(__file__).resolve().parent.parent / ".benchmarks"
_WHOLE = {"documents": 100_000, "sizes": [1_000, 10_000, 100_000, 1_000_000], "rounds": 7, "share": 1.0}
_QUICK = {"documents": 20_000, "sizes": [1_000, 10_000, 100_000], "rounds": 5, "share": 0.2}


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the options; a mistake ends the process with a sentence and status 2.

    Arguments:
        arguments: those of the command line; the process's own by default.

    Returns:
        ``documents``, ``sizes``, ``rounds``, ``share``, ``only``, ``folder``, ``json``, ``docs`` and ``again``, each
        with its default where it was not given.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    for name, value in (_QUICK if options.quick else _WHOLE).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if options.json is None:
        options.json = options.folder / "figures.json"
    if options.docs and options.only:
        parser.error("--docs shows all benchmarks, so leave --only out")
    if sorted(set(options.sizes)) != options.sizes:
        parser.error("--sizes has to rise")
    if len(options.sizes) < _FEWEST_SIZES:
        parser.error("--sizes needs two or more")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure the package against its peers, in one run.")
    add = parser.add_argument
    add("--quick", action="store_true", help="fewer reservations, fewer rounds, smaller samples: under five minutes")
    add("--only", nargs="+", default=[], choices=names(), metavar="NAME", help="run these benchmarks: B9 B10")
    add("--documents", type=_at_least(FEWEST_DOCUMENTS), help="how many reservations are stored first")
    add("--sizes", nargs="+", type=_at_least(FEWEST_DOCUMENTS), help="sizes of store over which growth is measured")
    add("--rounds", type=_at_least(FEWEST_ROUNDS), help="how many rounds of each benchmark")
    add("--share", type=_share, help="size of the samples: 2 for twice as large")
    add("--json", type=_file, metavar="FILE", help="write the figures of every round to this file")
    add("--docs", action="store_true", help="write the tables and plots of docs/performance.md again")
    add("--again", type=_present, metavar="FILE", help="measure nothing, and show the figures of this file")
    add("--folder", type=Path, default=_FOLDER, help="where the stores are made, on the disk to measure")
    return parser


def _at_least(fewest: int) -> Callable[[str], int]:
    """Return what reads a whole number that is not below another."""

    def whole_number(text: str) -> int:
        number = int(text)
        if number < fewest:
            raise argparse.ArgumentTypeError(f"{number} is too few; the fewest is {fewest}")
        return number

    return whole_number


def _share(text: str) -> float:
    """Read how large the samples are."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= _LARGEST_SHARE:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; give a number above 0, up to {_LARGEST_SHARE}")
    return number


def _file(text: str) -> Path:
    """Read where to write: looked at before anything is measured, not after."""
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} can not be written; name a file in a folder that is there")
    return path


def _present(text: str) -> Path:
    """Read the name of a file that is there."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is not there; name a file that an earlier run wrote")
    return path
