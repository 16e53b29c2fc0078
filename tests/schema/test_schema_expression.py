"""The expression of a property: default, type, reference, comment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager.errors import SchemaError
from workloadmanager.schema import Registry, Schema

SchemaFrom = Callable[..., Schema]


@pytest.mark.parametrize(
    ("expression", "kind", "default"),
    [
        ("", "S", ""),
        ('""', "S", ""),
        ("(S)", "S", ""),
        ('"" (S)', "S", ""),
        ('"text" (S)', "S", "text"),
        ("'text' (S)", "S", "text"),
        ("text (s)", "S", "text"),
        ("don't (S)", "S", "don't"),
        ('"it\'s" (S)', "S", "it's"),
        ('"a # b" (S)', "S", "a # b"),
        ('"wow!" (S)', "S", "wow!"),
        ('"f(x)" (S)', "S", "f(x)"),
        ('"a = b" (S)', "S", "a = b"),
        (r'"one\ntwo"', "multiline", "one\ntwo"),
        ("(S", "S", ""),
        ("(S)(I)", "S", ""),
        ("( string )", "S", ""),
        ("5", "I", 5),
        ("0 (I)", "I", 0),
        ("(int)", "I", 2147483647),
        ("-5 (I)", "I", -5),
        ("(i64)", "I64", 9223372036854775807),
        ("1.5", "F", 1.5),
        ("1 (F)", "F", 1.0),
        ("true", "B", True),
        ("False", "B", False),
        ("yes (B)", "B", True),
        ("0 (B)", "B", False),
        ("[]", "LS", []),
        ("(L)", "LS", []),
        ("(list)", "LS", []),
        ("[1, 2] (LI)", "LI", [1, 2]),
        ('"1,2,3" (LI)', "LI", [1, 2, 3]),
        ('["a", "b"] (LS)', "LS", ["a", "b"]),
        ("[a, b] (LS)", "LS", ["a", "b"]),
        ('"a", "b c" (LS)', "LS", ["a", "b c"]),
        ('"" (Liprange)', "Liprange", []),
        ("10% (P)", "P", 0.1),
        ("0.5 (P)", "P", 0.5),
        ("10 usd (N)", "N", "10 USD"),
        ('"AAE=" (bytes)', "bytes", b"\x00\x01"),
        ("2026/11/24 (T)", "T", 1795478400),
        ('{"a": [1]} (dict)', "dict", {"a": [1]}),
        ("{} (json)", "json", {}),
        ("8080 (ipport)", "ipport", 8080),
        ("0 (ipport)", "ipport", 65535),
        ("null (json)", "json", {}),
        ('["", "5"] (LI)', "LI", [2147483647, 5]),
        ('[{"a": 1}] (Ldict)', "Ldict", [{"a": 1}]),
        ("\"'a'\" (S)", "S", "'a'"),
    ],
)
def test_an_expression_says_type_and_default(
    schema_from: SchemaFrom, expression: str, kind: str, default: object
) -> None:
    """The type is written or follows from the default; quotes protect ``#``, ``!`` and parentheses."""
    (each,) = schema_from(f"field = {expression}").properties
    assert (each.kind.name, each.default) == (kind, default)
    assert type(each.default) is type(default)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ('"open (S)', 'a " is opened and never closed'),
        ("-5", "'-5' needs a type behind it, as in: -5 (S)"),
        ("word", "'word' needs a type behind it, as in: word (S)"),
        ("[1,2]", "'[1,2]' needs a type behind it, as in: [1,2] (S)"),
        ("1.2.3", "the default must be a number, not the text '1.2.3'"),
        ("(S) word", "'word' is neither a type, nor a !reference, nor a # comment"),
        ("(strin)", "there is no type (strin); did you mean 'string'?"),
        ("(qqq)", "there is no type (qqq)"),
        ("(Lqqq)", "there is no type (lqqq)"),
        ("(acl)", "there is no type (acl)"),
        ("(duration)", "the type (duration) is not supported as a field: use (I) and say in the comment that"),
        ("(capnpbin)", "the type (capnpbin) is not supported as a field: use (bytes)"),
        ("(set)", "the type (set) is not supported as a field: use two (I) properties"),
        ("(Lset)", "the type (lset) is not supported as a field: use two (I) properties"),
        ("(yaml)", "the type (yaml) is not supported as a field: use (json)"),
        ("(msgpack)", "the type (msgpack) is not supported as a field: use (json) or (bytes)"),
        ('"a,b" (LE)', "a list of enumerations is not part of the language"),
        ("(O)", "(O) says which schema its objects follow, as (O) !some.url.1"),
        ("(LO)", "(LO) says which schema its objects follow, as (LO) !some.url.1"),
        ("(O) !", "a ! is followed by the url of a schema"),
        ("(S) !some.url.1", "a !reference goes with (O) or (LO), not with (S)"),
        ("!some.url.1", "a !reference goes with (O) or (LO)"),
        ('"x" (O) !some.url.1', "the default cannot stand beside a reference: the text 'x'"),
        ("(E)", "an (E) lists its values"),
        ('"a,,b" (E)', "an (E) lists its values"),
        ('"a,B,b" (E)', "an (E) names each value once, whatever the case"),
        ('"a,mro" (E)', "an (E) has a value that cannot be a name"),
        ('"a,__b__" (E)', "an (E) has a value that cannot be a name: 'mro', or one that begins with _"),
        ('"a"b"c" (S)', 'the default "a"b"c" has quotes in quotes'),
        ("3000000000 (I)", "the default must be from -2147483648 to 2147483647"),
        ("perhaps (B)", "the default must be true or false, not the text 'perhaps'"),
        ("junk (ipaddr)", "the default must be an IP address"),
        ("30/30/2026 (T)", "the default must be seconds since 1970"),
        ("+4h (T)", "the default must be a full date"),
        ("junk (N)", "the default must be a number, or an amount"),
        ("2 (P)", "the default must be a fraction from 0 to 1"),
        ("[1, x] (LI)", "the default must be a whole number, not the text 'x'"),
        ('"a" b (LS)', "the default must be a list"),
        ("[1] (dict)", "the default must be an object, not a list"),
        ("{ (json)", "the default must be JSON text"),
    ],
)
def test_an_expression_that_is_wrong_is_refused_with_its_line(
    schema_from: SchemaFrom, expression: str, message: str
) -> None:
    """Defaults are checked when the model loads, not when they are first used."""
    with pytest.raises(SchemaError) as caught:
        schema_from("first = (S)", f"field = {expression}")
    (problem,) = caught.value.errors
    assert problem.message.startswith(message)
    assert (problem.path, problem.line, problem.source) == ("test.schema.1.field", 3, "<text>")


