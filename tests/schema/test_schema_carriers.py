"""The two carriers, TOML and the original text form: what they say, and where they go wrong."""

from __future__ import annotations

import textwrap

import pytest

from workloadmanager.errors import SchemaError
from workloadmanager.schema import Registry, Schema

TOML = """
# The whole file.

# above the url
["test.pair.first.1"]  # behind the url
# above the key
"name**" = '"" (S)'  # behind the key
"&code"  = "(I)"

# not directly above

other = "(LO) !test.pair.second.1"  # several
"@acl" = "false"

["Test.Pair.Second.1"]
kind = '"#,!" (E)'  # "quoted"
"""

TEXT = """
# The whole file.

# above the url
@url = test.pair.first.1
# above the key
name** = "" (S)  # behind the key
&code  = (I)

# not directly above

other = (LO) !test.pair.second.1  # several
@acl = false

@url = Test.Pair.Second.1
kind = "#,!" (E)  # "quoted"
"""


def load(text: str) -> list[Schema]:
    """Register a text of its own."""
    schemas: list[Schema] = Registry().add_text(textwrap.dedent(text), source="models.toml")
    return schemas


def mistakes(text: str) -> list[tuple[int, str, str]]:
    """Return line, path and message of each mistake of a text."""
    with pytest.raises(SchemaError) as caught:
        load(text)
    assert all(problem.source == "models.toml" for problem in caught.value.errors)
    return [(problem.line, problem.path, problem.message) for problem in caught.value.errors]


def test_both_carriers_say_the_same() -> None:
    """Identity, names, markers, types, help and directives do not depend on the carrier."""
    for toml, text in zip(load(TOML), load(TEXT), strict=True):
        assert toml.md5 == text.md5
        assert toml.url == text.url
        assert toml.directives == text.directives
        assert [(each.name, each.index, each.kind.name, each.expression, each.help) for each in toml.properties] == [
            (each.name, each.index, each.kind.name, each.expression, each.help) for each in text.properties
        ]


def test_toml_comments_become_help() -> None:
    """Those right above a key or a url, and the one behind it; a quote in a comment is just a quote."""
    first, second = load(TOML)
    assert first.help == "above the url behind the url"
    assert [each.help for each in first.properties] == ["above the key behind the key", "", "several"]
    assert second.properties[0].help == '"quoted"'


def test_directives_are_kept_as_text() -> None:
    """They are shown, and acted upon by nobody here."""
    first, second = load(TOML)
    assert first.directives == {"acl": "false"}
    assert second.directives == {}


def test_every_line_is_known_on_both_carriers() -> None:
    """A schema and each of its properties know where they stand."""
    lines = [(schema.line, *(each.line for each in schema.properties)) for schema in load(TOML)]
    assert lines == [(5, 7, 8, 12), (15, 16)]
    lines = [(schema.line, *(each.line for each in schema.properties)) for schema in load(TEXT)]
    assert lines == [(5, 7, 8, 12), (15, 16)]


def test_the_url_is_kept_in_lower_case_but_signed_as_written() -> None:
    """Case matters for the identity, not for the lookup."""
    _, second = load(TEXT)
    assert second.url == "test.pair.second.1"
    assert second.text.startswith("@url = Test.Pair.Second.1")


def test_a_comment_on_a_url_line_of_the_text_form_is_part_of_the_identity() -> None:
    """So the original engine had it; for people it is help."""
    (plain,), (commented,) = load("@url = some.url.1\na = (S)"), load("@url = some.url.1  # help\na = (S)")
    assert commented.url == plain.url
    assert commented.help == "help"
    assert commented.md5 != plain.md5


def test_a_tab_is_part_of_the_identity() -> None:
    """Spaces are not: so the original engine had it."""
    (spaces,), (tab,) = load("@url = some.url.1\na  =  (S)"), load("@url = some.url.1\na =\t(S) (S)")
    assert spaces.md5 == load("@url=some.url.1\na=(S)")[0].md5
    assert "\t" not in spaces.text
    assert spaces.md5 != tab.md5


@pytest.mark.parametrize(
    "url", ["@url = some.url.1", "@URL=Some.Url.1", '  @url = "some.url.1"', "\n# x\n\n@url=some.url.1"]
)
def test_a_text_that_begins_with_a_url_line_is_in_the_text_form(url: str) -> None:
    """Blank lines and comments may come before; indentation, case and quotes do not matter."""
    (schema,) = load(f"{url}\na = (S)")
    assert schema.url == "some.url.1"


