"""The service as a program of its own, which nothing else is in: run by `_gedis_server`, and told by lines what to do.

It prints host and port once it answers. For each line that it is sent it prints one when that is done: ``compute``
lets a thread compute in Python without a pause, ``rest`` ends it.
"""

from __future__ import annotations

import sys
import threading

from workloadmanager.threebot.service import Configuration, Ready, check, serve

_COMPUTE = "compute"

_STEPS_AT_ONCE = 10_000


def main(folder: str) -> None:
    """Serve until the process is asked to stop.

    Arguments:
        folder: the folder of the store.
    """

    def announce(ready: Ready) -> None:
        ((address, _),) = ready.addresses
        print(address.host, address.port, flush=True)
        threading.Thread(target=_obey, daemon=True).start()

    serve(check(Configuration(store=folder, listen=("tcp://127.0.0.1:0",))), announce)


def _obey() -> None:
    computing = threading.Event()
    thread = threading.Thread()
    for line in sys.stdin:
        if line.strip() == _COMPUTE:
            computing.set()
            thread = threading.Thread(target=_compute, args=(computing,), daemon=True)
            thread.start()
        else:
            computing.clear()
            thread.join()
        print(flush=True)


def _compute(computing: threading.Event) -> None:
    number = 1
    while computing.is_set():
        for _ in range(_STEPS_AT_ONCE):
            number = (number * 31 + 7) % 1_000_003


if __name__ == "__main__":
    main(sys.argv[1])
