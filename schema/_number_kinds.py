"""The number types: ``I I64 F B P ipport N``."""

from __future__ import annotations

import math
import re
import sys
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from msgspec import UNSET, Meta, UnsetType

from ..errors import InputError
from ._conversion import Refusal, shown
from ._kinds import ScalarKind, checked_text
from ._values import Kept

__all__ = [
    "NOT_SET",
    "NOT_SET_64",
    "BooleanKind",
    "FloatKind",
    "IntegerKind",
    "Numeric",
    "NumericKind",
    "PercentKind",
    "PortKind",
    "read_numeric",
]

NOT_SET = 2**31 - 1
"""The value of an ``(I)`` that nobody set."""

NOT_SET_64 = 2**63 - 1
"""The value of an ``(I64)`` that nobody set."""

_DIGITS = re.compile(r"-?[0-9]{1,20}")
_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})
_NUMERIC = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*([kKmM](?=\s|$))?\s*(%|[A-Za-z]{3,5})?")
_SCALES = {"": Decimal(1), "k": Decimal(1000), "m": Decimal(1_000_000)}
_LARGEST = sys.float_info.max
_MOST_DIGITS, _MOST_DIGITS_SCALED, _LONGEST_NUMERIC = 28, 20, 60


class IntegerKind(ScalarKind):
    """``I`` and ``I64``: a whole number, or its digits as text; ``""`` is the default.

    Arguments:
        name: the letters of the type.
        bits: how wide it is; the highest number that fits means "not set".
    """

    annotation = int

    def __init__(self, name: str, bits: int) -> None:
        self.name = name
        self._lowest: int = -(2 ** (bits - 1))
        self._highest: int = 2 ** (bits - 1) - 1

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return Annotated[int, Meta(ge=self._lowest, le=self._highest)]

    def take(self, value: object) -> int | UnsetType:
        if isinstance(value, str) and not value:
            return UNSET
        number = self._whole(value)
        if not self._lowest <= number <= self._highest:
            raise Refusal(f"must be from {self._lowest} to {self._highest}, not {shown(value)}")
        return number

    def _whole(self, value: object) -> int:
        if type(value) is int:
            return int(value)
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal(f"must be a whole number, not {shown(value)}")
        return int(value)

    def empty(self) -> int:
        return self._highest

    def human(self, value: Kept) -> int | None:
        return None if value == self._highest else int(value)


class FloatKind(ScalarKind):
    """``F``: a number; not a text, and neither infinite nor "not a number"."""

    name = "F"
    annotation = float

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return Annotated[float, Meta(ge=-_LARGEST, le=_LARGEST)]

    def take(self, value: object) -> float:
        return finite(value)

    def read_default(self, text: str) -> float:
        try:
            return finite(float(text))
        except ValueError as error:
            raise Refusal(f"must be a number, not {shown(text)}") from error

    def empty(self) -> float:
        return 0.0


def finite(value: object) -> float:
    """Return a value that is a number as a float.

    Raises:
        Refusal: it is no number, infinite, or too large for a float.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(f"must be a number, not {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Refusal(f"must be a finite number, not {shown(value)}")
    return number


class BooleanKind(ScalarKind):
    """``B``: true or false; nothing else is taken for one of them."""

    name = "B"
    annotation = bool

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return bool

    def take(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise Refusal(f"must be true or false, not {shown(value)}")
        return value

    def read_default(self, text: str) -> bool:
        folded = text.strip().lower()
        if folded not in _TRUE | _FALSE:
            raise Refusal(f"must be true or false, not {shown(text)}")
        return folded in _TRUE

    def empty(self) -> bool:
        return False


class PercentKind(FloatKind):
    """``P``: a fraction from 0 to 1, or a text such as ``"10%"``."""

    name = "P"
    _form = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return Annotated[float, Meta(ge=0, le=1)]

    def take(self, value: object) -> float:
        percent = self._form.fullmatch(value) if isinstance(value, str) else None
        fraction = -1.0 if isinstance(value, str) else finite(value)
        if percent and len(percent[1]) <= _MOST_DIGITS:
            fraction = float(percent[1]) / 100
        if not 0 <= fraction <= 1:
            raise Refusal(f"must be a fraction from 0 to 1 or a text such as '10%', not {shown(value)}")
        return fraction

    def read_default(self, text: str) -> float:
        value: float | str = text if text.endswith("%") else super().read_default(text)
        return self.take(value)


class PortKind(ScalarKind):
    """``ipport``: a port from 1 to 65535; 0 and ``""`` are the default, 65535."""

    name = "ipport"
    annotation = int

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return Annotated[int, Meta(ge=1, le=self.empty())]

    def take(self, value: object) -> int | UnsetType:
        if isinstance(value, str) and not value:
            return UNSET
        number = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= self.empty():
            raise Refusal(f"must be a port from 1 to 65535, not {shown(value)}")
        return int(number) or UNSET

    def empty(self) -> int:
        return 65535


class Numeric(NamedTuple):
    """An ``(N)`` value, taken apart.

    Attributes:
        amount: the number in front; for a percentage ``10%`` it is 10.
        currency: the currency in upper case; empty where there is none.
        percent: whether it is a percentage.
    """

    amount: Decimal
    currency: str = ""
    percent: bool = False

    def __str__(self) -> str:
        digits = format(self.amount, "f")
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        digits = "0" if digits == "-0" else digits
        return f"{digits}%" if self.percent else f"{digits} {self.currency}".rstrip()


def read_numeric(text: str) -> Numeric:
    """Read the text of an ``(N)``: ``10 USD``, ``10eur``, ``10%``, ``1k``, ``0.1m EUR`` or a number.

    The currency is kept, not exchanged, and not held against a list of currencies.

    Raises:
        InputError: the text has none of these forms, or more than 28 digits (20 before ``k`` or ``m``).
    """
    try:
        return _take_apart(checked_text(text))
    except Refusal as refusal:
        raise InputError(str(refusal)) from refusal


def _take_apart(text: str) -> Numeric:
    stripped = text.strip()
    match = _NUMERIC.fullmatch(stripped) if len(stripped) <= _LONGEST_NUMERIC else None
    most = _MOST_DIGITS if match is None or not match[2] else _MOST_DIGITS_SCALED
    if match is None or len(match[1]) > most or (match[2] and match[3] == "%"):
        raise Refusal(f"must be a number, or an amount such as '10 USD', '1k' or '10%', not {shown(text)}")
    amount = Decimal(match[1]) * _SCALES[(match[2] or "").lower()]
    unit = match[3] or ""
    return Numeric(amount, "" if unit == "%" else unit.upper(), percent=unit == "%")


class NumericKind(ScalarKind):
    """``N``: an amount with its currency, kept as text in one spelling; a number is taken too."""

    name = "N"
    annotation = str

    def take(self, value: object) -> str | UnsetType:
        if isinstance(value, str):
            return str(_take_apart(checked_text(value))) if value else UNSET
        number = finite(value)
        digits = format(Decimal(int(value)) if isinstance(value, int) else Decimal(repr(number)), "f")
        if len(digits) > _MOST_DIGITS:
            raise Refusal(f"must be a number of at most {_MOST_DIGITS} digits, not {shown(value)}")
        return str(_take_apart(digits))

    def empty(self) -> str:
        return "0"
