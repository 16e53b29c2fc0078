"""The public interface: each change has the next version, and a node sees one only where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.errors import InputError

PUBLIC = {
    "master": "eth0",
    "type": 0,
    "ipv4": "192.168.1.2/24",
    "ipv6": "",
    "gw4": "192.168.1.1",
    "gw6": "",
    "version": 0,
}
NOTHING = {"master": "", "type": 0, "ipv4": "", "ipv6": "", "gw4": "", "gw6": ""}
DUAL = {**PUBLIC, "type": 1, "ipv6": "2a02:1802:5e::2/64", "gw6": "fe80::1"}


def test_each_change_gets_the_next_version(quick: Any) -> None:
    """Whatever version is sent; the same again changes nothing, and taking it away is a change."""
    set_public = quick.nodes_set_public_iface
    assert set_public(node_id="node-1", public=PUBLIC).version == 1
    assert set_public(node_id="node-1", public={**PUBLIC, "version": 7}).version == 1
    assert set_public(node_id="node-1", public=DUAL).version == 2
    assert set_public(node_id="node-1", public={}).version == 3
    assert set_public(node_id="node-1", public=NOTHING).version == 3
    config = quick.nodes_get(node_id="node-1").public_config
    assert {name: getattr(config, name) for name in NOTHING} == NOTHING


def test_it_comes_back_as_it_was_set(quick: Any) -> None:
    """With empty texts where there is no address, as the node writes them."""
    quick.nodes_set_public_iface(node_id="node-1", public=PUBLIC)
    config = quick.nodes_get(node_id="node-1").public_config
    assert {name: getattr(config, name) for name in PUBLIC} == {**PUBLIC, "version": 1}


@pytest.mark.parametrize(
    ("wrong", "path", "message"),
    [
        ({"master": ""}, "public.master", "leave all of it empty"),
        ({"ipv4": ""}, "public.ipv4", "needs an address"),
        ({"ipv4": "192.168.1.2"}, "public.ipv4", "an address with its mask"),
        ({"ipv4": "192.168.1.2/255.255.255.0"}, "public.ipv4", "an address with its mask"),
        ({"ipv4": "fd00::2/64", "gw4": ""}, "public.ipv4", "must be an IPv4 range"),
        ({"ipv4": "eth0"}, "public.ipv4", "must be an IP range"),
        ({"ipv6": "10.0.0.2/8"}, "public.ipv6", "must be an IPv6 range"),
        ({"gw4": "fd00::1"}, "public.gw4", "must be an IPv4 address"),
        ({"gw6": "fd00::1"}, "public.gw6", "of no use without an address"),
        ({"gw4": "192.168.1.1/24"}, "public.gw4", "must be an IP address"),
        ({"type": "bridge"}, "public.type", "must be one of 'macvlan', 'vlan'"),
        ({"type": 2}, "public.type", "must be one of 'macvlan', 'vlan'"),
        ({"master": "e" * 256}, "public.master", "at most 255 characters"),
        ({"master": "eth\n0"}, "public.master", "does not print"),
    ],
)
def test_a_mistake_is_refused(quick: Any, wrong: Mapping[str, object], path: str, message: str) -> None:
    """One mistake in a good interface, one error with its path, and nothing is changed."""
    with pytest.raises(InputError, match=message) as refusal:
        quick.nodes_set_public_iface(node_id="node-1", public={**PUBLIC, **wrong})
    assert path in [problem.path for problem in refusal.value.errors]
    assert quick.nodes_get(node_id="node-1").public_config.version == 0


def test_all_mistakes_are_reported_at_once(quick: Any) -> None:
    """Three in one interface."""
    with pytest.raises(InputError) as refusal:
        quick.nodes_set_public_iface(
            node_id="node-1", public={"master": "eth0", "ipv4": "10.0.0.2", "gw4": "fd00::1", "gw6": "fd00::1"}
        )
    assert [problem.path for problem in refusal.value.errors] == ["public.ipv4", "public.gw4", "public.gw6"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.sampled_from([PUBLIC, DUAL, NOTHING, {**PUBLIC, "master": "eth1"}]), max_size=8))
def test_the_version_counts_the_changes(quick: Any, wanted: list[dict[str, Any]]) -> None:
    """It rises by one where the interface differs from what it was, and stays elsewhere."""
    before = quick.nodes_get(node_id="node-1").public_config
    shown = {name: getattr(before, name) for name in NOTHING}
    version = before.version
    for public in wanted:
        body = {name: public[name] for name in NOTHING}
        version += body != shown
        shown = body
        assert quick.nodes_set_public_iface(node_id="node-1", public=public).version == version
