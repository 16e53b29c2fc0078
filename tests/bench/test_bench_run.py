"""The whole run at a tiny size: every benchmark still does what its peer does, and the figures come out."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.rules import NextAction

Load = Callable[[str], Any]
GROUPS = (
    *("B1 B2", "B3", "B8 B9 B10", "B8 B9 B10", "B13", "B14", "B15", "B11", "L", "T"),
    *("R1 R8", "B6 B7", "B12", "B5", "B5", "B5", "B16", "M", "S", "B11", "B4"),
)
TINY = 0.0001


@pytest.fixture(scope="module")
def bench(load: Load) -> Iterator[Any]:
    """A run of tiny stores, which its groups share as they do in a real one."""
    with tempfile.TemporaryDirectory() as name:  # not below pytest's own, where PostgreSQL's user may not pass
        folder = Path(name)
        folder.chmod(0o711)
        yield load("_bench").Bench(folder=folder, documents=100, sizes=(100, 200), rounds=1, share=TINY)


@pytest.fixture
def run(load: Load) -> Any:
    """The script."""
    return load("run")


def test_the_groups_are_those_that_are_tested_here(load: Load) -> None:
    """One that is added is added here too."""
    assert [" ".join(group.names) for group in load("_groups").GROUPS] == list(GROUPS)


@pytest.mark.slow
@pytest.mark.parametrize(("position", "names"), list(enumerate(GROUPS)))
def test_a_group_runs(load: Load, bench: Any, position: int, names: str) -> None:
    """Both sides of each benchmark do the same, and take some time to do it."""
    rounds = load("_rounds")
    try:
        with load("_groups").GROUPS[position].open(bench) as benchmarks:
            results = [result for one in benchmarks for result in rounds.measure(one, rounds=1, share=TINY)]
    except rounds.PeerMissing as missing:
        if "CI" in os.environ:  # which has them all
            raise
        pytest.skip(str(missing))
    assert {result.name for result in results} == set(names.split())
    assert all(figure >= 0 for result in results for figure in (*result.ours, *result.peer))


@pytest.mark.slow
def test_a_run_ends_with_a_table_and_a_file(run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a row for each benchmark that was asked for, and no store is left behind."""
    stores, figures = tmp_path / "stores", tmp_path / "figures.json"
    arguments = ["--only", "B1", "B14", "--documents", "100", "--rounds", "5", "--share", str(TINY)]
    assert run.main([*arguments, "--folder", str(stores), "--json", str(figures)]) == 0
    printed = capsys.readouterr().out
    names = ["B1", "B14", "B14"]
    assert [line.split("|")[1].strip() for line in printed.splitlines() if line.startswith("|")][2:] == names
    assert "bars hold" in printed
    results = json.loads(figures.read_text(encoding="utf-8"))["results"]
    assert [result["name"] for result in results] == names
    assert all(len(result["ours"]) == len(result["peer"]) == 5 for result in results)
    assert list(stores.iterdir()) == []


@pytest.mark.slow
def test_a_peer_that_is_missing_is_said_and_the_run_goes_on(
    run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the groups that do not need it."""
    monkeypatch.setenv("PATH", str(tmp_path))  # in which there is no redis-server
    arguments = ["--only", "B14", "B15", "--documents", "100", "--rounds", "5", "--share", str(TINY)]
    assert run.main([*arguments, "--folder", str(tmp_path / "stores")]) == 0
    printed = capsys.readouterr()
    assert "not measured: B15: redis-server is not installed" in printed.err
    assert ("| B14 " in printed.out, "| B15 " in printed.out) == (True, False)


def test_a_run_is_shown_again_from_its_file(
    run: Any, load: Load, results: list[Any], conditions: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is measured, and the file stays as it is."""
    figures, file = load("_figures"), tmp_path / "figures.json"
    file.write_text(figures.as_json(figures.Run(conditions, results)), encoding="utf-8")
    before = file.read_bytes()
    assert run.main(["--again", str(file)]) == 0
    printed = capsys.readouterr()
    assert load("_report").table(results) in printed.out
    assert (printed.err, file.read_bytes()) == ("", before)


@pytest.mark.slow
def test_the_store_is_one_that_the_calls_could_have_made(bench: Any) -> None:
    """It agrees with itself, and a reservation of the benchmarks can be registered by the call."""
    with bench.ours(200) as ours:
        before = sum(ours.manager.store.statistics().reservations.values())
        sent, nodes = ours.documents.signed()
        registered = ours.manager.reservation_register(reservation=sent)
        assert registered.next_action == "pay"
        assert sum(ours.manager.store.statistics().reservations.values()) == before + 1
        assert ours.manager.store.check() == []
        assert len(set(nodes)) == 4


@pytest.fixture
def documents(load: Load, registry: Any) -> Callable[[], Any]:
    """Make reservations from the beginning."""
    module = load("_documents")
    return lambda: module.Documents(registry, module.named_nodes(8), 1_800_000_000)


def test_documents_are_the_same_in_every_run(documents: Callable[[], Any]) -> None:
    """So that two runs measure the same."""
    assert list(documents().stored(20)) == list(documents().stored(20))


def test_orders_are_never_alike(documents: Callable[[], Any]) -> None:
    """A signature can be used once."""
    made = documents()
    assert len({made.signed()[0]["customer_signature"] for _ in range(20)}) == 20
    assert "customer_signature" not in made.unsigned()[0]


def test_documents_are_of_the_size_that_the_page_names(documents: Callable[[], Any], registry: Any) -> None:
    """About 3 KB, and in states that differ."""
    made = list(documents().stored(200))
    schema = registry.get("tfgrid.workloads.reservation.1")
    assert 2900 < sum(len(schema.encode(document.reservation)) for document in made) / 200 < 3200
    assert {NextAction(document.state).name for document in made} == {"create", "pay", "deploy", "invalid", "deleted"}
