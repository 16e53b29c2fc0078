"""Replies that are stored reservations: made of the stored bytes, kept while they are asked for, never out of date."""

from __future__ import annotations

import msgspec
import pytest

from workloadmanager.actors import Stored
from workloadmanager.actors._documents import Documents  # what makes the stored form
from workloadmanager.errors import Internal
from workloadmanager.models import FOLDER
from workloadmanager.rules import Case
from workloadmanager.schema import Registry
from workloadmanager.threebot.gedis._stored import StoredReplies  # what is behind the doorway

from .talking import models, read


@pytest.fixture(scope="module")
def documents() -> Documents:
    """The forms of a reservation."""
    return Documents(models())


@pytest.fixture
def replies() -> StoredReplies:
    """Replies, of which none is kept yet."""
    return StoredReplies()


def stored(documents: Documents, number: int, *, json: str = "{}") -> Stored:
    """A reservation as it is stored."""
    reservation = documents.reservation.new(id=number, json=json, customer_tid=7)
    case = Case(reservation=reservation, farmers=(), placements=(), reporters=())
    return documents.stored(documents.record(case))


def test_the_reply_is_the_json_of_the_reservation(replies: StoredReplies, documents: Documents) -> None:
    """The same as if it had been decoded first."""
    one = stored(documents, 1, json='{"note":"é"}')
    assert read(replies.reply(one)) == msgspec.json.encode(one.decoded())


def test_a_reply_that_is_asked_for_again_and_again_is_made_twice(replies: StoredReplies, documents: Documents) -> None:
    """From then on it is the same object, whoever read the bytes from the store."""
    first, second, third = (replies.reply(stored(documents, 1)) for _ in range(3))
    assert first == second == third
    assert second is third


def test_a_reservation_that_changed_is_never_shown_as_it_was(replies: StoredReplies, documents: Documents) -> None:
    """Its bytes are others."""
    before, after = stored(documents, 1, json='{"a":1}'), stored(documents, 1, json='{"a":2}')
    for _ in range(3):
        replies.reply(before)
    for _ in range(3):
        assert read(replies.reply(after)) == msgspec.json.encode(after.decoded())
    assert read(replies.reply(before)) == msgspec.json.encode(before.decoded())


def test_a_reply_that_is_kept_follows_a_newer_model(replies: StoredReplies) -> None:
    """The bytes stay, and what they mean is another: a package brought a newer model of a part."""
    registry = Registry()
    registry.add_folder(FOLDER)
    one = stored(Documents(registry), 1)
    for _ in range(3):
        replies.reply(one)
    registry.add_text("@url = tfgrid.workloads.reservation.signing.request.1\nsigners = (LI)\nremark = 'new' (S)\n")
    assert b'"remark":"new"' in replies.reply(one)


def test_who_reads_everything_leaves_nothing_behind(replies: StoredReplies, documents: Documents) -> None:
    """Also where it is read again: what is kept has a bound, and what is asked for once is not kept at all."""
    everything = [stored(documents, number) for number in range(1, 1500)]
    for one in everything:
        replies.reply(one)
    assert not replies._kept
    for one in everything:
        replies.reply(one)
        replies.reply(one)
    assert len(replies._kept) == 1024
    assert len(replies._made) <= 1024


def test_a_long_reply_is_not_kept(replies: StoredReplies, documents: Documents) -> None:
    """A thousand of them would be much."""
    one = stored(documents, 1, json="x" * 20_000)
    for _ in range(3):
        replies.reply(one)
    assert not replies._kept


def test_what_can_not_be_read_is_a_fault_of_the_store(replies: StoredReplies, documents: Documents) -> None:
    """It is not kept either."""
    with pytest.raises(Internal, match="reservation 3"):
        replies.reply(Stored(3, b"\xc1", documents.reservation))
