"""The bytes that are signed, and what verifies."""

from __future__ import annotations

import hashlib
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from workloadmanager.errors import InputError
from workloadmanager.rules import FORMS, Form, Purpose, Settings, accepted_forms, node_key, signed_bytes, verify

SEED = b"12345678901234567890123456789012"
KEY = SigningKey(SEED)
PUBLIC = bytes(KEY.verify_key)
JSON = '{"description": "für mich"}'

JSONS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(lambda text: "{" + text)
NUMBERS = st.integers(0, 2**63 - 1)
WAYS = st.tuples(st.sampled_from(FORMS), JSONS, st.sampled_from(Purpose), NUMBERS, NUMBERS)
unhurried = settings(deadline=None)


def bytes_of(way: tuple[Form, str, Purpose, int, int]) -> bytes:
    """The signed bytes of a form, a json, a purpose, a reservation and a signer."""
    form, json, purpose, reservation_id, tid = way
    return signed_bytes(form, json=json, purpose=purpose, reservation_id=reservation_id, tid=tid)


def meaning(way: tuple[Form, str, Purpose, int, int]) -> tuple[object, ...]:
    """What a signature of these bytes says: the weaker forms leave parts out."""
    form, json, purpose, reservation_id, tid = way
    covered = {"bound": (purpose, reservation_id, tid), "id-bound": (reservation_id,), "plain": ()}
    return (form, json, *covered[form])


def signed(form: Form = "bound", purpose: Purpose = Purpose.provision, reservation_id: int = 12, tid: int = 7) -> str:
    """A signature of the golden key."""
    message = signed_bytes(form, json=JSON, purpose=purpose, reservation_id=reservation_id, tid=tid)
    return KEY.sign(message).signature.hex()


def checked(signature: str, *, key: bytes = PUBLIC, json: str = JSON, forms: tuple[Form, ...] = FORMS) -> object:
    """What verifying says, for provision of reservation 12 by threebot 7."""
    return verify(key, signature, json=json, purpose=Purpose.provision, reservation_id=12, tid=7, forms=forms)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("bound", b"tfgrid.workloads/2 delete 12 7\n{}"),
        ("id-bound", b"12{}"),
        ("plain", b"{}"),
    ],
)
def test_the_signed_bytes_are_the_documented_ones(form: Form, expected: bytes) -> None:
    """Byte for byte."""
    assert signed_bytes(form, json="{}", purpose=Purpose.delete, reservation_id=12, tid=7) == expected


@pytest.mark.parametrize(
    ("form", "golden"),
    [
        (
            "bound",
            "2cbf599a21d434b85079a3ddc26dff056222247cdaf6236e41be3278569e5dc5"
            "071c164fa08a954a17862685ed413aa8d75df5f1ca6a8126ef42f48264dcf407",
        ),
        (
            "id-bound",
            "0e299076e86ec05e57ae0810a23f515003c575f5afc66fbe34272c5d34996d61"
            "fc5720e537bb4914b38d51749f1bf06e57eaf04599cee1fbf0eb49d614827701",
        ),
        (
            "plain",
            "05fc6fa3707bed3454512679f6d3483eed7bbd42d11e8bc0eb27db48b9909072"
            "50d8b4bf120c0393f0ef46893533948d972eace3fef89bf3fe6bd337c231c502",
        ),
    ],
)
def test_the_golden_signatures_stay_what_they_are(form: Form, golden: str) -> None:
    """An ed25519 key has one signature for a message, so a change of the bytes shows here."""
    assert PUBLIC.hex() == "2f8c6129d816cf51c374bc7f08c3e63ed156cf78aefb4a6550d97b87997977ee"
    assert signed(form) == golden
    assert checked(golden, forms=(form,))


@unhurried
@given(left=WAYS, right=WAYS)
def test_no_form_can_be_read_as_another(left: tuple[Form, str, Purpose, int, int], right: object) -> None:
    """Equal bytes mean the same thing."""
    assert isinstance(right, tuple)
    if bytes_of(left) == bytes_of(right):
        assert meaning(left) == meaning(right)


@unhurried
@given(way=WAYS, other=st.sampled_from(FORMS), tail=st.text("{0123456789\n ", max_size=5))
def test_no_json_can_be_made_to_look_like_another_form(
    way: tuple[Form, str, Purpose, int, int], other: Form, tail: str
) -> None:
    """A json that repeats the bytes of a form is still signed as what it is."""
    form, _, *rest = way
    mimicked = bytes_of(way).decode()
    if mimicked.startswith("{"):
        assert form == "plain"
    else:
        with pytest.raises(InputError):
            bytes_of((other, mimicked + tail, *rest))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_a_signature_verifies_in_its_form(form: Form) -> None:
    """And the result says in which."""
    found = verify(PUBLIC, signed(form), json=JSON, purpose=Purpose.provision, reservation_id=12, tid=7, forms=FORMS)
    assert found
    assert (found.form, found.reason, found.single_use) == (form, "", form != "bound")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_not_accepted_does_not_verify(form: Form) -> None:
    """The reason names those that are."""
    others = tuple(each for each in FORMS if each != form)
    found = verify(PUBLIC, signed(form), json=JSON, purpose=Purpose.provision, reservation_id=12, tid=7, forms=others)
    assert not found
    assert ", ".join(others) in found.reason


@pytest.mark.parametrize(
    ("purpose", "reservation_id", "tid"),
    [(Purpose.delete, 12, 7), (Purpose.customer, 12, 7), (Purpose.provision, 13, 7), (Purpose.provision, 12, 8)],
)
def test_a_bound_signature_is_for_one_purpose_reservation_and_signer(
    purpose: Purpose, reservation_id: int, tid: int
) -> None:
    """Each of them in turn makes it another."""
    assert not checked(signed(purpose=purpose, reservation_id=reservation_id, tid=tid))


