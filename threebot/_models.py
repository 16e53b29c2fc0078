"""The models of all packages in one registry, from which a package that fails can be taken out again."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import Problem, SchemaError
from ..schema import Registry
from ._manifest import Manifest

__all__ = ["Models"]


class Models:
    """Schemas of several packages; each url belongs to the package that brought it first.

    Arguments:
        clock: returns the current time in seconds since 1970, for relative dates in what is converted.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._packages: list[Manifest] = []
        self._owners: dict[str, tuple[str, str]] = {}
        self.registry = Registry(clock=clock)

    def add(self, manifest: Manifest) -> None:
        """Load the models of a package, if it has any.

        Raises:
            SchemaError: a model does not read, refers to one that is not there, or gives another meaning to a
                url of another package; with every mistake. Nothing of the package is kept then.
        """
        self._packages.append(manifest)
        try:
            self._read(manifest)
        except SchemaError:
            self.drop(manifest)
            raise

    def drop(self, manifest: Manifest) -> None:
        """Take a package's models out again, by reading those of the others anew."""
        if manifest not in self._packages:
            return
        self._packages.remove(manifest)
        self._owners.clear()
        self.registry = Registry(clock=self._clock)
        for other in self._packages:
            self._read(other)

    def _read(self, manifest: Manifest) -> None:
        if manifest.models is None:
            return
        schemas = self.registry.add_folder(manifest.models)
        problems = []
        for schema in schemas:
            owner, md5 = self._owners.setdefault(schema.url, (manifest.name, schema.md5))
            if md5 != schema.md5:
                message = f"{schema.url} is a model of the package {owner}, and differs there; give it a url of its own"
                problems.append(Problem(message, source=schema.source, line=schema.line))
        if problems:
            raise SchemaError.of(problems)
        self.registry.resolve()
