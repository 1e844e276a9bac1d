"""Rows of an export's workbook: every request with its answer, by table, and the records they rejected."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ..domain.exports import Export
from ..domain.personal_bodies import mask_body
from ..domain.personal_data import mask_text
from ..domain.request_log import NO_TABLE, SITUATIONS, RequestEntry, readable, situation
from .rows import Kind, Position, Rows, Segment, serial
from .texts import as_text

Texts = Callable[[str, Mapping[str, str], str], str]
REJECTED: Final = "rejected"
COUNTS: Final = ("received", "created", "updated", "unchanged", "deleted", "rejected")

_REQUESTS: Final[tuple[tuple[str, Kind, float], ...]] = (
    ("at", "instant", 24),
    ("method", "label", 9),
    ("endpoint", "label", 30),
    ("http_status", "number", 9),
    ("situation", "label", 14),
    *((count, "number", 12) for count in COUNTS),
    ("duration_ms", "number", 12),
    ("request_id", "plain", 36),
    ("key_name", "label", 20),
    ("replay_of", "plain", 36),
    ("request_body", "text", 60),
    ("response_body", "text", 60),
)  # fmt: skip
_REJECTS: Final[tuple[tuple[str, Kind, float], ...]] = (
    ("at", "instant", 24),
    ("table", "label", 16),
    ("index", "number", 10),
    ("request_id", "plain", 36),
    ("key", "text", 24),
    ("field", "text", 24),
    ("message", "text", 90),
)
_CONTINUED: Final = {REJECTED: 3}  # a wrong key, or a wrong field's name, may be of any length


@dataclass(frozen=True, slots=True)
class Stored(Segment):
    """A segment and the sheet it belongs to; `number` counts from 0 within the sheet's key."""

    key: str
    number: int

    @property
    def name(self) -> str:
        """Name of the object that holds it."""
        return f"{self.key if self.key != NO_TABLE else 'none'}-{self.number:05d}"

    def to_json(self) -> list[Any]:
        """Shape it for the export's state; `Stored(*saved)` reads it."""
        return list(astuple(self))


class HistoryRows:
    """Takes requests; hands out segments. Picks up where an export's state says."""

    def __init__(self, export: Export, zone: ZoneInfo, texts: Texts, now: datetime, max_rows: int) -> None:
        self._export, self._zone, self._now, self._max_rows = export, zone, now, max_rows
        self._numbers = {key: saved["next"] for key, saved in export.sheets.items()}
        self._rows: dict[str, Rows] = {}
        self._labels = {one: texts(f"situation_{one}", {}, export.language) for one in SITUATIONS}
        self.totals = {table: dict(counts) for table, counts in export.totals.items()}
        self.added = self.rejected = 0

    def add(self, entry: RequestEntry, request: bytes, response: bytes) -> None:
        """Write a request's row, and a row for each record that it rejected."""
        judged = situation(entry, self._now)
        at = serial(datetime.fromisoformat(entry.at).astimezone(self._zone))
        shown = [self._seen(as_text(readable(body))) for body in (request, response)]
        path, key_name = entry.path, entry.key_name
        if self._export.masked:
            path, key_name = mask_text(path), mask_text(key_name) if key_name else key_name
        counts = [entry.counts.get(count) for count in COUNTS]
        self._sheet(entry.table).add(
            (
                at,
                entry.method,
                path,
                entry.status,
                self._labels[judged],
                *counts,
                entry.duration_ms,
                entry.request_id,
                key_name,
                entry.replay_of,
                *shown,
            )
        )
        self.added += 1
        self._count(entry.table, judged, counts)
        if entry.status == 200 and entry.counts.get("rejected"):
            self._reject(entry, at, response)

    def _seen(self, body: str) -> str:
        return mask_body(body) if self._export.masked else body

    def _count(self, table: str, judged: str, counts: Sequence[int | None]) -> None:
        totals = self.totals.setdefault(table, {})
        records = {f"records_{name}": number or 0 for name, number in zip(COUNTS, counts, strict=True)}
        for name, number in {"requests": 1, f"situation_{judged}": 1, **records}.items():
            totals[name] = totals.get(name, 0) + number

    def _reject(self, entry: RequestEntry, at: float, response: bytes) -> None:
        for index, issues in _by_record(response):
            key, names, messages = _told(issues)
            if self._export.masked:
                key, names, messages = mask_text(key), mask_text(names), mask_text(messages)
            self._sheet(REJECTED).add((at, entry.table, index + 1, entry.request_id, key, names, messages))
            self.rejected += 1

    def _sheet(self, key: str) -> Rows:
        found = self._rows.get(key)
        if found is None:
            position = (
                Position(**self._export.sheets[key]["at"]) if key in self._export.sheets else Position()
            )
            found = self._rows[key] = Rows(
                [kind for _, kind, _ in columns_of(key)],
                position,
                continued=continued_of(key),
                max_rows=self._max_rows,
            )
        return found

    @property
    def packed_size(self) -> int:
        """Compressed bytes that wait to be taken."""
        return sum(rows.packed_size for rows in self._rows.values())

    def take(self) -> Iterator[tuple[Stored, bytes]]:
        """Hand out the segments that wait."""
        for key, rows in self._rows.items():
            for segment, content in rows.take():
                number = self._numbers.get(key, 0)
                self._numbers[key] = number + 1
                yield Stored(**asdict(segment), key=key, number=number), content

    def sheets(self) -> dict[str, Any]:
        """Tell where each sheet stands, when all segments are taken."""
        standing = {
            key: {"next": self._numbers.get(key, 0), "at": asdict(rows.position)}
            for key, rows in self._rows.items()
        }
        return {**self._export.sheets, **standing}


def columns_of(key: str) -> tuple[tuple[str, Kind, float], ...]:
    """List a sheet's columns: code, kind, width."""
    return _REJECTS if key == REJECTED else _REQUESTS


def continued_of(key: str) -> int:
    """Tell how many of the last columns may go on beside the others."""
    return _CONTINUED.get(key, 2)


def _told(issues: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Put what is wrong with one record into a row: its key, the fields, and the messages."""
    names = [str(issue.get("field") or "") for issue in issues]
    messages = [str(issue.get("message") or "") for issue in issues]
    if len(issues) > 1:
        messages = [f"{name}: {said}" if name else said for name, said in zip(names, messages, strict=True)]
    return str(issues[0].get("key") or ""), " | ".join(dict.fromkeys(names)), " | ".join(messages)


def _by_record(response: bytes) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Group the errors of an answer by their record's position in the delivery."""
    found: dict[int, list[dict[str, Any]]] = {}
    for issue in json.loads(response or b"{}").get("errors", ()):
        found.setdefault(issue["index"], []).append(issue)
    yield from found.items()