@pytest.mark.parametrize(
    "expression", ["(LO) !Some.Url.1", "(LO) ! some.url.1", '"Some.Url.1" (LO)', "(lo)!some.url.1 # x"]
)
def test_a_reference_may_be_written_in_several_ways(schema_from: SchemaFrom, expression: str) -> None:
    """With or without a space, in any case, or as the default; a comment may follow."""
    (each,) = schema_from(f"field = {expression}").properties
    assert (each.reference, each.kind.name, each.default) == ("some.url.1", "LO", [])


def test_a_list_of_objects_may_be_written_with_an_empty_default(schema_from: SchemaFrom) -> None:
    """``[]`` says what is so anyway."""
    (each,) = schema_from("field = [] (LO) !some.url.1").properties
    assert (each.reference, each.default) == ("some.url.1", [])


@pytest.mark.parametrize(
    "text", ['"a,B,c d" (E)', "a, B ,c d (e)", "'a','B','c d' (enum)", '"a","B","c d" (enumeration)']
)
def test_an_enumeration_keeps_the_order_and_case_of_its_names(schema_from: SchemaFrom, text: str) -> None:
    """The first name is number 0 and the default."""
    (each,) = schema_from(f"field = {text}").properties
    assert each.choices == ("a", "B", "c d")
    assert each.default == "a"


