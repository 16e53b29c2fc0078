"""What the actors of other packages are given: the same as those of this one, and the way to other actors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..actors import Context
from ._calls import Calls
from ._manifest import Manifest, Setting

__all__ = ["PackageContext"]


@dataclass(slots=True, kw_only=True)
class PackageContext(Context):
    """What an actor of another package is given.

    It has the store, the registry, the phonebook, the directory, the clock and the settings of the
    host, as every actor does (`workloadmanager.actors.Context`), and besides:

    Attributes:
        package: the name of its package.
        package_author: the threebot that the manifest names as its author.
        package_settings: the settings of its package's manifest.
        calls: the calls of all packages.
    """

    package: str
    package_author: str
    package_settings: Mapping[str, Setting]
    calls: Calls

    @classmethod
    def of(cls, context: Context, manifest: Manifest, calls: Calls) -> PackageContext:
        """Make the context of a package from that of the host."""
        shared = {field.name: getattr(context, field.name) for field in fields(Context) if field.init}
        return cls(
            **shared,
            package=manifest.name,
            package_author=manifest.threebot,
            package_settings=manifest.settings,
            calls=calls,
        )

    @property
    def namespace(self) -> str:
        """Author and package, as the urls of the schemas of this package's calls have them."""
        return f"{self.package_author}.{self.package}"

    def ask(self, name: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - arguments and reply are the call's own
        """Ask an actor of any package by the name of its call, and wait for the reply.

        The one who asks handles no other message meanwhile: two actors that ask each other both
        wait until the time is over. Let the asking go one way.

        Raises:
            NotFound: no actor has this name.
            Unavailable: the actor does not run just now, or did not answer in time.
            WorkloadManagerError: the actor refused.
        """
        return self.calls.ask(name, arguments)
