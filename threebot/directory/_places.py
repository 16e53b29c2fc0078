"""Places: which entries a list keeps by city and country."""

from __future__ import annotations

from dataclasses import dataclass

from .._entries import same_name
from ._shapes import Location

__all__ = ["EVERYWHERE", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something has to be to be kept; what is empty keeps all.

    Attributes:
        city: the city, in whatever case.
        country: the country, in whatever case.
    """

    city: str = ""
    country: str = ""

    def has(self, location: Location) -> bool:
        """Return whether a location is in the place."""
        wanted = ((self.city, location.city), (self.country, location.country))
        return all(not text or same_name(text) == same_name(known) for text, known in wanted)


EVERYWHERE = Place()
"""The place that keeps everything."""
