"""A package's code: installed packages under their own name, packages given by path under one made for them."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import itertools
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

import pykka

from ..actors import CallActor, call_of
from ..errors import Problem, SchemaError
from ._manifest import MANIFEST, Manifest
from ._near_miss import near_miss
from ._watched import ActorClass
from ._words import error_words

__all__ = ["actors_of", "call_names", "mount", "unmount"]

_numbers = itertools.count(1)


def mount(manifest: Manifest) -> str:
    """Make the code of a package given by path importable, without a change to `sys.path`.

    Returns:
        The import name of its folder, which no other package has, and no other start of the same one.

    Raises:
        SchemaError: its ``__init__.py`` fails.
    """
    importlib.invalidate_caches()  # the folder may have been written a moment ago
    name = f"threebot_package_{manifest.name}_{next(_numbers)}"
    doorway = manifest.root / "__init__.py"
    loader = SourceFileLoader(name, str(doorway)) if doorway.is_file() else None
    spec = ModuleSpec(name, loader, origin=str(doorway), is_package=True)
    spec.submodule_search_locations = [str(manifest.root)]
    sys.modules[name] = importlib.util.module_from_spec(spec)
    if loader is not None:
        try:
            with _importing(name, manifest.root):
                loader.exec_module(sys.modules[name])
        except BaseException:
            unmount(name)
            raise
    return name


def unmount(name: str) -> None:
    """Forget the modules of a package that was mounted; what is running keeps what it has."""
    for module in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
        del sys.modules[module]


def actors_of(manifest: Manifest, module: str) -> dict[str, ActorClass]:
    """Import the actors of a package.

    Arguments:
        manifest: the package.
        module: the import name of its folder.

    Returns:
        The actor classes by the name of their call, in the order of the modules' names, or of the manifest.

    Raises:
        SchemaError: a module does not import, an actor is not there or is none, or two have one name.
    """
    named = list(_named(manifest, module) if manifest.calls else _in_folder(manifest, module))
    actors: dict[str, ActorClass] = {}
    for name, actor_class in named:
        if name in actors:
            message = f'two actors have the name "{name}": {actors[name].__qualname__} and {actor_class.__qualname__}'
            raise SchemaError.of([Problem(message, "actors", source=str(manifest.root))])
        actors[name] = actor_class
    return actors


def call_names(actors: Mapping[str, ActorClass]) -> dict[str, str]:
    """Return the names that some actors answer to, their aliases included, each with the name of its call."""
    names = {name: name for name in actors}
    for name, actor_class in actors.items():
        if issubclass(actor_class, CallActor):
            names |= dict.fromkeys(call_of(actor_class).aliases, name)
    return names


def _named(manifest: Manifest, module: str) -> Iterator[tuple[str, ActorClass]]:
    """Yield the actors that the manifest names one by one."""
    source = str(manifest.root / MANIFEST)
    for name, target in manifest.calls.items():
        inside, _, class_name = target.partition(":")
        found = _import(f"{module}.{inside}", manifest.root)
        with _importing(found.__name__, manifest.root):  # a module may answer for its names itself
            actor_class = getattr(found, class_name, None)
        if actor_class is None:
            message = f'"{inside}" has no "{class_name}"{near_miss(class_name, vars(found))}'
            raise SchemaError.of([Problem(message, f"actors.calls.{name}", source)])
        if not _is_actor(actor_class):
            message = f'"{target}" is no actor; derive it from workloadmanager.actors.CallActor or pykka.ThreadingActor'
            raise SchemaError.of([Problem(message, f"actors.calls.{name}", source)])
        yield name, actor_class


def _in_folder(manifest: Manifest, module: str) -> Iterator[tuple[str, ActorClass]]:
    """Yield the actors that the modules of the folder define; modules and classes with a leading _ are skipped."""
    if manifest.actors is None:
        return
    inside = ".".join((module, *manifest.actors.relative_to(manifest.root).parts))
    for file in sorted(manifest.actors.glob("[!_]*.py")):
        found = _import(f"{inside}.{file.stem}", manifest.root)
        for name, value in list(vars(found).items()):
            if not name.startswith("_") and _is_actor(value) and value.__module__ == found.__name__:
                yield _call_name(value), value


def _call_name(actor_class: ActorClass) -> str:
    """Return the name of an actor's call; of a plain actor, its class name as ``reservation_get``."""
    if issubclass(actor_class, CallActor):
        return call_of(actor_class).name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", actor_class.__name__).lower()


def _is_actor(value: object) -> bool:
    """Return whether something is the class of an actor; a `CallActor` without a call is a base of others."""
    # The type is asked first: `isinstance` asks the value too, and a proxy such as flask's `request` may raise then.
    if not issubclass(type(value), type) or not inspect.isclass(value):
        return False
    if not issubclass(value, pykka.ThreadingActor) or inspect.isabstract(value):
        return False
    return not issubclass(value, CallActor) or hasattr(value, "_call")


def _import(name: str, root: Path) -> ModuleType:
    with _importing(name, root):
        return importlib.import_module(name)


@contextmanager
def _importing(name: str, root: Path) -> Iterator[None]:
    """Turn whatever an import raises into one error, with the file and line of the package that it came from."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        words = error_words(error).replace(f"{name.partition('.')[0]}.", "")  # the name that was made for it
        message = f"importing {name.partition('.')[2] or 'the package'} fails: {words}"
        source, line = _place(error, root)
        raise SchemaError.of([Problem(message, source=source, line=line)]) from error


def _place(error: BaseException, root: Path) -> tuple[str, int]:
    """Return the last place inside the package that an error went through."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno or 0
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(root)]
    return (inside[-1].filename, inside[-1].lineno or 0) if inside else (str(root), 0)
