"""What registration checks: one good sample, and a table of single mistakes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.rules import (
    Settings,
    check_document_size,
    check_json,
    farmers_of,
    needs,
    placements_of,
)
from workloadmanager.schema import NOT_SET

NOW = 1_800_000_000
LONG = "x" * 16_385
NETWORK = "data_reservation.networks[0]"
RESOURCE = f"{NETWORK}.network_resources[1]"
CONTAINER = "data_reservation.containers[0]"

MISTAKES = [
    # the reservation
    ("json", "", "begins with {"),
    ("json", " {}", "begins with {"),
    ("json", "{\ud800}", "a lone surrogate"),
    ("customer_tid", NOT_SET, "is not set"),
    ("customer_tid", 9, "threebot 9 is not in the phonebook"),
    # who has to sign
    ("data_reservation.signing_request_provision.quorum_min", 0, "1 to 3, but it is 0"),
    ("data_reservation.signing_request_provision.quorum_min", 4, "1 to 3, but it is 4"),
    ("data_reservation.signing_request_provision.quorum_min", -1, "1 to 3, but it is -1"),
    ("data_reservation.signing_request_provision.quorum_min", NOT_SET, "but it is not set"),
    ("data_reservation.signing_request_delete.quorum_min", 3, "1 to 2, but it is 3"),
    ("data_reservation.signing_request_delete.signers[1]", 9, "threebot 9 is not in the phonebook"),
    # ids
    ("data_reservation.volumes[0].workload_id", NOT_SET, "is not set; the ids of 7 workloads are 1 to 7"),
    (f"{CONTAINER}.workload_id", 8, "is 8; the ids of 7 workloads are 1 to 7"),
    (f"{CONTAINER}.workload_id", 0, "is 0; the ids of 7 workloads are 1 to 7"),
    ("data_reservation.zdbs[0].workload_id", 3, "is 3, which data_reservation.containers[0] has already"),
    # nodes
    ("data_reservation.zdbs[0].node_id", "", "names no node"),
    ("data_reservation.zdbs[0].node_id", "n" * 256, "at most 255 bytes"),
    ("data_reservation.zdbs[0].node_id", "node-3", "node 'node-3' is not in the directory"),
    (f"{NETWORK}.network_resources[1].peers", [], None),
    # sizes
    ("data_reservation.volumes[0].size", NOT_SET, "is not set"),
    ("data_reservation.volumes[0].size", 0, "is 0; a size is more than 0"),
    ("data_reservation.zdbs[0].size", -5, "is -5; a size is more than 0"),
    ("data_reservation.zdbs[0].size", 4000, None),
    ("data_reservation.kubernetes[1].size", NOT_SET, "is not set"),
    ("data_reservation.kubernetes[1].size", 256, "is 256; the largest is 255"),
    (f"{CONTAINER}.capacity.memory", -1, "is -1; it cannot be negative"),
    (f"{CONTAINER}.capacity.cpu", 0, None),
    # containers
    (f"{CONTAINER}.flist", "", "is empty; a node cannot start the container without it"),
    (f"{CONTAINER}.hub_url", "", "is empty; a node cannot start the container without it"),
    (f"{CONTAINER}.entrypoint", "", None),
    (f"{CONTAINER}.network_connection", [], "a container is in at least one network"),
    (f"{CONTAINER}.stats_aggregator[0].port", NOT_SET, "is not set; a port is 1 to 65535"),
    (f"{CONTAINER}.stats_aggregator[0].port", 0, "is 0; a port is 1 to 65535"),
    # mounts
    (f"{CONTAINER}.volumes[0].mountpoint", "", "say where in the container"),
    (f"{CONTAINER}.volumes[0].volume_id", "", "is neither -<workload id>"),
    (f"{CONTAINER}.volumes[0].volume_id", "{'workload_id': 2}", "is neither -<workload id>"),
    (f"{CONTAINER}.volumes[0].volume_id", "-0", "is neither -<workload id>"),
    (f"{CONTAINER}.volumes[0].volume_id", "-8", "there is no workload 8 in this reservation"),
    (f"{CONTAINER}.volumes[0].volume_id", "-5", "workload 5 is of kind zdb, not a volume"),
    (f"{CONTAINER}.volumes[0].volume_id", "99-1", "this customer has no volume 99-1"),
    (f"{CONTAINER}.volumes[0].volume_id", "78-1", "this customer has no volume 78-1"),
    (f"{CONTAINER}.volumes[0].volume_id", "77-1", "volume 77-1 is on node 'node-2', but the container is on node 'no"),
    ("data_reservation.containers[1].volumes[0].volume_id", "-2", "volume -2 is on node 'node-1', but the container"),
    # networks
    (f"{NETWORK}.iprange", "0.0.0.0/0", "neither a private nor a unique-local range"),
    (f"{NETWORK}.iprange", "10.10.0.0", "no range"),
    (f"{RESOURCE}.iprange", "10.11.2.0/24", "10.11.2.0/24 is not inside the range of its network, 10.10.0.0/16"),
    (f"{RESOURCE}.iprange", "fd00::/64", "fd00::/64 is not inside the range of its network, 10.10.0.0/16"),
    (f"{RESOURCE}.iprange", "10.10.2.0", "'10.10.2.0' is no range"),
    (f"{RESOURCE}.iprange", "10.10.2.0/255.255.255.0", "is no range"),
    (f"{RESOURCE}.iprange", "10.10.2.0%eth0/24", "is no range"),
    (f"{RESOURCE}.iprange", "10.10.2.0/33", "is no range"),
    (f"{RESOURCE}.iprange", "10.10.2.9/24", None),
    (f"{RESOURCE}.wireguard_listen_port", NOT_SET, "is not set; a port is 1 to 65535"),
    (f"{RESOURCE}.wireguard_listen_port", 0, "is 0; a port is 1 to 65535"),
    (f"{RESOURCE}.wireguard_listen_port", 65_536, "is 65536; a port is 1 to 65535"),
    (f"{RESOURCE}.wireguard_listen_port", 6001, None),
    (f"{RESOURCE}.peers[0].allowed_iprange[0]", "10.10.1.0", "'10.10.1.0' is no range"),
    (f"{RESOURCE}.peers[0].allowed_iprange[0]", "", "'' is no range"),
    (f"{RESOURCE}.peers[0].allowed_iprange[0]", "0.0.0.0/0", None),
    (f"{RESOURCE}.peers[0].iprange", "x/24", "'x/24' is no range"),
    (f"{RESOURCE}.peers[0].iprange", "", None),
    *(
        (f"{RESOURCE}.peers[0].endpoint", endpoint, "is neither empty nor host:port")
        for endpoint in (
            "x",
            ":1",
            "a:",
            "a:0",
            "a:65536",
            "a b:1",
            "2001:db8::1:6001",
            "[::1:1",
            "[10.0.0.1]:1",
            "[]:1",
            "[fe80::1%eth0]:1",
        )
    ),
    *((f"{RESOURCE}.peers[0].endpoint", endpoint, None) for endpoint in ("", "node.example.org:1", "[::1]:65535")),
    # addresses
    (f"{CONTAINER}.network_connection[0].network_id", "", "is empty; it is the name of a network"),
    (f"{CONTAINER}.network_connection[0].network_id", "another", None),
    *(
        (f"{CONTAINER}.network_connection[0].ipaddress", address, words)
        for address, words in [
            ("0.0.0.0", "no address that a workload can have"),  # noqa: S104  (nothing listens on it)
            ("::", "no address that a workload can have"),
            ("10.10.1", "no address that a workload can have"),
            ("10.10.2.12", "10.10.2.12 is not in 10.10.1.0/24, the subnet of its node in that network"),
            ("fd00::2", "fd00::2 is not in 10.10.1.0/24"),
            ("10.10.1.0", "the first address of 10.10.1.0/24, which the node itself has"),
            ("10.10.1.1", "the first address of 10.10.1.0/24, which the node itself has"),
            ("10.10.1.255", "the last address of 10.10.1.0/24"),
            ("10.10.1.254", None),
        ]
    ),
    ("data_reservation.kubernetes[1].network_id", "", "is empty; it is the name of a network"),
    (
        "data_reservation.kubernetes[0].ipaddress",
        "10.10.1.10",
        "10.10.1.10 is the address of data_reservation.containers[0].network_connection[0] already",
    ),
    # times
    ("data_reservation.expiration_provisioning", 0, "is not set"),
    ("data_reservation.expiration_provisioning", NOW, "2027-01-15 08:00:00 UTC has passed"),
    ("data_reservation.expiration_provisioning", NOW + 1, None),
    ("data_reservation.expiration_provisioning", NOW + 86_400, None),
    ("data_reservation.expiration_reservation", 0, "is not set"),
    ("data_reservation.expiration_reservation", NOW + 599, "is before expiration_provisioning"),
    ("data_reservation.expiration_reservation", NOW + 600, None),
    ("data_reservation.expiration_reservation", NOW + 10 * 365 * 86_400, None),
    ("data_reservation.expiration_reservation", NOW + 10 * 365 * 86_400 + 1, "too far away: the latest is 2037-01-12"),
]
"""A path, a value that is put there, and what is said about it; None for a value that is right."""

Place = Callable[[Any, str, Any], None]


def test_the_good_sample_has_no_mistake(grid: Any) -> None:
    """Which is what makes the others single."""
    assert grid.problems(grid.reservation()) == []


@pytest.mark.parametrize(("path", "value", "words"), MISTAKES)
def test_a_single_mistake_is_told_with_its_path(
    grid: Any, place: Place, path: str, value: Any, words: str | None
) -> None:
    """And nothing else is; values at the edge of what is right are not told."""
    reservation = grid.reservation()
    place(reservation, path, copy.deepcopy(value))
    problems = grid.problems(reservation)
    if words is None:
        assert problems == []
    else:
        assert [problem.path for problem in problems if words in problem.message] == [path]


def test_all_mistakes_are_told_at_once(grid: Any, place: Place) -> None:
    """In the order of the text they are in, each with its path."""
    reservation = grid.reservation()
    wrong = [
        ("customer_tid", 9),
        ("data_reservation.zdbs[0].node_id", "node-3"),
        (f"{CONTAINER}.flist", ""),
        ("data_reservation.zdbs[0].size", 0),
        ("data_reservation.expiration_reservation", 1),
    ]
    for path, value in wrong:
        place(reservation, path, value)
    paths = [problem.path for problem in grid.problems(reservation)]
    assert [path for path in paths if path in dict(wrong)] == [path for path, _ in wrong]


def test_an_empty_reservation_is_refused(grid: Any) -> None:
    """There is nothing to run in it."""
    reservation = grid.reservation(networks=[], volumes=[], containers=[], zdbs=[], kubernetes=[])
    (problem,) = grid.problems(reservation)
    assert (problem.path, problem.message) == ("data_reservation", "there is no workload in it")


def test_a_quorum_without_signers_is_refused(grid: Any) -> None:
    """It could not be reached."""
    (problem,) = grid.problems(grid.reservation(signing_request_delete={"quorum_min": 2}))
    assert problem.path == "data_reservation.signing_request_delete.quorum_min"
    assert "leave it out" in problem.message


@pytest.mark.parametrize("quorum_min", [None, 0, NOT_SET])
def test_a_request_without_signers_needs_no_quorum(grid: Any, quorum_min: int | None) -> None:
    """Null, 0 and not set all leave it to the customer."""
    request: dict[str, Any] = {"signers": [], "quorum_min": quorum_min}
    assert grid.problems(grid.reservation(signing_request_provision=request, signing_request_delete=request)) == []


@pytest.mark.parametrize(
    ("setting", "limit", "path"),
    [
        ("maximum_workloads", 6, "data_reservation"),
        ("maximum_signers", 2, "data_reservation.signing_request_provision.signers"),
        ("maximum_duration", 86_399, "data_reservation.expiration_reservation"),
    ],
)
def test_a_limit_is_the_most_that_is_taken(grid: Any, setting: str, limit: int, path: str) -> None:
    """One less than the sample has is one too few."""
    too_few, enough = (replace(Settings(), **changes(setting, limit + more)) for more in (0, 1))
    (problem,) = grid.problems(grid.reservation(), settings=too_few)
    assert problem.path == path
    assert grid.problems(grid.reservation(), settings=enough) == []


def changes(setting: str, value: int) -> dict[str, Any]:
    """One setting with another value."""
    return {setting: value}


@pytest.mark.parametrize("field", ["environment", "secret_environment"])
def test_an_environment_holds_texts_only(grid: Any, place: Place, field: str) -> None:
    """One other value loses a real node its whole poll."""
    for value in (1, None, True, ["x"], {"x": "y"}):
        reservation = grid.reservation()
        place(reservation, f"{CONTAINER}.{field}", {"GOOD": "x", "BAD": value})
        (problem,) = grid.problems(reservation)
        assert problem.path == f"{CONTAINER}.{field}.BAD"
        assert "texts only" in problem.message


def test_an_environment_has_texts_as_names(grid: Any, place: Place) -> None:
    """MessagePack could bring others."""
    reservation = grid.reservation()
    place(reservation, f"{CONTAINER}.environment", {1: "x"})
    (problem,) = grid.problems(reservation)
    assert (problem.path, problem.message) == (
        f"{CONTAINER}.environment.1",
        "is of type int; an environment holds texts only",
    )


def test_an_environments_values_are_measured_in_bytes(grid: Any, place: Place) -> None:
    """16 KiB of UTF-8, not of characters."""
    reservation = grid.reservation()
    place(reservation, f"{CONTAINER}.environment", {"A": "x" * 16_384, "B": "é" * 8_192, "C": "é" * 8_192 + "x"})
    (problem,) = grid.problems(reservation)
    assert problem.path == f"{CONTAINER}.environment.C"
    assert "16385 bytes; the most is 16384" in problem.message


def test_an_environment_has_a_number_of_entries(grid: Any, place: Place) -> None:
    """256 of each of the two."""
    reservation = grid.reservation()
    place(reservation, f"{CONTAINER}.environment", {str(number): "" for number in range(256)})
    place(reservation, f"{CONTAINER}.secret_environment", {str(number): "" for number in range(257)})
    (problem,) = grid.problems(reservation)
    assert problem.path == f"{CONTAINER}.secret_environment"


def test_a_document_has_a_size() -> None:
    """1 MiB of it is the most."""
    assert check_document_size(1_048_576, Settings()) == []
    (problem,) = check_document_size(1_048_577, Settings())
    assert "1048577 bytes; the most is 1048576" in problem.message


def test_a_json_may_hold_anything_after_its_brace() -> None:
    """Whether it parses is the model's question."""
    assert check_json("{ü") == []


