"""An asyncio host: it starts the package and awaits its calls while its loop goes on with other work.

python examples/asyncio_host.py
"""

from __future__ import annotations

import asyncio
import time

from example_grid import CUSTOMER, NODES, fill

import workloadmanager
from workloadmanager.errors import NotFound
from workloadmanager.threebot import WorkloadManager

ORDERS = 200


class Pulse:
    """Beats as often as the loop lets it, and keeps the longest pause between two beats."""

    def __init__(self) -> None:
        self.beats = 0
        self.longest_pause = 0.0

    async def beat(self) -> None:
        """Beat until it is cancelled."""
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest_pause = max(self.longest_pause, now - before)
            self.beats += 1
            before = now


async def order_volume(manager: WorkloadManager, size: int) -> int:
    """Register a reservation of one volume and return its id."""
    data = {
        "description": f"a volume of {size} GiB",
        "volumes": [{"workload_id": 1, "node_id": NODES[0].key.node_id, "size": size, "type": "ssd"}],
        "expiration_provisioning": "+1h",
        "expiration_reservation": "+30d",
    }
    order = {"customer_tid": CUSTOMER.tid, "data_reservation": data}
    reservation = await manager.acall("reservation_register", reservation=order)
    return int(reservation.id)


async def main() -> None:
    """Order many volumes at once, list them, and see that the loop was never held up."""
    # Starting opens the store and waits for each actor's first answer, so it has a thread of its own.
    manager = await asyncio.to_thread(workloadmanager.start, path=":memory:")
    try:
        fill(manager)
        pulse = Pulse()
        beating = asyncio.create_task(pulse.beat())

        ids = await asyncio.gather(*(order_volume(manager, size) for size in range(1, ORDERS + 1)))
        print(f"{len(ids)} orders registered at once, ids {min(ids)} to {max(ids)}")

        listed = await manager.acall("reservation_list", node_id=NODES[0].key.node_id, state="create")
        print(f"{len(listed.reservations)} of them wait for their customer's signature")

        try:
            await manager.acall("workload_get", gwid="999-1")
        except NotFound as error:
            print(f"refused: {error}")

        beating.cancel()
        print(f"meanwhile the loop beat {pulse.beats} times, with no pause over {pulse.longest_pause * 1000:.0f} ms")
    finally:
        await asyncio.to_thread(manager.stop)


if __name__ == "__main__":
    asyncio.run(main())