@pytest.mark.parametrize(
    ("key", "name", "index", "unique"),
    [
        ("plain", "plain", "", False),
        ("name", "name", "", True),
        ("one*", "one", "*", False),
        ("two**", "two", "**", False),
        ("two **", "two", "**", False),
        ("three***", "three", "***", False),
        ("&only", "only", "&", True),
        ("& only", "only", "&", True),
        ("name**", "name", "**", True),
        ("0 : first", "first", "", False),
        ("0: first**", "first", "**", False),
        ("0 :: &first", "first", "&", True),
    ],
)
def test_a_key_says_name_and_index(schema_from: SchemaFrom, key: str, name: str, index: str, unique: bool) -> None:  # noqa: FBT001
    """A property called ``name`` is unique without a mark."""
    (each,) = schema_from(f"{key} = (S)").properties
    assert (each.name, each.index, each.unique) == (name, index, unique)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("id", "the name 'id' is taken"),
        ("a-b", "'a-b' is no name"),
        ("a.b", "'a.b' is no name"),
        ("a b", "'a b' is no name"),
        ("1a", "'1a' is no name"),
        ("é", "'é' is no name"),
        ("", "'' is no name"),
        ("class", "'class' is a word of Python"),
        ("__slots__", "'__slots__' cannot be a name"),
        ("a****", "the marker of 'a****' is none of"),
        ("&a**", "the marker of '&a**' is none of"),
    ],
)
def test_a_name_that_would_break_later_is_refused_at_once(schema_from: SchemaFrom, key: str, message: str) -> None:
    """A name becomes an attribute; the number of an object has ``id`` for itself."""
    with pytest.raises(SchemaError) as caught:
        schema_from(f"{key} = (S)")
    assert caught.value.message.startswith(f"<text>:2: {message}")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a = (S)", "a = (I)"], "'a' is there already, on line 2"),
        (["0 : a = (S)", "b = (I)"], "has no number, but the line before it has"),
        (["0 : a = (S)", "0 : b = (I)"], "the number 0 is taken"),
        (["0 : a = (S)", "2 : b = (I)"], "the number 2 leaves a gap: 2 properties count from 0 to 1"),
        (["a = (S)", "no property"], "'no property' is no property"),
    ],
)
def test_lines_that_do_not_go_together_are_refused_at_the_second(
    schema_from: SchemaFrom, lines: list[str], message: str
) -> None:
    """What stopped the original engine's process is a message with a line here."""
    with pytest.raises(SchemaError) as caught:
        schema_from(*lines)
    (problem,) = caught.value.errors
    assert problem.message.startswith(message)
    assert problem.line == 3


def test_numbered_lines_may_follow_plain_ones_in_any_order(schema_from: SchemaFrom) -> None:
    """The order of the text is the order of the JSON, whatever the numbers."""
    schema = schema_from("a = (S)", "2 : b = (S)", "1 : c = (S)")
    assert schema.to_json(schema.new()) == '{"a": "", "b": "", "c": ""}'


def test_comments_of_a_property_become_its_help(schema_from: SchemaFrom) -> None:
    """Those above the line come first, then the one behind it; a blank line ends what is above."""
    schema = schema_from("# of nothing", "", "# above", "# the line", 'a = "#" (S)  # behind it', "b = (I)")
    assert [each.help for each in schema.properties] == ["above the line behind it", ""]


def test_a_property_knows_what_was_written(schema_from: SchemaFrom) -> None:
    """The documentation shows the expression as the author wrote it."""
    (each,) = schema_from('a = "x"  (S)   # help').properties
    assert (each.expression, each.line) == ('"x"  (S)', 2)


def test_each_object_gets_defaults_of_its_own(schema_from: SchemaFrom) -> None:
    """A list or an object that is a default is never shared."""
    schema = schema_from("items = [1] (LI)", 'data = {"a": [1]} (dict)')
    for make in (schema.new, schema.type):
        changed: Any = make()
        changed.items.append(2)
        changed.data["a"].append(2)
        assert schema.to_dict(make()) == {"items": [1], "data": {"a": [1]}}


def test_a_reference_to_a_later_schema_of_the_text_is_found() -> None:
    """The order of schemas does not matter."""
    registry = Registry()
    first, _ = registry.add_text("@url = first.url.1\na = (O) !second.url.1\n@url = second.url.1\nb = 3")
    registry.resolve()
    assert first.to_json(first.new()) == '{"a": {"b": 3}}'
