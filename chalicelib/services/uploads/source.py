"""The bytes of an uploaded file, from the bucket: read ahead by ranges, and inflated within bounds."""

import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Final, Protocol

from ...domain.upload_problems import BrokenGzip
from ..background import Background

BLOCK_BYTES: Final = 4 * 1024**2
PLAIN_BYTES: Final = 1024**2
"""So much is inflated at once, however small the packed bytes are that it comes from."""
GZIP_MAGIC: Final = b"\x1f\x8b"


class Ranges(Protocol):
    """Reads parts of objects."""

    def read(self, name: str, start: int, length: int) -> bytes: ...


class Blocks:
    """A file's bytes from `start` on, block by block, of which the next is always under way."""

    def __init__(self, files: Ranges, background: Background, name: str, size: int, start: int = 0) -> None:
        self._files, self._background = files, background
        self._name, self._size = name, size
        self.taken = start

    def __iter__(self) -> Iterator[bytes]:
        coming = self._ask(self.taken)
        while coming is not None:
            block = coming.result()
            self.taken += len(block)
            coming = self._ask(self.taken) if block else None
            if block:
                yield block

    def _ask(self, start: int) -> "Future[bytes] | None":
        length = min(BLOCK_BYTES, self._size - start)
        if length <= 0:
            return None
        return self._background(lambda: self._files.read(self._name, start, length))


def inflated(blocks: Iterator[bytes], skip: int = 0) -> Iterator[bytes]:
    """Inflate gzip, of any number of members, without its first `skip` bytes; raises BrokenGzip."""
    plain = members = 0
    inflater = zlib.decompressobj(wbits=31)
    begun = False
    for block in blocks:
        rest = block
        while rest := rest if begun or not members else rest.lstrip(b"\0"):  # zeros may pad the end
            begun = True
            try:
                part = inflater.decompress(rest, PLAIN_BYTES)
            except zlib.error as error:
                raise BrokenGzip(plain, ended=False) from error
            if plain + len(part) > skip:
                yield part[max(0, skip - plain) :]
            plain += len(part)
            rest = inflater.unconsumed_tail
            if inflater.eof:
                rest, members = inflater.unused_data, members + 1
                inflater, begun = zlib.decompressobj(wbits=31), False
    if begun:
        raise BrokenGzip(plain, ended=True)