def test_an_id_bound_signature_is_for_one_reservation_and_any_purpose() -> None:
    """Which is why it counts for one use only."""
    assert checked(signed("id-bound", purpose=Purpose.delete))
    assert not checked(signed("id-bound", reservation_id=13))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "x",
        "00",
        "0" * 127,
        "0" * 129,
        "g" * 128,
        " " + "0" * 127,
        "0" * 128 + "\n",
        "é" * 128,
        "\uff11" * 128,
        "0x" + "0" * 126,
        "\ud800" * 128,
        "a" * 1_000_000,
    ],
    ids=range(13),
)
def test_what_is_no_signature_is_a_value_and_no_error(signature: str) -> None:
    """It has no digest either."""
    found = verify(PUBLIC, signature, json=JSON, purpose=Purpose.provision, reservation_id=12, tid=7, forms=FORMS)
    assert (bool(found), found.digest, found.reason) == (False, b"", "a signature is hex text of 128 digits")


@pytest.mark.parametrize("signature", ["00" * 64, "ff" * 64, "01" + "00" * 63])
@pytest.mark.parametrize("key", [PUBLIC, b"", bytes(31), bytes(33), bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_no_key_and_no_signature_of_a_special_shape_verifies(signature: str, key: bytes) -> None:
    """Wrong lengths, keys of small order, points that are none."""
    assert not checked(signature, key=key)


@pytest.mark.parametrize("key", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32], ids=["zero", "identity", "no point"])
def test_a_good_signature_does_not_verify_with_a_broken_key(key: bytes) -> None:
    """Nor does it raise."""
    assert not checked(signed(), key=key)


def test_either_case_of_the_hex_text_is_one_signature() -> None:
    """A second spelling does not make a second digest, so that it cannot be used a second time."""
    lower, upper = signed(), signed().upper()
    found = [
        verify(PUBLIC, text, json=JSON, purpose=Purpose.provision, reservation_id=12, tid=7, forms=FORMS)
        for text in (lower, upper)
    ]
    assert all(found)
    assert found[0].digest == found[1].digest == hashlib.sha256(bytes.fromhex(lower)).digest()


def test_a_signature_that_was_altered_to_a_second_one_does_not_verify() -> None:
    """Adding the group's order to its scalar gives equal mathematics in careless libraries."""
    raw = bytes.fromhex(signed())
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")
    assert not checked((raw[:32] + scalar).hex())


@pytest.mark.parametrize("json", ["", "null", " {}", "12{}", "\ufeff{}", "{\ud800}"])
def test_a_json_that_cannot_be_signed_does_not_verify(json: str) -> None:
    """Signing it is an error with its path."""
    assert not checked(signed(), json=json)
    with pytest.raises(InputError) as found:
        signed_bytes("plain", json=json, purpose=Purpose.customer, reservation_id=1, tid=1)
    assert found.value.path == "json"


def test_an_unknown_form_is_refused() -> None:
    """With those that are known."""
    with pytest.raises(InputError, match="bound, id-bound, plain"):
        signed_bytes("free", json="{}", purpose=Purpose.customer, reservation_id=1, tid=1)  # type: ignore[arg-type]


def test_nothing_verifies_where_no_form_is_accepted() -> None:
    """The reason says so."""
    found = verify(PUBLIC, signed(), json=JSON, purpose=Purpose.provision, reservation_id=12, tid=7, forms=())
    assert not found
    assert found.reason == "no form of signature is accepted here"


@pytest.mark.parametrize(
    ("purpose", "forms"),
    [
        (Purpose.customer, ("bound", "plain")),
        (Purpose.farmer, ("bound", "plain")),
        (Purpose.provision, ("bound", "id-bound", "plain")),
        (Purpose.delete, ("bound", "id-bound", "plain")),
    ],
)
def test_the_accepted_forms_are_the_documented_ones(purpose: Purpose, forms: tuple[Form, ...]) -> None:
    """For each purpose; the operator may refuse all but the bound one."""
    assert accepted_forms(purpose, Settings()) == forms
    assert accepted_forms(purpose, Settings(unbound_signatures="refuse")) == ("bound",)


def test_a_registration_can_only_be_signed_plain() -> None:
    """There is no id yet that could be signed with it."""
    assert accepted_forms(Purpose.customer, Settings(), registering=True) == ("plain",)
    assert accepted_forms(Purpose.customer, Settings(unbound_signatures="refuse"), registering=True) == ()


def test_a_node_id_is_its_key() -> None:
    """The golden one."""
    assert node_key("4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF") == PUBLIC


@pytest.mark.parametrize(
    "node_id",
    [
        "",
        "1",
        "node-1",
        "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRH",
        "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF ",
        "14CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF",
        "0CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF",
        "é" * 44,
        "z" * 44,
        "z" * 43 + " ",
    ],
)
def test_any_other_node_id_has_no_key(node_id: str) -> None:
    """Too short, too long, another alphabet, a second spelling."""
    assert node_key(node_id) is None


@pytest.mark.parametrize(("form", "purpose"), list(product(FORMS, Purpose)))
def test_what_is_signed_for_one_purpose_is_told_from_the_others_where_it_can_be(form: Form, purpose: Purpose) -> None:
    """Only the bound form says what it is for."""
    others = [each for each in Purpose if each is not purpose]
    found = [
        bool(verify(PUBLIC, signed(form, purpose), json=JSON, purpose=each, reservation_id=12, tid=7, forms=[form]))
        for each in others
    ]
    assert found == [form != "bound"] * 3
