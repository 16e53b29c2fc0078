"""What ``INFO`` shows, as Redis writes it: sections of ``name:value`` lines."""

from __future__ import annotations

from collections.abc import Mapping

from ...actors import Caller, Role
from ._services import Services

__all__ = ["info_text"]

_ALL = frozenset({"all", "default", "everything"})
_DAY = 86400


def info_text(services: Services, caller: Caller, wanted: list[bytes]) -> str:
    """Return what ``INFO`` shows a caller; to one who is not logged in, at a server that is closed, its version alone.

    Arguments:
        services: what the sessions share.
        caller: who asks.
        wanted: the names of sections, in any case; all sections where there is none.
    """
    sections: dict[str, Mapping[str, object]] = {"server": _server(services)}
    if caller.role is not Role.stranger:
        sections |= {name.lower(): values for name, values in services.info().items()}
    names = {word.decode("ascii", "replace").lower() for word in wanted}
    chosen = sections if not names or names & _ALL else {name: sections[name] for name in sections if name in names}
    return "\r\n".join(_section(name, values) for name, values in chosen.items())


def _section(name: str, values: Mapping[str, object]) -> str:
    return "".join((f"# {name.capitalize()}\r\n", *(f"{key}:{value}\r\n" for key, value in values.items())))


def _server(services: Services) -> dict[str, object]:
    uptime = max(services.clock() - services.started, 0)
    return {
        "workloadmanager_version": services.version,
        # Tools that read the version of a Redis server find one, and take it for what it is.
        "redis_version": services.version,
        "redis_mode": "standalone",
        "uptime_in_seconds": uptime,
        "uptime_in_days": uptime // _DAY,
    }