@pytest.mark.parametrize("name", ["", "shop"])
def test_a_network_has_a_name_of_its_own(grid: Any, name: str) -> None:
    """Containers find it by the name, and so does its node."""
    data = grid.data()
    second = copy.deepcopy(data["networks"][0]) | {"name": name, "workload_id": 8}
    for port, resource in enumerate(second["network_resources"], 7001):
        resource["wireguard_listen_port"] = port
    problems = grid.problems(grid.reservation(networks=[*data["networks"], second]))
    assert [problem.path for problem in problems] == ["data_reservation.networks[1].name"]


def test_a_network_is_on_at_least_one_node(grid: Any) -> None:
    """And what is connected to it finds no subnet."""
    data = grid.data()
    data["networks"][0]["network_resources"] = []
    problems = grid.problems(grid.reservation(**data))
    assert problems[0].path == f"{NETWORK}.network_resources"
    assert {problem.message for problem in problems[1:]} == {
        "network 'shop' is not on node 'node-1'",
        "network 'shop' is not on node 'node-2'",
    }


def test_a_network_has_one_resource_on_a_node(grid: Any, place: Place) -> None:
    """The global workload id and the node together name what a node reports on."""
    reservation = grid.reservation()
    place(reservation, f"{RESOURCE}.node_id", "node-1")
    assert f"{RESOURCE}.node_id" in [problem.path for problem in grid.problems(reservation)]


