"""Rows of a sheet, streamed into compressed segments that can be joined later, in this process or another.

A segment is raw deflate ended by a full flush: segments made independently, put one behind the other, are
one deflate stream. Rows and cells carry no `r` attributes: the standard makes them optional.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final, Literal

from .texts import escape, pieces

Kind = Literal["instant", "number", "label", "plain", "text"]
"""What a column holds: an Excel serial date, a whole number, a text of few values, a text that needs no
escaping (an id, for instance), or any text. A text is at most a cell long; bodies (`continued`) are of
any length."""

MAX_ROWS: Final = 1_048_575
"""Rows of a sheet below its header."""
MAX_RAW_BYTES: Final = 2**31
"""XML of a sheet: beyond this few programs open it, and the zip's 32-bit sizes end at 4 GiB."""
DATE_STYLE: Final = 1
_LEVEL: Final = 1
_BATCH_CHARS: Final = 128_000
_MEMORY: Final = 2_000
_SURELY_FITS: Final = 16_000
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no time zones
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a sheet: `sheet` counts from 1 where a table needs several.

    size, raw_size  bytes, compressed and not; widest: pairs of continuation columns that its rows use
    """

    sheet: int
    rows: int
    raw_size: int
    size: int
    crc: int
    widest: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where the writing of a table stands: its sheet, and the rows and bytes in it so far."""

    sheet: int = 1
    rows: int = 0
    raw_size: int = 0


class Rows:
    """Takes rows; hands out segments.

    continued  the last so many columns are bodies: what does not fit into a cell goes on in further
               columns, in turns, so that each piece's column is known before the widest row is
    """

    def __init__(
        self,
        kinds: Sequence[Kind],
        position: Position = Position(),
        *,
        continued: int = 0,
        max_rows: int = MAX_ROWS,
        max_raw_bytes: int = MAX_RAW_BYTES,
    ) -> None:
        self._writers = [_WRITERS[kind]() for kind in kinds[: len(kinds) - continued]]
        self._continued = continued
        self._sheet, self._sheet_rows, self._sheet_raw = position.sheet, position.rows, position.raw_size
        self._max_rows, self._max_raw_bytes = max_rows, max_raw_bytes
        self._closed: list[tuple[Segment, bytes]] = []
        self._open()

    def _open(self) -> None:
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
        self._packed: list[bytes] = []
        self._waiting: list[str] = []
        self._waiting_chars = 0
        self._raw_size = self._size = self._crc = self._rows = self._widest = 0

    @property
    def position(self) -> Position:
        """Where the writing stands; of use when all segments are taken."""
        return Position(self._sheet, self._sheet_rows, self._sheet_raw)

    @property
    def packed_size(self) -> int:
        """Compressed bytes that wait to be taken; what is not compressed yet does not count."""
        return self._size + sum(segment.size for segment, _ in self._closed)

    def add(self, row: Sequence[Any]) -> None:
        """Write a row; None is an empty cell."""
        if self._sheet_rows >= self._max_rows or self._sheet_raw >= self._max_raw_bytes:
            self._close()
            self._sheet, self._sheet_rows, self._sheet_raw = self._sheet + 1, 0, 0
            self._open()
        cells = "".join([write(value) for write, value in zip(self._writers, row, strict=False)])
        if self._continued:
            self._bodies(cells, row[len(self._writers) :])
        else:
            self._write(f"<row>{cells}</row>")
        self._rows += 1
        self._sheet_rows += 1

    def _bodies(self, cells: str, bodies: Sequence[str]) -> None:
        """Write a row with its bodies; long ones cell by cell, for a row may be larger than memory likes."""
        if max(map(len, bodies)) < _SURELY_FITS:
            self._write(f"<row>{cells}{''.join(map(_text, bodies))}</row>")
            return
        self._write("<row>" + cells)
        turns = 0
        for turn in zip_longest(*map(pieces, bodies)):
            for piece in turn:
                self._write(_text(piece))
            turns += 1
        self._write("</row>")
        self._widest = max(self._widest, turns - 1)

    def _write(self, xml: str) -> None:
        self._waiting.append(xml)
        self._waiting_chars += len(xml)
        if self._waiting_chars > _BATCH_CHARS:
            self._compress()

    def _compress(self) -> None:
        raw = "".join(self._waiting).encode()
        self._waiting.clear()
        self._waiting_chars = 0
        self._crc = zlib.crc32(raw, self._crc)
        self._raw_size += len(raw)
        self._sheet_raw += len(raw)
        self._keep(self._deflate.compress(raw))

    def _keep(self, packed: bytes) -> None:
        if packed:
            self._packed.append(packed)
            self._size += len(packed)

    def _close(self) -> None:
        if not self._rows:
            return
        if self._waiting:
            self._compress()
        self._keep(self._deflate.flush(zlib.Z_FULL_FLUSH))
        segment = Segment(self._sheet, self._rows, self._raw_size, self._size, self._crc, self._widest)
        self._closed.append((segment, b"".join(self._packed)))

    def take(self) -> list[tuple[Segment, bytes]]:
        """Close the present segment and hand out all that wait, in order; the next row begins a new one."""
        self._close()
        taken, self._closed = self._closed, []
        self._open()
        return taken


def serial(local: datetime) -> float:
    """Write a local time as Excel counts days (1900 system), exact to the millisecond."""
    return (local.replace(tzinfo=None) - _EPOCH) / _DAY


def _text(value: str | None) -> str:
    if not value:
        return "<c/>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def _plain(value: str | None) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>' if value else "<c/>"


def _number(value: int | None) -> str:
    return "<c/>" if value is None else f"<c><v>{value}</v></c>"


def _instant(value: float | None) -> str:
    return "<c/>" if value is None else f'<c s="{DATE_STYLE}"><v>{value!r}</v></c>'


def _labels() -> Callable[[str | None], str]:
    """Write texts of few values: each is escaped once."""
    known: dict[str | None, str] = {}

    def write(value: str | None) -> str:
        found = known.get(value)
        if found is None:
            if len(known) >= _MEMORY:
                known.clear()
            found = known[value] = _text(value)
        return found

    return write


_WRITERS: Final[dict[Kind, Callable[[], Callable[[Any], str]]]] = {
    "instant": lambda: _instant,
    "number": lambda: _number,
    "label": _labels,
    "plain": lambda: _plain,
    "text": lambda: _text,
}
