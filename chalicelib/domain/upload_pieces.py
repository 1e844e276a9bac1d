"""A piece of an uploaded file: some thousand records, each with its line number, as one packed object."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import FieldIssue
from .uploads import BATCH_BYTES, BATCH_LINES, PIECE_BYTES, PIECE_LINES


@dataclass(slots=True)
class Piece:
    """Records as text in UTF-8.

    odd      by place in the piece: why a record cannot be read; its text is what can be shown of it
    guessed  places of records that were no UTF-8 and were read as Windows-1252
    """

    numbers: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    odd: dict[int, FieldIssue] = field(default_factory=dict)
    guessed: list[int] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, number: int, text: bytes, issue: FieldIssue | None, guessed: bool) -> None:
        """Add a record."""
        if issue:
            self.odd[len(self.numbers)] = issue
        if guessed:
            self.guessed.append(len(self.numbers))
        self.numbers.append(number)
        self.sizes.append(len(text))
        self.texts.append(text)
        self.size += len(text)

    @property
    def full(self) -> bool:
        """Tell whether it should be stored."""
        return len(self.numbers) >= PIECE_LINES or self.size >= PIECE_BYTES

    def packed(self) -> bytes:
        """Write it."""
        odd = [[at, issue.field, issue.code, issue.params] for at, issue in self.odd.items()]
        head = json.dumps([self.numbers, self.sizes, odd, self.guessed], separators=(",", ":"))
        return zlib.compress(b"\n".join([head.encode(), b"".join(self.texts)]), 1)


def unpacked(content: bytes) -> Piece:
    """Read a piece."""
    head, _, body = zlib.decompress(content).partition(b"\n")
    numbers, sizes, odd, guessed = json.loads(head)
    ends, texts = 0, []
    for size in sizes:
        texts.append(body[ends : ends + size])
        ends += size
    issues = {at: FieldIssue(name, code, params) for at, name, code, params in odd}
    return Piece(numbers, sizes, issues, guessed, texts, ends)


def batches(piece: Piece, start: int) -> Iterator[range]:
    """Cut a piece's records into batches, from the one in place `start` on."""
    first, size = start, 0
    for place in range(start, len(piece.numbers)):
        if place - first == BATCH_LINES or (place > first and size + piece.sizes[place] > BATCH_BYTES):
            yield range(first, place)
            first, size = place, 0
        size += piece.sizes[place]
    if first < len(piece.numbers):
        yield range(first, len(piece.numbers))
