"""The benchmarks of the server at a tiny size: both servers answer with the same, and the figures come out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

Load = Callable[[str], Any]
TINY = ["--documents", "100", "--rounds", "5", "--share", "0.01"]

HAS_PEERS = shutil.which("redis-server") and list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))

needs_peers = pytest.mark.skipif(
    not HAS_PEERS and not os.environ.get("CI"),
    reason="redis-server or PostgreSQL is not installed; on Debian they are in redis-server and postgresql",
)


@needs_peers
@pytest.mark.slow
def test_every_benchmark_of_the_server_runs(load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a row for each shape of requests, the rates are said in words, and nothing is left behind."""
    stores, figures = tmp_path / "stores", tmp_path / "figures.json"
    run = load("run_gedis")
    assert run.main([*TINY, "--folder", str(stores), "--json", str(figures)]) == 0
    printed = capsys.readouterr().out
    results = json.loads(figures.read_text(encoding="utf-8"))["results"]
    reads, registrations = 2 * len(run.SHAPES), len(run.CALLERS)
    assert [result["name"] for result in results] == ["B15"] * reads + ["B5"] * registrations
    assert printed.count("of the rate of redis-server GET") == reads
    assert printed.count("of the rate of pgbench on PostgreSQL") == registrations
    assert list(stores.iterdir()) == []


def test_a_command_is_written_as_clients_write_it(load: Load) -> None:
    """An array of bulk strings whose lengths count bytes."""
    assert load("_load").command("GET", "é") == b"*2\r\n$3\r\nGET\r\n$2\r\n\xc3\xa9\r\n"


def test_an_error_in_place_of_a_reply_ends_a_benchmark(load: Load, tmp_path: Path) -> None:
    """Else it would measure how fast a server refuses."""
    module = load("_load")
    with load("_gedis_server").gedis_server(tmp_path / "bcdb") as address:
        with pytest.raises(RuntimeError, match="there is no command"):
            module.replies_to(address, [module.command("nonsense")])
        with module.process_of_load() as sender:
            work = sender.sending(address, repeat(module.command("nonsense")), connections=1)
            with pytest.raises(RuntimeError, match="there is no command"):
                work(1)()
