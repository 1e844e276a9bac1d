"""Bytes of a file as lines and records: held against Python's own csv module, from any place on."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import upload_lines
from chalicelib.domain.upload_lines import EXCERPT_BYTES, Line, Records
from chalicelib.domain.uploads import MAX_LINE_BYTES

TEXTS = st.lists(st.sampled_from(["a", ";", '"', '""', '";', ';"', "\n", "\r\n", "é"])).map("".join)


def blocks(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def lines(content: bytes, size: int = 5, offset: int = 0, number: int = 1) -> list[Line]:
    return list(upload_lines.lines(blocks(content[offset:], size), offset=offset, number=number))


def records(content: bytes, size: int = 5, offset: int = 0, number: int = 1) -> list[Line]:
    return list(Records(";").of(lines(content, size, offset, number)))


@given(st.binary(max_size=60), st.integers(1, 9))
def test_lines_are_those_of_the_bytes_wherever_blocks_end(content: bytes, size: int) -> None:
    found = lines(content, size)
    wanted = content.split(b"\n")
    assert [one.raw + b"\r" * one.feed for one in found] == (wanted if wanted[-1] else wanted[:-1])
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert found[-1].end == len(content) if content else not found


@given(TEXTS, st.integers(1, 9))
def test_records_are_those_of_the_csv_module(text: str, size: int) -> None:
    found = records(text.encode(), size)
    if found and found[-1].opened is not None:
        return
    # Records that end in one way, and are read one by one as the import reads them.
    mine = [next(csv.reader([one.raw.decode()], delimiter=";"), []) for one in found]
    assert mine == list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


@given(TEXTS)
def test_an_open_quote_is_one_that_the_csv_module_misses_the_end_of(text: str) -> None:
    found = records(text.encode())
    # A strict reader complains of text behind a closing quote, too: then it tells nothing about open ones.
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
        ends_open = False
    except csv.Error as error:
        if "unexpected end" not in str(error):
            return
        ends_open = True
    assert bool(found and found[-1].opened) == ends_open


@given(TEXTS, st.integers(1, 9))
def test_reading_goes_on_behind_any_record(text: str, size: int) -> None:
    content = text.encode()
    found = records(content, size)
    for at, one in enumerate(found[:-1]):
        assert records(content, size, one.end, one.after) == found[at + 1 :]


@pytest.mark.parametrize(
    ("text", "line"),
    [('a\n"b', 2), ('"a\n""\nb', 1), ('"a\n";"b\nc', 2), ('x\n"a"\n;"b\n\n', 3), ('"a\n"";"\n"b', 3)],
)
def test_an_open_quote_is_told_with_the_line_where_it_began(text: str, line: int) -> None:
    assert records(text.encode())[-1].opened == line


@pytest.mark.parametrize("size", [MAX_LINE_BYTES, 1_000_003, 4 * MAX_LINE_BYTES])
def test_a_line_that_is_too_long_keeps_its_beginning_alone(size: int) -> None:
    content = b"a\n" + b"x" * (MAX_LINE_BYTES + 1) + b"\nb\n" + b"y" * MAX_LINE_BYTES + b"\nc"
    found = lines(content, size)
    assert [one.raw[:3] for one in found] == [b"a", b"xxx", b"b", b"yyy", b"c"]
    assert [one.dropped for one in found] == [0, MAX_LINE_BYTES + 1 - EXCERPT_BYTES, 0, 0, 0]
    assert len(found[3].raw) == MAX_LINE_BYTES
    assert found[-1].end == len(content)


def test_a_long_line_s_quotes_are_counted_though_it_is_dropped() -> None:
    long = b"x" * (2 * MAX_LINE_BYTES)
    closed = b'1;"' + long + b'"\n2;b\n'
    found = records(closed, 1_000_000)
    assert [(one.number, bool(one.dropped)) for one in found] == [(1, True), (2, False)]
    spread = b'1;"' + long + b'\nmore\n";z\n2;b\n'
    found = records(spread, 1_000_000)
    assert [(one.number, bool(one.dropped), one.raw[:3]) for one in found] == [
        (1, True, b'1;"'),
        (4, False, b"2;b"),
    ]
    opened = b'1;a\n2;"' + long
    assert records(opened, 1_000_000)[-1].opened == 2


def test_a_record_of_many_lines_is_kept_in_bounds() -> None:
    content = b'1;"' + b"row\n" * MAX_LINE_BYTES + b'"\n2;b\n'
    first, second = records(content, 1_000_000)
    assert (first.raw[:6], len(first.raw), second.raw) == (b'1;"row', EXCERPT_BYTES, b"2;b")
    assert len(first.raw) + first.dropped == len(content) - len(b"\n2;b\n")
