"""The names at hand in the shell: the packages, the errors, the signing helpers, and the models."""

from __future__ import annotations

import time
from importlib.resources import files
from typing import Any

from ...schema import Registry
from ._fields import fields

__all__ = ["names_at_hand"]


def names_at_hand() -> dict[str, Any]:
    """Return the globals of a shell.

    ``package`` and ``j`` start packages; ``errors`` and ``signing`` are the modules; every class of
    the models is there by its name, as ``Reservation`` or ``ReservationContainer``; ``fields`` explains one.
    """
    from ... import errors, signing
    from .. import j, package

    names: dict[str, Any] = {"__name__": "__main__", "__doc__": None}
    names.update(_model_classes())
    return names | {"package": package, "j": j, "errors": errors, "signing": signing, "fields": fields}


def _model_classes() -> dict[str, type]:
    """Return the classes of this package's models by their names."""
    registry = Registry(clock=lambda: int(time.time()))
    registry.add_folder(files("workloadmanager.models"))
    registry.resolve()
    return {schema.type.__name__: schema.type for schema in registry}
