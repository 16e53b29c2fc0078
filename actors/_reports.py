"""What the two reporting calls share: find the reservation and the node that reports, then make the change."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from ..errors import NotFound
from ..rules import (
    Case,
    Event,
    Gwid,
    Report,
    embedded_text,
    format_gwid,
    node_key,
    reporter_of,
    signature_bytes,
)
from ._access import reports_unsigned
from ._revision import Revision
from ._transitions import Happening, submit_event
from ._view import ChangingCall

__all__ = ["ReportingCall", "plain_result"]


class ReportingCall(ChangingCall):
    """The base of the calls by which nodes report."""

    def _reporter(self, case: Case, workload_id: int, *, node_id: str, report: Report | None) -> str:
        """Return the node that reports; where workloads run never changes, so that this needs no writer."""
        context, caller = self._context, self._caller
        nodes = {placement.node_id for placement in case.placements if placement.workload_id == workload_id}
        settings = context.settings
        if settings.unsigned_results and not reports_unsigned(caller):
            settings = replace(settings, unsigned_results=False)
        known = {name: context.node_key_of(name) for name in nodes if node_key(name) is None}
        return reporter_of(
            case,
            workload_id,
            report=report,
            node_id=node_id,
            likely=caller.nodes,
            node_keys={name: key for name, key in known.items() if key is not None},
            settings=settings,
        )

    def _find(self, gwid: Gwid, *, path: str) -> Revision:
        """Return the reservation that a workload belongs to.

        Raises:
            NotFound: there is no such workload.
        """
        with self._context.store.read() as reader:
            record = reader.get(gwid.reservation_id)
        found = None if record is None else self._context.revisions.open(record)
        if found is None or all(each.workload_id != gwid.workload_id for each in found.case.placements):
            raise NotFound(f"there is no workload {format_gwid(*gwid)}", path=path)
        return found

    def _submit(self, found: Revision, event: Event, node_id: str, now: int) -> Future[object]:
        happening = Happening(self._call.name, node_id, now)
        return submit_event(self._context, found, event, happening, self._receipt)

    def _receipt(self, case: Case) -> object:
        return self._output.new(next_action=int(case.state))


def plain_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node's result in the form of the model, from either form in which nodes send it.

    ``data_json`` may be an embedded JSON value instead of its text, and ``signature`` hex text instead of
    base64. A signature that is neither is left as it is, for the model to refuse.

    Raises:
        InputError: JSON has no form for what is embedded.
    """
    plain = dict(result)
    if "data_json" in plain and not isinstance(plain["data_json"], str):
        plain["data_json"] = embedded_text(plain["data_json"])
    if isinstance(plain.get("signature"), str):
        plain["signature"] = signature_bytes(plain["signature"]) or plain["signature"]
    return plain
