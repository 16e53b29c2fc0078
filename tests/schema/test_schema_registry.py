"""The registry: lookups, versions, folders, references."""

from __future__ import annotations

from pathlib import Path

import pytest

from workloadmanager.errors import InputError, SchemaError
from workloadmanager.schema import Reference, Registry, Schema


def write(folder: Path, **files: str) -> Path:
    """Write files into a folder; two underscores in a name stand for a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_schema_is_found_by_its_url_in_any_case(registry: Registry) -> None:
    """Spaces around it do not matter either."""
    assert registry.get(" TFGrid.Workloads.Reservation.1 ").url == "tfgrid.workloads.reservation.1"
    assert "tfgrid.Workloads.reservation.1" in registry
    assert "tfgrid.workloads.reservation.9" not in registry
    assert 5 not in registry


def test_an_unknown_url_is_named_with_the_nearest(registry: Registry) -> None:
    """A typo is told what it might have been."""
    with pytest.raises(InputError) as caught:
        registry.get("tfgrid.workload.reservation.1")
    assert caught.value.message == (
        "there is no schema 'tfgrid.workload.reservation.1'; did you mean 'tfgrid.workloads.reservation.1'?"
    )


def test_a_schema_is_found_by_its_identity(registry: Registry, reservation: Schema) -> None:
    """In either case."""
    assert registry.by_md5(reservation.md5.upper()) is reservation
    with pytest.raises(InputError, match="there is no schema with the md5 'x'"):
        registry.by_md5("x")


def test_the_newest_version_of_a_url_is_the_one_that_is_used() -> None:
    """A text returns its own schemas; a lookup the last one."""
    registry = Registry()
    first, second = registry.add_text("@url = some.url.1\na = (S)\n@url = some.url.1\nb = (S)")
    assert registry.get("some.url.1") is second
    assert registry.by_md5(first.md5) is first
    assert registry.urls() == ["some.url.1"]
    assert list(registry) == [second]


def test_registering_a_schema_again_changes_nothing() -> None:
    """Objects made before stay objects of its type."""
    registry = Registry()
    (first,) = registry.add_text("@url = some.url.1\na = (S)")
    made = first.new()
    (again,) = registry.add_text("@url = some.url.1\na=(S)  # the same")
    assert again is first
    assert made == again.new()


def test_an_older_version_that_is_registered_again_is_the_newest() -> None:
    """What was said last counts."""
    registry = Registry()
    (first,) = registry.add_text("@url = some.url.1\na = (S)")
    registry.add_text("@url = some.url.1\nb = (S)")
    registry.add_text("@url = some.url.1\na = (S)")
    assert registry.get("some.url.1") is first


def test_a_folder_is_read_with_the_folders_in_it(tmp_path: Path) -> None:
    """Names with a leading underscore, and other endings, are left alone."""
    write(tmp_path, b='["test.b.one"]', deep__er__a='["test.a.one"]', _skipped="junk", _also__x="junk")
    (tmp_path / "notes.txt").write_text("junk", encoding="utf-8")
    schemas = Registry().add_folder(tmp_path)
    assert [(schema.url, schema.source) for schema in schemas] == [
        ("test.b.one", "b.toml"),
        ("test.a.one", "deep/er/a.toml"),
    ]


def test_a_folder_may_hold_both_carriers(tmp_path: Path) -> None:
    """The original's files end in .toml too, and are none."""
    write(tmp_path, one='["test.one.1"]\na = "(O) !test.two.1"', two="\ufeff@url = test.two.1\nb = 5")
    registry = Registry()
    one, _ = registry.add_folder(tmp_path)
    registry.resolve()
    assert one.to_json(one.new()) == '{"a": {"b": 5}}'


def test_all_mistakes_of_a_folder_are_reported_at_once(tmp_path: Path) -> None:
    """Each with file and line; and nothing of the folder is registered."""
    write(tmp_path, a='["test.a.one"]\nx = "(Q)"', b="@url = test.b.one\n\nid = (I)", c="x = ", d='["test.d.one"]')
    (tmp_path / "e.toml").write_bytes(b"\xff\xfe")
    registry = Registry()
    with pytest.raises(SchemaError) as caught:
        registry.add_folder(tmp_path)
    assert sorted((problem.source, problem.line) for problem in caught.value.errors) == [
        ("a.toml", 2),
        ("b.toml", 3),
        ("c.toml", 1),
        ("e.toml", 1),
    ]
    assert str(tmp_path) not in str(caught.value)
    assert registry.urls() == []


def test_a_folder_that_is_not_there_is_named_without_its_path(tmp_path: Path) -> None:
    """Where the host keeps its files is nobody's business."""
    with pytest.raises(SchemaError, match="the folder of models 'gone' cannot be read: No such file") as caught:
        Registry().add_folder(tmp_path / "gone")
    assert str(tmp_path) not in str(caught.value)


def test_a_file_that_cannot_be_read_is_a_mistake_like_others(tmp_path: Path) -> None:
    """A link that leads nowhere, for one."""
    (tmp_path / "a.toml").symlink_to(tmp_path / "gone")
    with pytest.raises(SchemaError, match="cannot be read: No such file") as caught:
        Registry().add_folder(tmp_path)
    assert caught.value.errors[0].source == "a.toml"


def test_documents_are_those_that_no_other_schema_of_the_load_refers_to() -> None:
    """A schema that holds itself is still a document; what another package refers to stays one."""
    registry = Registry()
    tree, leaf = registry.add_text(
        "@url = test.tree.1\nme = (LO) !test.tree.1\nleaf = (O) !test.leaf.1\n@url = test.leaf.1\na = (S)"
    )
    registry.add_text("@url = other.package.1\ntree = (O) !test.tree.1")
    assert (tree.has_id, leaf.has_id) == (True, False)


