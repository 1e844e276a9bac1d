"""What an export expects to read, and the portions in which it reads."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.exports import Export, Part
from chalicelib.domain.history import Period
from chalicelib.domain.request_log import RequestEntry
from chalicelib.services.export_reading import CHUNK_BYTES, CHUNK_ITEMS, chunks
from chalicelib.storage.requests import Logged, Page

DAY = Period(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC))
EXPORT = Export(
    job_id="e",
    tenant_id="t",
    integration_id="i",
    period=DAY,
    tables=("nota",),
    language="pt-BR",
    masked=True,
    requested_by="a",
    requested_at=DAY.until,
)


def logged(number: int, size: int = 0) -> Logged:
    return Logged(RequestEntry(f"{number:032x}", "i", "nota", "", "POST", "/", request_bytes=size))


def test_progress_follows_the_rows_and_never_says_done_before_it_is() -> None:
    assert EXPORT.progress == 0.0
    parts = (Part("nota", DAY, 100), Part("nota", DAY, 300))
    reading = replace(EXPORT, parts=parts)
    seen = [replace(reading, rows=rows).progress for rows in (0, 100, 200, 400, 900)]
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[1] == pytest.approx(0.225)
    assert replace(reading, rows=90, position=(2, None)).progress == pytest.approx(0.9)
    assert replace(reading, parts=()).progress < 1.0
    assert replace(reading, finished_at=DAY.until).progress == 1.0


@given(st.lists(st.lists(st.integers(0, 3 * CHUNK_BYTES // 2), max_size=12), min_size=1, max_size=3))
def test_portions_hold_every_request_once_and_fit_into_memory(sizes: list[list[int]]) -> None:
    made = [
        [logged(100 * at + number, size) for number, size in enumerate(page)] for at, page in enumerate(sizes)
    ]
    pages = [(0, Page(items, f"after {at}" if at + 1 < len(made) else None)) for at, items in enumerate(made)]
    found = list(chunks(iter(pages)))
    assert [one for _, chunk in found for one in chunk] == [one for items in made for one in items]
    for _, chunk in found:
        assert len(chunk) <= CHUNK_ITEMS
        assert len(chunk) == 1 or sum(one.entry.request_bytes for one in chunk) <= 2 * CHUNK_BYTES
    assert found[-1][0] == (1, None)
    for position, chunk in found[:-1]:
        if position != (0, "after 0") and position[0] == 0 and not str(position[1]).startswith("after"):
            assert position[1] == chunk[-1].entry.request_id
