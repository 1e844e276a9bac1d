"""Text in cells, without loss: what XML cannot hold is escaped, and a cell's limit is never exceeded.

Escapes are the standard's own (ECMA-376, ST_Xstring): `_xHHHH_` stands for the UTF-16 unit HHHH, and text
that looks like one gets `_x005F_` for its first underscore. Excel, LibreOffice and calamine undo them
while reading (but for lone surrogates, which calamine leaves and LibreOffice drops); openpyxl does not:
`unescape` does. CR is a character reference, which all of them read as CR; bare, XML would make it LF.

Known to be changed by LibreOffice 7.4 alone: it takes shorter forms for escapes as well, where the number
is below 20 hex (`preco_x2_b`). They are not protected, for the standard knows no such escapes.
"""

import re
from collections.abc import Iterator
from typing import Final

MAX_UNITS: Final = 32_767
"""UTF-16 units that a cell holds."""

_ILLEGAL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_SPECIAL: Final = re.compile(rf"[&<>\r{_ILLEGAL}]|_(?=x[0-9A-Fa-f]{{4}}[_{_ILLEGAL}])")
# Where CR is escaped too, it may be what ends a lookalike.
_UNPRINTABLE: Final = re.compile(rf"[\r{_ILLEGAL}]|_(?=x[0-9A-Fa-f]{{4}}[_\r{_ILLEGAL}])")
_LOOKALIKE: Final = re.compile(rf"_x[0-9A-Fa-f]{{4}}[_{_ILLEGAL}]")
_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "_": "_x005F_"}


def escape(text: str) -> str:
    """Write a text as the content of an XML element."""
    return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text


def printable(text: str) -> str:
    """Write a short text for openpyxl, which escapes markup, and refuses what XML cannot hold."""
    return _UNPRINTABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return _ENTITIES.get(character) or f"_x{ord(character):04X}_"


def unescape(text: str) -> str:
    """Read a cell's text as openpyxl answers it."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def pieces(text: str) -> Iterator[str]:
    """Cut a text so that each piece fits into a cell; an empty text is one empty piece.

    No character and no escape is torn, so pieces may be joined before they are unescaped, or after.
    """
    if len(text) * 2 <= MAX_UNITS:
        yield text
        return
    narrow = text.isascii() or max(text) <= "\uffff"
    start = 0
    while start < len(text):
        end = min(start + MAX_UNITS, len(text))
        if not narrow:
            end = _fitting(text, start, end)
        if end < len(text):
            end = _before_lookalike(text, start, end)
        yield text[start:end]
        start = end


def _fitting(text: str, start: int, end: int) -> int:
    """Move the end back until the piece fits: characters beyond U+FFFF count twice."""
    while (excess := len(text[start:end].encode("utf-16-le", "surrogatepass")) // 2 - MAX_UNITS) > 0:
        end -= (excess + 1) // 2
    return end


def _before_lookalike(text: str, start: int, end: int) -> int:
    for at in range(max(end - 6, start + 1), end):
        found = _LOOKALIKE.match(text, at)
        if found and found.end() > end:
            return at
    return end


def as_text(body: bytes) -> str:
    """Read bytes as UTF-8; each byte that is none becomes a lone surrogate, so nothing is lost."""
    return body.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    """Give the bytes that `as_text` read."""
    return text.encode("utf-8", "surrogateescape")