def test_a_listen_port_is_taken_once_on_a_node(grid: Any) -> None:
    """Over all networks of the reservation; other nodes may have the same."""
    data = grid.data()
    data["networks"].append(copy.deepcopy(data["networks"][0]) | {"name": "second", "workload_id": 8})
    data["networks"][1]["network_resources"][1]["wireguard_listen_port"] = 6001
    (problem,) = grid.problems(grid.reservation(**data))
    assert problem.path == "data_reservation.networks[1].network_resources[0].wireguard_listen_port"
    assert (
        f"is 6001, which {NETWORK}.network_resources[0].wireguard_listen_port has on the same node" in problem.message
    )


@pytest.mark.parametrize(
    ("subnets", "places"),
    [
        (["10.10.1.0/24", "10.10.1.128/25"], [1]),
        (["10.10.1.128/25", "10.10.1.0/24"], [1]),
        (["10.10.1.0/24", "10.10.1.0/24", "10.10.1.0/24"], [1, 2]),
        (["10.10.0.0/17", "10.10.200.0/24", "10.10.1.0/24", "10.10.2.0/24"], [2, 3]),
        (["10.10.1.0/24", "10.10.2.0/24", "10.10.0.0/16"], [2, 2]),
        (["10.10.1.0/24", "10.10.2.0/24", "10.10.0.0/24"], []),
        (["10.10.1.0/24", "fd00::/64"], []),
    ],
)
def test_subnets_that_overlap_are_told_at_the_later_one(grid: Any, subnets: list[str], places: list[int]) -> None:
    """Whatever their order and size."""
    (network,) = grid.data()["networks"]
    resource = network["network_resources"][0]
    network["network_resources"] = [
        {**resource, "node_id": f"node-{number}", "iprange": subnet, "peers": []}
        for number, subnet in enumerate(subnets)
    ]
    farmers = {f"node-{number}": 21 for number in range(5)}
    empty: dict[str, Any] = {"containers": [], "volumes": [], "zdbs": [], "kubernetes": []}
    problems = grid.problems(grid.reservation(networks=[network], **empty), farmers=farmers)
    found = [problem.path for problem in problems if "overlaps" in problem.message]
    assert sorted(found) == [f"{NETWORK}.network_resources[{number}].iprange" for number in places]


