"""Which keys a full reading has met: eight bytes a key, so that millions fit into memory and S3.

Two keys of one mark are one in 10**19 pairs; the worst that can follow is that a row's disappearance is
not noticed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from . import connection, keys

if TYPE_CHECKING:
    from .files import Files

MARK_BYTES: Final = 8
_COUNT_BYTES: Final = 4


def mark(key: str) -> bytes:
    """Fingerprint a key."""
    return blake2b(key.encode(), digest_size=MARK_BYTES).digest()


@dataclass(frozen=True, slots=True)
class SeenKeys:
    """The pages of one reading, numbered or named, each an object; written again, a page replaces itself."""

    files: "Files"
    folder: str

    def save(self, page: int | str, met: Iterable[str]) -> None:
        """Keep a page's keys, those of each partition together."""
        marks: list[list[bytes]] = [[] for _ in range(keys.BUCKETS)]
        for key in met:
            marks[keys.bucket(key)].append(mark(key))
        packed = b"".join(len(found).to_bytes(_COUNT_BYTES, "big") + b"".join(found) for found in marks)
        self.files.put(self._name(page), packed)

    def load(self, pages: Iterable[int | str]) -> "Met":
        """Read all pages."""
        whole = [bytearray() for _ in range(keys.BUCKETS)]
        for packed in connection.parallel(self.files.get, map(self._name, pages)):
            at = 0
            for part in whole:
                size = int.from_bytes(packed[at : at + _COUNT_BYTES], "big") * MARK_BYTES
                at += _COUNT_BYTES
                part.extend(packed[at : at + size])
                at += size
        return Met([bytes(part) for part in whole])

    def clear(self, pages: Iterable[int | str]) -> None:
        """Forget the reading."""
        self.files.delete(map(self._name, pages))

    def _name(self, page: int | str) -> str:
        return f"{self.folder}/{page:06d}" if isinstance(page, int) else f"{self.folder}/{page}"


@dataclass(slots=True)
class Met:
    """The marks of each partition, one after the other; one partition at a time can be searched."""

    partitions: list[bytes]
    _open: int = -1
    _marks: frozenset[bytes] = frozenset()

    def has(self, partition: int, key: str) -> bool:
        """Tell whether the reading has met a key of this partition."""
        if self._open != partition:
            marks = self.partitions[partition]
            self._marks = frozenset(marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES))
            self._open = partition
        return mark(key) in self._marks

    def count(self) -> int:
        """Count the different keys met."""
        return sum(
            len({marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES)})
            for marks in self.partitions
        )
