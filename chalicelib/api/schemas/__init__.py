"""JSON Schemas of everything the API takes and answers."""

from typing import Final

from . import (
    alerts,
    delivery,
    history,
    onboarding,
    reading,
    records,
    rejected,
    settings,
    snapshots,
    trace,
    uploads,
    views,
)
from .kinds import TEXT, WHOLE, Schema, described, maybe, page, ref, several

_LISTED: Final = (
    *("Integration", "TableCounts", "Run", "LogLine", "Customer", "Key", "Request", "Audit"),
    *("Alert", "Recipient", "Snapshot", "Rejected"),
    *("Report", "Finding", "Upload"),
)


def all_schemas() -> dict[str, Schema]:
    """Build every named schema."""
    found = {
        **_errors(),
        **records.schemas(),
        **delivery.schemas(),
        **settings.schemas(),
        **reading.schemas(),
        **history.schemas(),
        **alerts.schemas(),
        **views.schemas(),
        **onboarding.schemas(),
        **trace.schemas(),
        **snapshots.schemas(),
        **rejected.schemas(),
        **uploads.schemas(),
    }
    for name in _LISTED:
        listed = "TableList" if name == "TableCounts" else f"{name}List"
        found[listed] = page(f"Listed{name}" if f"Listed{name}" in found else name)
    return found


def _errors() -> dict[str, Schema]:
    return {
        "FieldError": described(
            index=maybe({**WHOLE, "description": "Position in the delivery, from 0"}),
            key=maybe(TEXT),
            field={**TEXT, "description": "Empty when it is about the whole record"},
            code=TEXT,
            message={**TEXT, "description": "What is wrong and what to do, in the caller's language"},
        ),
        "Problem": described(
            type=TEXT,
            title=TEXT,
            status=WHOLE,
            code=TEXT,
            detail=TEXT,
            request_id=TEXT,
            errors=several(ref("FieldError")),
        ),
    }
