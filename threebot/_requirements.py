"""What packages need: Python distributions that are installed, other packages that run, and no circles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import PackageNotFoundError, version

from packaging.requirements import Requirement

from ..errors import Problem, SchemaError
from ._manifest import Manifest

__all__ = ["in_order", "refuse_unmet"]


def in_order(manifests: Mapping[str, Manifest], fail: Callable[[Manifest, SchemaError], None]) -> list[Manifest]:
    """Return the packages in an order in which each comes after those that it needs.

    Arguments:
        manifests: the packages by name, in the order in which they were found.
        fail: is told of each package of a circle, with the circle; those are left out.
    """
    wanted = dict(manifests)
    while True:
        needs = {name: _needs(manifest, wanted) for name, manifest in wanted.items()}
        try:
            return [wanted[name] for name in TopologicalSorter(needs).static_order()]
        except CycleError as error:
            circle: list[str] = error.args[1]
            words = " needs ".join(reversed(circle))
            for name in dict.fromkeys(circle):
                fail(wanted.pop(name), SchemaError(f"packages need each other in a circle: {words}"))


def _needs(manifest: Manifest, known: Mapping[str, Manifest]) -> list[str]:
    return [requirement.name for requirement in manifest.packages if requirement.name in known]


def refuse_unmet(manifest: Manifest, running: Mapping[str, str], reasons: Mapping[str, str]) -> None:
    """Refuse a package whose needs are not met.

    Arguments:
        manifest: the package.
        running: the versions of the packages that run, by name.
        reasons: why other packages do not run, by name.

    Raises:
        SchemaError: every need that is not met.
    """
    problems = [*_unmet_packages(manifest, running, reasons), *_unmet_python(manifest)]
    if problems:
        raise SchemaError.of(problems)


def _unmet_packages(manifest: Manifest, running: Mapping[str, str], reasons: Mapping[str, str]) -> Iterator[Problem]:
    for position, requirement in enumerate(manifest.packages):
        name = requirement.name
        if name in running:
            if not _fits(requirement, running[name]):
                message = f"it needs the package {requirement}, and {running[name]} runs"
                yield Problem(message, f"requires.packages[{position}]")
            continue
        why = f"which does not run: {reasons[name]}" if name in reasons else "which is not there; add it by path"
        yield Problem(f"it needs the package {requirement}, {why}", f"requires.packages[{position}]")


def _unmet_python(manifest: Manifest) -> Iterator[Problem]:
    for position, requirement in enumerate(manifest.python):
        try:
            if requirement.marker is not None and not requirement.marker.evaluate():
                continue
            found = version(requirement.name)
        except ValueError:  # of `packaging`: the parts of the condition do not compare
            message = f"it needs {requirement}, whose condition says nothing about a computer; write another"
            yield Problem(message, f"requires.python[{position}]")
            continue
        except PackageNotFoundError:
            message = f'it needs {requirement}, which is not installed; run pip install "{requirement}"'
            yield Problem(message, f"requires.python[{position}]")
            continue
        if not _fits(requirement, found):
            yield Problem(f"it needs {requirement}, and {found} is installed", f"requires.python[{position}]")


def _fits(requirement: Requirement, found: str) -> bool:
    return requirement.specifier.contains(found, prereleases=True)
