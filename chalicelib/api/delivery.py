"""Read the body of a delivery: bounded decompression, JSON or NDJSON, with exact errors."""

import gzip
import io
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ..domain import exact_json
from ..domain.errors import Invalid, TooLarge, UnsupportedMedia
from ..domain.values import repeated

MAX_SENT_BYTES: Final = 4 * 1024 * 1024
MAX_BYTES: Final = 10 * 1024 * 1024
MAX_RECORDS: Final = 1_000
_GZIP, _GZIP_MAGIC = ("gzip", "x-gzip"), b"\x1f\x8b"
_TEXT_START: Final = re.compile(rb"(\xef\xbb\xbf)?\s*([\[{]|$)")
_JSON, _NDJSON = "application/json", ("application/x-ndjson", "application/ndjson", "application/jsonl")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Records, and what else came in their envelope."""

    records: list[Any]
    envelope: dict[str, Any] = field(default_factory=dict)


def records_of(body: bytes, content_type: str | None, encoding: str | None) -> list[Any]:
    """Read the records; raises Invalid, TooLarge or UnsupportedMedia saying where and what to do."""
    return delivery_of(body, content_type, encoding).records


def delivery_of(body: bytes, content_type: str | None, encoding: str | None) -> Delivery:
    """Read the records and their envelope; raises as `records_of`."""
    text, kind = _text_of(body, content_type, encoding)
    found = Delivery(_json_lines(text)) if kind in _NDJSON else _envelope(text)
    if len(found.records) > MAX_RECORDS:
        raise TooLarge("too_many_records", count=len(found.records), limit=MAX_RECORDS)
    return found


def document_of(body: bytes, content_type: str | None, encoding: str | None) -> Any:
    """Read a JSON document under the same limits; raises as `records_of` does."""
    text, kind = _text_of(body, content_type, encoding)
    if kind != _JSON:
        raise UnsupportedMedia("only_json", content_type=kind)
    return _parsed(text, _malformed)


def _text_of(body: bytes, content_type: str | None, encoding: str | None) -> tuple[str, str]:
    """Read a body's text, bounded in whatever form it comes, and its kind."""
    kind = (content_type or _JSON).partition(";")[0].strip().lower()
    if kind != _JSON and kind not in _NDJSON:
        raise UnsupportedMedia("unsupported_media_type", content_type=kind[:100])
    packing = (encoding or "identity").strip().lower()
    if packing not in ("identity", *_GZIP):
        raise UnsupportedMedia("unsupported_encoding", encoding=packing[:50])
    if len(body) > MAX_SENT_BYTES:
        raise TooLarge("body_too_large", bytes=len(body), limit=MAX_SENT_BYTES)
    # A gateway may have inflated the body and left the header, so the content decides, not the header.
    packed = body.startswith(_GZIP_MAGIC)
    if packing in _GZIP and not packed and not _TEXT_START.match(body):
        raise Invalid("not_gzip")
    text = _decoded(_inflated(body) if packed else body)
    if not text.strip():
        raise Invalid("body_empty")
    return text, kind


def _inflated(body: bytes) -> bytes:
    """Decompress at most MAX_BYTES, in time and memory that the limits bound, however many members it has."""
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Invalid("malformed_gzip") from error
    if len(plain) > MAX_BYTES:
        raise TooLarge("decompressed_too_large", limit=MAX_BYTES)
    return plain


def _decoded(body: bytes) -> str:
    if len(body) > MAX_BYTES:
        raise TooLarge("decompressed_too_large", limit=MAX_BYTES)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("not_utf8", position=error.start) from error


def _envelope(text: str) -> Delivery:
    body = _parsed(text, _malformed)
    if "records" in repeated(body):
        raise Invalid("envelope_repeated")
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list):
        raise Invalid("envelope_invalid")
    return Delivery(records, body)


def _json_lines(text: str) -> list[Any]:
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        records.append(_parsed(line, _at_line(number)))
        if len(records) > MAX_RECORDS:
            count = sum(1 for one in text.split("\n") if one.strip())
            raise TooLarge("too_many_records", count=count, limit=MAX_RECORDS)
    return records


def _malformed(error: json.JSONDecodeError) -> Invalid:
    return Invalid("malformed_json", line=error.lineno, column=error.colno, reason=error.msg[:100])


def _at_line(number: int) -> Callable[[json.JSONDecodeError], Invalid]:
    return lambda error: Invalid("malformed_ndjson", line=number, column=error.colno, reason=error.msg[:100])


def _parsed(text: str, malformed: Callable[[json.JSONDecodeError], Invalid]) -> Any:
    try:
        return exact_json.parse(text)
    except json.JSONDecodeError as error:
        raise malformed(error) from error
    except RecursionError as error:
        raise Invalid("json_too_deep") from error
