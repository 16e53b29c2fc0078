"""The options of a server: one form each, and mistakes before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.threebot.gedis import Gedis, Limits, parse_address

TLS = "tls://127.0.0.1:0"
SECRET = "0123456789abcdefghij"  # noqa: S105 - of no server
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def test_one_address_is_the_original_port_on_the_loopback_by_default() -> None:
    """Nobody from another machine gets in before the operator says so."""
    options = Gedis()
    assert options.listen == ("tcp://127.0.0.1:8901",)
    assert options.limits == Limits()
    assert not options.insecure
    assert not options.closed


@pytest.mark.parametrize(
    "given", ["tcp://[::1]:1", ["tcp://[::1]:1"], ("tcp://[::1]:1",), Gedis(listen="tcp://[::1]:1")]
)
def test_a_start_takes_an_address_or_several_or_options(given: object) -> None:
    """All are options in the end."""
    assert Gedis.of(given).addresses == (parse_address("tcp://[::1]:1"),)


@pytest.mark.parametrize(
    ("options", "path", "words"),
    [
        ({"listen": "127.0.0.1:1"}, "gedis.listen[0]", "is no address"),
        ({"listen": []}, "gedis.listen", "give at least one address"),
        ({"listen": 8901}, "gedis.listen", "give a text, or a list of texts"),
        ({"listen": ["tcp://h:1", 5]}, "gedis.listen[1]", "is a text"),
        ({"listen": ["tcp://h:1", "tcp://h:1"]}, "gedis.listen[1]", "is there twice"),
        ({"listen": ["unix:///s", "unix:///s"]}, "gedis.listen[1]", "is there twice"),
        ({"listen": "tcp://a-secret@h:1"}, "gedis.listen[0]", "has no secret before an @"),
        ({"insecure": True, "closed": True}, "gedis", "insecure opens every address and closed none"),
        ({"insecure": "yes"}, "gedis.insecure", "is True or False"),
        ({"closed": 1}, "gedis.closed", "is True or False"),
        ({"secrets": ["operator"]}, "gedis.secrets", "give a mapping"),
        ({"secrets": {"operator": "short"}}, "gedis.secrets.operator", "20 characters"),
        ({"secrets": {"king": SECRET}}, "gedis.secrets", "a role is operator"),
        ({"operator_keys": ["abc"]}, "gedis.operator_keys[0]", "64 hex digits"),
        ({"operator_keys": 5}, "gedis.operator_keys", "give a text, or a list of texts"),
        ({"listen": TLS}, "gedis.tls_certificate", "needs a certificate"),
        ({"listen": TLS, "tls_certificate": 5}, "gedis.tls_certificate", "give the file as a text or a Path"),
        ({"tls_certificate": "cert.pem"}, "gedis.tls_certificate", "nothing would be encrypted"),
        ({"tls_key": "key.pem"}, "gedis.tls_key", "a key and no certificate"),
        ({"limits": {"maximum_page": 5}}, "gedis.limits", "give limits as a Limits"),
    ],
)
def test_a_single_mistake_is_named_by_its_path(options: dict[str, Any], path: str, words: str) -> None:
    """And never shows a secret."""
    with pytest.raises(InputError) as refusal:
        Gedis(**options)
    assert [(problem.path, words in problem.message) for problem in refusal.value.errors] == [(path, True)]
    assert "short" not in str(refusal.value)
    assert "a-secret" not in str(refusal.value)


def test_all_mistakes_are_reported_at_once() -> None:
    """So that a configuration is corrected in one go."""
    with pytest.raises(InputError) as refusal:
        Gedis(listen=["h:1", TLS], insecure=True, closed=True, operator_keys=["x"])
    assert len(refusal.value.errors) == 4


@pytest.mark.parametrize("given", [5, b"tcp://h:1", {"listen": "tcp://h:1"}, object()])
def test_what_is_neither_address_nor_options_is_refused(given: object) -> None:
    """With what it may be."""
    with pytest.raises(InputError, match="give an address, a list of addresses or a Gedis"):
        Gedis.of(given)


def test_options_show_no_secret() -> None:
    """Their repr may end in a log."""
    options = Gedis(secrets={"operator": SECRET}, operator_keys=KEY.upper())
    assert SECRET not in repr(options)
    assert options.operator_keys == (KEY,)


def test_options_are_not_changed_behind_their_back() -> None:
    """What was given may be changed by whoever gave it."""
    secrets, listen = {"operator": SECRET}, ["tcp://h:1"]
    options = Gedis(secrets=secrets, listen=listen)
    secrets["operator"] = "another"
    listen.append("tcp://h:2")
    assert options.secrets == {"operator": SECRET}
    assert options.listen == ("tcp://h:1",)


@pytest.mark.parametrize(
    ("insecure", "closed", "address", "is_open"),
    [
        (False, False, "tcp://127.0.0.1:1", True),
        (False, False, "unix:///run/s", True),
        (False, False, "tcp://10.0.0.1:1", False),
        (True, False, "tcp://10.0.0.1:1", True),
        (False, True, "tcp://127.0.0.1:1", False),
        (False, True, "unix:///run/s", False),
    ],
)
def test_who_connects_is_a_guest_where_nobody_comes_from_elsewhere(
    *, insecure: bool, closed: bool, address: str, is_open: bool
) -> None:
    """Unless the operator says that it is so everywhere, or nowhere."""
    assert Gedis(insecure=insecure, closed=closed).is_open(parse_address(address)) is is_open


def test_a_path_of_a_certificate_may_be_a_path(tmp_path: Path) -> None:
    """As well as a text; whether it is there is seen at the start."""
    assert Gedis(listen=TLS, tls_certificate=tmp_path / "cert.pem").tls_certificate == tmp_path / "cert.pem"
