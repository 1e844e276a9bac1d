"""Lines of a file as batches of records, read and parsed ahead of their import."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ...domain import exact_json, upload_pieces
from ...domain.csv_columns import fields_of, header_of, rows_of
from ...domain.errors import FieldIssue
from ...domain.tables import TABLES
from ...domain.upload_pieces import Piece
from ...domain.uploads import BulkUpload

Read = Callable[[int, str], Any]
"""Makes a record of a line, given its number; a list of FieldIssues says why it cannot be one."""


class Objects(Protocol):
    """Where pieces lie."""

    def get(self, name: str) -> bytes: ...


@dataclass(slots=True)
class Batch:
    """Lines that are imported together.

    records  those that could be read, `places` their places among the lines
    odd      by place: why a line could not be read
    guessed  places of lines whose encoding was guessed
    piece, line  where the next batch begins
    """

    numbers: list[int]
    texts: list[bytes]
    records: list[Any] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    odd: dict[int, list[FieldIssue]] = field(default_factory=dict)
    guessed: list[int] = field(default_factory=list)
    piece: int = 0
    line: int = 0


def batches(objects: Objects, upload: BulkUpload, local: ZoneInfo) -> Iterator[Batch]:
    """Give the batches that are left to import."""
    read = _reader(upload, local)
    start = upload.position.line
    for number in range(upload.position.piece, upload.pieces):
        piece = upload_pieces.unpacked(objects.get(upload.piece_name(number)))
        for places in upload_pieces.batches(piece, start):
            batch = _parsed(piece, places, read)
            last = places.stop == len(piece.numbers)
            batch.piece, batch.line = (number + 1, 0) if last else (number, places.stop)
            yield batch
        start = 0


def _parsed(piece: Piece, places: range, read: Read) -> Batch:
    first, last = places.start, places.stop
    batch = Batch(piece.numbers[first:last], piece.texts[first:last])
    batch.guessed = [place - first for place in piece.guessed if place in places]
    for place, (number, text) in enumerate(zip(batch.numbers, batch.texts, strict=True)):
        if issue := piece.odd.get(place + first):
            batch.odd[place] = [issue]
            continue
        found = read(number, text.decode())
        if type(found) is _Odd:
            batch.odd[place] = found.issues
        else:
            batch.records.append(found)
            batch.places.append(place)
    return batch


@dataclass(frozen=True, slots=True)
class _Odd:
    """A line that cannot be read."""

    issues: list[FieldIssue]


def _reader(upload: BulkUpload, local: ZoneInfo) -> Read:
    return _json_line if upload.format == "ndjson" else _csv_row(upload, local)


def _json_line(number: int, text: str) -> Any:
    try:
        return exact_json.parse(text)
    except json.JSONDecodeError as error:
        params = {"line": str(number), "column": str(error.colno), "reason": error.msg[:100]}
        return _Odd([FieldIssue("", "malformed_ndjson", params)])
    except RecursionError:
        return _Odd([FieldIssue("", "json_too_deep")])


def _csv_row(upload: BulkUpload, local: ZoneInfo) -> Read:
    reading, table = upload.reading, TABLES[upload.table]
    row = rows_of(table, header_of(table, reading.columns), reading.delimiter, upload.decimal, local)

    def read(number: int, text: str) -> Any:
        try:
            values = fields_of(text, reading.delimiter)
        except csv.Error as error:
            return _Odd([FieldIssue("", "csv_row_broken", {"reason": str(error)[:100]})])
        found = row(values)
        return _Odd(found) if isinstance(found, list) else found

    return read
