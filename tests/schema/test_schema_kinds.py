"""The types: what each takes, what it keeps of it, and what it refuses in which words."""

from __future__ import annotations

import enum
import ipaddress
import uuid
from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.schema import NOT_SET, NOT_SET_64, Schema, read_numeric

Keep = Callable[..., Any]
Refuse = Callable[..., str]
SchemaFrom = Callable[..., Schema]

SURROGATE = "half \ud83d"
ADDRESS = "must be an IP address such as '10.0.0.2' or 'fd00::2'"
RANGE = "must be an IP range such as '10.10.0.0/16' or 'fd00::/64'"
AMOUNT = "must be a number, or an amount such as '10 USD', '1k' or '10%'"


class Step(enum.IntEnum):
    """A number with a name that is no value of a schema."""

    one = 1


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("S", "", ""),
        ("S", " as it is\n", " as it is\n"),
        ("S", "none", "none"),
        ("S", '"quoted"', '"quoted"'),
        ("S", "nul \0 and ünïcode 😀", "nul \0 and ünïcode 😀"),
        ("path", "/a/b", "/a/b"),
        ("multiline", "one line", "one line"),
        ("multiline", "two\nlines", "two\nlines"),
        ("I", 0, 0),
        ("I", -5, -5),
        ("I", "5", 5),
        ("I", "-5", -5),
        ("I", "007", 7),
        ("I", "", NOT_SET),
        ("I", NOT_SET, NOT_SET),
        ("I", -(2**31), -(2**31)),
        ("I", Step.one, 1),
        ("I64", 2**62, 2**62),
        ("I64", "", NOT_SET_64),
        ("F", 1, 1.0),
        ("F", 1.5, 1.5),
        ("B", True, True),
        ("B", False, False),
        ("P", 0.25, 0.25),
        ("P", 1, 1.0),
        ("P", "10%", 0.1),
        ("P", "12.5 %", 0.125),
        ("ipport", 80, 80),
        ("ipport", "80", 80),
        ("ipport", 0, 65535),
        ("ipport", "", 65535),
        ("bytes", "", b""),
        ("bytes", "AAEC", b"\x00\x01\x02"),
        ("bytes", b"raw", b"raw"),
        ("bytes", bytearray(b"raw"), b"raw"),
        ("bytes", memoryview(b"raw"), b"raw"),
        ("email", "Some.One@Example.ORG", "some.one@example.org"),
        ("email", "", ""),
        ("u", "https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("u", "example.org:8080", "example.org:8080"),
        ("u", "", ""),
        ("tel", "+32 (475) 12-34,56", "+32475123456"),
        ("tel", "123456x12", "123456x12"),
        ("tel", "", ""),
        ("guid", "1F0EFC6C-3F0F-4C8B-9B1C-0123456789AB", "1f0efc6c-3f0f-4c8b-9b1c-0123456789ab"),
        ("guid", "1f0efc6c3f0f4c8b9b1c0123456789ab", "1f0efc6c-3f0f-4c8b-9b1c-0123456789ab"),
        ("ipaddr", "10.0.0.1", "10.0.0.1"),
        ("ipaddr", "FD00::1", "FD00::1"),
        ("ipaddr", "localhost", "127.0.0.1"),
        ("ipaddr", "", "0.0.0.0"),  # noqa: S104  (nothing listens on it)
        ("iprange", "10.10.1.7/24", "10.10.1.7/24"),
        ("iprange", "10.10.1.0/255.255.255.0", "10.10.1.0/255.255.255.0"),
        ("iprange", "10.10.1.7", "10.10.1.7"),
        ("iprange", "fd00::/64", "fd00::/64"),
        ("iprange", "", "::/128"),
        ("T", 0, 0),
        ("T", 2**32 - 1, 2**32 - 1),
        ("T", "1800000000", 1800000000),
        ("T", "", 0),
        ("D", 1800000000, 1799971200),
        ("N", 5, "5"),
        ("N", 0.5, "0.5"),
        ("N", "10 USD", "10 USD"),
        ("N", "10eur", "10 EUR"),
        ("N", "10%", "10%"),
        ("N", "1k", "1000"),
        ("N", "1M", "1000000"),
        ("N", "0.1m EUR", "100000 EUR"),
        ("N", "-1.50 usd", "-1.5 USD"),
        ("N", "1 mxn", "1 MXN"),
        ("N", "-0.0", "0"),
        ("N", "", "0"),
        ("N", 10**20, "100000000000000000000"),
        ("dict", {}, {}),
        ("dict", {"a": [None, True, 1, 1.5, "x", {"b": ()}]}, {"a": [None, True, 1, 1.5, "x", {"b": []}]}),
        ("dict", OrderedDict(a=1), {"a": 1}),
        ("dict", {"": 2**64 - 1, "low": -(2**63)}, {"": 2**64 - 1, "low": -(2**63)}),
        ("json", [1, "2"], [1, "2"]),
        ("json", 5, 5),
        ("json", False, False),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("json", "[]", []),
        ("json", "5", 5),
        ("json", "null", {}),
        ("LI", [1, "2"], [1, 2]),
        ("LI", (1, 2), [1, 2]),
        ("LI", [], []),
        ("LS", ["", "a"], ["", "a"]),
        ("Ldict", [{}], [{}]),
    ],
)
def test_a_value_that_fits_is_kept(kept: Keep, kind: str, value: object, expected: object) -> None:
    """Nothing is guessed, and nothing that was said is lost."""
    found = kept(kind, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("S", 5, "must be a text, not 5"),
        ("S", True, "must be a text, not true"),
        ("S", b"x", "must be a text, not bytes"),
        ("S", [], "must be a text, not a list"),
        ("S", {}, "must be a text, not an object"),
        ("S", Decimal(1), "must be a text, not a Decimal"),
        ("S", SURROGATE, "holds half a character (a lone surrogate), which cannot be written as UTF-8"),
        ("I", 1.0, "must be a whole number, not 1.0"),
        ("I", True, "must be a whole number, not true"),
        ("I", "1.5", "must be a whole number, not the text '1.5'"),
        ("I", " 5", "must be a whole number, not the text ' 5'"),
        ("I", "+5", "must be a whole number, not the text '+5'"),
        ("I", "\u0665", "must be a whole number, not the text '\u0665'"),
        ("I", "0x10", "must be a whole number, not the text '0x10'"),
        ("I", "9" * 5000, "must be a whole number, not a text of 5000 characters"),
        ("I", 2**31, "must be from -2147483648 to 2147483647, not 2147483648"),
        ("I", -(2**31) - 1, "must be from -2147483648 to 2147483647, not -2147483649"),
        ("I", "2147483648", "must be from -2147483648 to 2147483647, not the text '2147483648'"),
        ("I", 10**100, "must be from -2147483648 to 2147483647, not a very large number"),
        ("I64", 2**63, "must be from -9223372036854775808 to 9223372036854775807, not 9223372036854775808"),
        ("F", "1.5", "must be a number, not the text '1.5'"),
        ("F", "", "must be a number, not the text ''"),
        ("F", True, "must be a number, not true"),
        ("F", float("nan"), "must be a finite number, not nan"),
        ("F", float("inf"), "must be a finite number, not inf"),
        ("F", 10**400, "must be a finite number, not a very large number"),
        ("B", 1, "must be true or false, not 1"),
        ("B", "true", "must be true or false, not the text 'true'"),
        ("B", "", "must be true or false, not the text ''"),
        ("P", 1.5, "must be a fraction from 0 to 1 or a text such as '10%', not 1.5"),
        ("P", "101%", "must be a fraction from 0 to 1 or a text such as '10%', not the text '101%'"),
        ("P", "half", "must be a fraction from 0 to 1 or a text such as '10%', not the text 'half'"),
        ("ipport", 65536, "must be a port from 1 to 65535, not 65536"),
        ("ipport", -1, "must be a port from 1 to 65535, not -1"),
        ("ipport", True, "must be a port from 1 to 65535, not true"),
        ("ipport", 0.0, "must be a port from 1 to 65535, not 0.0"),
        ("ipport", "http", "must be a port from 1 to 65535, not the text 'http'"),
        ("bytes", 5, "must be base64 text, not 5"),
        ("bytes", "not base64!", "must be base64 text, not the text 'not base64!'"),
        ("bytes", "abc", "must be base64 text, not the text 'abc'"),
        ("bytes", "é===", "must be base64 text, not the text 'é==='"),
        ("email", "someone", "must be an email address such as 'someone@example.org', not the text 'someone'"),
        ("email", " a@b.org", "must be an email address such as 'someone@example.org', not the text ' a@b.org'"),
        ("u", "localhost:80", "must be a web address such as 'https://example.org/page', not the text 'localhost:80'"),
        ("tel", "12.34.56", "must be a telephone number such as '+32 475 12 34 56', not the text '12.34.56'"),
        ("tel", "12345", "must be a telephone number such as '+32 475 12 34 56', not the text '12345'"),
        ("guid", "x", "must be a version 4 UUID, not the text 'x'"),
        ("guid", str(uuid.NAMESPACE_DNS), f"must be a version 4 UUID, not the text '{uuid.NAMESPACE_DNS}'"),
        ("ipaddr", "10.0.0.1/24", f"{ADDRESS}, not the text '10.0.0.1/24'"),
        ("ipaddr", "fe80::1%eth0", f"{ADDRESS}, not the text 'fe80::1%eth0'"),
        ("ipaddr", "010.0.0.1", f"{ADDRESS}, not the text '010.0.0.1'"),
        ("ipaddr", 167772161, "must be a text, not 167772161"),
        ("ipaddr", ipaddress.ip_address("10.0.0.1"), "must be a text, not an IPv4Address"),
        ("iprange", "10.0.0.0/33", f"{RANGE}, not the text '10.0.0.0/33'"),
        ("iprange", "1" * 200, f"{RANGE}, not a text of 200 characters"),
        ("iprange", 5, "must be a text, not 5"),
        ("T", 1.5, "must be seconds since 1970 as a whole number, or a date text, not 1.5"),
        ("T", True, "must be seconds since 1970 as a whole number, or a date text, not true"),
        ("T", -1, "must be from 0 to 4294967295 seconds since 1970, not -1"),
        ("T", 1800000000000, "must be from 0 to 4294967295 seconds since 1970, not 1800000000000"),
        ("N", "ten", f"{AMOUNT}, not the text 'ten'"),
        ("N", "1k%", f"{AMOUNT}, not the text '1k%'"),
        ("N", "10 DOLLARS", f"{AMOUNT}, not the text '10 DOLLARS'"),
        ("N", "1" * 29, f"{AMOUNT}, not the text '{'1' * 29}'"),
        ("N", True, "must be a number, not true"),
        ("N", float("inf"), "must be a finite number, not inf"),
        ("dict", [], "must be an object, not a list"),
        ("dict", "{}", "must be an object, not the text '{}'"),
        ("json", "{", "must be JSON text, not the text '{'"),
        ("json", '"text"', "must be a JSON value, or the JSON text of anything but a text"),
        ("json", "NaN", "must be a JSON value, not nan"),
        ("json", "[" * 100_000, "must be JSON text, not a text of 100000 characters"),
        ("json", {1, 2}, "must be a JSON value, not a set"),
        ("json", 2**64, "must be a JSON value, not 18446744073709551616"),
        ("LI", "1,2", "must be a list, not the text '1,2'"),
        ("LI", 1, "must be a list, not 1"),
        ("LI", {"a": 1}, "must be a list, not an object"),
        ("LS", {"a"}, "must be a list, not a set"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_in_plain_words(
    refused: Refuse, kind: str, value: object, message: str
) -> None:
    """The message says what is wanted and what came."""
    assert refused(kind, value) == message


@pytest.mark.parametrize(
    ("kind", "value", "path", "message"),
    [
        ("LI", [1, "x", None], "field[1]", "must be a whole number, not the text 'x'"),
        ("LI", [1, None], "field[1]", "must not be null: a list holds values only"),
        ("Lipaddr", ["10.0.0.1", "junk"], "field[1]", "must be an IP address such as '10.0.0.2' or 'fd00::2'"),
        ("dict", {"a": {"b": [1, 2**64]}}, "field.a.b[1]", "must be a JSON value, not 18446744073709551616"),
        ("dict", {"a": b"x"}, "field.a", "must be a JSON value, not bytes"),
        ("dict", {"a": SURROGATE}, "field.a", "holds half a character (a lone surrogate)"),
        ("dict", {"a": {1: 2}}, "field.a", "has a key that must be a text, not 1"),
        ("dict", {SURROGATE: 1}, "field", "has a key that holds half a character (a lone surrogate)"),
        ("json", '[{"a": NaN}]', "field[0].a", "must be a JSON value, not nan"),
    ],
)
def test_a_mistake_inside_a_value_has_its_own_path(
    schema_from: SchemaFrom, kind: str, value: object, path: str, message: str
) -> None:
    """Lists and free data are searched to the bottom."""
    with pytest.raises(InputError) as caught:
        schema_from(f"field = ({kind})").convert({"field": value})
    assert caught.value.errors[0].path == path
    assert caught.value.errors[0].message.startswith(message)


@pytest.mark.parametrize("kind", ["dict", "json"])
def test_free_data_may_be_64_deep_and_no_deeper(kept: Keep, schema_from: SchemaFrom, kind: str) -> None:
    """A value cannot exhaust the reader, nor one that holds itself."""
    deep: dict[str, Any] = {}
    for _ in range(63):
        deep = {"a": deep}
    assert kept(kind, deep) == deep
    endless: dict[str, Any] = {}
    endless["a"] = endless
    for value in ({"a": {"a": deep}}, endless):
        with pytest.raises(InputError, match="must not be nested more than 64 deep"):
            schema_from(f"field = ({kind})").convert({"field": value})


@pytest.mark.parametrize("value", ["user", "USER", " user ", 1])
def test_an_enumeration_is_given_by_name_or_number(schema_from: SchemaFrom, value: object) -> None:
    """The case of a name does not matter."""
    schema = schema_from('field = "seq,user" (E)')
    assert schema.convert({"field": value}).field is schema.convert({"field": 1}).field


@pytest.mark.parametrize("value", [None, ""])
def test_an_enumeration_that_is_not_given_is_the_first(schema_from: SchemaFrom, value: object) -> None:
    """An empty text is "not given", as in the original."""
    assert schema_from('field = "seq,user" (E)').convert({"field": value}).field == "seq"


@pytest.mark.parametrize(
    ("value", "ending"),
    [
        ("usr", "not the text 'usr'; did you mean 'user'?"),
        ("zzzz", "not the text 'zzzz'"),
        ("1", "not the text '1'"),
        (-1, "not -1"),
        (2, "not 2"),
        (True, "not true"),
        (1.0, "not 1.0"),
        ([], "not a list"),
    ],
)
def test_an_enumeration_refuses_what_its_list_does_not_have(
    schema_from: SchemaFrom, value: object, ending: str
) -> None:
    """The message lists what is allowed, and guesses what was meant."""
    with pytest.raises(InputError) as caught:
        schema_from('field = "seq,user" (E)').convert({"field": value})
    assert caught.value.message == f"must be one of 'seq', 'user' (or its number, 0 to 1), {ending}"


def test_a_name_of_digits_goes_before_a_number(schema_from: SchemaFrom) -> None:
    """Text is a name, and a number is a number."""
    schema = schema_from('field = "2,1,0" (E)')
    assert int(schema.convert({"field": "1"}).field) == 1
    assert int(schema.convert({"field": "2"}).field) == 0
    assert int(schema.convert({"field": 2}).field) == 2


def test_a_value_of_another_enumeration_is_taken_by_its_name(schema_from: SchemaFrom) -> None:
    """The same number may mean something else there."""
    other = schema_from('field = "user,seq" (E)').convert({"field": "user"}).field
    assert schema_from('field = "seq,user" (E)').convert({"field": other}).field == 1
    with pytest.raises(InputError, match="not the text 'user'"):
        schema_from('field = "hdd,ssd" (E)').convert({"field": other})


def test_each_new_object_draws_a_guid_of_its_own(schema_from: SchemaFrom) -> None:
    """Absent, null and empty are the same; a given one is kept."""
    schema = schema_from("field = (guid)")
    drawn = {schema.convert(value).field for value in ({}, {"field": None}, {"field": ""})}
    assert len(drawn) == 3
    assert all(uuid.UUID(each).version == 4 for each in drawn)


def test_a_stored_object_without_a_guid_reads_as_one_without(schema_from: SchemaFrom) -> None:
    """A field that was appended later must not change from one read to the next."""
    assert schema_from("field = (guid)").decode(b"\x80").field == ""


def test_an_object_of_a_schema_is_taken_as_free_data(schema_from: SchemaFrom) -> None:
    """An envelope holds a workload as its data."""
    inner = schema_from('mode = "seq,user" (E)', "raw = (bytes)").convert({"mode": "user", "raw": b"x"})
    for kind in ("dict", "json"):
        outer = schema_from(f"content = ({kind})").convert({"content": inner})
        assert outer.content == {"mode": 1, "raw": "eA=="}


@pytest.mark.parametrize(
    ("text", "amount", "currency", "percent"),
    [("10 usd", 10, "USD", False), ("0.1m EUR", 100000, "EUR", False), ("10%", 10, "", True), ("-5", -5, "", False)],
)
def test_an_amount_can_be_taken_apart(text: str, amount: int, currency: str, percent: bool) -> None:  # noqa: FBT001
    """The currency is kept, and never exchanged."""
    assert read_numeric(text) == (Decimal(amount), currency, percent)
