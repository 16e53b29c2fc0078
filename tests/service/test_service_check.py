"""What is known to be wrong before a start: one good configuration, many single mistakes, nothing made."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import InputError, Problem
from workloadmanager.threebot.service import Configuration, check

LOOPBACK = ("tcp://127.0.0.1:0",)
NOWHERE = "n" * 64  # no part of a name is so long, so that nobody is asked for it


def mistakes(found: list[Problem] | None = None, **values: Any) -> list[str]:
    """What a configuration is refused for; nothing where it is not."""
    try:
        check(Configuration(**{"store": ":memory:", **values}), found)
    except InputError as error:
        return [str(problem) for problem in error.errors]
    return []


def test_a_good_configuration_passes(certificate: Path, write: Any, secret: str, tmp_path: Path) -> None:
    """And becomes what the server is told."""
    configuration = Configuration(
        store=str(tmp_path / "new" / "store"),
        listen=(*LOOPBACK, "tls://[::1]:0", f"unix://{tmp_path}/s"),
        closed=True,
        tls_certificate=certificate / "server.pem",
        tls_key=certificate / "server.key",
        secrets=write("secrets.toml", f'operator = "{secret}"\n'),
        limits={"maximum_connections": 7},
        settings={"unknown_nodes": "declared"},
    )
    checked = check(configuration)
    assert checked.configuration is configuration
    assert [str(each) for each in checked.gedis.addresses] == [
        "tcp://127.0.0.1:0",
        "tls://[::1]:0",
        f"unix://{tmp_path}/s",
    ]
    assert (checked.gedis.closed, checked.gedis.limits.maximum_connections) == (True, 7)
    assert checked.gedis.secrets == {"operator": secret}
    assert secret not in repr(checked)


def test_nothing_is_made(tmp_path: Path) -> None:
    """Neither the store nor a socket."""
    assert mistakes(store=str(tmp_path / "store"), listen=(f"unix://{tmp_path}/socket",)) == []
    assert list(tmp_path.iterdir()) == []


SINGLE = [
    ({"listen": ("8901",)}, "--listen[0]: '8901' is no address: write tcp://127.0.0.1:8901"),
    ({"listen": (*LOOPBACK, "tcp://:1")}, "--listen[1]: the address names no host"),
    ({"listen": ("tcp://h:1", "tcp://h:1")}, "--listen[1]: tcp://h:1 is there twice"),
    ({"listen": ("tcp://secret@h:1",)}, "--listen[0]: a server's address has no secret before an @"),
    ({"listen": ("tls://127.0.0.1:0",)}, "--tls-certificate: an address with tls:// needs a certificate"),
    ({"insecure": True, "closed": True}, "--insecure: insecure opens every address and closed none"),
    ({"tls_certificate": Path("server.pem")}, "--tls-certificate: no address begins with tls://"),
    ({"tls_key": Path("server.key")}, "--tls-key: there is a key and no certificate"),
    ({"secrets": Path("nowhere.toml")}, "nowhere.toml: the secrets cannot be read: No such file or directory"),
    ({"limits": {"maximum_page": 0}}, "limits.maximum_page: must be a whole number from 1, not 0"),
    (
        {"limits": {"maximum_pages": 1}},
        'limits.maximum_pages: there is no limit of this name; did you mean "maximum_page"?',
    ),
    ({"settings": {"unknown_node": 1}}, "--set unknown_node: there is no setting of this name; did you mean"),
    ({"settings": {"maximum_signers": "3"}}, "--set maximum_signers: '3' is not a whole number of 1 or more"),
    (
        {"packages": (Path("nowhere"),)},
        "nowhere/package.toml: there is no package.toml; a package is a folder",
    ),
    ({"listen": (*LOOPBACK, f"tcp://{NOWHERE}:1")}, f"--listen[1]: the host of tcp://{NOWHERE}:1 is not known"),
    ({"listen": ("tcp://192.0.2.7:8901",)}, "--listen[0]: this machine has no such address as that of tcp://192.0.2.7"),
    ({"listen": ("unix:///no/such/folder/s",)}, "--listen[0]: there is no folder /no/such/folder for the socket"),
    ({"listen": ("unix:///dev/null/s",)}, "--listen[0]: /dev/null is a file, and a socket needs a folder"),
    ({"listen": ("unix:///dev/null",)}, "--listen[0]: /dev/null is there already, and is no socket"),
    ({"store": ""}, "--store: a store needs a path: a folder, or :memory:"),
    ({"store": "/dev/null"}, "--store: /dev/null is a file; name the folder that holds the store"),
    ({"store": "/dev/null/store"}, "--store: /dev/null is a file; no folder can be made in it"),
]


@pytest.mark.parametrize(("values", "words"), SINGLE, ids=[words for _, words in SINGLE])
def test_a_single_mistake_is_the_only_one_that_is_reported(values: dict[str, Any], words: str) -> None:
    """By the name of its option."""
    (mistake,) = mistakes(**values)
    assert words in mistake


@pytest.mark.parametrize(
    ("pem", "key", "words"),
    [
        ("none.pem", "server.key", "--tls-certificate: the certificate '"),
        ("server.pem", "none.key", "--tls-key: the key '"),
        ("server.pem", "other.key", "--tls-certificate: '"),
        ("server.pem", "locked.key", "--tls-certificate: '"),
        ("server.key", "server.key", "--tls-certificate: '"),
    ],
)
def test_a_certificate_is_read_and_has_to_fit_its_key(certificate: Path, pem: str, key: str, words: str) -> None:
    """Nobody is asked for a passphrase."""
    files = certificate / pem, certificate / key
    (mistake,) = mistakes(listen=("tls://127.0.0.1:0",), tls_certificate=files[0], tls_key=files[1])
    assert mistake.startswith(words)


ALONE = """
import os, sys
from workloadmanager.errors import InputError
from workloadmanager.threebot.service import Configuration, check
if os.geteuid() == 0:  # root writes wherever it wants to; what may be written is asked for the real user
    os.setresuid(65534, 0, 0)
