"""How many records may vanish at once before somebody has to agree."""

from typing import Final

MOST_VANISHED: Final = 20
"""Percent of a table's records; when more are gone at once, somebody has to say that this is right."""


def too_many(gone: int, live: int) -> bool:
    """Tell whether so many records cannot have vanished without somebody saying so."""
    return gone * 100 > live * MOST_VANISHED
