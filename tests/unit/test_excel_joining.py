"""Segments joined under a shell: one valid zip, whatever the pieces."""

import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.excel.joining import combine, plan

NAME = "xl/worksheets/sheet1.xml"
HEAD, TAIL = b"<sheetData><row/>", b"</sheetData><rest/>"


@dataclass(frozen=True)
class Piece:
    raw: bytes

    @property
    def packed(self) -> bytes:
        deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
        return deflate.compress(self.raw) + deflate.flush(zlib.Z_FULL_FLUSH)

    @property
    def crc(self) -> int:
        return zlib.crc32(self.raw)

    @property
    def size(self) -> int:
        return len(self.packed)

    @property
    def raw_size(self) -> int:
        return len(self.raw)


def shell(**files: bytes) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<types/>")
        archive.writestr(NAME, HEAD + TAIL)
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def joined(pieces: list[Piece], limit: int = 0xFFFFFFFF) -> bytes:
    found = plan(shell(other=b"x" * 10), {NAME: pieces}, limit=limit)
    return b"".join(one if isinstance(one, bytes) else one.packed for one in found)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_checksums_of_two_strings_give_the_checksum_of_both_in_a_row(first: bytes, second: bytes) -> None:
    assert combine(zlib.crc32(first), zlib.crc32(second), len(second)) == zlib.crc32(first + second)


def test_checksums_combine_over_lengths_that_no_test_would_write() -> None:
    zeros = zlib.crc32(bytes(2**20))
    crc, length = zeros, 2**20
    while length < 2**33:
        crc, length = combine(crc, crc, length), length * 2
    whole = 0
    for _ in range(2**13 // 64):
        whole = zlib.crc32(bytes(2**26), whole)
    assert crc == whole


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_the_file_is_a_zip_whose_sheet_holds_the_rows_behind_its_own(raws: list[bytes]) -> None:
    with zipfile.ZipFile(BytesIO(joined([Piece(raw) for raw in raws]))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["[Content_Types].xml", NAME, "other"]
        assert archive.read(NAME) == HEAD + b"".join(raws) + TAIL
        assert archive.read("other") == b"x" * 10


@pytest.mark.parametrize("limit", [0, 40, 100, 200])
def test_offsets_that_a_zip_s_32_bits_cannot_hold_are_written_in_64(limit: int) -> None:
    content = joined([Piece(b"<row>1</row>")], limit)
    assert b"PK\x06\x06" in content
    assert b"PK\x06\x07" in content
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.read(NAME) == HEAD + b"<row>1</row>" + TAIL


def test_an_offset_of_all_ones_is_written_in_64_bits_because_it_means_that_it_is() -> None:
    pieces = [Piece(b"<row>1</row>")]
    with zipfile.ZipFile(BytesIO(joined(pieces))) as archive:
        last, directory = archive.infolist()[-1].header_offset, archive.start_dir
    assert b"PK\x06\x06" in joined(pieces, limit=directory)
    assert b"PK\x06\x06" not in joined(pieces, limit=directory + 1)
    with zipfile.ZipFile(BytesIO(joined(pieces, limit=last))) as archive:
        assert [bool(entry.extra) for entry in archive.infolist()] == [False, False, True]


def test_the_same_pieces_make_the_same_file() -> None:
    assert joined([Piece(b"a"), Piece(b"b")]) == joined([Piece(b"a"), Piece(b"b")])
