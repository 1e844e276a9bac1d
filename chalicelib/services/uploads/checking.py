"""Read an uploaded file whole, before any record is touched: its bytes, its text, its header, its lines.

Its records are written in pieces, each saved when it is there; the next worker reads on behind the last one.
A line that cannot be read is refused alone, when its turn comes; what is wrong with the file ends the upload.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ...domain import csv_columns, upload_lines, upload_texts
from ...domain.tables import TABLES
from ...domain.upload_lines import Line
from ...domain.upload_pieces import Piece
from ...domain.upload_problems import BrokenGzip, FileRefused
from ...domain.uploads import MAX_LINES, MAX_PLAIN_BYTES, BulkUpload, Reading
from ..background import Background
from ..job_chain import Turn
from .source import GZIP_MAGIC, Blocks, inflated

if TYPE_CHECKING:
    from ...storage.files import Files

_BEGINNING: Final = 1_000
_LINES_A_RECORD: Final = 10
"""A file may have so many lines for each record that it may hold: they have line breaks, or are blank."""
SEEN_LINES: Final = 200_000
"""After so many lines the state is saved, though most of them may have been blank."""


@dataclass(frozen=True, slots=True)
class Checking:
    """Reads files, and writes their pieces."""

    files: "Files"
    background: Background

    def open(self, upload: BulkUpload) -> BulkUpload:
        """Compare the file with what was said of it, and read how it begins; raises FileRefused."""
        name = upload.object_name()
        found = self.files.found(name)
        if found is None:
            raise FileRefused("upload_file_gone")
        if found.size != upload.size:
            raise FileRefused("upload_size_wrong", found=found.size, expected=upload.size)
        sha256 = found.sha256 or self._hashed(upload)
        if sha256 != upload.sha256:
            raise FileRefused("upload_checksum_wrong", found=sha256, expected=upload.sha256)
        packed = self.files.read(name, 0, len(GZIP_MAGIC)) == GZIP_MAGIC
        upload = replace(upload, phase="checking", reading=Reading(packed=packed))
        try:
            first = _beginning(self._plain(upload, self._blocks(upload)))
            upload = replace(upload, reading=Reading(upload_texts.mark_of(first), packed=packed))
            return self._headed(upload) if upload.format == "csv" else upload
        except BrokenGzip as broken:
            raise _broken(broken, 1) from broken

    def _headed(self, upload: BulkUpload) -> BulkUpload:
        """Read a CSV's header."""
        found = (line for line in self._lines(upload, self._blocks(upload)) if line.raw.strip())
        first = next(found, None)
        if first is None:
            raise FileRefused("upload_empty")
        delimiter = upload.delimiter or csv_columns.delimiter_of(upload_texts.shown(first.raw, upload))
        line = next(upload_lines.Records(delimiter).of(_again(first, found)))
        if line.opened is not None:
            raise FileRefused("csv_quote_open", line=line.opened)
        if line.dropped:
            raise FileRefused("csv_header_too_large", limit=csv_columns.MAX_COLUMNS)
        try:
            names = csv_columns.fields_of(upload_texts.shown(line.raw, upload), delimiter)
        except csv.Error as error:
            raise FileRefused("csv_header_broken", reason=error) from error
        header = csv_columns.header_of(TABLES[upload.table], names)
        reading = replace(
            upload.reading, offset=line.end, line=line.after, delimiter=delimiter, columns=header.names
        )
        return replace(upload, reading=reading, warnings=len(header.unknown))

    def read(self, upload: BulkUpload, turn: Turn[BulkUpload]) -> BulkUpload:
        """Read on until the turn is over; when all is read, it is to be imported. Raises FileRefused."""
        blocks = self._blocks(upload)
        reading, piece, saved_at = upload.reading, Piece(), upload.reading.line
        try:
            for line in self._records(upload, blocks):
                reading = replace(reading, offset=line.end, line=line.after, taken=blocks.taken)
                if line.dropped or line.raw.strip():
                    piece.add(line.number, *upload_texts.text_of(line, upload))
                if piece.full or reading.line - saved_at >= SEEN_LINES:
                    upload, piece, saved_at = self._kept(upload, piece, reading), Piece(), reading.line
                    if turn.over:
                        return upload
                    turn.save(upload)
        except BrokenGzip as broken:
            raise _broken(broken, reading.line) from broken
        upload = self._kept(upload, piece, reading)
        if not upload.lines and upload.format == "ndjson":
            raise FileRefused("upload_empty")
        return replace(upload, reading=replace(reading, taken=upload.size), phase="importing")

    def _records(self, upload: BulkUpload, blocks: Blocks) -> Iterator[Line]:
        found = self._lines(upload, blocks)
        if upload.format == "ndjson":
            yield from found
            return
        for line in upload_lines.Records(upload.reading.delimiter).of(found):
            if line.opened is not None:
                raise FileRefused("csv_quote_open", line=line.opened)
            yield line

    def _lines(self, upload: BulkUpload, blocks: Blocks) -> Iterator[Line]:
        reading = upload.reading
        plain = _bounded(self._plain(upload, blocks), reading.offset)
        return upload_lines.lines(plain, offset=reading.offset, number=reading.line)

    def _plain(self, upload: BulkUpload, blocks: Blocks) -> Iterator[bytes]:
        reading = upload.reading
        return inflated(iter(blocks), reading.offset) if reading.packed else iter(blocks)

    def _blocks(self, upload: BulkUpload) -> Blocks:
        """Read on where the file was left; gzip can only be read from its beginning."""
        start = 0 if upload.reading.packed else upload.reading.offset
        return Blocks(self.files, self.background, upload.object_name(), upload.size, start)

    def _kept(self, upload: BulkUpload, piece: Piece, reading: Reading) -> BulkUpload:
        """Store a piece, unless it is empty, and say in the upload that it counts."""
        found = upload.lines + len(piece.numbers)
        if found > MAX_LINES or reading.line > MAX_LINES * _LINES_A_RECORD:
            raise FileRefused("upload_too_many_lines", limit=MAX_LINES)
        if not piece.numbers:
            return replace(upload, reading=reading)
        self.files.put(upload.piece_name(upload.pieces), piece.packed())
        return replace(
            upload,
            reading=reading,
            pieces=upload.pieces + 1,
            lines=found,
            warnings=upload.warnings + len(piece.guessed),
        )

    def _hashed(self, upload: BulkUpload) -> str:
        """Read all bytes for their checksum: the bucket has verified none."""
        found = hashlib.sha256()
        for block in self._blocks(upload):
            found.update(block)
        return found.hexdigest()


def _beginning(plain: Iterator[bytes]) -> bytes:
    found = b""
    for block in plain:
        found += block[:_BEGINNING]
        if len(found) >= _BEGINNING:
            break
    return found


def _again(first: Line, others: Iterable[Line]) -> Iterator[Line]:
    yield first
    yield from others


def _bounded(plain: Iterator[bytes], offset: int) -> Iterator[bytes]:
    """Give what may be read of a file; `offset`: where it begins."""
    for block in plain:
        offset += len(block)
        if offset > MAX_PLAIN_BYTES:
            raise FileRefused("upload_plain_too_large", limit=MAX_PLAIN_BYTES)
        yield block


def _broken(broken: BrokenGzip, line: int) -> FileRefused:
    if broken.ended:
        return FileRefused("upload_gzip_truncated", bytes=broken.plain, line=line)
    return FileRefused("upload_gzip_broken", bytes=broken.plain, line=line)