def test_windows_line_ends_change_nothing() -> None:
    """A file that went through another system is the same model."""
    for text in (TOML, TEXT):
        windows = load(text.replace("\n", "\r\n"))
        assert [(each.md5, each.line, each.properties) for each in windows] != []
        assert [each.md5 for each in windows] == [each.md5 for each in load(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@url = some.url.1\na", (2, "", "'a' is no property; one has the form: name = (TYPE)  # help")),
        ("@url some.url.1", (1, "", "an @url line has the form: @url = some.url.1")),
        ("@acl = false\n@url = some.url.1", (1, "@acl", "stands before the first @url line")),
        ("@url = a.b", (1, "", "'a.b' is no url: one has 6 characters or more and no spaces")),
        ("@url = some url.1", (1, "", "'some url.1' is no url: one has 6 characters or more and no spaces")),
        ("@url =\na = (S)", (1, "", "'' is no url: one has 6 characters or more and no spaces")),
    ],
)
def test_a_mistake_in_the_text_form_has_its_line(text: str, expected: tuple[int, str, str]) -> None:
    """The message says what the line should look like."""
    assert mistakes(text) == [expected]


@pytest.mark.parametrize(
    ("text", "line", "path", "message"),
    [
        ('["some.url.1"]\n\na = 5', 3, "some.url.1.a", "the value is the text of an expression, such as '(I)'"),
        ('["some.url.1"]\na = ["(I)"]', 2, "some.url.1.a", "the value is the text of an expression"),
        ('["some.url.1"]\na.b = "(I)"', 2, "some.url.1.a", "the value is the text of an expression"),
        ('a = "(I)"', 1, "a", "a model file holds one table per schema, with its url in quotes"),
        ('\n[some.url.one]\na = "(I)"', 2, "some", "a model file holds one table per schema, with its url in quotes"),
        ('[["some.url.1"]]\na = "(I)"', 1, "some.url.1", "a model file holds one table per schema"),
        ('["some.url.1"]\na = (I)', 2, "", "is no TOML: Unexpected character: '('"),
        ('["some.url.1"]\na = "(I)"\na = "(S)"', 3, "", 'is no TOML: Key "a" already exists.'),
        ('["some.url.1"]\na = "(I)"\n["some.url.1"]', 3, "", 'is no TOML: Key "some.url.1" already exists.'),
        ('["a.b"]\na = "(I)"', 1, "", "'a.b' is no url"),
        ("['some.url.1']\n'a' = \"(Q)\"", 2, "some.url.1.a", "there is no type (q)"),
    ],
)
def test_a_mistake_in_toml_has_its_line(text: str, line: int, path: str, message: str) -> None:
    """The parser keeps no line numbers for values; they are found all the same."""
    ((found_line, found_path, found_message),) = mistakes(text)
    assert (found_line, found_path) == (line, path)
    assert found_message.startswith(message)


def test_a_key_in_a_text_of_several_lines_is_not_taken_for_a_property() -> None:
    """The search for lines steps over values."""
    (schema,) = load('["some.url.1"]\na = """(S)  # help:\nb = it goes on"""\nb = "(S)"')
    assert [each.line for each in schema.properties] == [2, 4]


def test_all_mistakes_of_a_text_are_reported_at_once() -> None:
    """Each with its own line; and nothing of the text is registered."""
    registry = Registry()
    text = '["some.url.1"]\ngood = "(S)"\nbad = "(Q)"\nid = "(I)"\n["x"]\nworse = 5'
    with pytest.raises(SchemaError) as caught:
        registry.add_text(text, source="m.toml")
    assert [problem.line for problem in caught.value.errors] == [6, 3, 4, 5]
    assert registry.urls() == []


def test_an_empty_text_has_no_schemas() -> None:
    """Comments alone are no mistake."""
    assert load("") == load("# nothing yet\n") == []


def test_a_double_colon_in_a_default_is_kept() -> None:
    """Only the identity takes two colons for one, as the original engine did."""
    (schema,) = load('@url = some.url.1\nrange = "fd00::/64" (iprange)')
    assert schema.properties[0].default == "fd00::/64"
    assert schema.text.endswith('0 : range = "fd00:/64" (iprange)')


def test_a_line_ends_where_an_editor_ends_it() -> None:
    """A separator that only Unicode knows, in a comment, ends nothing."""
    for text in ('["some.url.1"]\n# one\u2028two\na = "(S)"', "@url = some.url.1\n# one\u2028two\na = (S)"):
        (schema,) = load(text)
        assert [(each.help, each.line) for each in schema.properties] == [("one\u2028two", 3)]
