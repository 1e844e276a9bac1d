"""Which keys a request named, in five bytes each: enough to find it again among all requests of a table.

A day of a million keys misleads one question in a million.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

MARK_BYTES: Final = 5


def mark(key: str) -> bytes:
    """Mark a key; stable for ever, since it is stored."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=MARK_BYTES).digest()


def marks(keys: Iterable[str]) -> bytes:
    """Mark keys, each once, in order."""
    return b"".join(sorted({mark(key) for key in keys}))


def named(packed: bytes, wanted: bytes) -> bool:
    """Tell whether a mark is among them."""
    at = packed.find(wanted)
    while at > 0 and at % MARK_BYTES:
        at = packed.find(wanted, at + 1)
    return at >= 0
