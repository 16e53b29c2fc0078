"""The call `set_workload_result`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from ..errors import InputError
from ..rules import Report, Result, ResultReported, check_document_size, parse_gwid
from ._access import own_node
from ._declaration import Access
from ._reports import ReportingCall, plain_result

__all__ = ["SetWorkloadResult"]


class SetWorkloadResult(ReportingCall):
    """Keep what a node reports of a workload: that it runs, that it failed, or that it is deleted.

    A result takes the place of an earlier one of the same node for the same workload. It is signed by
    the node, over its state, message and ``data_json``, and the node is found by its key. Where the key
    is not known, the operator may allow unsigned results, but not from users and strangers. A session of a
    node reports for that node alone. ``data_json`` is a JSON text, or the value itself; ``signature`` is hex
    text of 128 digits, base64 text, or bytes. The category is that of the workload, whatever the result says.

    Errors: ``input`` where the id is not of the form ``12-3``, the result is larger than a reservation may
    be, or the workload is on several nodes and nothing says which one reports; ``not_found`` where there is
    no such workload; ``permission`` for a result that does not verify, or a node that the workload is not on;
    ``conflict`` in a state in which no result is expected.

    ```in
    global_workload_id = (S)   # <reservation id>-<workload id>
    result = (O) !tfgrid.workloads.reservation.result.1
    node_id = (S)              # the node that reports, where its key does not tell
    ```

    ```out
    next_action = "create,sign,pay,deploy,delete,invalid,deleted" (E)   # the step that is wanted next
    ```
    """

    _access = Access.anybody

    def set_workload_result(self, *, global_workload_id: str, result: Result, node_id: str = "") -> Future[object]:
        """Answer the call, which the class describes (``docs/signatures.md``, "Results")."""
        now = self._context.clock()
        node_id = own_node(self._caller, node_id)
        gwid = parse_gwid(global_workload_id, path="global_workload_id")
        self._check_size(result)
        report = Report(int(result.state), result.message, result.data_json, result.signature or None)
        found = self._find(gwid, path="global_workload_id")
        node_id = self._reporter(found.case, gwid.workload_id, node_id=node_id, report=report)
        return self._submit(found, ResultReported(gwid.workload_id, node_id, result), node_id, now)

    def _check_size(self, result: Result) -> None:
        size = len(result.message.encode()) + len(result.data_json.encode())
        problems = check_document_size(size, self._context.settings, what="the result", path="result")
        if problems:
            raise InputError.of(problems)

    def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        result = message.get("result")
        return {**message, "result": plain_result(result)} if isinstance(result, Mapping) else message
