"""Join a workbook's shell and its segments into one zip file, as a list of pieces that can be streamed.

Every size and checksum is known before, so the file needs no seeking and no data descriptors, and any
part of it can be made again. Only what Python's zipfile cannot do is done here: entries whose compressed
bytes were made elsewhere.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Final, Generic, Protocol, TypeVar

_END_OF_ROWS: Final = b"</sheetData>"
_LIMIT: Final = 0xFFFFFFFF
_DOS_DATE: Final = (1 << 5) | 1  # 1 January 1980, the first one: the workbook's properties tell the real time
_UTF8_NAME: Final = 1 << 11


class Packed(Protocol):
    """Raw deflate bytes that lie elsewhere, ended by a full flush."""

    @property
    def crc(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def raw_size(self) -> int: ...


Piece = TypeVar("Piece", bound=Packed)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Piece]):
    """One file of the zip: pieces of one deflate stream."""

    name: str
    crc: int
    size: int
    raw_size: int
    pieces: list["bytes | Piece"]


def plan(
    shell: bytes, rows: Mapping[str, Sequence[Piece]], *, limit: int = _LIMIT
) -> Iterator["bytes | Piece"]:
    """List the file's pieces in order; `rows` are put behind the rows that a sheet of the shell has.

    `rows` names sheets by their file in the shell; from `limit` on offsets are written as
    zip64: 32 bits of ones say that the offset is there.
    """
    offset = 0
    directory = b""
    with zipfile.ZipFile(BytesIO(shell)) as archive:
        names = archive.namelist()
        for name in names:
            entry = _entry(name, archive.read(name), rows.get(name, ()))
            header = _local_header(entry)
            yield header
            yield from entry.pieces
            directory += _directory_entry(entry, offset, limit)
            offset += len(header) + entry.size
    yield directory + _end(len(names), len(directory), offset, limit)


def _entry(name: str, content: bytes, rows: Sequence[Piece]) -> _Entry[Piece]:
    head, found, tail = content.partition(_END_OF_ROWS) if rows else (content, b"", b"")
    assert found or not rows, f"{name} is a sheet"
    pieces: list[bytes | Piece] = []
    crc = size = raw_size = 0
    if rows:
        opening = _deflated(head, zlib.Z_FULL_FLUSH)
        pieces += [opening, *rows]
        crc, size, raw_size = zlib.crc32(head), len(opening), len(head)
        for one in rows:
            crc = combine(crc, one.crc, one.raw_size)
            size += one.size
            raw_size += one.raw_size
    rest = found + tail if rows else content
    closing = _deflated(rest, zlib.Z_FINISH)
    pieces.append(closing)
    crc = combine(crc, zlib.crc32(rest), len(rest))
    return _Entry(name, crc, size + len(closing), raw_size + len(rest), pieces)


def _deflated(content: bytes, flush: int) -> bytes:
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    return deflate.compress(content) + deflate.flush(flush)


def _local_header(entry: _Entry[Piece]) -> bytes:
    name = entry.name.encode()
    fields = (20, _UTF8_NAME, zipfile.ZIP_DEFLATED, 0, _DOS_DATE, entry.crc, entry.size, entry.raw_size)
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields, len(name), 0) + name


def _directory_entry(entry: _Entry[Piece], offset: int, limit: int) -> bytes:
    name = entry.name.encode()
    far = offset >= limit
    extra = struct.pack("<HHQ", 1, 8, offset) if far else b""
    version = 45 if far else 20
    fields = (version, version, _UTF8_NAME, zipfile.ZIP_DEFLATED, 0, _DOS_DATE)
    sizes = (entry.crc, entry.size, entry.raw_size)
    rest = (len(name), len(extra), 0, 0, 0, 0, _LIMIT if far else offset)
    return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields, *sizes, *rest) + name + extra


def _end(count: int, size: int, offset: int, limit: int) -> bytes:
    far = b""
    if offset >= limit:
        far = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
        far += struct.pack("<4sLQL", b"PK\x06\x07", 0, offset + size, 1)
        offset = _LIMIT
    return far + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


def combine(first: int, second: int, length: int) -> int:
    """Give the CRC-32 of two byte strings in a row from theirs; `length` is the second one's.

    A CRC is a polynomial over GF(2) modulo a fixed one: the first is shifted by the second's bits, that is
    multiplied by x^(8·length), and the second added.
    """
    return _times(_power(length), first) ^ second


def _power(length: int) -> int:
    """Compute x^(8·length) by squaring."""
    product, exponent = 1 << 31, 3
    while length:
        if length & 1:
            product = _times(_squares()[exponent % 32], product)
        length >>= 1
        exponent += 1
    return product


@cache
def _squares() -> list[int]:
    """List x^(2^n) for n from 0 to 31; they repeat from there."""
    found = [1 << 30]
    while len(found) < 32:
        found.append(_times(found[-1], found[-1]))
    return found


def _times(one: int, other: int) -> int:
    """Multiply modulo CRC-32's polynomial; the highest bit is the coefficient of x^0."""
    product = 0
    for bit in range(31, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (0xEDB88320 if other & 1 else 0)
    return product
