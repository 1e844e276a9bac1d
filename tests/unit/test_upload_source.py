"""An uploaded file's bytes: in ranges read ahead, and inflated within bounds, from any place on."""

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import FieldIssue
from chalicelib.domain.upload_pieces import Piece, batches, unpacked
from chalicelib.domain.upload_problems import BrokenGzip
from chalicelib.services.uploads import source
from chalicelib.services.uploads.source import PLAIN_BYTES, Blocks, inflated
from tests.support.at_once import at_once


class Stored:
    """One object that is read in ranges."""

    def __init__(self, content: bytes) -> None:
        self.content, self.ranges = content, list[tuple[int, int]]()

    def read(self, name: str, start: int, length: int) -> bytes:
        self.ranges.append((start, length))
        return self.content[start : start + length]


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def test_a_file_is_read_in_ranges_one_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BLOCK_BYTES", 4)
    stored = Stored(b"0123456789")
    blocks = Blocks(stored, at_once, "name", 10, 1)
    found = iter(blocks)
    assert next(found) == b"1234"
    assert (blocks.taken, stored.ranges) == (5, [(1, 4), (5, 4)])
    assert list(found) == [b"5678", b"9"]
    assert (blocks.taken, stored.ranges[-1]) == (10, (9, 1))
    assert list(Blocks(stored, at_once, "name", 0)) == []


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=4), st.integers(1, 40), st.data())
def test_gzip_of_any_number_of_members_is_inflated_from_any_place(
    parts: list[bytes], size: int, data: st.DataObject
) -> None:
    plain = b"".join(parts)
    skip = data.draw(st.integers(0, len(plain)))
    packed = b"".join(map(gzip.compress, parts)) + b"\0" * data.draw(st.integers(0, 60))
    assert b"".join(inflated(cut(packed, size), skip)) == plain[skip:]


@given(st.binary(min_size=1, max_size=50), st.integers(1, 9), st.data())
def test_one_that_ends_too_early_is_told_wherever_it_ends(
    plain: bytes, size: int, data: st.DataObject
) -> None:
    packed = gzip.compress(plain)
    end = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(BrokenGzip) as caught:
        list(inflated(cut(packed[:end], size)))
    assert caught.value.ended
    assert caught.value.plain <= len(plain)


def test_what_grows_a_thousandfold_is_inflated_piece_by_piece() -> None:
    packed = gzip.compress(b"\0" * 20 * PLAIN_BYTES)
    found = [len(part) for part in inflated(iter([packed]))]
    assert (sum(found), max(found)) == (20 * PLAIN_BYTES, PLAIN_BYTES)


def test_a_piece_is_read_as_it_was_written_and_cut_by_lines_and_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    piece = Piece()
    issue = FieldIssue("", "upload_line_encoding", {"encoding": "UTF-8", "position": "3"})
    for number in range(1, 12):
        odd = issue if number == 4 else None
        piece.add(number * 2, "é\n".encode() * number, odd, number == 5)
    found = unpacked(piece.packed())
    assert (found.numbers, found.texts, found.odd, found.guessed) == (
        piece.numbers,
        piece.texts,
        {3: issue},
        [4],
    )
    monkeypatch.setattr("chalicelib.domain.upload_pieces.BATCH_LINES", 4)
    monkeypatch.setattr("chalicelib.domain.upload_pieces.BATCH_BYTES", 50)
    cuts = [(one.start, one.stop) for one in batches(found, 0)]
    assert cuts == [(0, 4), (4, 6), (6, 8), (8, 9), (9, 10), (10, 11)]
    assert [(one.start, one.stop) for one in batches(found, 6)] == cuts[2:]
    assert zlib.decompress(piece.packed())
