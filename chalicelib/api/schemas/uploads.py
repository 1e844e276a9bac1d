"""Bulk uploads."""

from ...domain.tables import NAMES
from ...domain.upload_requests import DECIMALS, DELIMITERS, ENCODINGS, LONGEST_NAME
from ...domain.uploads import FORMATS, MAX_SENT_BYTES, OUTCOMES, STATUSES
from .kinds import INSTANT, NUMBER, TEXT, WHOLE, Schema, described, maybe, one_of


def schemas() -> dict[str, Schema]:
    """Build the schemas of uploads."""
    facts = _facts()
    needed = ["format", "bytes", "sha256"]
    return {
        "NewUpload": _new(facts, needed),
        "NewTableUpload": _new({"table": one_of(*NAMES), **facts}, ["table", *needed]),
        "Upload": _upload(),
    }


def _new(properties: dict[str, Schema], needed: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def _facts() -> dict[str, Schema]:
    return {
        "format": {**one_of(*FORMATS), "description": "Gzip is recognised by itself"},
        "bytes": {**WHOLE, "minimum": 1, "maximum": MAX_SENT_BYTES, "description": "Of the file as sent"},
        "sha256": {**TEXT, "pattern": "^[0-9a-fA-F]{64}$", "description": "Of the file as sent"},
        "filename": {**TEXT, "maxLength": LONGEST_NAME},
        "encoding": {
            **one_of(*ENCODINGS),
            "description": "UTF-8, if left out; then a CSV's lines that are none are read as Windows-1252",
        },
        "delimiter": {**one_of(*DELIMITERS), "description": "Of a CSV; as its header has it, if left out"},
        "decimal": {**one_of(*DECIMALS), "description": "Of a CSV; told by each number, if left out"},
        "snapshot_id": {**TEXT, "description": "The full snapshot that the file belongs to"},
    }


def _upload() -> Schema:
    link = described(method=one_of("PUT"), url=TEXT, headers={"type": "object"}, expires_at=INSTANT)
    rejected = described(
        url=maybe({**TEXT, "description": "Presigned, fresh at every call; null in lists, and to viewers"}),
        expires_at=maybe(INSTANT),
        rows=WHOLE,
    )
    return described(
        upload_id=TEXT,
        table=one_of(*NAMES),
        format=one_of(*FORMATS),
        filename=maybe(TEXT),
        status=one_of(*STATUSES),
        upload=maybe(
            {**link, "description": "Where to send the file, with these headers; only while waiting"}
        ),
        bytes=WHOLE,
        lines={**WHOLE, "description": "Records in the file, without its header and blank lines; so far"},
        received={**WHOLE, "description": "Of these, how many were looked at"},
        **dict.fromkeys(OUTCOMES, WHOLE),
        accepted={**WHOLE, "description": "created + updated + unchanged + deleted"},
        warnings=WHOLE,
        progress={**NUMBER, "minimum": 0, "maximum": 1},
        rejected_file=maybe(rejected),
        error=maybe(described(code=TEXT, message=TEXT)),
        snapshot_id=maybe(TEXT),
        requested_by=TEXT,
        requested_at=INSTANT,
        started_at=maybe(INSTANT),
        finished_at=maybe(INSTANT),
    )
