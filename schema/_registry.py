"""The registry: every schema that is known, by url and by identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from ..errors import InputError, Problem, SchemaError
from ._compound_kinds import ObjectKind
from ._conversion import MAXIMUM_DEPTH, near_miss
from ._draft import Draft
from ._model_files import model_files, not_writable, read_model
from ._property import Property
from ._reader import Reading, read_draft
from ._schema import Schema
from ._structs import StructMaker
from ._text_carrier import is_text_form, read_text_form
from ._toml_carrier import read_toml

__all__ = ["Reference", "Registry"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A docstring block that names a schema instead of listing fields.

    Attributes:
        url: the url of that schema.
        source: where the block stands.
        line: its line there, from 1.
    """

    url: str
    source: str
    line: int


class Registry:
    """Schemas by url and by md5. The newest version of a url is the one that is used.

    Arguments:
        clock: returns the current second; relative dates (``+4h``) need it. Without one, `Schema.convert` refuses
            them unless it is told the time.
    """

    def __init__(self, *, clock: Callable[[], int] | None = None) -> None:
        self._maker = StructMaker()
        self._reading = Reading(self._newest, self._maker, clock)
        self._by_md5: dict[str, Schema] = {}
        self._by_url: dict[str, Schema] = {}
        self._references: list[Reference] = []

    def __iter__(self) -> Iterator[Schema]:
        """Yield the newest schema of each url, in the order of their first registration."""
        return iter(tuple(self._by_url.values()))

    def __contains__(self, url: object) -> bool:
        return isinstance(url, str) and url.strip().lower() in self._by_url

    def add_text(self, text: str, *, source: str = "<text>") -> list[Schema]:
        """Register every schema of a text, on either carrier.

        A schema of the text that no other one of the text refers to may carry an ``id``.

        Arguments:
            text: TOML, or the text form, which begins with an ``@url`` line.
            source: its name, for messages.

        Returns:
            The schemas in the order of the text.

        Raises:
            SchemaError: with every mistake, each with its line; nothing is registered then.
        """
        return self._add([(text, source)], [])

    def add_folder(self, folder: Traversable | Path) -> list[Schema]:
        """Register every ``*.toml`` file of a folder and the folders in it; names with a leading ``_`` are skipped.

        A schema of the folder that no other one of the folder refers to may carry an ``id``.

        Returns:
            The schemas in the order of file names and of the texts.

        Raises:
            SchemaError: with every mistake of every file, each with file and line; nothing is registered then.
        """
        problems: list[Problem] = []
        texts = []
        try:
            files = list(model_files(folder))
        except OSError as error:
            raise SchemaError(f"the folder of models '{folder.name}' cannot be read: {error.strerror}") from error
        for name, file in files:
            read = read_model(file, name)
            if isinstance(read, Problem):
                problems.append(read)
            else:
                texts.append((read, name))
        return self._add(texts, problems)

    def add_block(self, text: str, *, url: str, source: str, line: int = 0) -> Schema | Reference:
        """Register a docstring block: fields in the text form, or one ``!url``.

        ``docs/schema.md``, "Docstring blocks", describes them.

        Arguments:
            text: the text between the fences.
            url: the url for the schema of its fields.
            source: where the block stands, for messages.
            line: how many lines come before the text in its source.

        Returns:
            The schema of the fields, whose objects never carry an ``id``; or the reference.

        Raises:
            SchemaError: with every mistake, each with its line; nothing is registered then.
        """
        significant = [
            (number, stripped)
            for number, raw in enumerate(text.split("\n"), line + 1)
            if (stripped := raw.strip()) and not stripped.startswith("#")
        ]
        if len(significant) == 1 and significant[0][1].startswith("!"):
            number, target = significant[0]
            reference = Reference(target[1:].partition("#")[0].strip().lower(), source, number)
            self._references.append(reference)
            return reference
        drafts, problems = read_text_form(text, source=source, url=url, first_line=line)
        if len(drafts) > 1:
            problems.append(Problem("a block holds one schema", source=source, line=drafts[1].line))
        schemas = self._read(drafts[:1], problems)
        known = self._by_url.get(schemas[0].url)
        if drafts[0].url_text != url and known is not None and known.md5 != schemas[0].md5:
            message = f"{known.url} is another schema already; give the block a url of its own, or none"
            raise SchemaError.of([Problem(message, source=source, line=drafts[0].line)])
        (schema,) = self._register(schemas, documents=False)
        return schema

    def get(self, url: str) -> Schema:
        """Return the newest schema of a url, whatever its case.

        Raises:
            InputError: there is none; the message names the one that looks most like it.
        """
        return self._newest(url.strip().lower())

    def by_md5(self, md5: str) -> Schema:
        """Return the schema with an identity, also one that has a newer version by now.

        Raises:
            InputError: there is none.
        """
        schema = self._by_md5.get(md5.strip().lower())
        if schema is None:
            raise InputError(f"there is no schema with the md5 '{md5[:40]}'")
        return schema

    def urls(self) -> list[str]:
        """Return the url of every schema, sorted."""
        return sorted(self._by_url)

    def resolve(self) -> None:
        """Check that every reference leads to a schema, and that none leads back to itself without end.

        Raises:
            SchemaError: with every mistake.
        """
        problems = [
            Problem(self._unknown(reference.url), source=reference.source, line=reference.line)
            for reference in self._references
            if reference.url not in self._by_url
        ]
        for schema in self:
            problems += [
                _problem_of(schema, each, self._unknown(each.reference))
                for each in schema.properties
                if each.reference and each.reference not in self._by_url
            ]
        problems += self._endless()
        if problems:
            raise SchemaError.of(problems)

    def _newest(self, url: str) -> Schema:
        try:
            return self._by_url[url]
        except KeyError:
            raise InputError(self._unknown(url)) from None

    def _unknown(self, url: str) -> str:
        return f"there is no schema '{url[:100]}'{near_miss(url, self._by_url)}"

    def _add(self, texts: list[tuple[str, str]], problems: list[Problem]) -> list[Schema]:
        drafts: list[Draft] = []
        for text, source in texts:
            if problem := not_writable(text, source):
                problems.append(problem)
                continue
            text = text.removeprefix("\ufeff")
            read = read_text_form if is_text_form(text) else read_toml
            found, mistakes = read(text, source=source)
            drafts += found
            problems += mistakes
        return self._register(self._read(drafts, problems), documents=True)

    def _read(self, drafts: list[Draft], problems: list[Problem]) -> list[Schema]:
        schemas = []
        for draft in drafts:
            schema, mistakes = read_draft(draft, self._reading)
            problems += mistakes
            if schema is not None:
                schemas.append(schema)
        if problems:
            raise SchemaError.of(problems)
        return schemas

    def _register(self, schemas: list[Schema], *, documents: bool) -> list[Schema]:
        """Take in schemas that were loaded together: those that none of the others refers to are documents."""
        self._refuse_bound(schemas)
        embedded = {each.reference for schema in schemas for each in schema.properties if each.reference != schema.url}
        registered = []
        for schema in schemas:
            schema.has_id = documents and schema.url not in embedded
            known = self._by_md5.setdefault(schema.md5, schema)
            if self._by_url.get(schema.url, known) is not known:
                self._maker.forget()
            self._by_url[schema.url] = known
            registered.append(known)
        return registered

    def _refuse_bound(self, schemas: list[Schema]) -> None:
        """Refuse an identity that is another url's: spaces and line ends do not count in it, so two may share one."""
        owners: dict[str, str] = {}
        problems = []
        for schema in schemas:
            known = self._by_md5.get(schema.md5)
            owner = owners.setdefault(schema.md5, schema.url if known is None else known.url)
            if owner != schema.url:
                message = f"the url {schema.url} and what follows it spell the same as {owner}; give it another url"
                problems.append(Problem(message, source=schema.source, line=schema.line))
        if problems:
            raise SchemaError.of(problems)

    def _endless(self) -> list[Problem]:
        """Return a problem for each property through which a schema holds itself, or too much, by ``(O)`` alone."""
        problems: list[Problem] = []
        heights: dict[str, int] = {}

        def visit(schema: Schema, above: tuple[str, ...]) -> int:
            """Return how many objects lie in each other in an object of a schema."""
            highest = 0
            for each in schema.properties:
                if not isinstance(each.kind, ObjectKind) or each.reference not in self._by_url:
                    continue
                if each.reference in (*above, schema.url):
                    message = f"leads back to {each.reference} without end; a list, (LO), can be empty"
                    problems.append(_problem_of(schema, each, message))
                    continue
                height = heights.get(each.reference, 0)
                if not height and len(above) < MAXIMUM_DEPTH:
                    height = visit(self._by_url[each.reference], (*above, schema.url))
                if height == MAXIMUM_DEPTH or len(above) == MAXIMUM_DEPTH:
                    message = f"holds objects more than {MAXIMUM_DEPTH} deep; use fewer, or a list, (LO)"
                    problems.append(_problem_of(schema, each, message))
                highest = max(highest, height)
            heights[schema.url] = highest + 1
            return highest + 1

        for schema in self:
            if schema.url not in heights:
                visit(schema, ())
        return problems


def _problem_of(schema: Schema, each: Property, message: str) -> Problem:
    return Problem(message, path=f"{schema.url}.{each.name}", source=schema.source, line=each.line)
