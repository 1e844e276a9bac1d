"""The file of rejected lines: each as it was sent, with its number and what is wrong; it can be sent again.

It is written piece by piece, and joined at the end.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ...domain.csv_columns import ERRORS, LINE, fields_of
from ...domain.errors import FieldIssue
from ...domain.exports import Upload as PartsUnderWay
from ...domain.exports import UploadGone
from ...domain.uploads import BulkUpload, Rejects
from ..job_chain import Turn
from .batches import Batch

if TYPE_CHECKING:
    from ...storage.files import Files

PART_BYTES: Final = 6 * 1024 * 1024
"""S3 takes at least 5 MiB a part, and 10,000 parts."""
TYPES: Final = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
_MARK: Final = "\ufeff"
"""What spreadsheets need to see that a CSV is UTF-8."""
Rendered = Callable[[Sequence[FieldIssue]], list[dict[str, Any]]]


def written(
    upload: BulkUpload, batch: Batch, refused: Mapping[int, list[FieldIssue]], rendered: Rendered
) -> bytes:
    """Write a batch's rejected lines, given by place; the first ones of a CSV below its header."""
    told = {place: _told(issues, rendered) for place, issues in sorted(refused.items())}
    if upload.format == "csv":
        return _csv(upload, batch, told)
    return b"".join(_json(batch, place, messages) for place, messages in told.items())


def _told(issues: Sequence[FieldIssue], rendered: Rendered) -> list[str]:
    shown = rendered(issues)
    return [f"{one['field']}: {one['message']}" if one["field"] else one["message"] for one in shown]


def _json(batch: Batch, place: int, messages: list[str]) -> bytes:
    """Write a line with the record just as it was sent, if it is one."""
    head = f'{{"linha": {batch.numbers[place]}, "erros": {json.dumps(messages, ensure_ascii=False)}, '
    text = batch.texts[place]
    if place in batch.odd:
        return f'{head}"texto": {json.dumps(text.decode(), ensure_ascii=False)}}}\n'.encode()
    return head.encode() + b'"registro": ' + text.strip() + b"}\n"


def _csv(upload: BulkUpload, batch: Batch, told: Mapping[int, list[str]]) -> bytes:
    delimiter, names = upload.reading.delimiter, upload.reading.columns
    ours = [at for at, name in enumerate(names) if name.strip().lower() in (LINE, ERRORS)]
    content = io.StringIO()
    write = csv.writer(content, delimiter=delimiter, lineterminator="\r\n").writerow
    if upload.rejects.pieces == 0:
        content.write(_MARK)
        write([LINE, ERRORS, *(name for at, name in enumerate(names) if at not in ours)])
    for place, messages in told.items():
        values = _values(batch.texts[place].decode(), delimiter)
        kept = [value for at, value in enumerate(values) if at not in ours]
        write([batch.numbers[place], " | ".join(messages), *kept])
    return content.getvalue().encode()


def _values(text: str, delimiter: str) -> list[str]:
    try:
        return fields_of(text, delimiter)
    except csv.Error:
        return [text]


@dataclass(frozen=True, slots=True)
class Joining:
    """Joins the pieces to one file, in parts; a part that is there is not sent again."""

    files: "Files"

    def run(self, upload: BulkUpload, turn: Turn[BulkUpload]) -> BulkUpload:
        """Join until the turn is over or the file is whole; answers whether it is in `rejects.file_bytes`."""
        name = upload.rejected_object()
        if not upload.rejects.pieces:
            return upload
        if upload.rejects.under_way is None:
            begun = PartsUnderWay(self.files.begin_upload(name, TYPES[upload.format]))
            upload = replace(upload, rejects=replace(upload.rejects, under_way=begun))
            turn.save(upload)
        try:
            return self._joined(upload, turn)
        except UploadGone:
            # A lost worker had completed it, or the bucket has forgotten what was not: begin once more.
            return _with(upload, under_way=None, joined=0)

    def _joined(self, upload: BulkUpload, turn: Turn[BulkUpload]) -> BulkUpload:
        name, rejects = upload.rejected_object(), upload.rejects
        assert rejects.under_way is not None, "it was begun"
        upload_id, etags = rejects.under_way.upload_id, list(rejects.under_way.etags)
        joined = rejects.joined
        while joined < rejects.pieces:
            content, joined = self._part(upload, joined)
            etags.append(self.files.upload_part(name, upload_id, len(etags) + 1, content))
            upload = _with(upload, joined=joined, under_way=PartsUnderWay(upload_id, tuple(etags)))
            if turn.over and joined < rejects.pieces:
                return upload
            turn.save(upload)
        self.files.complete_upload(name, upload_id, etags)
        return _with(upload, file_bytes=self.files.size(name) or 0)

    def _part(self, upload: BulkUpload, piece: int) -> tuple[bytes, int]:
        """Put pieces together, from this one on, until they are large enough."""
        found = io.BytesIO()
        while piece < upload.rejects.pieces and found.tell() < PART_BYTES:
            found.write(self.files.get(upload.rejects_name(piece)))
            piece += 1
        return found.getvalue(), piece


def _with(upload: BulkUpload, **changes: Any) -> BulkUpload:
    rejects: Rejects = replace(upload.rejects, **changes)
    return replace(upload, rejects=rejects)
