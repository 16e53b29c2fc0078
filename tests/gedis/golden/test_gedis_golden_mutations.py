"""Whatever the server accepts, every client decodes: one odd value in one place, wherever it may be."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.errors import InputError

from . import payloads
from .clients import CallFailed
from .decoding import GedisError
from .documents import reservation as reservation_of
from .epochs import E5, EPOCHS

ODD: list[Any] = [
    None, 0, 1, -1, 255, 256, 65535, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 1.0, 1.5, 1e300, "1", "", "text",
    "é\n\u2028\x00", True, False, [], {}, [1], ["a"], {"a": "b"}, {"a": 1}, [None], [[]], "10.20.1.30", "10.20.1.30/24",
    "10.20.0.0/16", "::1", "fd00::/64", "hdd", "SSD", "zdb", "01/02/03", "1585000000", "ff" * 32, "-3", "1-1",
    "10.20.1.030", "fe80::1%eth0", " 10.20.1.30", "10.20.1.0/255.255.255.0", "::ffff:10.20.1.30", "localhost:80",
    "somebody@example.com", "54:b2:03:2f:6a:3d",
]  # fmt: skip
Path = tuple[str | int, ...]
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def paths(document: Any, start: Path = ()) -> Iterator[Path]:
    """Yield the way to every value in a document."""
    if isinstance(document, dict | list):
        for key, each in document.items() if isinstance(document, dict) else enumerate(document):
            yield (*start, key)
            yield from paths(each, (*start, key))


def changed(document: Any, path: Path, value: Any) -> Any:
    """Return a document with another value in one place."""
    whole = copy.deepcopy(document)
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return whole


def refusal_of(call: Callable[[], object]) -> GedisError | None:
    """Return the error that a call is refused with; None where it is not."""
    try:
        call()
    except CallFailed as failure:
        return failure.error
    return None


@given(data=st.data())
@THOROUGH
def test_what_is_registered_reaches_its_node_at_every_date(fresh_grid: Any, data: st.DataObject) -> None:
    """One workload that does not decode would lose a node its whole poll."""
    grid = fresh_grid
    wanted = grid.every_kind()
    path = data.draw(st.sampled_from(list(paths(wanted))))
    try:
        number = grid.deployed(changed(wanted, path, data.draw(st.sampled_from(ODD))))
    except InputError:
        return  # refused, which is the other way to be right
    for epoch in EPOCHS:
        client = grid.client(epoch)
        client.poll(grid.node.node_id, number)
        client.fetch(f"{epoch.workloads}.reservation_get", {"reservation_id": number}, reservation_of(epoch))
        client.close()


@given(data=st.data())
@THOROUGH
def test_what_a_node_tells_is_read_at_every_date(fresh_grid: Any, data: st.DataObject) -> None:
    """Everybody lists nodes; one that does not decode would hide all others."""
    grid = fresh_grid
    of_node = {"node_id": grid.node.node_id}
    told = {
        "add": payloads.node(E5, grid.node, farm_id=grid.farm_id),
        "publish_interfaces": payloads.interfaces(E5),
        "set_public_iface": payloads.PUBLIC,
        "add_proof": {**payloads.PROOF, "hypervisor": ["kvm"]},
        "update_used_capacity": {"cru": 1, "mru": 2, "hru": 3, "sru": 4},
        "publish_wg_ports": [1000],
    }
    names = {"add": "node", "publish_interfaces": "ifaces", "set_public_iface": "public", "add_proof": "proof"}
    names |= {"update_used_capacity": "resource", "publish_wg_ports": "ports"}
    path = data.draw(st.sampled_from(list(paths(told))))
    method = str(path[0])
    sent = {names[method]: changed(told, path, data.draw(st.sampled_from(ODD)))[method]}
    client = grid.client(E5)
    refusal = refusal_of(lambda: client.tell_node(method, **(sent if method == "add" else {**sent, **of_node})))
    assert refusal is None or refusal.category in ("input", "not_found", "conflict", "permission")
    client.close()
    for epoch in EPOCHS:
        reader = grid.client(epoch)
        reader.list_nodes()
        reader.get_node(grid.node.node_id)
        reader.close()
