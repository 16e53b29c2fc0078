"""What nodes report: whether a result verifies, and which node it came from (``docs/signatures.md``, "Results")."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..errors import InputError, NotFound, PermissionDenied
from ._case import Case
from ._enums import ResultState
from ._gwid import format_gwid
from ._identity import OWN_TEXTS
from ._settings import Settings
from ._signatures import SIGNATURE_BYTES, node_key, verifies

__all__ = ["Report", "embedded_text", "reporter_of", "result_bytes", "signature_bytes", "verify_result"]

_HEX = re.compile(r"[0-9a-fA-F]{128}")
_BASE64_DIGITS = 88
_STATE_BYTES = tuple(bytes([state]) for state in ResultState)
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a node signed about a workload.

    Attributes:
        state: the number of the result's state, 0 to 2.
        message: the result's message.
        data_json: the result's data as the raw text that was sent; parsing and dumping it changes the bytes.
        signature: the signature's 64 bytes, from `signature_bytes`; None where there is none.
    """

    state: int
    message: str
    data_json: str
    signature: bytes | None


def signature_bytes(text: str) -> bytes | None:
    """Read a result's signature: hex text of 128 digits, or base64 text of 64 bytes; None for anything else."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if len(text) != _BASE64_DIGITS or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return raw if len(raw) == SIGNATURE_BYTES else None


def result_bytes(*, state: int | None, message: str, data_json: str) -> bytes:
    """Return the bytes that a node signs: the state as one byte, the message, the data.

    Arguments:
        state: 0 to 2 for the form of 2020; None for the form of 2019, which leaves the state out.
        message: the result's message.
        data_json: the raw text of its data.

    Raises:
        UnicodeEncodeError: a text holds lone surrogates, which no node can have sent.
    """
    head = b"" if state is None else bytes([state])
    return head + message.encode() + data_json.encode()


def embedded_text(value: object) -> str:
    """Return the text of a result's data that arrived as a JSON value inside of its message.

    A node signs the text that it sends. Where that text itself is gone, this is what its encoder makes of the
    value: no spaces, and ``<``, ``>``, ``&`` and the two line separators of Unicode escaped.

    Arguments:
        value: plain data, its objects in the order in which they arrived.

    Raises:
        InputError: JSON has no form for it.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError("is neither a JSON text nor a JSON value", path="result.data_json") from error
    return text.translate(_ESCAPES)


def verify_result(public_key: bytes, *, state: int, message: str, data_json: str, signature: bytes) -> bool:
    """Return whether a result verifies with a node's key, in the form of 2020 or that of 2019.

    What begins with a state byte is not read in the form of 2019. Its signature would be one of 2020 with the
    state moved into the message, and would cover no state any more. Neither is what begins as the texts of this
    package do: a node that logs in signs such a text, and nobody may show it as a result.

    Arguments:
        public_key: the node's ed25519 key, 32 bytes.
        state: the number of the result's state, 0 to 2. The form of 2019 does not cover it.
        message: the result's message.
        data_json: the raw text of its data, as it was sent.
        signature: 64 bytes.
    """
    try:
        with_state = result_bytes(state=state, message=message, data_json=data_json)
    except ValueError:
        return False
    without = with_state[1:]
    if verifies(public_key, with_state, signature):
        return True
    return not without.startswith((*_STATE_BYTES, OWN_TEXTS)) and verifies(public_key, without, signature)


def reporter_of(
    case: Case,
    workload_id: int,
    *,
    report: Report | None,
    node_id: str = "",
    likely: Collection[str] = (),
    node_keys: Mapping[str, bytes],
    settings: Settings,
) -> str:
    """Find the node that reports on a workload.

    Arguments:
        case: the reservation.
        workload_id: the workload within it.
        report: what the node signed; None for ``workload_deleted``, which real nodes send without a signature.
            The state of the reservation is what keeps that safe: it only counts once deletion was decided.
        node_id: the node that the report says it is from; empty where it does not say.
        likely: nodes that it may well be from, though it does not say so. They count only for a report that is
            not signed, where it could be from several nodes and exactly one of these is among them.
        node_keys: keys (32 bytes) that the directory has for nodes; an id that is a key needs none.
        settings: the operator's; ``unsigned_results`` lets nodes report whose key is not known.

    Returns:
        The id of the node.

    Raises:
        NotFound: the reservation has no such workload.
        InputError: the workload is on several nodes, and nothing says which of them it is.
        PermissionDenied: the workload is not on the node that is named, or the report does not verify.
    """
    candidates = _candidates(case, workload_id, node_id)
    if report is None:
        return _only(candidates, likely, case, workload_id)
    keys = {name: node_key(name) or node_keys.get(name) for name in candidates}
    for name, key in keys.items():
        if key is not None and _is_signed(key, report):
            return name
    keyless = tuple(name for name, key in keys.items() if key is None)
    if keyless and settings.unsigned_results:
        return _only(keyless, likely, case, workload_id)
    raise PermissionDenied(_why_not(report, node_id, keyless=keyless == candidates), path="result.signature")


def _candidates(case: Case, workload_id: int, node_id: str) -> tuple[str, ...]:
    gwid = format_gwid(case.reservation.id, workload_id)
    nodes = tuple(placement.node_id for placement in case.placements if placement.workload_id == workload_id)
    if not nodes:
        raise NotFound(f"there is no workload {gwid}")
    if node_id and node_id not in nodes:
        raise PermissionDenied(f"workload {gwid} does not run on node {node_id!r}", path="node_id")
    return (node_id,) if node_id else nodes


def _only(candidates: tuple[str, ...], likely: Collection[str], case: Case, workload_id: int) -> str:
    if len(candidates) > 1:
        among = [name for name in candidates if name in likely]
        if len(among) != 1:
            gwid = format_gwid(case.reservation.id, workload_id)
            raise InputError(f"workload {gwid} runs on {len(candidates)} nodes: say which one reports", path="node_id")
        candidates = (among[0],)
    return candidates[0]


def _is_signed(key: bytes, report: Report) -> bool:
    return report.signature is not None and verify_result(
        key, state=report.state, message=report.message, data_json=report.data_json, signature=report.signature
    )


def _why_not(report: Report, node_id: str, *, keyless: bool) -> str:
    """Say why a report is refused. Where it runs is not told: everybody may send a report on any workload."""
    node = f"node {node_id!r}" if node_id else "the node that it runs on"
    if keyless:
        return (
            f"the key of {node} is not known, so its result cannot be verified; "
            "the operator may set unsigned_results, which counts at open servers and for nodes that are logged in"
        )
    if report.signature is None:
        return f"the result has no signature (hex of 128 digits, or base64 of 64 bytes) of {node}"
    return f"the result does not verify with the key of {node}"
