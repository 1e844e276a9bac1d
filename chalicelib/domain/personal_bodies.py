"""Hide personal data in a body as it was sent: JSON, NDJSON, JSON that breaks off, or any text.

The text is not parsed and written again but walked through token by token, so what is not hidden comes
out byte for byte as it came in, and a broken body is treated as well as a whole one.
"""

import json
import re
from typing import Final

from .personal_data import hide, is_personal, is_reference, mask_number, mask_plain, mask_text

_TOKEN: Final = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"(?P<colon>\s*+:)?|\\?\Z)|(?<![\w.+\-])-?\d[\d.eE+\-]*+|[{}\[\]]',
    re.DOTALL,
)
_LITERALS: Final = re.compile(r"[\s,:]*(?:(?:null|true|false)[\s,:]*)*")


class _Walk:
    """Where in the body we are: the depth, and the personal field whose value that is."""

    def __init__(self) -> None:
        self.depth = 0
        self.name = ""
        self.personal_at: int | None = None

    def open(self) -> None:
        self.depth += 1

    def close(self) -> None:
        self.depth = max(self.depth - 1, 0)
        if self.personal_at is not None and self.depth < self.personal_at:
            self.personal_at = None

    def key(self, name: str) -> None:
        if self.personal_at is not None and self.depth > self.personal_at:
            return
        self.name = name
        self.personal_at = self.depth if is_personal(name) else None

    @property
    def personal(self) -> bool:
        return self.personal_at is not None


def mask_body(text: str) -> str:
    """Hide the values of personal fields whole, and personal data anywhere else by its form."""
    walk, out, end = _Walk(), [], 0
    for match in _TOKEN.finditer(text):
        if match.start() > end:
            out.append(_between(text[end : match.start()], walk))
        end = match.end()
        out.append(_token(match, walk))
    out.append(_between(text[end:], walk))
    hidden = "".join(out)
    # In a broken body texts and what stands between them may have changed places.
    return hidden if _well_formed(text) else mask_plain(hidden)


def _well_formed(text: str) -> bool:
    try:
        json.loads(text)
    except RecursionError:
        return False
    except ValueError:
        try:
            for line in text.splitlines():
                json.loads(line or "0")
        except (ValueError, RecursionError):
            return False
    return True


def _token(match: re.Match[str], walk: _Walk) -> str:
    token = match[0]
    first = token[0]
    if first == '"':
        colon = match["colon"]
        if colon is None:
            return _string(token, walk)
        name = _decoded(token[: -len(colon)])
        walk.key(name)
        hidden = mask_text(name)
        return token if hidden == name else json.dumps(hidden) + colon
    if first in "{[":
        walk.open()
    elif first in "}]":
        walk.close()
    else:
        return _number(token, walk)
    return token


def _string(token: str, walk: _Walk) -> str:
    value = _decoded(token)
    landlines = not is_reference(walk.name)
    hidden = hide(value) if walk.personal else mask_text(value, landlines=landlines)
    if hidden == value:
        return token
    written = json.dumps(hidden, ensure_ascii=token.isascii())
    return written if len(token) > 1 and token.endswith('"') else written[:-1]


def _number(token: str, walk: _Walk) -> str:
    hidden = hide(token) if walk.personal else mask_number(token)
    return token if hidden == token else json.dumps(hidden)


def _decoded(token: str) -> str:
    """Read a JSON string; one that breaks off counts as far as it goes."""
    whole = len(token) > 1 and token.endswith('"')
    content = token[1:-1] if whole else token[1:]
    if "\\" not in content:
        return content
    try:
        return str(json.loads(f'"{content}"', strict=False))
    except ValueError:  # an escape that JSON does not know
        return content


def _between(text: str, walk: _Walk) -> str:
    """Treat what is no token: spaces and literals, or the rest of a broken body."""
    if _LITERALS.fullmatch(text):
        return text
    return hide(text) if walk.personal else mask_text(text)
