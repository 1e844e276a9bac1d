"""What became of a record, version by version: kept beside it, as what each write replaced.

A version is a line of JSON, newest first: `[revision, letter, request id, before]`, and the moment where the
id does not tell it. `before` leads back: `{field: old value, or null for none}`, `[whole record or null]`,
or 0 when it was too large. A record's first version takes no line until there is a second one: all that
a line could say stands in the record itself. Lines are compressed a handful at a time, for that takes longer
than writing one.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .request_log import moment_of, place_of
from .values import instant_text

if TYPE_CHECKING:
    from .staging import Staged

MAX_VERSIONS: Final = 20
MAX_BYTES: Final = 16 * 1024
_PACKED_ABOVE: Final = 400
"""Of characters: shorter ones lose by compression."""
_WINDOW: Final = -12
"""Of compression: 4 KB, and no header; it is stored so, and stays so."""
_UNKNOWN: Final = 0
# The letters are stored: add to them, never change them.
_LETTERS: Final = {
    "created": "c", "updated": "u", "restored": "b", "deleted": "d", "rejected": "r", "confirmed": "k",
}  # fmt: skip
_NAMES: Final = {letter: name for name, letter in _LETTERS.items()}
WHATS: Final = tuple(_LETTERS)
_MISSING: Final = object()
_NESTED: Final = (dict, list)
_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """A record's lines: the recent ones, and those before them, compressed."""

    recent: str = ""
    packed: bytes = b""


NO_PAST: Final = Past()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after; None where it was not there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record; `changes` is None when they were too large to be kept.

    what      one of WHATS; "confirmed": sent again as it was, which ended a quarantine
    set_by    id of the request that brought it, or of the run that set the record aside
    """

    revision: int
    what: str
    at: str
    set_by: str
    changes: tuple[FieldChange, ...] | None

    @property
    def request_id(self) -> str | None:
        """The request, unless it was a run."""
        return None if self.by_run else self.set_by

    @property
    def by_run(self) -> bool:
        """Whether a run set the record aside: nobody else's id is no request's."""
        return self.what == "rejected" and place_of(self.set_by) is None


def remembering(stored: "Staged | None", written: "Staged") -> "Staged":
    """Let what is written remember what it replaces."""
    if stored is None:
        return written
    what = _what(stored, written)
    before = _before(stored, written)
    line = _line(written, what, before)
    if before == _UNKNOWN or len(line.encode()) > MAX_BYTES:
        # Nothing leads back beyond it, so what lies there could not be told any more.
        return replace(written, history=Past(_line(written, what, _UNKNOWN)))
    past = stored.history
    if past == NO_PAST:
        past = Past(_origin(stored))
    recent = f"{line}\n{past.recent}" if past.recent else line
    return replace(written, history=_kept(Past(recent, past.packed)))


def versions_of(staged: "Staged") -> tuple[list[Version], int]:
    """List a record's versions, newest first, and how many older ones were not kept."""
    found: list[Version] = []
    after = _read(staged.data)
    for line in _lines(staged.history)[:MAX_VERSIONS] or [_origin(staged)]:
        revision, letter, name, before, *at = json.loads(line)
        set_by = name if at else urlsafe_b64decode(name + "==").hex()
        former = _former(before, after)
        changes = None if former is _MISSING or after is _MISSING else tuple(_changes(former, after))
        moment = at[0] if at else _moment(set_by)
        found.append(Version(revision, _NAMES[letter], moment, set_by, changes))
        after = former
    return found, max(0, staged.revision - len(found))


def _what(stored: "Staged", written: "Staged") -> str:
    if written.rejection and written.rejection != stored.rejection:
        return "rejected"
    if (written.data, written.deleted) == (stored.data, stored.deleted):
        return "confirmed"
    if written.deleted:
        return "deleted"
    if not stored.data:
        return "created"
    return "restored" if stored.deleted else "updated"


def _origin(staged: "Staged") -> str:
    """Describe a version that has no line: a record's first one."""
    what = "rejected" if staged.rejection else "deleted" if staged.deleted else "created"
    if staged.revision == 1:
        return _line(staged, what, [None])
    # It was written before versions were kept.
    return _line(staged, "updated" if what == "created" else what, _UNKNOWN)


def _line(staged: "Staged", what: str, before: Any) -> str:
    refused = staged.rejection if what == "rejected" else None
    set_by, at = (refused.request_id, refused.at) if refused else (staged.request_id, staged.received_at)
    line = [staged.revision, _LETTERS[what]]
    if name := _short(set_by):
        return _json([*line, name, before])
    return _json([*line, set_by, before, at])


@lru_cache(maxsize=16)
def _short(set_by: str) -> str:
    """Write a request's id shorter; "" when it is not one. All records of a request have the same."""
    return urlsafe_b64encode(bytes.fromhex(set_by)).decode().rstrip("=") if place_of(set_by) else ""


def _before(stored: "Staged", written: "Staged") -> Any:
    """Say what leads back from what is written to what was stored."""
    if stored.data == written.data:
        return {}
    old, new = _read(stored.data), _read(written.data)
    if old is _MISSING or new is _MISSING:
        return _UNKNOWN
    if not old or not new or stored.deleted or written.deleted:
        return [old]
    return {name: old.get(name) for name in _differing(old, new)}


def _former(before: Any, after: Any) -> Any:
    if isinstance(before, list):
        return before[0]
    if before == _UNKNOWN or after is _MISSING:
        return _MISSING
    merged = {**(after or {}), **before}
    return {name: value for name, value in merged.items() if value is not None} if before else after


def _changes(old: _Data | None, new: _Data | None) -> Iterator[FieldChange]:
    before, after = old or {}, new or {}
    return (FieldChange(name, before.get(name), after.get(name)) for name in _differing(before, after))


def _differing(before: _Data, after: _Data) -> list[str]:
    """List fields that differ; this runs for every changed record of a delivery."""
    return [
        name
        for name in {**before, **after}
        if (was := before.get(name)) != (now := after.get(name))
        # To Python 1 and True are one; to an ERP they are not.
        or type(was) is not type(now)
        or (type(now) in _NESTED and _json(was) != _json(now))
    ]


def _read(data: str) -> Any:
    """Read a stored record: None when there is none, _MISSING when it cannot be read."""
    try:
        return json.loads(data) if data else None
    except ValueError:
        return _MISSING


def _lines(past: Past) -> list[str]:
    recent = past.recent.split("\n") if past.recent else []
    return recent + (zlib.decompress(past.packed, _WINDOW).decode().split("\n") if past.packed else [])


def _fitting(lines: list[str]) -> list[str]:
    room = MAX_BYTES
    for number, line in enumerate(lines[:MAX_VERSIONS]):
        room -= len(line.encode()) + 1
        if room < -1:
            return lines[:number]
    return lines[:MAX_VERSIONS]


def _kept(past: Past) -> Past:
    """Compress what is not so recent any more."""
    if len(past.recent) <= _PACKED_ABOVE:
        return past
    plain = "\n".join(_fitting(_lines(past)))
    # With little memory: for so short a text, making room takes longer than packing.
    packing = zlib.compressobj(1, zlib.DEFLATED, _WINDOW, 2)
    return Past("", packing.compress(plain.encode()) + packing.flush())


def _moment(request_id: str) -> str:
    return instant_text(moment_of(request_id))
