"""The whole run at a tiny size: every benchmark still does what its peer does, and the figures come out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.rules import NextAction

Load = Callable[[str], Any]
TINY = ["--documents", "100", "--rounds", "5", "--share", "0.0001"]
NAMES = ["B1", "B2", "B3", "B3", "B8", "B8", "B9", "B9", "B9", "B10", "B10", "B14", "B14", "R1", "R1", "R8", "R8"]


@pytest.fixture
def run(load: Load) -> Any:
    """The script."""
    return load("run")


@pytest.mark.slow
def test_every_benchmark_runs(run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a row for each, the file the figures of five rounds, and no store is left behind."""
    stores, figures = tmp_path / "stores", tmp_path / "figures.json"
    assert run.main([*TINY, "--folder", str(stores), "--json", str(figures)]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")][2:]
    assert [row.split("|")[1].strip() for row in rows] == NAMES
    results = json.loads(figures.read_text(encoding="utf-8"))["results"]
    assert [result["name"] for result in results] == NAMES
    assert all(len(result["ours_seconds"]) == len(result["peer_seconds"]) == 5 for result in results)
    assert list(stores.iterdir()) == []


@pytest.mark.slow
def test_the_store_is_one_that_the_calls_could_have_made(load: Load, tmp_path: Path) -> None:
    """It agrees with itself, and a reservation of the benchmarks can be registered by the call."""
    with load("_stores").open_stores(tmp_path, 100) as stores:
        sent, nodes = stores.documents.signed()
        registered = stores.manager.reservation_register(reservation=sent)
        assert (registered.id, registered.next_action) == (101, "pay")
        assert sum(stores.manager.store.statistics().reservations.values()) == stores.sqlite.count() + 1
        assert stores.manager.store.check() == []
        assert len(set(nodes)) == 4


def test_documents_are_the_same_in_every_run(load: Load, registry: Any) -> None:
    """So that two runs measure the same."""
    documents = load("_documents")
    nodes = documents.named_nodes(8)
    made = [list(documents.Documents(registry, nodes, 1_800_000_000).stored(20)) for _ in range(2)]
    assert made[0] == made[1]


def test_documents_are_of_the_size_that_the_page_names(load: Load, registry: Any) -> None:
    """About 3 KB, and in states that differ."""
    documents = load("_documents")
    made = list(documents.Documents(registry, documents.named_nodes(8), 1_800_000_000).stored(200))
    schema = registry.get("tfgrid.workloads.reservation.1")
    assert 2900 < sum(len(schema.encode(document.reservation)) for document in made) / 200 < 3200
    assert {NextAction(document.state).name for document in made} == {"create", "pay", "deploy", "invalid", "deleted"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rounds", "4"], "4 is too few; the fewest is 5"),
        (["--documents", "99"], "99 is too few; the fewest is 100"),
        (["--documents", "many"], "invalid whole_number value: 'many'"),
        (["--share", "0"], "'0' is no size; give a number above 0, up to 100"),
        (["--share", "nan"], "'nan' is no size"),
        (["--share", "half"], "'half' is no size"),
        (["--json", "no such folder/figures.json"], "name a file in a folder that is there"),
        (["--json", "."], "'.' can not be written"),
    ],
)
def test_a_mistake_in_the_options_is_said_before_anything_is_measured(
    run: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """In a sentence, with status 2."""
    with pytest.raises(SystemExit) as caught:
        run.main(arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