@pytest.mark.parametrize(
    ("reach", "private"),
    [
        ("10.0.0.0/8", True),
        ("172.16.0.0/12", True),
        ("192.168.7.0/24", True),
        ("fd12:3456::/48", True),
        ("fc00::/7", True),
        ("9.0.0.0/8", False),
        ("10.0.0.0/7", False),
        ("172.32.0.0/16", False),
        ("100.64.0.0/10", False),
        ("2001:db8::/32", False),
        ("fe80::/10", False),
        ("::/128", False),
    ],
)
def test_a_network_has_a_private_or_a_unique_local_range(grid: Any, place: Place, reach: str, *, private: bool) -> None:
    """All of it has to be one."""
    reservation = grid.reservation()
    place(reservation, f"{NETWORK}.iprange", reach)
    told = [problem for problem in grid.problems(reservation) if "unique-local" in problem.message]
    assert (told == []) is private


def test_an_address_is_taken_once_also_in_a_network_of_another_reservation(grid: Any) -> None:
    """The two containers are in one network all the same."""
    data = grid.data()
    data["containers"].append(copy.deepcopy(data["containers"][1]) | {"workload_id": 8})
    (problem,) = grid.problems(grid.reservation(**data))
    assert problem.path == "data_reservation.containers[2].network_connection[0].ipaddress"


