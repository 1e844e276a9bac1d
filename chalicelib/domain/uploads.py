"""A bulk upload: a file of one table's records, what was said of it, and how far it has come.

First the whole file is read once, and split into pieces; only then its lines are imported, batch by batch.
So whatever is wrong with the file itself is known before any record is touched.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from .exports import Upload as PartsUnderWay
from .jobs import Job

Format = Literal["ndjson", "csv"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
Phase = Literal["waiting", "checking", "importing", "joining"]
Status = Literal["waiting", "checking", "importing", "done", "failed"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)

KIND: Final = "upload"
MAX_OPEN: Final = 20
"""Uploads of an integration that have not ended."""
LINK_LIFE: Final = timedelta(hours=1)
SENDING: Final = timedelta(hours=1)
"""How long sending may take that began just before the link ended; then the file counts as not sent."""
LIFE: Final = timedelta(days=30)
"""How long uploads are listed, and their rejected lines kept, as the bucket's lifecycle says."""

MAX_SENT_BYTES: Final = 5 * 1024**3
MAX_PLAIN_BYTES: Final = 10 * 1024**3
MAX_LINE_BYTES: Final = 1024**2
MAX_LINES: Final = 20_000_000
BATCH_LINES: Final = 1_000
BATCH_BYTES: Final = 4 * 1024**2
"""A batch holds no more than a delivery may."""
PIECE_LINES: Final = 5_000
PIECE_BYTES: Final = 8 * 1024**2
OUTCOMES: Final = ("created", "updated", "unchanged", "deleted", "rejected")
ACCEPTED: Final = OUTCOMES[:-1]
_CHECKING: Final = 0.2
"""Share of the progress bar that checking takes."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the bucket: its size, and the SHA-256 that the bucket verified, if it did."""

    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the file's beginning said, and how far it was read.

    offset     bytes of its plain text, behind which the next record begins on line `line`
    taken      bytes of it as it was sent that were read for that
    packed     it is gzip
    columns    names in a CSV's header
    """

    offset: int = 0
    line: int = 1
    taken: int = 0
    packed: bool = False
    delimiter: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """The next batch: its number, and where its first line lies: in which piece, and which line of it.

    request_id  of its entry in the request log, as of the moment `at`: a worker that does a batch again
                writes it over the one that a lost worker left
    """

    batch: int = 0
    piece: int = 0
    line: int = 0
    request_id: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rejected lines: pieces written so far; then the file they are joined in, and how far that is."""

    pieces: int = 0
    joined: int = 0
    under_way: PartsUnderWay | None = None
    file_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkUpload(Job):
    """An upload and where it stands.

    size         bytes of the file as sent; `sha256` of the same bytes, in hexadecimal digits
    encoding     a name of Python's; None: UTF-8, and in a CSV what is none is taken for Windows-1252
    decimal      the decimal separator; None: told by each value
    snapshot_id  the full snapshot of the table that the file belongs to
    role         of whoever asked, "erp" for an ERP's key
    lines        records in the file, known when it was read to its end; until then those found so far
    pieces       the file's parts that were written
    counts       what became of the lines imported so far
    """

    table: str
    format: Format
    size: int
    sha256: str
    filename: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    snapshot_id: str | None = None
    role: str = "erp"
    key_id: str | None = None
    key_name: str | None = None
    phase: Phase = "waiting"
    started_at: datetime | None = None
    reading: Reading = Reading()
    pieces: int = 0
    lines: int = 0
    warnings: int = 0
    position: Position = Position()
    counts: dict[str, int] = field(default_factory=dict)
    rejects: Rejects = Rejects()

    @property
    def status(self) -> Status:
        """Tell where it stands, in the words of the answer."""
        if not self.open:
            return "failed" if self.failed else "done"
        return "importing" if self.phase == "joining" else self.phase

    @property
    def link_until(self) -> datetime:
        """Tell until when sending may begin."""
        return self.requested_at + LINK_LIFE

    def unsent(self, now: datetime) -> bool:
        """Tell whether no file can come any more."""
        return self.open and self.phase == "waiting" and now >= self.link_until + SENDING

    @property
    def received(self) -> int:
        """Count the lines that were imported or refused so far."""
        return sum(self.counts.values())

    @property
    def accepted(self) -> int:
        """Count the lines that were taken."""
        return sum(self.counts.get(name, 0) for name in ACCEPTED)

    @property
    def rejected(self) -> int:
        """Count the lines that were refused."""
        return self.counts.get("rejected", 0)

    @property
    def progress(self) -> float:
        """Share of the work done, 0 to 1: bytes read of those sent, then lines imported."""
        if self.status == "done":
            return 1.0
        if self.phase == "waiting":
            return 0.0
        if self.phase == "checking":
            return round(min(self.reading.taken / self.size, 1.0) * _CHECKING, 4)
        done = self.received / self.lines if self.lines else 1.0
        return round(min(_CHECKING + done * (1 - _CHECKING), 0.99), 4)

    def has_rejected_file(self, now: datetime) -> bool:
        """Tell whether its rejected lines can be had."""
        return bool(self.rejects.file_bytes and self.finished_at and now < self.finished_at + LIFE)

    def rejected_name(self, language: str) -> str:
        """Name the file of rejected lines for whoever saves it."""
        word = "rejected" if language == "en" else "rejeitados"
        return f"{word}-{self.table}-{self.requested_at:%Y%m%d-%H%M%S}.{self.format}"

    def object_name(self) -> str:
        """Name the uploaded file in the bucket."""
        return f"uploads/{self.integration_id}/{self.job_id}"

    def rejected_object(self) -> str:
        """Name the file of rejected lines in the bucket."""
        return f"rejected/{self.integration_id}/{self.job_id}.{self.format}"

    def piece_name(self, number: int) -> str:
        """Name a piece of the file in the bucket; pieces are deleted in the end."""
        return f"work/{self.integration_id}/{self.job_id}/lines-{number:05d}"

    def rejects_name(self, number: int) -> str:
        """Name a piece of the rejected lines in the bucket, likewise."""
        return f"work/{self.integration_id}/{self.job_id}/rejected-{number:05d}"


def subject_of(object_name: str) -> tuple[str, str] | None:
    """Read integration and upload from an uploaded file's name; None when it is none of ours."""
    folder, *names = object_name.split("/")
    if folder != "uploads" or len(names) != 2 or not all(0 < len(name) <= 100 for name in names):
        return None
    return names[0], names[1]
