"""Keys, signing and sealing, as a client does it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloadmanager import signing
from workloadmanager.errors import InputError
from workloadmanager.signing import FORMS, Key, Purpose

SEED = b"12345678901234567890123456789012"
GOLDEN = Key(SEED)
PUBLIC = "2f8c6129d816cf51c374bc7f08c3e63ed156cf78aefb4a6550d97b87997977ee"
NODE = "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"
JSON = '{"description": "für mich"}'
unhurried = settings(deadline=None)


def test_a_seed_is_a_key_and_a_node_id() -> None:
    """The golden one."""
    assert (GOLDEN.public_key, GOLDEN.node_id) == (PUBLIC, NODE)


def test_a_key_is_read_from_what_it_was_written_to() -> None:
    """In either case of the hex text."""
    key = Key.generate()
    assert Key.from_hex(key.seed_hex()) == key
    assert Key.from_hex(key.seed_hex().upper()) == key
    assert len({key, Key.from_hex(key.seed_hex()), Key.generate()}) == 2


def test_two_new_keys_are_two() -> None:
    """And no other thing is a key."""
    assert Key.generate() != Key.generate()
    assert Key.generate() != "key"


def test_printing_a_key_shows_its_public_half_alone() -> None:
    """In no form of it is there a seed."""
    for shown in (repr(GOLDEN), str(GOLDEN), f"{GOLDEN}"):
        assert shown == f"Key(public_key='{PUBLIC}')"
    assert not hasattr(GOLDEN, "__dict__")


@pytest.mark.parametrize("text", ["", "x", "00", "0" * 63, "0" * 66, "31 " * 32, "g" * 64])
def test_what_is_no_seed_is_refused_without_repeating_it(text: str) -> None:
    """It might have been a secret with one digit wrong."""
    with pytest.raises(InputError) as refused:
        Key.from_hex(text)
    assert refused.value.path == "seed"
    assert len(text) < 10 or text not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_key_takes_a_seed_of_32_bytes_alone() -> None:
    """The refusal counts them."""
    with pytest.raises(InputError, match="a seed has 32 bytes, this one 31"):
        Key(SEED[1:])


@pytest.mark.parametrize("purpose", [*Purpose, *map(str, Purpose)])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_signed_verifies(purpose: Purpose | str, form: Any) -> None:
    """For every purpose, by its member and by its name, in every form."""
    signature = signing.sign(GOLDEN, purpose, json=JSON, reservation_id=12, tid=7, form=form)
    found = signing.verify(GOLDEN, signature, json=JSON, purpose=purpose, reservation_id=12, tid=7)
    assert (bool(found), found.form) == (True, form)


@pytest.mark.parametrize("spelling", [GOLDEN, PUBLIC, PUBLIC.upper(), NODE, bytes.fromhex(PUBLIC)])
def test_a_public_key_has_several_spellings(spelling: Any) -> None:
    """A key pair, hex text, a node id, bytes."""
    signature = signing.sign(GOLDEN, "customer", json=JSON, form="plain")
    assert signing.verify(spelling, signature, json=JSON, purpose="customer")
    assert signing.unseal(GOLDEN, signing.seal(spelling, "secret")) == "secret"


@pytest.mark.parametrize("spelling", ["", "x", "00" * 31, b"", bytes(31), "node-1"])
def test_what_is_no_public_key_is_refused(spelling: Any) -> None:
    """Before anything is verified or sealed."""
    with pytest.raises(InputError):
        signing.verify(spelling, "00" * 64, json=JSON, purpose="customer")
    with pytest.raises(InputError):
        signing.verify_result(spelling, "00" * 64, state=1)
    with pytest.raises(InputError):
        signing.seal(spelling, "secret")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"purpose": "steal"}, "purpose"),
        ({"json": "[]"}, "json"),
        ({"form": "loose"}, "form"),
        ({"reservation_id": 0}, "reservation_id"),
        ({"reservation_id": 0, "form": "id-bound"}, "reservation_id"),
        ({"tid": 0}, "tid"),
    ],
)
def test_what_cannot_be_signed_is_refused(change: dict[str, Any], path: str) -> None:
    """With the argument that is wrong."""
    arguments: dict[str, Any] = {"purpose": "delete", "json": JSON, "reservation_id": 1, "tid": 1} | change
    with pytest.raises(InputError) as refused:
        signing.sign(GOLDEN, **arguments)
    assert refused.value.path == path


def test_a_purpose_that_is_none_is_refused_with_those_that_are() -> None:
    """When verifying too."""
    with pytest.raises(InputError, match="those are customer, provision, delete, farmer"):
        signing.verify(GOLDEN, "00" * 64, json=JSON, purpose="steal")


@pytest.mark.parametrize(("form", "length"), [("2020", 128), ("2019", 88)])
@pytest.mark.parametrize("state", [0, 1, 2])
def test_a_signed_result_verifies(form: Any, length: int, state: int) -> None:
    """Hex text of the form of 2020, base64 text of the form before it."""
    signature = signing.sign_result(GOLDEN, state=state, message="é", data_json="{}", form=form)
    assert len(signature) == length
    assert signing.verify_result(NODE, signature, state=state, message="é", data_json="{}")
    assert not signing.verify_result(NODE, signature, state=state, message="e", data_json="{}")


def test_a_result_of_a_wrong_shape_does_not_verify() -> None:
    """It is a value."""
    assert not signing.verify_result(NODE, "junk", state=1)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"form": "2018"}, "form"),
        ({"state": 3}, "state"),
        ({"message": "\ud800"}, "message"),
        ({"data_json": "\ud800"}, "data_json"),
    ],
)
def test_a_result_that_cannot_be_signed_is_refused(change: dict[str, Any], path: str) -> None:
    """With the argument that is wrong."""
    arguments: dict[str, Any] = {"state": 1} | change
    with pytest.raises(InputError) as refused:
        signing.sign_result(GOLDEN, **arguments)
    assert refused.value.path == path


@unhurried
@given(secret=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_secret_is_read_by_its_node_alone(secret: str) -> None:
    """Sealing twice gives two texts, and another key opens neither."""
    first, second = signing.seal(NODE, secret), signing.seal(NODE, secret)
    assert first != second
    assert signing.unseal(GOLDEN, first) == signing.unseal(GOLDEN, second) == secret
    with pytest.raises(InputError, match="cannot be opened with this key"):
        signing.unseal(Key(b"2" * 32), first)


def test_half_a_character_is_not_sealed() -> None:
    """It has no UTF-8 form; the refusal does not repeat the secret."""
    with pytest.raises(InputError) as refused:
        signing.seal(NODE, "hunter2\ud800")
    assert refused.value.path == "text"
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("sealed", ["", "00", "zz", "0" * 200, "0" * 161])
def test_what_was_not_sealed_is_not_opened(sealed: str) -> None:
    """Neither junk nor a damaged box."""
    with pytest.raises(InputError) as refused:
        signing.unseal(GOLDEN, sealed)
    assert refused.value.path == "sealed"


def test_a_secret_that_is_no_text_is_told() -> None:
    """Some other program may have sealed bytes."""
    from nacl.public import SealedBox
    from nacl.signing import VerifyKey

    box = SealedBox(VerifyKey(bytes.fromhex(PUBLIC)).to_curve25519_public_key())
    with pytest.raises(InputError, match="does not hold UTF-8 text"):
        signing.unseal(GOLDEN, box.encrypt(b"\xff").hex())


@pytest.mark.parametrize("key", [bytes(32), b"\x01" + bytes(31)])
def test_nothing_is_sealed_to_a_broken_key(key: bytes) -> None:
    """Everybody could open it."""
    with pytest.raises(InputError, match="nothing can be sealed to this public key"):
        signing.seal(key, "secret")


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda key: pickle.loads(pickle.dumps(key))])  # noqa: S301
def test_a_key_that_is_copied_is_the_same_key(duplicate: Any) -> None:
    """So that it may be given to another thread or process."""
    assert duplicate(GOLDEN) == GOLDEN