def test_addresses_of_version_6_have_no_last_one(grid: Any) -> None:
    """Nothing is broadcast there."""
    data = grid.data()
    data["networks"][0] |= {"iprange": "fd00::/48"}
    for number, resource in enumerate(data["networks"][0]["network_resources"]):
        resource["iprange"] = f"fd00:0:0:{number}::/120"
    data["containers"][0]["network_connection"][0]["ipaddress"] = "fd00::ff"
    data["kubernetes"][0]["ipaddress"] = "fd00::1"
    data["kubernetes"][1]["ipaddress"] = "fd00:0:0:1::2"
    (problem,) = grid.problems(grid.reservation(**data))
    assert (problem.path, problem.message) == (
        "data_reservation.kubernetes[0].ipaddress",
        "fd00::1 is the first address of fd00::/120, which the node itself has",
    )


def test_an_address_in_a_subnet_that_is_none_is_told_once(grid: Any, place: Place) -> None:
    """At the subnet."""
    reservation = grid.reservation()
    place(reservation, f"{RESOURCE}.iprange", "nonsense")
    assert [problem.path for problem in grid.problems(reservation)] == [f"{RESOURCE}.iprange"]


def test_an_unknown_node_may_be_declared_where_the_operator_says_so(grid: Any) -> None:
    """Then the farmer that the workload names counts."""
    data = grid.data()
    data["zdbs"][0] |= {"node_id": "node-3", "farmer_tid": 22}
    reservation, settings = grid.reservation(**data), Settings(unknown_nodes="declared")
    assert grid.problems(reservation, settings=settings) == []
    assert farmers_of(reservation.data_reservation, grid.surroundings(), settings) == (21, 22)


