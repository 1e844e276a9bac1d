"""Bytes of a file as lines, and lines as records: in memory that no line, however long, can use up.

A line ends at a newline, whatever the encoding: those that are taken write it as one byte. What a line has
beyond MAX_LINE_BYTES is counted and dropped. A CSV's record ends at a newline outside of quotes; a quote
means something where a field begins, and within a quoted field, as Python's own csv module has it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .uploads import MAX_LINE_BYTES

EXCERPT_BYTES: Final = 1_000
"""What is kept of a line that is too long."""
_RETURN: Final = 13


@dataclass(slots=True)
class Line:
    """A line, or a record of several lines.

    number   of its first line in the file
    raw      its bytes, without the newline; the beginning of them, if some are missing
    end      offset in the file of what follows it
    after    number of the line that follows it
    dropped  bytes missing behind `raw`
    feed     the newline is CR LF
    opened   the file ends within quotes, which began on this line
    """

    number: int
    raw: bytes
    end: int
    after: int
    dropped: int = 0
    odd_quotes: bool = False
    feed: bool = False
    opened: int | None = None


def lines(blocks: Iterable[bytes], *, offset: int, number: int) -> Iterator[Line]:
    """Split bytes, of which the first lies at `offset` of the file and begins its line `number`."""
    rest = _Unfinished()
    for block in blocks:
        at = 0
        while (newline := block.find(b"\n", at)) >= 0:
            if rest.size or newline - at > MAX_LINE_BYTES:
                rest.add(block[at:newline])
                line = rest.line(number, offset + rest.size + 1)
                rest = _Unfinished()
            else:
                feed = newline > at and block[newline - 1] == _RETURN
                raw = block[at : newline - 1] if feed else block[at:newline]
                line = Line(number, raw, offset + newline - at + 1, number + 1, feed=feed)
            offset, number, at = line.end, line.after, newline + 1
            yield line
        if at < len(block):
            rest.add(block[at:])
    if rest.size:
        yield rest.line(number, offset + rest.size)


class _Unfinished:
    """A line whose end has not come yet."""

    def __init__(self) -> None:
        self.size = self._kept = 0
        self._parts: list[bytes] = []
        self._odd_quotes = False

    def add(self, part: bytes) -> None:
        """Take more of the line; what is too much is only counted."""
        self.size += len(part)
        self._odd_quotes ^= part.count(b'"') % 2 == 1
        kept = part[: MAX_LINE_BYTES + 1 - self._kept]
        self._parts.append(kept)
        self._kept += len(kept)

    def line(self, number: int, end: int) -> Line:
        """Give the line, whose end is at `end`."""
        raw = b"".join(self._parts)
        if self.size <= MAX_LINE_BYTES:
            feed = raw.endswith(b"\r")
            return Line(number, raw[:-1] if feed else raw, end, number + 1, feed=feed)
        kept = raw[:EXCERPT_BYTES]
        return Line(number, kept, end, number + 1, self.size - len(kept), self._odd_quotes)


class Records:
    """Joins lines to a CSV's records."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter.encode())
        # Possessive throughout: a quote that was taken as doubled is never looked at again.
        inside, plain = rb'(?:[^"]++|"")*+', b"[^" + mark + b"]*+"
        one = b'(?:"' + inside + b'"' + plain + b'|(?!")' + plain + b")"
        following = b"(?:" + mark + one + b")*+"
        self._whole = re.compile(one + following)
        self._inside = re.compile(inside)
        self._ends = re.compile(inside + b'"' + plain + following)

    def of(self, found: Iterable[Line]) -> Iterator[Line]:
        """Join lines whose quotes are open to those that follow."""
        begun: _Begun | None = None
        for line in found:
            if begun is None:
                if self._opens(line):
                    begun = _Begun(line)
                else:
                    yield line
                continue
            begun.add(line)
            if self._closes(line):
                yield begun.line()
                begun = None
            elif not self._goes_on(line):
                begun.opened = line.number
        if begun:
            last = begun.line()
            last.opened = begun.opened
            yield last

    def _opens(self, line: Line) -> bool:
        if line.dropped:
            return line.odd_quotes
        return b'"' in line.raw and self._whole.fullmatch(line.raw) is None

    def _closes(self, line: Line) -> bool:
        if line.dropped:
            return line.odd_quotes
        return b'"' in line.raw and self._ends.fullmatch(line.raw) is not None

    def _goes_on(self, line: Line) -> bool:
        """Tell whether the very quotes that were open before a line are still open behind it."""
        return bool(line.dropped) or self._inside.fullmatch(line.raw) is not None


class _Begun:
    """A record whose end has not come yet; of one that grows too long the beginning alone is kept."""

    def __init__(self, first: Line) -> None:
        self.opened = first.number
        self._first = self._last = first
        self._parts = [first.raw]
        self._size = len(first.raw) + first.dropped

    def add(self, line: Line) -> None:
        """Take the next line."""
        newline = b"\r\n" if self._last.feed else b"\n"
        self._last = line
        self._size += len(newline) + len(line.raw) + line.dropped
        if self._size <= MAX_LINE_BYTES:
            self._parts += [newline, line.raw]
        elif len(self._parts) > 1:
            self._parts = [b"".join(self._parts)[:EXCERPT_BYTES]]

    def line(self) -> Line:
        """Give the record."""
        first, last = self._first, self._last
        raw = b"".join(self._parts)
        if self._size > MAX_LINE_BYTES:
            raw = raw[:EXCERPT_BYTES]
        return Line(first.number, raw, last.end, last.after, self._size - len(raw))
