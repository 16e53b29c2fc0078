"""The same commands on a store and at a server: what is written is the same to the letter."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SECRET = "p7Qm.x2Vt~9Lk_w4Hs-Zc.and.more"  # noqa: S105 - of a server that lives for this file
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, stores: Path, run_service: Callable[..., Any]) -> Iterator[Any]:
    """A service on a store with reservation 1 in deploy; an operator's secret is known."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(stores / "deployed", folder / "store")
    (folder / "secrets.toml").touch(mode=0o600)
    (folder / "secrets.toml").write_text(f'operator = "{SECRET}"\n')
    addresses = ("--listen", "tcp://127.0.0.1:0", "--listen", f"unix://{folder}/gedis.sock")
    with run_service(folder, "--secrets", "secrets.toml", *addresses) as service:
        yield service
        assert service.stop() == 0


def said(err: str) -> Any:
    """What is on stderr; the call that refused is known at a server alone where the phonebook or the directory does."""
    if not err.startswith("{"):
        return err
    document = json.loads(err)
    return (
        {**document, "call": ""}
        if document.get("call", "").startswith(("users_", "farms_", "nodes_"))
        else {
            "call": "",
            **document,
        }
    )


@pytest.fixture
def both(cli: Any, deployed: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command on a store of the same content, then at the server as its operator; return what both wrote."""
    assert deployed.is_dir()
    monkeypatch.setenv("WORKLOADMANAGER_SECRET", SECRET)

    def run(*arguments: str, stdin: str = "", moments: bool = True) -> Any:
        local = cli(*arguments, stdin=stdin)
        remote = cli(*arguments, "--connect", server.address, stdin=stdin)
        outs = [each.out if moments else MOMENT.sub("…", each.out) for each in (remote, local)]
        assert outs[0] == outs[1]
        assert (remote.status, said(remote.err)) == (local.status, said(local.err))
        return remote

    return run


READING = [
    ("user", "list"),
    ("user", "show", "bob"),
    ("user", "show", "3"),
    ("farm", "list"),
    ("farm", "show", "1"),
    ("node", "list"),
    ("node", "list", "--farm", "7"),
    ("reservation", "list"),
    ("reservation", "list", "--state", "deploy", "--customer", "alice", "--limit", "1"),
    ("reservation", "list", "--epoch", "2026-01-01", "--cursor", "2"),
    ("reservation", "get", "1"),
    ("reservation", "get", "1", "--history"),
    ("reservation", "watch", "1", "--until", "deploy"),
    ("workload", "list"),
    ("workload", "list", "--cursor", "9"),
    ("workload", "get", "1-1"),
]


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["people", "programs"])
def test_what_is_read_is_written_alike(both: Any, arguments: tuple[str, ...], as_json: tuple[str, ...]) -> None:
    """Tables, descriptions and JSON."""
    assert both(*arguments, *as_json).status == 0


REFUSED = [
    ("user", "show", "nobody"),
    ("user", "show", "99"),
    ("farm", "show", "9"),
    ("node", "show", "nowhere"),
    ("reservation", "get", "9"),
    ("workload", "get", "9-9"),
    ("workload", "get", "nonsense"),
    ("workload", "deleted", "1-1"),
    ("reservation", "sign", "farmer", "1", "--key", "alice"),
    ("farm", "add", "green", "--farmer", "alice"),
    ("user", "add", "alice", "--key", "bob"),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["people", "programs"])
def test_what_is_refused_is_said_alike(both: Any, arguments: tuple[str, ...], as_json: tuple[str, ...]) -> None:
    """Status, sentence, path and kind."""
    assert both(*arguments, *as_json).status == 1


def test_every_mistake_of_a_registration_is_said_alike(both: Any) -> None:
    """A list of mistakes crosses the wire as one."""
    finished = both("reservation", "register", "-", stdin='{"customer_tid": 77, "data_reservation": {"volumes": [{}]}}')
    assert finished.status == 1
    assert finished.err.count("\n") > 3


def test_a_reservation_lives_at_a_server(both: Any, reservation: dict[str, Any]) -> None:
    """Registered, signed, paid, reported and deleted; each step says the same on both."""
    reservation["data_reservation"] |= {
        "signing_request_provision": {"signers": [2], "quorum_min": 1},
        "expiration_provisioning": 2_000_000_000,
        "expiration_reservation": 2_000_100_000,
    }
    both("reservation", "register", "-", "--sign-with", "alice", stdin=json.dumps(reservation))
    both("reservation", "sign", "provision", "2", "--key", "bob")
    both("reservation", "sign", "farmer", "2", "--key", "farmer")
    both("workload", "result", "2-1", "--state", "ok", "--key", "node", "--data", '{"a": "<b>"}')
    both("reservation", "sign", "delete", "2", "--key", "alice", "--json")
    both("workload", "deleted", "2-1", "--json")
    assert "deleted" in both("reservation", "list", "--state", "deleted", moments=False).out


def test_the_phonebook_and_the_directory_grow_alike(both: Any, cli: Any) -> None:
    """By an operator; adding the same again is no error."""
    cli("key", "new", "dora", "--no-passphrase")
    for _ in range(2):
        assert both("user", "add", "dora", "--key", "dora").status == 0
        assert both("farm", "add", "blue", "--farmer", "dora").status == 0
        assert both("node", "add", "rack-7", "--farm", "2", moments=False).status == 0


def test_a_user_without_a_secret_adds_the_own_entry(cli: Any, keyring: Any, server: Any) -> None:
    """The key signs it; somebody else's would need an operator."""
    assert keyring.names()
    cli("key", "new", "emil", "--no-passphrase")
    assert cli("user", "add", "emil", "--key", "emil", "--connect", server.address).status == 0
    public_key = cli("key", "show", "node", "--json").document["public_key"]
    finished = cli("user", "add", "fred", "--public-key", public_key, "--connect", server.address)
    assert finished.status == 1
    assert "operator" in finished.err


def test_a_closed_server_is_left_with_what_to_type(serve: Any, cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal names options and a variable, and no commands of the protocol; it keeps its kind and its call."""
    service = serve("--closed")
    finished = cli("reservation", "list", "--connect", service.address, "--json")
    assert finished.status == 1
    assert finished.error == {
        "kind": "permission",
        "message": "reservation_list is for those who are logged in; log in first: --role with --login, or a secret in "
        "WORKLOADMANAGER_SECRET",
        "call": "reservation_list",
    }
    monkeypatch.setenv("WORKLOADMANAGER_SECRET", SECRET)
    finished = cli("reservation", "list", "--connect", service.address)
    assert finished.err.endswith("the server has no secrets: log in with --role and --login\n")


def test_the_role_of_a_secret_may_stand_before_it(cli: Any, server: Any) -> None:
    """A secret of another role is refused then; a colon in a role is written %3A."""
    address = server.address.replace("tcp://", "tcp://{}:" + f"{SECRET}@")
    assert cli("user", "list", "--connect", address.format("operator")).status == 0
    finished = cli("user", "list", "--connect", address.format("user%3A1"))
    assert (finished.status, finished.out) == (1, "")
    assert SECRET not in finished.err


def test_a_key_logs_in_without_any_secret(cli: Any, keyring: Any, server: Any) -> None:
    """As whom, the role says; the signature is over a challenge of the server's."""
    assert keyring.names()
    node = cli("key", "show", "node", "--json").document["node_id"]
    login = ("--connect", server.address, "--role", f"node:{node}", "--login", "node")
    assert cli("workload", "list", "--node", node, *login).status == 0
    finished = cli("reservation", "list", "--connect", server.address, "--role", "user:1", "--login", "bob")
    assert (finished.status, finished.out) == (1, "")
    finished = cli("reservation", "list", "--connect", server.address, "--login", "bob")
    assert finished.err == "workloadmanager: --role: say whose key it is: operator, node:NODE_ID or user:TID\n"


def test_a_secret_may_stand_in_the_address(cli: Any, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It wins over the variable; a wrong one is refused, and never shown."""
    monkeypatch.setenv("WORKLOADMANAGER_SECRET", "a-wrong-secret-of-the-variable")
    address = server.address.replace("tcp://", f"tcp://{SECRET}@")
    assert cli("user", "list", "--connect", address).status == 0
    finished = cli("user", "list", "--connect", server.address)
    assert (finished.status, finished.out) == (1, "")
    assert "a-wrong-secret" not in finished.err


def test_the_variables_lead_to_a_server(cli: Any, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `--connect` does; a store on the line wins over them."""
    monkeypatch.delenv("WORKLOADMANAGER_STORE")
    monkeypatch.setenv("WORKLOADMANAGER_CONNECT", f"unix://{server.log.parent}/gedis.sock")
    assert cli("user", "show", "alice").status == 0
    assert cli("user", "list", "--store", ":memory:", "--json").document == {"users": []}
    assert cli("bcdb", "stats", "--store", ":memory:").status == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("user", "list", "--store", "here", "--connect", "tcp://h:1"), "--store opens a store here, --connect asks"),
        (("--connect", "tcp://h:1", "user", "list", "--set", "a=1"), "--set is for what is started here"),
        (("user", "list", "--role", "operator"), "--role is for logging in at a server"),
        (("user", "list", "--login", "alice"), "--login is for logging in at a server"),
        (("bcdb", "check", "--connect", "tcp://h:1"), "no such option"),
        (("--connect", "tcp://h:1", "bcdb", "check"), "works on the store itself, and does not take --connect"),
        (("--role", "operator", "bcdb", "check"), "works on the store itself, and does not take --role"),
        (("--connect", "tcp://h:1", "serve"), "works on the store itself, and does not take --connect"),
    ],
)
def test_what_does_not_go_together_is_a_wrong_call(cli: Any, arguments: tuple[str, ...], words: str) -> None:
    """Status 2, before anything is opened."""
    finished = cli(*arguments)
    assert (finished.status, finished.out) == (2, "")
    assert words.lower() in finished.err.lower()


