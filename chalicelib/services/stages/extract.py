"""Stage extract: read the ERP's views; in API mode the ERP has pushed, so there is nothing to read."""

from typing import Any

from ..work import Line, Step, Work


def step(work: Work, cursor: dict[str, Any]) -> Step:
    """Read a page, or say where the data comes from."""
    if work.run.reads_views:
        from ..views import reading  # here, since no other function's start should pay for it

        return reading.step(work, cursor)
    return Step(None, lines=(Line("extract_api"),))
