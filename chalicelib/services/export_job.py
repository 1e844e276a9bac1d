"""Build an export, slice by slice: look, read and write rows, put the file together.

What a slice wrote counts when its state is saved; a worker that dies in between leaves pieces that the
next one writes again under the same names. So no request is missing from the file, and none is in it twice.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from ..domain.exports import MAX_ATTEMPTS, XLSX, Export, Status, Upload, UploadGone
from ..domain.integrations import Integration
from ..domain.request_log import RequestEntry
from ..domain.runs import MAX_HOPS, Failure, LeaseLost
from ..domain.schedule import zone
from .export_reading import Background, chunks, look, pages
from .exports import export_message
from .run_parts import Clockwork, SliceQueue

if TYPE_CHECKING:
    from ..storage.exports import Exports
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
    """The worker's use case; `now` tells the time."""

    integrations: "Integrations"
    log: "RequestLog"
    exports: "Exports"
    files: "Files"
    queue: SliceQueue
    book: Book
    background: Background
    clockwork: Clockwork
    now: Callable[[], datetime]

    def advance(self, message: dict[str, Any], owner: str) -> str:
        """Work on an export for one slice; answers what happened, for the log.

        Raises LeaseHeld when another worker may be at it: the message must come back later. Raises
        SliceFailed when it has to be tried again.
        """
        export_id, integration_id, hop = message["export_id"], message["integration_id"], message["hop"]
        try:
            export = self.exports.claim(
                integration_id, export_id, owner, hop, self.now(), self.clockwork.lease_seconds
            )
        except LeaseLost:
            return "dropped"
        try:
            return self._slice(export, owner)
        except LeaseLost:
            return "lease lost"
        except Exception as error:
            self._note(export, owner, error)
            raise SliceFailed() from error

    def _slice(self, export: Export, owner: str) -> str:
        integration = self.integrations.find(export.tenant_id, export.integration_id)
        if integration is None:
            return self._end(export, owner, Failure("export_integration_gone"))
        if export.attempts > MAX_ATTEMPTS:
            return self._end(export, owner, export.failure or Failure("export_worker_lost"))
        if export.hop >= MAX_HOPS or len(export.segments) > MAX_SEGMENTS:
            return self._end(export, owner, Failure("export_too_large"))
        deadline = time.monotonic() + self.clockwork.slice_seconds
        export = replace(export, status="running", failure=None)
        if export.parts is None:
            export = replace(export, parts=look(self.log, self.background, export))
            self._save(export, owner)
        if not export.reading_done:
            export = self._read(export, integration, owner, deadline)
            if not export.reading_done or time.monotonic() >= deadline:
                return self._hand_over(export, owner)
            self._save(export, owner)
        try:
            return self._assemble(export, integration, owner, deadline)
        except UploadGone:
            # It took longer than the bucket keeps unfinished uploads: begin another one.
            return self._hand_over(replace(export, upload=None), owner)

    # ── reading ──
    def _read(self, export: Export, integration: Integration, owner: str, deadline: float) -> Export:
        """Write rows until all are written or the time is over."""
        local = zone(integration.schedule.timezone)
        rows = self.book.rows(export, local, self.now())
        for position, chunk in chunks(pages(self.log, self.background, export)):
            for logged, (request, response) in zip(chunk, self.log.bodies(chunk), strict=True):
                rows.add(logged.entry, request, response)
            over = time.monotonic() >= deadline or position[0] == len(export.parts or ())
            if over or rows.packed_size >= SEGMENT_BYTES:
                export = self._keep(export, rows, position)
                if over:
                    break
                self._save(export, owner)
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
    def _assemble(self, export: Export, integration: Integration, owner: str, deadline: float) -> str:
        """Upload the file in parts, which are always the same; a part that is there is not sent again."""
        name, shell_name = export.object_name(), export.work_name("shell")
        if export.upload is None:
            shell = self.book.shell(export, integration.name, zone(integration.schedule.timezone), self.now())
            self.files.put(shell_name, shell)
            export = replace(export, upload=Upload(self.files.begin_upload(name, XLSX)))
            self._save(export, owner)
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
                if time.monotonic() >= deadline and len(etags) > len(export.upload.etags):
                    return self._hand_over(replace(export, upload=Upload(upload_id, tuple(etags))), owner)
                etags.append(self.files.upload_part(name, upload_id, number, self._content(export, part)))
            self.files.complete_upload(name, upload_id, etags)
        return self._end(replace(export, file_bytes=size), owner)

    def _content(self, export: Export, part: Sequence[Any]) -> bytes:
        return b"".join(
            piece if isinstance(piece, bytes) else self.files.get(export.work_name(piece.name))
            for piece in part
        )

    # ── between slices ──
    def _save(self, export: Export, owner: str) -> None:
        self.exports.save(export, owner, self.now(), self.clockwork.lease_seconds)

    def _hand_over(self, export: Export, owner: str) -> str:
        """Send the next slice's message, then end this one: the chain cannot break."""
        following = replace(export, hop=export.hop + 1, attempts=0)
        self.queue.send(export_message(following), 1)
        self.exports.release(following, owner, grace_until=self.clockwork.grace_until(self.now()))
        return "handed over"

    def _end(self, export: Export, owner: str, failure: Failure | None = None) -> str:
        """Write how the export ended; its pieces are of no use any more."""
        status: Status = "error" if failure else "done"
        ended = replace(export, status=status, failure=failure, finished_at=self.now())
        names = [export.work_name(piece.name) for piece in self.book.segments(export)]
        self.exports.finish(ended, owner)
        self.files.delete([*names, export.work_name("shell")])
        return status

    def _note(self, export: Export, owner: str, error: Exception) -> None:
        """Keep the cause, in case no later try gets on; the state stays as it was saved last."""
        cause = f"{type(error).__name__}: {error}"[:300]
        saved = self.exports.find(export.integration_id, export.export_id)
        noted = replace(saved or export, failure=Failure("export_failed", {"cause": cause}))
        try:
            self.exports.release(noted, owner, grace_until=self.clockwork.grace_until(self.now()))
        except LeaseLost:
            return


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


class SliceFailed(Exception):
    """A slice failed for a reason of its own; it will be tried again."""
