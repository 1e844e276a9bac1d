"""Build an export, slice by slice: look, read and write rows, put the file together.

What a slice wrote counts when its state is saved; a worker that dies in between leaves pieces that the
next one writes again under the same names. So no request is missing from the file, and none is in it twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from ..domain.exports import XLSX, Export, Upload, UploadGone
from ..domain.integrations import Integration
from ..domain.request_log import RequestEntry
from ..domain.schedule import zone
from .background import Background
from .export_reading import chunks, look, pages
from .job_chain import JobFailed, Turn

if TYPE_CHECKING:
    from ..storage.files import Files
    from ..storage.integrations import Integrations
    from ..storage.requests import RequestLog

SEGMENT_BYTES: Final = 2_000_000
PART_BYTES: Final = 6 * 1024 * 1024
"""S3 takes at least 5 MiB a part, and 10,000 parts."""
MAX_SEGMENTS: Final = 3_000
"""They are listed in the export's item, which holds 400 KB."""


class Piece(Protocol):
    """A segment as the export's state names it."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    def to_json(self) -> list[Any]: ...


class BookRows(Protocol):
    """Takes requests, hands out segments."""

    added: int
    rejected: int
    totals: dict[str, dict[str, int]]

    def add(self, entry: RequestEntry, request: bytes, response: bytes) -> None: ...
    @property
    def packed_size(self) -> int: ...
    def take(self) -> Iterator[tuple[Any, bytes]]: ...
    def sheets(self) -> dict[str, Any]: ...


class Book(Protocol):
    """The workbook."""

    def rows(self, export: Export, zone: ZoneInfo, now: datetime) -> BookRows: ...
    def shell(self, export: Export, integration_name: str, zone: ZoneInfo, now: datetime) -> bytes: ...
    def pieces(self, shell: bytes, export: Export) -> Sequence[Any]: ...
    def segments(self, export: Export) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class ExportJob:
    """The worker of exports; `now` tells the time."""

    integrations: "Integrations"
    log: "RequestLog"
    files: "Files"
    book: Book
    background: Background
    now: Callable[[], datetime]

    def work(self, job: Export, turn: Turn[Export]) -> Export:
        """Look first, then read, then put together; each as far as the turn's time allows."""
        integration = self.integrations.find(job.tenant_id, job.integration_id)
        if integration is None:
            raise JobFailed("export_integration_gone")
        if len(job.segments) > MAX_SEGMENTS:
            raise JobFailed("export_too_large")
        if job.parts is None:
            job = replace(job, parts=look(self.log, self.background, job))
            turn.save(job)
        if not job.reading_done:
            job = self._read(job, integration, turn)
            if not job.reading_done or turn.over:
                return job
            turn.save(job)
        try:
            return self._assemble(job, integration, turn)
        except UploadGone:
            # It took longer than the bucket keeps unfinished uploads: begin another one.
            return replace(job, upload=None)

    def tidy(self, job: Export) -> None:
        """Delete the pieces: they are of no use any more."""
        names = [job.work_name(piece.name) for piece in self.book.segments(job)]
        self.files.delete([*names, job.work_name("shell")])

    # ── reading ──
    def _read(self, export: Export, integration: Integration, turn: Turn[Export]) -> Export:
        """Write rows until all are written or the time is over."""
        local = zone(integration.schedule.timezone)
        rows = self.book.rows(export, local, self.now())
        for position, chunk in chunks(pages(self.log, self.background, export)):
            for logged, (request, response) in zip(chunk, self.log.bodies(chunk), strict=True):
                rows.add(logged.entry, request, response)
            over = turn.over or position[0] == len(export.parts or ())
            if over or rows.packed_size >= SEGMENT_BYTES:
                export = self._keep(export, rows, position)
                if over:
                    break
                turn.save(export)
                rows = self.book.rows(export, local, self.now())
        return export

    def _keep(self, export: Export, rows: BookRows, position: tuple[int, str | None]) -> Export:
        """Store the segments written so far, and say in the export that they count."""
        taken = list(rows.take())
        for storing in [self.background(self._storing(export, *one)) for one in taken]:
            storing.result()
        return replace(
            export,
            position=position,
            sheets=rows.sheets(),
            segments=(*export.segments, *(piece.to_json() for piece, _ in taken)),
            totals=rows.totals,
            rows=export.rows + rows.added,
            rejected=export.rejected + rows.rejected,
        )

    def _storing(self, export: Export, piece: Piece, content: bytes) -> Callable[[], None]:
        return lambda: self.files.put(export.work_name(piece.name), content)

    # ── putting together ──
    def _assemble(self, export: Export, integration: Integration, turn: Turn[Export]) -> Export:
        """Upload the file in parts, which are always the same; a part that is there is not sent again."""
        name, shell_name = export.object_name(), export.work_name("shell")
        if export.upload is None:
            shell = self.book.shell(export, integration.name, zone(integration.schedule.timezone), self.now())
            self.files.put(shell_name, shell)
            export = replace(export, upload=Upload(self.files.begin_upload(name, XLSX)))
            turn.save(export)
        else:
            shell = self.files.get(shell_name)
        assert export.upload is not None, "it was begun above"
        pieces = self.book.pieces(shell, export)
        upload_id, etags = export.upload.upload_id, list(export.upload.etags)
        size = sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces)
        if self.files.size(name) != size:
            for number, part in enumerate(_parts(pieces), 1):
                if number <= len(etags):
                    continue
                if turn.over and len(etags) > len(export.upload.etags):
                    return replace(export, upload=Upload(upload_id, tuple(etags)))
                etags.append(self.files.upload_part(name, upload_id, number, self._content(export, part)))
            self.files.complete_upload(name, upload_id, etags)
        return replace(export, file_bytes=size, finished_at=self.now())

    def _content(self, export: Export, part: Sequence[Any]) -> bytes:
        return b"".join(
            piece if isinstance(piece, bytes) else self.files.get(export.work_name(piece.name))
            for piece in part
        )


def _parts(pieces: Sequence[Any]) -> Iterator[list[Any]]:
    """Group pieces into parts for the upload."""
    part: list[Any] = []
    size = 0
    for piece in pieces:
        part.append(piece)
        size += len(piece) if isinstance(piece, bytes) else piece.size
        if size >= PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
