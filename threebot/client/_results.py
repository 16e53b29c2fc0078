"""What a node reports of a workload, signed in the form of 2020 (``docs/signatures.md``, "Results")."""

from __future__ import annotations

from typing import Any, Protocol

from ... import signing
from ...rules import ResultState, embedded_text
from .._words import in_line

__all__ = ["Workload", "failure_words", "result_of"]


class Workload(Protocol):
    """A workload as a server hands it out: an object of ``tfgrid.workloads.reservation.workload.1``."""

    workload_id: str
    user: str
    type: Any
    content: Any
    created: int
    duration: int
    to_delete: bool


def result_of(
    workload: Workload, *, key: signing.Key | None, epoch: int, data: object = None, failure: str = ""
) -> dict[str, Any]:
    """Return the result of a deployment.

    Arguments:
        workload: what was deployed.
        key: signs it; None leaves it unsigned.
        epoch: when it was had, in seconds since 1970.
        data: what the node tells of the workload: JSON data.
        failure: why it could not be deployed; empty where it runs.

    Raises:
        InputError: JSON has no form for the data.
    """
    state = int(ResultState.error if failure else ResultState.ok)
    data_json = embedded_text(data)
    result = {
        "category": str(workload.type),
        "workload_id": workload.workload_id,
        "data_json": data_json,
        "state": state,
        "message": failure,
        "epoch": epoch,
    }
    if key is not None:
        result["signature"] = signing.sign_result(key, state=state, message=failure, data_json=data_json)
    return result


def failure_words(error: Exception) -> str:
    """Return why something failed, for the message of a result."""
    try:
        words = in_line(str(error))
    except Exception:  # noqa: BLE001 - the error is somebody else's, and so is how it becomes a text
        words = ""
    return words or type(error).__name__
