"""Rows streamed into segments: cut, carried over and joined anywhere, they are the same rows."""

import json
import random
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.excel.rows import MAX_ROWS, Kind, Position, Rows, Segment, serial
from tests.support.workbooks import written


def local(*parts: int) -> datetime:
    """Make a local time: Excel knows no time zones."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


KINDS: tuple[Kind, ...] = ("instant", "number", "label", "plain", "text", "text")
Row = tuple[float, int | None, str, str, str, str]

rows_of_any_kind = st.lists(
    st.tuples(
        st.floats(40_000, 50_000),
        st.none() | st.integers(0, 10**9),
        st.sampled_from(["POST", "", "<&>", "GET"]),
        st.sampled_from(["abc123", "0007"]),
        st.text(max_size=30) | st.sampled_from(["x" * 40_000, "=1"]),
        st.text(max_size=30),
    ),
    max_size=12,
)


def inflated(taken: list[tuple[Segment, bytes]]) -> dict[int, bytes]:
    """Undo the compression of each sheet's segments, put one behind the other."""
    streams: dict[int, bytes] = {}
    for segment, content in taken:
        streams[segment.sheet] = streams.get(segment.sheet, b"") + content
    return {sheet: zlib.decompressobj(-15).decompress(stream) for sheet, stream in streams.items()}


@settings(deadline=None)
@given(rows_of_any_kind, st.sets(st.integers(0, 12)), st.integers(1, 5))
def test_a_worker_may_hand_over_after_any_row(rows: list[Row], cuts: set[int], max_rows: int) -> None:
    whole = Rows(KINDS, continued=2, max_rows=max_rows)
    for row in rows:
        whole.add(row)

    taken: list[tuple[Segment, bytes]] = []
    writer = Rows(KINDS, continued=2, max_rows=max_rows)
    for number, row in enumerate(rows):
        if number in cuts:
            taken += writer.take()
            kept = json.loads(json.dumps(asdict(writer.position)))
            writer = Rows(KINDS, Position(**kept), continued=2, max_rows=max_rows)
        writer.add(row)
    taken += writer.take()

    assert inflated(taken) == inflated(whole.take())
    for segment, content in taken:
        raw = zlib.decompressobj(-15).decompress(content)
        assert (segment.raw_size, segment.size) == (len(raw), len(content))
        assert segment.crc == zlib.crc32(raw)
    assert sum(segment.rows for segment, _ in taken) == len(rows)
    counts: dict[int, int] = {}
    for segment, _ in taken:
        counts[segment.sheet] = counts.get(segment.sheet, 0) + segment.rows
    assert all(count == max_rows for sheet, count in counts.items() if sheet < len(counts))


def test_nothing_written_is_nothing_to_take() -> None:
    writer = Rows(KINDS)
    assert writer.take() == []
    assert writer.position == Position()


def test_a_sheet_ends_before_its_xml_is_too_large() -> None:
    writer = Rows(("text",), max_raw_bytes=300_000)
    for _ in range(50):
        writer.add(("x" * 20_000,))
    sizes: dict[int, int] = {}
    for segment, _ in writer.take():
        sizes[segment.sheet] = sizes.get(segment.sheet, 0) + segment.raw_size
    assert len(sizes) == 3
    assert all(300_000 <= size < 450_000 for sheet, size in sizes.items() if sheet < 3)


def test_a_sheet_and_its_header_fit_into_what_excel_opens() -> None:
    assert MAX_ROWS + 1 == 2**20


def test_what_is_packed_is_told_while_it_is_written() -> None:
    writer = Rows(("text",))
    noise = random.Random(1)
    assert writer.packed_size == 0
    for _ in range(100):
        writer.add((noise.randbytes(5_000).hex(),))
    assert writer.packed_size > 400_000


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (local(1900, 3, 1), 61.0),
        (local(2000, 1, 1), 36526.0),
        (local(2026, 11, 17, 12), 46343.5),
        (local(2026, 11, 17, 23, 59, 59, 999000), 46343 + 86_399_999 / 86_400_000),
    ],
)
def test_days_are_counted_as_excel_does(moment: datetime, number: float) -> None:
    assert serial(moment) == pytest.approx(number, abs=1e-9)


def test_numbers_dates_and_texts_are_what_they_are_in_the_sheet() -> None:
    writer = Rows(KINDS)
    at = local(2026, 11, 17, 23, 59, 59, 999000)
    writer.add((serial(at), 7, "POST", "0007", "=1+1", ""))
    writer.add((serial(at), None, "", "-5", "@x", "1E5"))
    book = openpyxl.load_workbook(BytesIO(written(writer.take(), list("abcdef")).content))
    first, second = (list(row) for row in book.worksheets[0].iter_rows(min_row=2))
    assert [cell.value for cell in first] == [at, 7, "POST", "0007", "=1+1", None]
    assert [cell.value for cell in second] == [at, None, None, "-5", "@x", "1E5"]
    assert [cell.data_type for cell in first[:5]] == ["d", "n", "s", "s", "s"]
    assert first[0].number_format == "dd/mm/yyyy hh:mm:ss.000"