def test_every_reference_must_lead_somewhere() -> None:
    """All that do not are reported, with the line and the nearest url."""
    registry = Registry()
    registry.add_text("@url = test.tree.1\na = (LO) !test.tee.1\nb = (O) !zzz.zzz.1\nc = (O) !test.tree.2")
    registry.add_block("!test.tre.1", url="x.y.z.in", source="call", line=7)
    with pytest.raises(SchemaError) as caught:
        registry.resolve()
    assert [str(problem) for problem in caught.value.errors] == [
        "call:8: there is no schema 'test.tre.1'; did you mean 'test.tree.1'?",
        "<text>:2: test.tree.1.a: there is no schema 'test.tee.1'; did you mean 'test.tree.1'?",
        "<text>:3: test.tree.1.b: there is no schema 'zzz.zzz.1'",
        "<text>:4: test.tree.1.c: there is no schema 'test.tree.2'; did you mean 'test.tree.1'?",
    ]


def test_a_reference_that_leads_nowhere_is_an_error_when_it_is_used() -> None:
    """Where nobody called `resolve`."""
    (schema,) = Registry().add_text("@url = test.tree.1\na = (O) !test.gone.1")
    with pytest.raises(InputError, match="there is no schema"):
        schema.new()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@url = test.a.one\nx = (O) !test.a.one", ["test.a.one.x"]),
        ("@url = test.a.one\nx = (O) !test.b.one\n@url = test.b.one\ny = (O) !test.a.one", ["test.b.one.y"]),
        (
            "@url = test.a.one\nx = (O) !test.b.one\ny = (O) !test.c.one\n"
            "@url = test.b.one\nz = (O) !test.c.one\n@url = test.c.one\nw = (O) !test.b.one",
            ["test.c.one.w"],
        ),
    ],
)
def test_an_object_cannot_hold_itself_without_end(text: str, found: list[str]) -> None:
    """Each circle is reported once, at the property that closes it."""
    registry = Registry()
    registry.add_text(text)
    with pytest.raises(SchemaError) as caught:
        registry.resolve()
    assert [problem.path for problem in caught.value.errors] == found
    assert all("without end; a list, (LO), can be empty" in problem.message for problem in caught.value.errors)


@pytest.mark.parametrize(
    "text",
    [
        "@url = test.a.one\nx = (LO) !test.a.one",
        "@url = test.a.one\nx = (O) !test.b.one\n@url = test.b.one\ny = (LO) !test.a.one",
        "@url = test.a.one\nx = (O) !test.c.one\ny = (O) !test.c.one\n@url = test.c.one\nz = (S)",
    ],
)
def test_a_circle_through_a_list_has_an_end(text: str) -> None:
    """And two ways to one schema are no circle."""
    registry = Registry()
    registry.add_text(text)
    registry.resolve()


def test_a_block_of_fields_becomes_a_schema() -> None:
    """Comments are help; its objects carry no number."""
    block = "\nnode_id = (S)  # a node\nepoch = (I)\n"
    schema = Registry().add_block(block, url="actors.a.b.list.in", source="list", line=10)
    assert isinstance(schema, Schema)
    assert (schema.url, schema.has_id, schema.source) == ("actors.a.b.list.in", False, "list")
    assert [(each.name, each.help, each.line) for each in schema.properties] == [
        ("node_id", "a node", 12),
        ("epoch", "", 13),
    ]


@pytest.mark.parametrize("block", ["!Some.Url.1", "\n  ! some.url.1  # the reply\n\n", "# only\n!some.url.1"])
def test_a_block_may_be_a_reference(block: str) -> None:
    """One line with an exclamation mark and a url."""
    registry = Registry()
    reference = registry.add_block(block, url="actors.a.b.get.out", source="get")
    assert isinstance(reference, Reference)
    assert reference.url == "some.url.1"
    assert registry.urls() == []


@pytest.mark.parametrize("block", ["", "\n\n", "# nothing is needed\n"])
def test_a_block_may_be_empty(block: str) -> None:
    """A call without arguments."""
    schema = Registry().add_block(block, url="actors.a.b.ping.in", source="ping")
    assert isinstance(schema, Schema)
    assert schema.properties == ()
    assert schema.to_json(schema.new()) == "{}"


def test_a_block_may_name_its_own_url() -> None:
    """As any text in the text form does."""
    schema = Registry().add_block("@url = own.url.1\na = (S)", url="actors.a.b.get.in", source="get")
    assert isinstance(schema, Schema)
    assert schema.url == "own.url.1"


@pytest.mark.parametrize(
    ("block", "line", "message"),
    [
        ("a = (Q)", 6, "there is no type (q)"),
        ("a = (S)\n!some.url.1", 7, "'!some.url.1' is no property"),
        ("a = (S)\n@url = own.url.1\nb = (S)", 7, "a block holds one schema"),
        ("some.url.1", 6, "'some.url.1' is no property"),
    ],
)
def test_a_mistake_in_a_block_has_the_line_of_its_source(block: str, line: int, message: str) -> None:
    """Whoever wrote the docstring finds it."""
    registry = Registry()
    with pytest.raises(SchemaError) as caught:
        registry.add_block(block, url="actors.a.b.get.in", source="reservation_get", line=5)
    (problem,) = caught.value.errors
    assert (problem.source, problem.line) == ("reservation_get", line)
    assert problem.message.startswith(message)
    assert registry.urls() == []


def test_a_call_that_takes_a_document_leaves_it_one(registry: Registry) -> None:
    """A block refers to it, and it keeps its number."""
    block = "reservation = (O) !tfgrid.workloads.reservation.1"
    registry.add_block(block, url="actors.test.register.in", source="register")
    assert registry.get("tfgrid.workloads.reservation.1").has_id
