"""Measure the package against its peers, in one run, and print what the rounds come to.

    make bench                                     # everything, on 20,000 stored reservations
    make bench DOCUMENTS=100000 JSON=figures.json  # on more of them, and the figures of every round to a file

``docs/performance.md`` has the figures of one such run, and says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from _decoding import decoding
from _hand_off import hand_off_between_callers, hand_off_of_messages
from _reads import reads
from _registrations import registrations
from _report import Conditions, as_json, heading, table
from _rounds import Benchmark, Result, measure
from _stores import Stores, open_stores

__all__ = ["FEWEST_DOCUMENTS", "FEWEST_ROUNDS", "main", "read_options", "results_on"]

FEWEST_ROUNDS = 5
"""A median of fewer says too little."""

FEWEST_DOCUMENTS = 100
"""A store of fewer has no page to read."""

_LARGEST_SHARE = 100
_FOLDER = Path(__file__).resolve().parent.parent / ".benchmarks"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write the figures where a file is named.

    Arguments:
        arguments: those of the command line; the process's own by default.

    Returns:
        The exit status, 0.

    Raises:
        Disagreement: a side of a benchmark does not do what the other does.
    """
    options = read_options(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="run-") as folder:
        _say(f"storing {options.documents:,} reservations on either side")
        with open_stores(Path(folder), options.documents) as stores:
            document_bytes = round(stores.facts.size / stores.facts.number)
            results = list(results_on(stores, rounds=options.rounds, share=options.share))
    conditions = Conditions(
        date=began, rounds=options.rounds, documents=options.documents, document_bytes=document_bytes
    )
    print(f"\n{heading(conditions)}\n\n{table(results)}")
    if options.json is not None:
        options.json.write_text(as_json(results, conditions), encoding="utf-8")
    return 0


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the options of the command line; a mistake ends the process with a sentence and status 2."""
    parser = argparse.ArgumentParser(description="Measure the package against its peers, in one run.")
    parser.add_argument(
        "--documents", type=_at_least(FEWEST_DOCUMENTS), default=20_000, help="how many reservations are stored first"
    )
    parser.add_argument("--rounds", type=_at_least(FEWEST_ROUNDS), default=7, help="how many rounds of each benchmark")
    parser.add_argument("--share", type=_share, default=1.0, help="size of the samples: 2 for twice as large")
    parser.add_argument("--json", type=_file, metavar="FILE", help="write the figures of every round to this file")
    parser.add_argument(
        "--folder", type=Path, default=_FOLDER, help="where the stores are made, on the disk to measure"
    )
    return parser.parse_args(arguments)


def results_on(stores: Stores, *, rounds: int, share: float) -> Iterator[Result]:
    """Yield the result of each benchmark; those that write come last, so that the others read what was stored first.

    Arguments:
        stores: both stores, filled.
        rounds: how many rounds of each.
        share: how large the samples are: 1 for those that each benchmark names.
    """
    schema = stores.context.documents.reservation
    groups: list[AbstractContextManager[list[Benchmark]]] = [
        hand_off_of_messages(),
        hand_off_between_callers(),
        reads(stores),
        decoding(schema, stores.facts.bodies),
        registrations(stores),
    ]
    for group in groups:
        with group as benchmarks:
            for benchmark in benchmarks:
                _say(f"{benchmark.name}: {benchmark.operation}; against {benchmark.peer_name}")
                yield measure(benchmark, rounds=rounds, share=share)


def _say(text: str) -> None:
    """Tell who waits what is being done; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


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


if __name__ == "__main__":
    sys.exit(main())
