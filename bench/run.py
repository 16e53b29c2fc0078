"""Measure the package against its peers, in one run, and print what the rounds come to.

    make bench                       # everything, on 100,000 stored reservations, and up to 1,000,000
    make bench QUICK=1               # fewer and smaller: under five minutes
    make bench ONLY="B9 B10"         # some of it
    make bench DOCS=1                # write the tables and plots of docs/performance.md again

``docs/performance.md`` has the figures of one such run, and says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from _bench import Bench, say
from _figures import Run, as_json, from_json
from _groups import Group, wanted
from _machine import Conditions, Machine, describe
from _options import read_options
from _page import PAGE, write_page
from _report import heading, table, verdict
from _rounds import PeerMissing, Result, measure

__all__ = ["main"]

_PASSABLE = 0o711


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the figures to a file, and the page where that is asked for.

    Arguments:
        arguments: those of the command line; the process's own by default.

    Returns:
        The exit status, 0.

    Raises:
        Disagreement: a side of a benchmark does not do what the other does.
    """
    options = read_options(arguments)
    run = _measured(options) if options.again is None else from_json(options.again.read_text(encoding="utf-8"))
    print(f"\n{heading(run.conditions)}\n\n{table(run.results)}\n\n{verdict(run.results)}")
    if options.docs:
        write_page(run, PAGE)
        say(f"written again: {PAGE.name} and its plots")
    return 0


def _measured(options: argparse.Namespace) -> Run:
    """Measure what was asked for; the file has all so far after each group, so that what a run found is not lost."""
    options.folder.mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="run-") as folder:
        Path(folder).chmod(_PASSABLE)  # PostgreSQL runs as another user, in a folder of its own below this one
        bench = Bench(
            folder=Path(folder),
            documents=options.documents,
            sizes=tuple(options.sizes),
            rounds=options.rounds,
            share=options.share,
        )
        machine = describe(bench.folder)
        run = Run(_conditions(bench, machine, began), [])
        for group in wanted(options.only):
            results = [*run.results, *_results(group, bench, options.only)]
            run = Run(_conditions(bench, machine, began), results)
            options.json.write_text(as_json(run), encoding="utf-8")
    say(f"the figures of every round are in {options.json}")
    return run


def _results(group: Group, bench: Bench, only: Sequence[str]) -> Iterator[Result]:
    """Yield the results of a group; where its peer is missing that is said, and the run goes on."""
    try:
        with group.open(bench) as benchmarks:
            for benchmark in benchmarks:
                if not only or benchmark.name in only:
                    against = f"; against {benchmark.peer_name}" if benchmark.peer_name else ""
                    say(f"{benchmark.name}: {benchmark.operation}{against}")
                    yield from measure(benchmark, rounds=bench.rounds, share=bench.share)
    except PeerMissing as missing:
        say(f"not measured: {', '.join(group.names)}: {missing}")


def _conditions(bench: Bench, machine: Machine, began: datetime) -> Conditions:
    return Conditions(
        date=began,
        machine=machine,
        documents=bench.documents,
        document_bytes=bench.document_bytes,
        rounds=bench.rounds,
        share=bench.share,
    )


if __name__ == "__main__":
    sys.exit(main())
