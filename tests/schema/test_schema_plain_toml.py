"""The plain lines of models are read as tomlkit reads them, or left to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloadmanager.models import FOLDER
from workloadmanager.schema._full_toml import read_full_toml  # not public: the slow way, which is the truth
from workloadmanager.schema._plain_toml import read_plain_toml

SIGNS = st.text("aé'\"\\#[]=. \t{}_*", max_size=4)
KEYS = st.sampled_from(
    ["a", "b", '"a"', "'a'", '"name**"', "a-1", '"0 : a"', '"&a"', "a.b", '""', '"a\\u0062"', "é", "a b"]
)
VALUES = st.sampled_from(
    [
        '"(S)"',
        "'\"x\" (S)'",
        "''",
        '""',
        '"""(S)"""',
        "'''(S)'''",
        '"a\\"b"',
        "1",
        "true",
        "[]",
        '"(S)',
        "",
        '"a" "b"',
        "'#'",
    ]
)
COMMENTS = st.sampled_from(["", " # c", "#", " # 'a' = [b]", "  ## x", " x"])
HEADERS = st.sampled_from(['["some.url.1"]', "['some.url.1']", '["b.1"]', '[ "c" ]', "[a.b]", "[[x]]", '[""]'])
OTHERS = ["", "  ", "# above", "#", " \t# indented", "\x01", "a = 'b'\r", "# \x7f", '["a\x0b"]', "# \u2028 x"]
LINES = st.one_of(
    st.tuples(KEYS, st.sampled_from([" = ", "=", "\t= "]), VALUES, COMMENTS).map("".join),
    st.tuples(HEADERS, COMMENTS).map("".join),
    st.sampled_from(OTHERS),
    SIGNS,
)


@pytest.mark.parametrize("name", sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".toml")))
def test_every_shipped_model_has_plain_lines_alone(name: str) -> None:
    """None of them makes a start wait for tomlkit, and all say the same by either way."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    plain = read_plain_toml(text, name)
    assert plain is not None
    assert (plain, ()) == read_full_toml(text, name)


@settings(max_examples=400, deadline=None)
@given(lines=st.lists(LINES, max_size=7), indent=st.sampled_from(["", " ", "\t"]))
def test_a_text_is_read_as_tomlkit_reads_it_or_not_at_all(lines: list[str], indent: str) -> None:
    """Whatever the lines are: what has a mistake, or is any other TOML, is left."""
    text = "\n".join(f"{indent}{line}" for line in ['["first.url.1"]', *lines])
    plain = read_plain_toml(text, "a.toml")
    assert plain is None or (plain, ()) == read_full_toml(text, "a.toml")


@pytest.mark.parametrize(
    "text",
    [
        "a = '(S)'",
        "[\"u.1\"]\na = '(S)'\n\"a\" = '(I)'",
        "['u.1']\n[\"u.1\"]",
        "['u.1']\r\na = '(S)'",
        "['u.1']\na = 1",
        "['u.1'",
    ],
)
def test_what_is_not_plain_is_left(text: str) -> None:
    """No url above it, something twice, other line ends, another type, a mistake."""
    assert read_plain_toml(text, "a.toml") is None


def test_a_quote_in_a_quoted_key_is_part_of_it() -> None:
    """Only the outer ones are not."""
    (draft,) = read_plain_toml("['u.1']\n\"'a'\" = '(S)'", "a.toml") or ()
    assert [entry.key for entry in draft.entries] == ["'a'"]


def test_as_many_properties_as_a_file_can_hold_are_read_at_once() -> None:
    """The time grows with the text, and no faster."""
    text = "['u.1']\n" + "\n".join(f"a{number} = '(S)'" for number in range(50_000))
    (draft,) = read_plain_toml(text, "a.toml") or ()
    assert len(draft.entries) == 50_000
