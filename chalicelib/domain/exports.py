"""An export of the request log: what was asked for, where its job stands, and how it ended."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from .errors import FieldIssue, Invalid
from .history import Period
from .jobs import Job
from .request_log import NO_TABLE

Status = Literal["queued", "running", "done", "error"]
FILE_LIFE: Final = timedelta(days=7)
"""As the bucket's lifecycle says; it deletes files at midnight (UTC) after their time is over."""
LINK_SECONDS: Final = 300
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT: Final = "text/plain; charset=utf-8"
ITEM_LIFE: Final = timedelta(days=60)
READING: Final = 0.9
"""Share of the progress bar that reading takes; the rest is putting the file together."""


class UploadGone(Exception):
    """The multipart upload does not exist (any more): it was completed, aborted, or never begun."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table's requests of one UTC day; `expected` is how many a first look counted."""

    table: str
    day: Period
    expected: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload under way: its id, and the ETags of the parts that are there."""

    upload_id: str
    etags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Job):
    """An export and where it stands.

    period    as asked for; the file holds what had come when it was asked for
    tables    of the 12, and "-" for requests that named none of them
    masked    personal data is hidden
    parts     what is to be read, known after the first look; None before
    position  of the part that is being read, and the id of the last request read of it
    sheets    where each sheet's writing stands; the workbook alone knows its shape
    segments  pieces of sheets that are written; the workbook alone knows their shape
    """

    period: Period
    tables: tuple[str, ...]
    language: str
    masked: bool
    parts: tuple[Part, ...] | None = None
    position: tuple[int, str | None] = (0, None)
    sheets: dict[str, Any] = field(default_factory=dict)
    segments: tuple[Any, ...] = ()
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    rows: int = 0
    rejected: int = 0
    upload: Upload | None = None
    file_bytes: int = 0

    @property
    def export_id(self) -> str:
        """Give its id by the name that people know."""
        return self.job_id

    @property
    def status(self) -> Status:
        """Tell what people are told; it runs from its first look at the log on."""
        if self.open:
            return "queued" if self.parts is None else "running"
        return "error" if self.failed else "done"

    @property
    def reading_done(self) -> bool:
        """Tell whether all parts are read."""
        return self.parts is not None and self.position[0] >= len(self.parts)

    @property
    def progress(self) -> float:
        """Share of the work done, 0 to 1: rows read of rows expected, then parts uploaded."""
        if self.status == "done":
            return 1.0
        if self.parts is None:
            return 0.0
        expected = sum(part.expected for part in self.parts)
        read = 1.0 if self.reading_done else min(self.rows / expected, 1.0) if expected else 1.0
        return round(min(read * READING, 0.99), 4)

    def expires_at(self) -> datetime | None:
        """Tell until when the file is there."""
        return self.finished_at + FILE_LIFE if self.finished_at and self.status == "done" else None

    def expired(self, now: datetime) -> bool:
        """Tell whether the file is gone."""
        end = self.expires_at()
        return end is not None and now >= end

    def filename(self, zone: ZoneInfo) -> str:
        """Name the file after the period, as the integration's time zone counts days."""
        ends = (self.period.since, self.period.until)
        first, last = (f"{moment.astimezone(zone):%Y-%m-%d}" for moment in ends)
        if self.language == "en":
            return f"history-{first}-to-{last}.xlsx"
        return f"historico-{first}-a-{last}.xlsx"

    def object_name(self) -> str:
        """Name the file in the bucket."""
        return f"exports/{self.integration_id}/{self.export_id}.xlsx"

    def work_name(self, name: str) -> str:
        """Name a piece of work in the bucket; pieces are deleted when the file is whole."""
        return f"work/{self.integration_id}/{self.export_id}/{name}"

    def likeness(self) -> str:
        """Give what two requests for the very same file have in common."""
        what = (
            self.period.since.isoformat(),
            self.period.until.isoformat(),
            self.tables,
            self.language,
            self.masked,
        )
        return sha256(repr(what).encode()).hexdigest()[:32]

    def days(self) -> Iterator[tuple[str, Period]]:
        """List what is to be read: tables in order, each from its oldest day to its newest."""
        end = min(self.period.end, self.requested_at + timedelta(microseconds=1))
        days = [Period(day.since, min(day.until, end)) for day in self.period.days() if day.since < end]
        for table in self.tables:
            if table == NO_TABLE:
                yield table, Period(self.period.since, end)
            else:
                yield from ((table, day) for day in days)


def parse_masked(raw: object, *, sees_personal_data: bool) -> bool:
    """Read `masked`: whoever may see personal data decides, for others it is hidden. Raises Invalid."""
    if raw is not None and type(raw) is not bool:
        raise Invalid("export_masked_invalid", fields=[FieldIssue("masked", "not_boolean")])
    if not sees_personal_data:
        return True
    return bool(raw)
