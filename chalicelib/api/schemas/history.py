"""The request log, exports of it, and the audit list."""

from ...domain.audit import ACTS
from ...domain.request_log import API, SITUATIONS, SNAPSHOT, UPLOAD, VIEW
from ...domain.tables import NAMES
from .kinds import (
    FLAG,
    INSTANT,
    NUMBER,
    OPEN,
    TEXT,
    WHOLE,
    Schema,
    described,
    maybe,
    one_of,
    several,
)

_COUNTS = ("received", "created", "updated", "unchanged", "deleted", "rejected")


def schemas() -> dict[str, Schema]:
    """Build the schemas of what people read of the history."""
    listed = _request()
    bodies: dict[str, Schema] = {}
    for part in ("request", "response"):
        bodies[f"{part}_body"] = maybe(TEXT)
        bodies[f"{part}_body_encoding"] = {
            **one_of("utf-8", "base64"),
            "description": "base64 where the bytes are no text",
        }
        bodies[f"{part}_body_url"] = maybe({**TEXT, "description": "Where a body is too large for an answer"})
    return {
        "ListedRequest": described(**listed),
        "Request": described(**listed, headers=OPEN, **bodies),
        "NewExport": _new_export(),
        "Export": _export(),
        "Audit": described(
            entry_id=TEXT,
            at=INSTANT,
            user_id=TEXT,
            role=TEXT,
            act=one_of(*ACTS),
            label=TEXT,
            what=OPEN,
        ),
        "LogDownload": {
            "type": "object",
            "properties": {"format": one_of("xlsx", "txt")},
            "required": ["format"],
        },
        "Link": described(url=TEXT, url_expires_at=INSTANT, filename=TEXT, lines=WHOLE, masked=FLAG),
    }


def _request() -> dict[str, Schema]:
    return {
        "request_id": TEXT,
        "at": INSTANT,
        "type": {
            **one_of(API, VIEW, SNAPSHOT, UPLOAD),
            "description": "Sent to us, a page of a view, deletions of a snapshot, or lines of a file",
        },
        "method": TEXT,
        "path": TEXT,
        "table": maybe({**one_of(*NAMES), "description": "null: it named none of the tables"}),
        "status": maybe({**WHOLE, "description": "HTTP status; null: no answer"}),
        "situation": one_of(*SITUATIONS),
        "situation_label": TEXT,
        "code": maybe({**TEXT, "description": "Why it was refused"}),
        "counts": {"type": "object", "properties": dict.fromkeys(_COUNTS, WHOLE)},
        "duration_ms": maybe(WHOLE),
        "key_name": maybe(TEXT),
        "replay_of": maybe({**TEXT, "description": "The request whose body was taken in again"}),
        "request_bytes": {**WHOLE, "description": "As sent"},
        "response_bytes": WHOLE,
    }


def _new_export() -> Schema:
    tables = {**several(one_of(*NAMES)), "description": "None or empty: all"}
    return {
        "type": "object",
        "properties": {
            "from": {**TEXT, "format": "date-time"},
            "to": {**TEXT, "format": "date-time", "description": "At most 7 days after from"},
            "tables": tables,
            "masked": {**FLAG, "description": "Hide personal data; whoever may not see it gets no other"},
        },
        "required": ["from", "to"],
        "additionalProperties": False,
    }


def _export() -> Schema:
    return described(
        export_id=TEXT,
        status=one_of("queued", "running", "done", "error"),
        progress={**NUMBER, "minimum": 0, "maximum": 1},
        rows={**WHOLE, "description": "Requests written so far"},
        rejected_rows={**WHOLE, "description": "Rejected records written so far"},
        **{"from": INSTANT, "to": INSTANT},
        tables=several(TEXT),
        language=one_of("pt-BR", "en"),
        masked=FLAG,
        requested_by=TEXT,
        requested_at=INSTANT,
        finished_at=maybe(INSTANT),
        filename=TEXT,
        file_bytes=maybe(WHOLE),
        url=maybe({**TEXT, "description": "Presigned, fresh at every call; null until done"}),
        url_expires_at=maybe(INSTANT),
        file_expires_at=maybe(INSTANT),
        error=maybe(described(code=TEXT, message=TEXT)),
    )