for place in sys.argv[1:]:
    given = {"listen": (place,), "store": ":memory:"} if place.startswith("unix:") else {"store": place}
    try:
        check(Configuration(**given))
    except InputError as error:
        print(error.message)
"""


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_to_is_refused() -> None:
    """Neither for a store, where it is or where it would be made, nor for a socket."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        places = [folder, f"{folder}/new/store", f"unix://{folder}/socket"]
        finished = subprocess.run([sys.executable, "-c", ALONE, *places], capture_output=True, text=True, check=True)
        Path(folder).chmod(0o700)
    assert finished.stdout.splitlines() == [
        f"the folder {folder} cannot be written to",
        f"the folder {folder}/new/store is not there, and cannot be made, as {folder} cannot be written to",
        f"the folder {folder} cannot be written to",
    ]


def test_a_port_that_something_else_has_is_no_mistake() -> None:
    """It may be the service itself, whose next configuration is looked at; a socket of it is none either."""
    with socket.create_server(("127.0.0.1", 0)) as other, tempfile.TemporaryDirectory() as folder:
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(f"{folder}/s")
        unix.close()
        assert mistakes(listen=(f"tcp://127.0.0.1:{other.getsockname()[1]}", f"unix://{folder}/s")) == []


def test_everything_is_reported_at_once() -> None:
    """What was known already comes first."""
    reported = mistakes(
        [Problem("known", "before")],
        listen=("x",),
        secrets=Path("nowhere.toml"),
        limits={"idle_seconds": -1},
        settings={"nonsense": 1},
        packages=(Path("nowhere"),),
        store="/dev/null",
    )
    assert reported[0] == "before: known"
    assert len(reported) == 7
