"""Import the lines of a file that was checked, batch by batch, through the rules that deliveries obey.

While a batch is being stored, the next one is read and parsed, and the one before is being saved. A batch
counts when its state is saved; a worker that dies before that is followed by one that does the batch again,
which changes nothing any more.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo

from ...domain.errors import FieldIssue
from ...domain.request_log import UPLOAD, RequestEntry, new_id
from ...domain.staging import Outcome
from ...domain.tables import TABLES
from ...domain.uploads import ACCEPTED, BulkUpload, Position
from ...domain.values import instant_text
from .. import batch_log
from ..background import Background
from ..ingestion import Receipt, Result, Rewriter, ingest
from ..job_chain import Turn
from . import rejects
from .batches import Batch, batches

if TYPE_CHECKING:
    from ...storage.files import Files
    from ...storage.requests import RequestLog

METHOD: Final = "UPLOAD"
MOSTLY: Final = 0.9
Answer = TypeVar("Answer")
Met = Callable[[BulkUpload, int, Sequence[str | None]], None]


def nobody(upload: BulkUpload, batch: int, keys: Sequence[str | None]) -> None:
    """Tell nobody which keys a batch had."""


@dataclass(frozen=True, slots=True)
class Importing:
    """Imports batches.

    unread    rewrites records that are thought to be new
    beside    runs a job in the background
    rendered  writes issues as an answer shows them, in Portuguese
    met       is told the keys of each batch (None: a line has none) and its number, before it counts
    """

    records: Rewriter
    unread: Rewriter
    log: "RequestLog"
    files: "Files"
    beside: Background
    rendered: batch_log.Rendered
    met: Met = nobody

    def run(self, upload: BulkUpload, turn: Turn[BulkUpload], local: ZoneInfo) -> BulkUpload:
        """Import until the turn is over or nothing is left."""
        saving: Future[None] | None = None
        for batch in self._ahead(batches(self.files, upload, local)):
            if not upload.position.request_id:
                upload = replace(upload, position=self._placed(upload, upload.position, turn))
                turn.save(upload)
            upload, saving = self._take(upload, batch, turn, saving)
            if turn.over and upload.position.piece < upload.pieces:
                break
        if saving:
            saving.result()
        return upload if upload.position.piece < upload.pieces else replace(upload, phase="joining")

    def _ahead(self, found: Iterator[Batch]) -> Iterator[Batch]:
        """Let the next batch be read while one is being worked on."""
        coming: Future[Batch | None] = self.beside(lambda: next(found, None))
        while batch := coming.result():
            coming = self.beside(lambda: next(found, None))
            yield batch

    def _placed(self, upload: BulkUpload, position: Position, turn: Turn[BulkUpload]) -> Position:
        """Give the batch at a position its entry in the request log."""
        at = turn.now()
        return replace(position, request_id=new_id(upload.table, at), at=at)

    def _take(
        self, upload: BulkUpload, batch: Batch, turn: Turn[BulkUpload], saving: "Future[None] | None"
    ) -> "tuple[BulkUpload, Future[None]]":
        """Log ahead, store, write what is rejected, complete the log.

        Answers the upload behind the batch, and its being saved, which goes on beside the next batch: that
        one is neither logged nor stored before it is done.
        """
        started = time.monotonic()

        def behind(job: Callable[[], Answer]) -> "Future[Answer]":
            return self.beside(lambda: (saving.result() if saving else None, job())[1])

        logged = batch_log.begin(self.log, behind, _entry(upload, batch), _request(upload, batch))
        jobs: list[Future[Any]] = []
        receipt = ingest(
            self.unread if _mostly_new(upload) else self.records,
            upload.integration_id,
            TABLES[upload.table],
            batch.records,
            request_id=upload.position.request_id,
            now=turn.now(),
            before_write=logged.wait,
            beside=lambda job: jobs.append(self.beside(job)),
        )
        whole = _whole(receipt, upload, batch)
        refused = _refused(whole)
        if refused:
            content = rejects.written(upload, batch, refused, self.rendered)
            name = upload.rejects_name(upload.rejects.pieces)
            jobs.append(self.beside(lambda: self.files.put(name, content)))
        spent = round((time.monotonic() - started) * 1_000)
        jobs.append(self.beside(lambda: self._complete(logged, whole, spent)))
        self.met(upload, upload.position.batch, [one.key for one in whole.results])
        after = self._counted(upload, batch, whole, turn)

        def save() -> None:
            for job in jobs:
                job.result()
            turn.save(after)

        return after, self.beside(save)

    def _complete(self, logged: batch_log.BatchLog, receipt: Receipt, milliseconds: int) -> None:
        answer = batch_log.answer_of(receipt, self.rendered)
        if len({one.outcome for one in receipt.results}) == 1:
            del answer["results"]  # the counts say the same of every line
        logged.complete(
            answer,
            batch_log.counts_of(receipt),
            status=200,
            milliseconds=milliseconds,
            named=receipt.named,
        )

    def _counted(
        self, upload: BulkUpload, batch: Batch, receipt: Receipt, turn: Turn[BulkUpload]
    ) -> BulkUpload:
        counts = {one.value: upload.counts.get(one.value, 0) + receipt.counts[one] for one in Outcome}
        guessed = len(batch.guessed)  # they were counted when the file was read
        written = bool(receipt.counts[Outcome.REJECTED])
        following = Position(upload.position.batch + 1, batch.piece, batch.line)
        return replace(
            upload,
            counts=counts,
            warnings=upload.warnings + len(receipt.warnings) - guessed,
            position=self._placed(upload, following, turn),
            rejects=replace(upload.rejects, pieces=upload.rejects.pieces + written),
        )


def _mostly_new(upload: BulkUpload) -> bool:
    """Tell whether the next records will be new as well, most likely.

    Some may have been there: a batch that is done again finds what its dead worker wrote.
    """
    accepted = sum(upload.counts.get(one, 0) for one in ACCEPTED)
    return 0 < accepted * MOSTLY <= upload.counts.get(Outcome.CREATED.value, 0)


def _entry(upload: BulkUpload, batch: Batch) -> RequestEntry:
    position = upload.position
    assert position.at is not None, "the batch was placed"
    return RequestEntry(
        position.request_id,
        upload.integration_id,
        upload.table,
        instant_text(position.at),
        METHOD,
        # Letters keep the lines from reading like a phone number, which would be hidden.
        f"{upload.job_id} L{batch.numbers[0]}-L{batch.numbers[-1]}",
        key_id=upload.key_id,
        key_name=upload.key_name,
        kind=UPLOAD,
    )


def _request(upload: BulkUpload, batch: Batch) -> bytes:
    """Describe a batch: where it comes from, and each of its lines."""
    head = {
        "upload_id": upload.job_id,
        "filename": upload.filename,
        "lines": [batch.numbers[0], batch.numbers[-1]],
    }
    records: dict[int, Any] = dict(zip(batch.places, batch.records, strict=True))
    shown: list[bytes] = []
    for place, text in enumerate(batch.texts):
        if place in batch.odd:
            shown.append(batch_log.as_json({"line": batch.numbers[place], "text": text.decode()}))
        else:
            # A JSON line stands as it was sent; a CSV's shows what was made of it.
            shown.append(text if upload.format == "ndjson" else batch_log.as_json(records[place]))
    return batch_log.as_json(head)[:-1] + b',"records":[' + b",".join(shown) + b"]}"


def _whole(receipt: Receipt, upload: BulkUpload, batch: Batch) -> Receipt:
    """Tell of all lines, those included that could not be read; by their places in the batch."""
    places = batch.places
    errors = [replace(one, index=places[one.index or 0]) for one in receipt.errors]
    errors += [replace(one, index=place) for place, issues in batch.odd.items() for one in issues]
    warnings = [replace(one, index=places[one.index or 0]) for one in receipt.warnings]
    if upload.format == "csv":  # the header's columns are warned of once a file
        warnings = [one for one in warnings if one.code != "unknown_field"]
    warnings += [FieldIssue("", "upload_text_guessed", index=place) for place in batch.guessed]
    results = dict(zip(places, receipt.results, strict=True))
    unread = Result("", None, Outcome.REJECTED)
    rejected = receipt.counts[Outcome.REJECTED] + len(batch.odd)
    return replace(
        receipt,
        received=len(batch.numbers),
        counts={**receipt.counts, Outcome.REJECTED: rejected},
        errors=sorted(errors, key=lambda one: one.index or 0),
        warnings=sorted(warnings, key=lambda one: one.index or 0),
        results=[results.get(place, unread) for place in range(len(batch.numbers))],
    )


def _refused(receipt: Receipt) -> dict[int, list[FieldIssue]]:
    found: dict[int, list[FieldIssue]] = {
        place: [] for place, one in enumerate(receipt.results) if one.outcome == Outcome.REJECTED
    }
    for issue in receipt.errors:
        found[issue.index or 0].append(issue)
    return found
