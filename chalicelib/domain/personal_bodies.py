"""Hide personal data in a body as it was sent: JSON, NDJSON, JSON that breaks off, or any text.

The text is not parsed and written again but walked through token by token, so what is not hidden comes
out byte for byte as it came in, and a broken body is treated as well as a whole one.
"""

import json
import re
from functools import lru_cache
from typing import Final

from .personal_data import is_personal, is_reference, mask_number, mask_text
from .personal_forms import hide, hide_end, mask_plain, until_stable

_TOKEN: Final = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"(?P<colon>\s*+:)?|\\?\Z)|(?<![\w.+\-])-?\d[\d.eE+\-]*+|[{}\[\]]',
    re.DOTALL,
)
_LITERALS: Final = re.compile(r"[\s,:]*(?:(?:null|true|false)[\s,:]*)*")
_USUAL: Final = frozenset({"", " ", ",", ", ", "\n"})
_SHORTEST: Final = 8
"""Characters of the shortest number that may be personal."""
_SUSPECT: Final = re.compile(r'[@%\\]|(?<!\d)(?!\d{4}-\d\d-\d\d[T"])\d[\d\s().+/,_–—\-]{6,}\d')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_ESCAPE: Final = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])')
_LONE: Final = re.compile("[\ud800-\udfff]")
_BYTE: Final = re.compile("[\udc80-\udcff]")
_NOT_BYTE: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")


class _Walk:
    """Where in the body we are: the depth, and the personal field whose value that is."""

    def __init__(self) -> None:
        self.depth = 0
        self.name = ""
        self.named = False
        self.personal_at: int | None = None

    def open(self) -> None:
        self.depth += 1

    def close(self) -> None:
        self.depth = max(self.depth - 1, 0)
        self.name = ""
        if self.personal_at is not None and self.depth < self.personal_at:
            self.personal_at = None

    def key(self, name: str) -> None:
        self.named = True
        if self.personal_at is not None and self.depth > self.personal_at:
            return
        self.name = name
        self.personal_at = self.depth if is_personal(name) else None

    @property
    def personal(self) -> bool:
        return self.personal_at is not None


def mask_body(text: str) -> str:
    """Hide the values of personal fields whole, and personal data anywhere else by its form."""
    if _well_formed(text):
        return _mask_tokens(text, broken=False)[0]
    return until_stable(_mask_broken, text)


def _mask_broken(text: str) -> str:
    """Treat a broken body also as one text: strings and what is between them may have changed places."""
    hidden, named = _mask_tokens(text, broken=True)
    return mask_plain(hidden, landlines=not named)


def _mask_tokens(text: str, broken: bool) -> tuple[str, bool]:
    """Treat a body token by token; also tells whether it has fields with names."""
    walk, out, end = _Walk(), [], 0
    for match in _TOKEN.finditer(text):
        if broken and not walk.depth and not walk.personal and match[0][0] not in '"{}[]':
            continue  # digits outside of all brackets are part of a text
        if match.start() > end:
            out.append(_between(text[end : match.start()], walk))
        end = match.end()
        out.append(_token(match, walk))
    out.append(_between(text[end:], walk))
    return "".join(out), walk.named


def _well_formed(text: str) -> bool:
    try:
        json.loads(text)
    except RecursionError:
        return False
    except ValueError:
        try:
            for line in text.split("\n"):
                json.loads(line.strip() or "0")
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
        quoted = token[: -len(colon)]
        name, hidden = _name(quoted)
        walk.key(name)
        return hidden + colon
    if first in "{[":
        walk.open()
    elif first in "}]":
        walk.close()
    else:
        return _number(token, walk, cut=match.end() == len(match.string) and walk.depth > 0)
    return token


@lru_cache(maxsize=4_096)
def _name(quoted: str) -> tuple[str, str]:
    """Read a field's name; also gives it as it may be shown."""
    name = _decoded(quoted)
    hidden = mask_text(name)
    return name, quoted if hidden == name else _written(hidden, quoted)


def _string(token: str, walk: _Walk) -> str:
    if not walk.personal and _whole(token) and not _SUSPECT.search(token):
        return token
    value = _decoded(token)
    if walk.personal:
        hidden = hide(value)
    else:
        hidden = mask_text(value, landlines=not is_reference(walk.name))
        if not _whole(token):
            hidden = hide_end(hidden)
    if hidden == value:
        return token
    written = _written(hidden, token)
    return written if _whole(token) else written[:-1]


def _number(token: str, walk: _Walk, cut: bool) -> str:
    if not walk.personal and len(token) < _SHORTEST and not cut:
        return token
    landlines = not is_reference(walk.name)
    if walk.personal:
        hidden = hide(token)
    elif _NUMBER.fullmatch(token):
        hidden = mask_number(token, landlines=landlines, name=walk.name)
    else:
        hidden = mask_text(token, landlines=landlines)
    if cut:
        hidden = hide_end(hidden)
    return token if hidden == token else json.dumps(hidden)


def _whole(token: str) -> bool:
    """Tell whether a string has its closing quote."""
    return len(token) > 1 and token.endswith('"')


def _written(value: str, token: str) -> str:
    """Write a string as JSON, in the manner of the token that it replaces.

    A byte that was no UTF-8 (a lone surrogate from DC80 to DCFF) stays one. Any other lone surrogate can
    only come from an escape, and has no bytes unless it is escaped again.
    """
    if token.isascii():
        return json.dumps(value)
    escaped = _NOT_BYTE if _BYTE.search(token) else _LONE
    return escaped.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def _decoded(token: str) -> str:
    """Read a JSON string; one that breaks off, or has escapes that JSON does not know, as far as it goes."""
    content = token[1:-1] if _whole(token) else token[1:]
    if "\\" not in content:
        return content
    try:
        return str(json.loads(f'"{content}"', strict=False))
    except ValueError:
        return _ESCAPE.sub(lambda match: str(json.loads(f'"{match[0]}"')), content)


def _between(text: str, walk: _Walk) -> str:
    """Treat what is no token: spaces and literals, or the rest of a broken body."""
    if text in _USUAL or _LITERALS.fullmatch(text):
        return text
    return hide(text) if walk.personal else mask_text(text)