@pytest.mark.parametrize(
    ("farmer_tid", "words"), [(NOT_SET, "nobody could sign as its farmer"), (9, "threebot 9 is not in the phonebook")]
)
def test_a_declared_farmer_is_set_and_known(grid: Any, farmer_tid: int, words: str) -> None:
    """Or the reservation would never leave pay; a network says it once for all its nodes."""
    data = grid.data()
    data["networks"][0]["farmer_tid"] = farmer_tid
    settings = Settings(unknown_nodes="declared")
    farmers = {"node-9": 21}
    for workload in (*data["volumes"], *data["containers"], *data["zdbs"], *data["kubernetes"]):
        workload["farmer_tid"] = 21
    (problem,) = grid.problems(grid.reservation(**data), settings=settings, farmers=farmers)
    assert problem.path == f"{NETWORK}.farmer_tid"
    assert words in problem.message


def test_farmers_are_found_by_node_and_farm(grid: Any) -> None:
    """Each once, in rising order, whatever the workloads declare."""
    data = grid.data()
    data["zdbs"][0]["farmer_tid"] = 4
    assert farmers_of(grid.reservation(**data).data_reservation, grid.surroundings(), Settings()) == (21, 22)


def test_a_node_without_a_farmer_is_an_error_for_who_did_not_check(grid: Any) -> None:
    """The path names the node."""
    with pytest.raises(InputError) as refused:
        farmers_of(grid.reservation().data_reservation, grid.surroundings(farmers={"node-1": 21}), Settings())
    assert refused.value.path == "data_reservation.containers[1].node_id"


def test_needs_are_all_that_has_to_be_looked_up(grid: Any) -> None:
    """Users, nodes and volumes of other reservations."""
    data = grid.data()
    data["volumes"][0]["farmer_tid"] = 21
    data["containers"][0]["volumes"].append({"volume_id": "junk", "mountpoint": "/x"})
    wanted = needs(grid.reservation(**data))
    assert wanted.tids == {1, 2, 3, 4, 21}
    assert wanted.node_ids == {"node-1", "node-2"}
    assert wanted.volumes == {"77-1"}


def test_placements_are_each_workload_on_each_node_once(grid: Any) -> None:
    """A network has one per resource."""
    placements = placements_of(grid.reservation().data_reservation)
    assert sorted((each.workload_id, each.node_id) for each in placements) == sorted(grid.everywhere())
    assert {each.workload_id: each.kind for each in placements} == {1: 3, 2: 2, 3: 1, 4: 1, 5: 0, 6: 4, 7: 4}


def test_the_id_of_a_single_workload_is_told_as_one(grid: Any) -> None:
    """The message has no plural where there is none."""
    volume = {"workload_id": 2, "node_id": "node-1", "size": 10, "type": "SSD"}
    others: dict[str, list[Any]] = {"networks": [], "containers": [], "zdbs": [], "kubernetes": []}
    (problem,) = grid.problems(grid.reservation(volumes=[volume], **others))
    assert problem.message == "is 2; the id of a single workload is 1"
