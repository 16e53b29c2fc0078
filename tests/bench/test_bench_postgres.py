"""What is done beside us in PostgreSQL is what it is said to be, so that it is a peer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.rules import NextAction

Load = Callable[[str], Any]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bench(load: Load) -> Iterator[Any]:
    """A run of a tiny store."""
    with tempfile.TemporaryDirectory() as name:  # not below pytest's own, where PostgreSQL's user may not pass
        folder = Path(name)
        folder.chmod(0o711)
        yield load("_bench").Bench(folder=folder, documents=100, sizes=(100,), rounds=1, share=1.0)


@pytest.fixture
def ours(bench: Any) -> Iterator[Any]:
    """Our store, open for a test: no actor may outlive one."""
    with bench.ours() as store:
        yield store


@pytest.fixture(scope="module")
def server(load: Load, bench: Any) -> Iterator[Any]:
    """PostgreSQL with the same reservations."""
    rounds = load("_rounds")
    try:
        with load("_postgres").postgres(bench.new_folder("postgres")) as started:
            rows, copies = load("_postgres_rows").PostgresRows, load("_stores").copies
            with bench.ours() as ours, rows(started.address, copies(ours)):
                pass
            yield started
    except rounds.PeerMissing as missing:
        if "CI" in os.environ:  # which has it
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def signer(load: Load, server: Any) -> Iterator[Any]:
    """The program that counts a farmer's signatures there."""
    module = load("_signing")
    with load("_postgres_signer").PostgresSigner(
        server.address, 2, tid=module._FARMER, public_key=module._KEY.public_key
    ) as program:
        yield program


def test_every_commit_is_on_the_disk(server: Any) -> None:
    """Before it is answered, as ours is."""
    assert [server.execute([f"SHOW {name}"]).strip() for name in ("fsync", "synchronous_commit")] == ["on", "on"]


def test_a_program_that_fails_says_why(server: Any) -> None:
    """In its own words."""
    with pytest.raises(RuntimeError, match=r"^psql: .*nothing"):
        server.execute(["SELECT nothing"])


def test_pgbench_stores_what_it_is_told(load: Load, server: Any) -> None:
    """Documents with an id each, on four nodes that differ, and it says at which rate."""
    pgbench = load("_pgbench").Pgbench(server, '{"order": "it\'s"}')
    before = pgbench.count()
    assert pgbench.rate(21, callers=2) > 0
    assert pgbench.count() == before + 20
    found = server.execute(
        [
            "SELECT DISTINCT body ->> 'order', (SELECT count(DISTINCT one) FROM unnest(node_ids) AS one) "
            "FROM reservations WHERE body ? 'order'"
        ]
    )
    server.execute(["DELETE FROM reservations WHERE body ? 'order'"])  # the tests that follow give out the same ids
    assert found.split() == ["it's|4"]


def test_a_signature_is_counted_once_on_either_side(load: Load, ours: Any, signer: Any) -> None:
    """And moves the same reservation on to deploy, with the same entry but for its time."""
    sent = next(load("_signing").Waiting(ours, signer).for_peer)
    before = signer.count(NextAction.deploy)
    signer.sign(sent)
    assert signer.count(NextAction.deploy) == before + 1
    with pytest.raises(LookupError):
        signer.sign(sent)
    receipt = ours.manager.sign_farmer(reservation_id=sent.reservation_id, tid=51, signature=sent.signature)
    assert receipt.next_action == "deploy"


def test_a_signature_that_does_not_verify_changes_nothing(load: Load, ours: Any, signer: Any) -> None:
    """The peer does look."""
    sent = next(load("_signing").Waiting(ours, signer).for_peer)
    before = signer.count(NextAction.deploy)
    with pytest.raises(Exception, match="Signature was forged or corrupt"):
        signer.sign(sent._replace(signature="00" * 64))
    assert signer.count(NextAction.deploy) == before


def test_both_sides_are_sent_the_same_when_all_that_waited_is_used_up(load: Load, ours: Any, signer: Any) -> None:
    """New reservations are stored on both, and can be signed."""
    waiting = load("_signing").Waiting(ours, signer)
    for_ours = list(islice(waiting.for_ours, 120))
    assert for_ours == list(islice(waiting.for_peer, 120))
    assert len({sent.reservation_id for sent in for_ours}) == 120
    signer.sign(for_ours[-1])
    last = for_ours[-1]
    receipt = ours.manager.sign_farmer(reservation_id=last.reservation_id, tid=51, signature=last.signature)
    assert receipt.next_action == "deploy"
