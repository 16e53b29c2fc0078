"""Dates as text: the forms that ``T`` and ``D`` take beside a number. All are UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ._conversion import Refusal, shown

__all__ = ["LATEST", "read_date"]

LATEST = 2**32 - 1
"""The latest second that a date can hold, in the year 2106."""

_WANTED = "seconds since 1970, or a date such as '2026/11/24 18:30', '24/11/2026' or '+4h'"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "M": 30 * 86400, "Y": 365 * 86400}
_DIGITS = re.compile(r"[0-9]{1,20}")
_RELATIVE = re.compile(r"([+-])\s*([0-9]{1,10})\s*([smhdwMY])")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})?)?")
_SLASHED = re.compile(
    r"(?:(?P<first>[0-9]{1,2}|[0-9]{4})/)?(?P<month>[0-9]{1,2})/(?P<last>[0-9]{4}|[0-9]{1,2})"
    r"(?:\s+(?P<hour>[0-9]{1,2})(?P<half>am|pm)?:(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
)


def read_date(text: str, now: int | None) -> int:
    """Return the seconds since 1970 of a date text (``docs/schema.md``, "Dates").

    Arguments:
        text: digits, ``m/d``, ``yyyy/m/d``, ``yy/m/d`` or ``d/m/yyyy`` with an optional time of day, an
            ISO 8601 date, or a time from now such as ``+4h``.
        now: the current second, for ``m/d`` and times from now; None where it is not known.

    Raises:
        Refusal: it is no date, or needs a current second that is not known.
    """
    text = text.strip()
    if _DIGITS.fullmatch(text):
        return int(text)
    if relative := _RELATIVE.fullmatch(text):
        sign, count, unit = relative.groups()
        return _known(now, text) + int(f"{sign}{count}") * _SECONDS[unit]
    try:
        if _ISO.fullmatch(text):
            moment = datetime.fromisoformat(text)
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        if slashed := _SLASHED.fullmatch(text.lower()):
            return _read_slashed(slashed, text, now)
    except (ValueError, OverflowError) as error:
        raise Refusal(f"must be {_WANTED}; {shown(text)} is no day or time that exists") from error
    raise Refusal(f"must be {_WANTED}, not {shown(text)}")


def _known(now: int | None, text: str) -> int:
    if now is None:
        raise Refusal(f"must be a full date: {shown(text)} counts from the current time, which is not known here")
    return now


def _read_slashed(match: re.Match[str], text: str, now: int | None) -> int:
    """Return the second of a date with slashes: the year is the part of four digits, else the first."""
    first, month, last = match["first"], int(match["month"]), match["last"]
    if first is None:
        if len(last) == 4:
            raise ValueError("a month and a year, but no day")
        year, day = datetime.fromtimestamp(_known(now, text), UTC).year, int(last)
    elif len(last) == 4:
        if len(first) == 4:
            raise ValueError("two years")
        year, day = int(last), int(first)
    elif len(first) == 1:
        raise ValueError("a year of one digit")
    else:
        year, day = int(first) + (2000 if len(first) == 2 else 0), int(last)
    hour, minute, second = _time_of_day(match)
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


def _time_of_day(match: re.Match[str]) -> tuple[int, int, int]:
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("am and pm count from 1 to 12")
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    return hour, int(match["minute"] or 0), int(match["second"] or 0)
