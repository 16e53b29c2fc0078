"""TLS: the server at ``tls://`` addresses, and certificates that it cannot use."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hiredis
import pytest

from workloadmanager.errors import InputError
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis import Gedis, Limits

from .hosting import Client, Gate, Logged, command, say, server_threads, word_of

Host = Callable[..., WorkloadManager]
Connect = Callable[..., Client]

CERTIFICATES = Path(__file__).parent / "certificates"
LISTEN = "tls://127.0.0.1:0"
PING = command("PING")


def options(**more: object) -> Gedis:
    """The options of a server that encrypts."""
    given = {
        "listen": LISTEN,
        "tls_certificate": CERTIFICATES / "certificate.pem",
        "tls_key": CERTIFICATES / "key.pem",
        **more,
    }
    return Gedis(**given)  # type: ignore[arg-type]  # what is given is the test's


def encrypted(client: Client, **context_options: object) -> Client:
    """Encrypt the connection of a client, which knows the certificate."""
    context = ssl.create_default_context(cafile=CERTIFICATES / "certificate.pem")
    for name, value in context_options.items():
        setattr(context, name, value)
    client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
    return client


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
def test_calls_are_answered_encrypted(host: Host, connect: Connect, version: ssl.TLSVersion) -> None:
    """In both versions of TLS that are in use, many commands at once as well."""
    (address,) = host(gedis=options()).addresses
    assert address.startswith("tls://127.0.0.1:")
    client = encrypted(connect(address), maximum_version=version, minimum_version=version)
    assert client.ask(PING) == b"PONG"
    client.send(b"".join(say(f"w{number}", 1000) for number in range(300)))
    assert [word_of(client.reply())[:2] for _ in range(300)] == ["w0", *(f"w{number}"[:2] for number in range(1, 300))]


def test_what_is_sent_right_behind_the_handshake_is_not_lost(host: Host, connect: Connect) -> None:
    """A client does not wait for anybody after it."""
    (address,) = host(gedis=options()).addresses
    for _ in range(20):
        client = encrypted(connect(address))
        client.send(PING)
        assert client.reply() == b"PONG"
        client.close()


def test_a_certificate_and_its_key_may_be_in_one_file(host: Host, connect: Connect, tmp_path: Path) -> None:
    """As some tools write them."""
    both = tmp_path / "both.pem"
    both.write_bytes((CERTIFICATES / "certificate.pem").read_bytes() + (CERTIFICATES / "key.pem").read_bytes())
    (address,) = host(gedis=options(tls_certificate=str(both), tls_key=None)).addresses
    assert encrypted(connect(address)).ask(PING) == b"PONG"


@pytest.mark.parametrize(
    ("certificate", "key", "path", "words"),
    [
        ("missing.pem", "key.pem", "gedis.tls_certificate", "cannot be read: No such file"),
        ("certificate.pem", "missing.pem", "gedis.tls_key", "cannot be read: No such file"),
        ("key.pem", "key.pem", "gedis.tls_certificate", "is no certificate in PEM form"),
        ("certificate.pem", "other_key.pem", "gedis.tls_certificate", "is no certificate in PEM form with the key"),
        ("certificate.pem", "locked_key.pem", "gedis.tls_certificate", "the key without a passphrase"),
        ("certificate.pem", ".", "gedis.tls_key", "cannot be read: Is a directory"),
    ],
)
def test_a_certificate_that_cannot_be_used_says_why(
    host: Host, tmp_path: Path, certificate: str, key: str, path: str, words: str
) -> None:
    """And nothing goes on running; no passphrase is asked for."""
    for name in ("certificate.pem", "key.pem", "other_key.pem", "locked_key.pem"):
        shutil.copy(CERTIFICATES / name, tmp_path / name)
    with pytest.raises(InputError) as refusal:
        host(gedis=options(tls_certificate=tmp_path / certificate, tls_key=tmp_path / key))
    assert refusal.value.path == path
    assert words in refusal.value.message
    assert server_threads() == []


def test_who_does_not_encrypt_is_disconnected(host: Host, connect: Connect, log: Logged) -> None:
    """Others are let in meanwhile."""
    (address,) = host(gedis=options()).addresses
    plain = connect(address)
    plain.send(PING)
    assert _is_over(plain)
    assert log.wait_for("was not encrypted, and is closed")
    assert encrypted(connect(address)).ask(PING) == b"PONG"


def test_who_leaves_in_the_handshake_harms_nobody(host: Host, connect: Connect, log: Logged) -> None:
    """It counts as a connection no longer than it lasts."""
    (address,) = host(gedis=options(limits=Limits(maximum_connections=1))).addresses
    leaving = connect(address)
    leaving.send(b"\x16\x03\x01")
    leaving.close()
    assert log.wait_for("was not encrypted, and is closed")
    assert encrypted(connect(address)).ask(PING) == b"PONG"


def test_a_handshake_that_does_not_go_on_counts_as_a_connection(host: Host, connect: Connect) -> None:
    """So that nobody fills the server with them; over the most, nothing can be said to whoever comes."""
    manager = host(gedis=options(limits=Limits(maximum_connections=1)))
    (address,) = manager.addresses
    silent = connect(address)
    assert _is_over(connect(address))
    manager.stop()  # and it does not hold up the stop
    assert _is_over(silent)


def test_a_handshake_that_takes_too_long_is_ended(host: Host, connect: Connect, log: Logged) -> None:
    """By the limit for half a command."""
    (address,) = host(gedis=options(limits=Limits(request_seconds=1))).addresses
    silent = connect(address)
    assert _is_over(silent)
    assert log.wait_for("was not encrypted, and is closed")


def test_a_stop_answers_what_is_in_flight_encrypted(host: Host, connect: Connect) -> None:
    """And ends the encryption in order."""
    manager = host(gedis=options())
    client, idle = encrypted(connect(manager.addresses[0])), encrypted(connect(manager.addresses[0]))
    assert idle.ask(PING) == b"PONG"
    client.send(say("wait"))
    gate = Gate(manager)
    gate.entered()
    gate.open()
    manager.stop()
    assert word_of(client.reply()) == "wait"
    assert client.is_closed()
    assert idle.is_closed()


def test_quit_ends_the_encryption_in_order(host: Host, connect: Connect) -> None:
    """The reply is there before the end."""
    client = encrypted(connect(host(gedis=options()).addresses[0]))
    assert client.ask(command("QUIT")) == b"OK"
    assert client.is_closed()


def test_one_server_has_addresses_with_and_without_encryption(host: Host, connect: Connect) -> None:
    """For clients of this machine and of others."""
    plain, secure = host(gedis=options(listen=["tcp://127.0.0.1:0", LISTEN])).addresses
    assert connect(plain).ask(PING) == b"PONG"
    assert encrypted(connect(secure)).ask(PING) == b"PONG"


def _is_over(client: Client) -> bool:
    """Whether the server closes, with or without the words of TLS for what it makes of that."""
    try:
        while client.socket.recv(4096):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def test_the_oldest_versions_of_tls_are_not_spoken(host: Host, connect: Connect) -> None:
    """They are no longer safe."""
    (address,) = host(gedis=options()).addresses
    client = connect(address)
    # A greeting of TLS 1.0 that offers one old cipher; a context of today's library would not make it.
    hello = bytes.fromhex("0301" + "00" * 32 + "00" + "0002" + "002f" + "01" + "00")
    handshake = b"\x01" + len(hello).to_bytes(3) + hello
    client.send(b"\x16\x03\x01" + len(handshake).to_bytes(2) + handshake)
    assert client.socket.recv(4096)[:1] != b"\x16"  # no greeting comes back
    assert _is_over(client)


def test_a_reply_over_the_wire_is_not_readable(host: Host, connect: Connect) -> None:
    """What goes over the wire is not what was said."""
    (address,) = host(gedis=options()).addresses
    raw = connect(address)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=CERTIFICATES / "certificate.pem")
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    seen = b""

    def exchange(step: Callable[[], Any]) -> Any:
        nonlocal seen
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                raw.send(outgoing.read())
                data = raw.socket.recv(65536)
                seen += data
                incoming.write(data)
            else:
                if outgoing.pending:
                    raw.send(outgoing.read())
                return result

    exchange(tls.do_handshake)
    exchange(lambda: tls.write(say("readable")))
    reader = hiredis.Reader()
    reader.feed(exchange(lambda: tls.read(65536)))
    assert word_of(reader.gets()) == "readable"
    assert b"readable" not in seen
    raw.socket.shutdown(socket.SHUT_RDWR)
