"""What every type of the language can do, and the text types: ``S multiline path email tel u guid``."""

from __future__ import annotations

import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from ._conversion import Conversion, Place, Refusal, shown
from ._values import Kept, Plain

__all__ = [
    "EmailKind",
    "GuidKind",
    "Kind",
    "MultilineKind",
    "Nothing",
    "ScalarKind",
    "TelephoneKind",
    "TextKind",
    "UrlKind",
    "checked_text",
    "just",
]


class Nothing:
    """A type for msgspec of which nobody has a value."""


class _Just(type):
    """The type of a type whose values are told by a function."""

    test: Callable[[object], bool]

    def __instancecheck__(cls, value: object) -> bool:
        return cls.test(value)


def just(test: Callable[[object], bool]) -> type:
    """Return a type for msgspec, of just those values for which a function says yes."""
    return _Just("Just", (), {"test": staticmethod(test)})


class Kind(ABC):
    """The type of a property: which values it takes, what it keeps of them, and how it shows them.

    Attributes:
        name: the letters of the type as the documentation writes them, ``S`` or ``LO``.
        annotation: the Python type of the values it keeps.
        raw: whether the lazy view keeps the value as undecoded bytes.
        draws: whether each new object draws a value of its own, with `draw`.
    """

    name: str
    annotation: Any
    raw: bool = False
    draws: bool = False

    @property
    def quick(self) -> Any:  # noqa: ANN401 - whatever msgspec takes for a type
        """A type for msgspec: it takes values which are kept as they are, no others, and maybe not all of them.

        Of each that it takes, msgspec makes by the `annotation` what `read` keeps of it.
        """
        return Nothing

    @abstractmethod
    def read(self, value: object, conversion: Conversion, place: Place) -> Kept:
        """Return what is kept of a value, which is not None; `UNSET` for one that means the property's default.

        Raises:
            Refusal: the value does not fit as a whole; mistakes inside it are noted on the conversion.
        """

    @abstractmethod
    def empty(self) -> Kept:
        """Return the type's own default, a new one each time where it can be changed in place."""

    def draw(self) -> Kept:
        """Return the value of a property that a new object was not given."""
        return self.empty()

    def read_default(self, text: str) -> Kept:
        """Return the default that a schema writes; `UNSET` for one that means the type's own.

        Arguments:
            text: the default without its outer quotes; never empty.

        Raises:
            Refusal: it does not fit the type.
        """
        return self.read(text, Conversion(), "")

    def human(self, value: Kept) -> Plain:
        """Return a kept value as people read it."""
        return value


class ScalarKind(Kind):
    """A type whose values have no parts, and do not depend on anything around them."""

    @abstractmethod
    def take(self, value: object) -> Kept:
        """Return what is kept of a value, which is not None; `UNSET` for one that means the property's default.

        Raises:
            Refusal: the value does not fit.
        """

    def read(self, value: object, conversion: Conversion, place: Place) -> Kept:  # noqa: ARG002  (a scalar needs neither)
        return self.take(value)

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return just(self._is_kept)

    def _is_kept(self, value: object) -> bool:
        try:
            kept = self.take(value)
        except Refusal:
            return False
        return type(kept) is type(value) and bool(kept == value)


def checked_text(value: object) -> str:
    """Return a value that is a text and can be written as UTF-8, as a plain `str`.

    A text of a derived type, such as a `StrEnum` or one of tomlkit, could not be encoded later.

    Raises:
        Refusal: it is no text, or holds half a character.
    """
    if not isinstance(value, str):
        raise Refusal(f"must be a text, not {shown(value)}")
    text = value if type(value) is str else str.__str__(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise Refusal("holds half a character (a lone surrogate), which cannot be written as UTF-8") from error
    return text


class TextKind(ScalarKind):
    """``S`` and ``path``: any text."""

    annotation = str

    def __init__(self, name: str = "S") -> None:
        self.name = name

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return str

    def take(self, value: object) -> str:
        return checked_text(value)

    def empty(self) -> str:
        return ""


class MultilineKind(TextKind):
    r"""``multiline``: any text; a default writes its line ends as ``\n``."""

    def __init__(self) -> None:
        super().__init__("multiline")

    def read_default(self, text: str) -> str:
        return text.replace("\\n", "\n")


class _PatternKind(TextKind):
    """A text of a certain form; an empty one is "not given"."""

    form: ClassVar[re.Pattern[str]]
    wanted: ClassVar[str]

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return just(self._is_kept)

    def take(self, value: object) -> str:
        text = self.normal(checked_text(value))
        if text and not self.form.fullmatch(text):
            raise Refusal(f"must be {self.wanted}, not {shown(value)}")
        return text

    def normal(self, text: str) -> str:
        """Return the text as it is kept, before its form is looked at."""
        return text


class EmailKind(_PatternKind):
    """``email``: an address, kept in lower case."""

    form = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
    wanted = "an email address such as 'someone@example.org'"

    def normal(self, text: str) -> str:
        return text.lower()


class TelephoneKind(_PatternKind):
    """``tel``: 6 to 15 digits with an optional ``+`` and ``x`` extension; separators are dropped."""

    form = re.compile(r"\+?[0-9]{6,15}(x[0-9]+)?")
    wanted = "a telephone number such as '+32 475 12 34 56'"

    def normal(self, text: str) -> str:
        return re.sub(r"[-,() ]", "", text.lower())


class UrlKind(_PatternKind):
    """``u``: a web address with a dotted host; the scheme may be left out."""

    form = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)?([^\s/:?#@]+@)?[\w-]+(\.[\w-]+)+\.?(:[0-9]{1,5})?([/?#]\S*)?")
    wanted = "a web address such as 'https://example.org/page'"


class GuidKind(ScalarKind):
    """``guid``: a version 4 UUID, kept in lower case with dashes; each new object draws its own."""

    name = "guid"
    annotation = str
    draws = True
    _form = re.compile(r"(?:urn:uuid:)?\{?([0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12})\}?")

    def draw(self) -> str:
        return str(uuid.uuid4())

    def take(self, value: object) -> str | UnsetType:
        text = checked_text(value)
        if not text:
            return UNSET
        digits = self._form.fullmatch(text)
        guid = uuid.UUID(digits[1]) if digits else None
        if guid is None or guid.version != 4:
            raise Refusal(f"must be a version 4 UUID, not {shown(value)}")
        return str(guid)

    def empty(self) -> str:
        return ""
