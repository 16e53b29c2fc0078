"""The turns of the nodes: one thing after another, so that whatever happens between two of them surely does."""

from __future__ import annotations

import time

from ._gedis_stage import GedisStage
from ._parties import Node
from ._stage import Fault
from ._talk import GO, LOSE, Deed, Said, Word

__all__ = ["do_without_report", "take_turn", "work_off"]

DOES = {Deed.deploy: "deploys", Deed.delete: "deletes"}
DID = {Deed.deploy: "deployed", Deed.delete: "deleted"}


def take_turn(stage: GedisStage, node: Node, *, lose: bool = False) -> None:
    """Let a node do the one thing that it asks for, with the report on it, and show what came of it.

    Arguments:
        stage: where it happens.
        node: whose turn it is.
        lose: whether the server's answer to the report is lost on its way.

    Raises:
        Fault: the report is refused, leads to another state than it should, or the node says nothing in time.
    """
    at_work = stage.at_work[node.name]
    question = at_work.question()
    if question.deed is Deed.report:
        _report(stage, node, f"reports {question.gwid}, which waited", f"tries to report {question.gwid}", lose=lose)
        return
    action = _do(stage, node, question)
    following = at_work.hear()
    if following.word is Word.asks and (following.deed, following.gwid) == (Deed.report, question.gwid):
        _report(stage, node, f"{action}, reports it", action, lose=lose)
    else:
        stage.screen.done(node.name, f"{action}; report waits")


def do_without_report(stage: GedisStage, node: Node) -> None:
    """Let a node do the one thing that it asks for, and stop before its report."""
    at_work = stage.at_work[node.name]
    question = at_work.question()
    action = _do(stage, node, question)
    report = at_work.hear()
    stage.expect(
        (report.word, report.deed, report.gwid) == (Word.asks, Deed.report, question.gwid),
        f"{node.name} should be about to report {question.gwid}, and says {report.written()}",
    )
    stage.screen.done(node.name, f"{action}, and is about to report it")


def work_off(stage: GedisStage) -> None:
    """Let the nodes take turns until every report that is expected was acknowledged.

    Raises:
        Fault: that is not so within the patience, or a turn goes wrong.
    """
    deadline = time.monotonic() + stage.patience
    while stage.unreported:
        for node in stage.nodes:
            if any(name == node.name for name, _ in stage.unreported):
                take_turn(stage, node)
        if stage.unreported and time.monotonic() > deadline:
            late = ", ".join(f"{name} on {gwid}" for name, gwid in sorted(stage.unreported))
            raise Fault(f"no report came within {stage.patience:g} seconds from {late}")


def _do(stage: GedisStage, node: Node, question: Said) -> str:
    """Let a node deploy or delete, and return that in words."""
    at_work, what = stage.at_work[node.name], f"{question.kind} {question.gwid}"
    at_work.answer()
    did = at_work.hear()
    if did.word is not Word.did:
        raise Fault(f"{node.name} should have {DID.get(question.deed)} {what}, and says {did.written()}")
    opened = " with its secret" if did.secrets else ""
    return f"{DOES[did.deed]} {what}{opened}"


def _report(stage: GedisStage, node: Node, reported: str, unanswered: str, *, lose: bool) -> None:
    """Let a node send a report, and show what came of it: in one way if it is acknowledged, in another if not."""
    at_work = stage.at_work[node.name]
    at_work.answer(LOSE if lose else GO)
    said = at_work.hear()
    match said.word:
        case Word.reported:
            stage.unreported.discard((node.name, said.gwid))
            stage.done(node.name, reported, said.state, should_be=stage.state_after_report)
        case Word.unanswered:
            stage.screen.done(node.name, f"{unanswered}; {'the answer is lost' if lose else 'nobody answers'}")
        case _:
            raise Fault(f"{node.name} {reported}, and that is refused: {said.reason or said.written()}")
