"""Whatever is sent to a call of the directory, it answers or refuses; it never fails, and the store stays sound."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.actors import HOST, call_of
from workloadmanager.errors import Conflict, InputError, NotFound
from workloadmanager.threebot.directory import CALLS

FIELDS = [
    *("node_id", "farm_id", "location", "city", "latitude", "uptime", "ifaces", "name", "addrs", "gateway", "wg_ports"),
    *("public_key_hex", "total_resources", "cru", "proofs", "hardware", "disks", "hypervisor", "master", "ipv4", "gw6"),
    *("public_config", "threebot_id", "email", "resource_prices", "currency", "prefix_zero", "wallet_addresses", "id"),
]
ADDRESSES = ("10.0.0.2/24", "::/128", "0.0.0.0", "fd00::1")  # noqa: S104 - nothing listens on it
WORDS = ("node-1", "", "farm 1", "EUR", "a@b.org", "\ud800", "\0", "é" * 300, *ADDRESSES)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, -1, 2**31 - 1, 2**31, 2**70, 1.5, float("nan"), float("inf"), *WORDS])
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=25,
)


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_call_answers_or_refuses(quick: Any, name: str, data: st.DataObject) -> None:
    """With an error that says what is wrong, and never with one of the package's own faults."""
    call = call_of(CALLS[name])
    arguments = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys((*call.required, *call.optional), VALUES)))
    if data.draw(st.booleans()):
        arguments["node_id"] = "node-1"
    with contextlib.suppress(InputError, NotFound, Conflict):
        quick.ask(name, arguments, HOST)
    node = quick.directory.get_node("node-1")
    assert (node.node_id, node.farm_id) == ("node-1", 1)
    assert quick.store.check() == []
