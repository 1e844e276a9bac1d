"""Stage extract: in API mode the ERP has already pushed, so there is nothing to read."""

from typing import Any

from ..work import Line, Step, Work


def step(work: Work, cursor: dict[str, Any]) -> Step:
    """Say where the data comes from."""
    return Step(None, lines=(Line("extract_api"),))
