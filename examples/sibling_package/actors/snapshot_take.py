"""An actor of another package: it asks one of the workload manager's, and keeps documents of its own."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future

from workloadmanager.actors import CallActor
from workloadmanager.bcdb import Transaction
from workloadmanager.threebot import PackageContext

COLLECTION = "gridreport_snapshot"


class SnapshotTake(CallActor):
    """Count the reservations of a node by state, and keep the numbers.

    ```in
    node_id = (S)    # the node; empty counts those of all nodes
    ```

    ```out
    !tfgrid.gridreport.snapshot.1
    ```
    """

    def __init__(self, context: PackageContext) -> None:
        super().__init__(context)
        self._host = context
        self._schema = context.registry.get("tfgrid.gridreport.snapshot.1")

    def snapshot_take(self, *, node_id: str = "") -> Future[object]:
        """Ask for the reservations, and hand the snapshot to the store; the reply follows once it is durable."""
        reservations = self._host.ask("reservation_list", node_id=node_id).reservations
        states = Counter(str(reservation.next_action) for reservation in reservations)
        snapshot = self._schema.new(
            node_id=node_id,
            epoch=self._host.clock(),
            waiting=states["create"] + states["sign"] + states["pay"],
            running=states["deploy"],
            ending=states["delete"],
        )
        most = int(self._host.package_settings["most"])

        def keep(transaction: Transaction) -> object:
            """Store the snapshot under the next number, and forget the oldest where there are too many."""
            snapshot.id = transaction.next_number(COLLECTION)
            if snapshot.id > most:
                transaction.delete_document(COLLECTION, snapshot.id - most)
            indexed = {"node_id": node_id} if node_id else {}
            transaction.put_document(COLLECTION, snapshot.id, self._schema.encode(snapshot), indexed=indexed)
            return snapshot

        return self._host.store.submit(keep)