def test_two_variables_that_contradict_each_other_are_a_wrong_call(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody guesses which was meant."""
    monkeypatch.setenv("WORKLOADMANAGER_CONNECT", "tcp://127.0.0.1:1")
    finished = cli("user", "list")
    assert finished.status == 2
    assert "WORKLOADMANAGER_STORE and WORKLOADMANAGER_CONNECT are both set" in finished.err


def test_a_server_that_is_not_there_is_one_line(cli: Any) -> None:
    """With its address, after a few attempts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    finished = cli("user", "list", "--connect", f"tcp://127.0.0.1:{port}")
    assert (finished.status, finished.out, finished.err.count("\n")) == (1, "", 1)
    assert str(port) in finished.err


def test_the_shell_has_a_client_as_wm(cli: Any, server: Any) -> None:
    """The server goes on when the shell ends."""
    for _ in range(2):
        finished = cli("shell", "--connect", server.address, "-c", "wm.reservation_get(reservation_id=1).next_action")
        assert (finished.status, finished.out) == (0, "deploy\n")


def test_a_watch_sees_what_happens_at_the_server(cli: Any, server: Any, keyring: Any) -> None:
    """It ends where its state is reached already."""
    assert keyring.names()
    finished = cli("reservation", "watch", "1", "--until", "deploy", "--connect", server.address)
    assert finished.status == 0
    assert re.search(r"pay → deploy  sign_farmer by 4", finished.out)
