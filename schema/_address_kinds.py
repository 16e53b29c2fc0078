"""The address types: ``ipaddr iprange``. The text is checked, and kept as it was given."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from msgspec import UNSET, UnsetType

from ._conversion import Refusal, shown
from ._kinds import ScalarKind, checked_text

__all__ = ["AddressKind", "RangeKind"]

_REMEMBERED = 4096
_LONGEST = 100


@lru_cache(_REMEMBERED)
def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(_REMEMBERED)
def _is_range(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def _short_text(value: object) -> str:
    """Return a text that may be an address: a long one, and one with a zone (``%eth0``), is none."""
    text = checked_text(value)
    return "%" if len(text) > _LONGEST or "%" in text else text


class AddressKind(ScalarKind):
    """``ipaddr``: an IPv4 or IPv6 address; ``""`` is the default, ``0.0.0.0``."""

    name = "ipaddr"
    annotation = str

    def take(self, value: object) -> str | UnsetType:
        text = _short_text(value)
        if text == "localhost":
            return "127.0.0.1"
        if text and not _is_address(text):
            raise Refusal(f"must be an IP address such as '10.0.0.2' or 'fd00::2', not {shown(value)}")
        return text or UNSET

    def empty(self) -> str:
        return "0.0.0.0"  # noqa: S104  (the language's default, nothing listens on it)


class RangeKind(ScalarKind):
    """``iprange``: an address with a mask, host bits kept, or a bare address; ``""`` is the default, ``::/128``."""

    name = "iprange"
    annotation = str

    def take(self, value: object) -> str | UnsetType:
        text = _short_text(value)
        if text and not _is_range(text):
            raise Refusal(f"must be an IP range such as '10.10.0.0/16' or 'fd00::/64', not {shown(value)}")
        return text or UNSET

    def empty(self) -> str:
        return "::/128"
