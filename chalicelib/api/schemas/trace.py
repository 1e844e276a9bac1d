"""What is known of one record."""

from ...domain.tables import NAMES
from ...domain.versions import WHATS
from .kinds import (
    ANYTHING,
    FLAG,
    INSTANT,
    OPEN,
    TEXT,
    WHOLE,
    Schema,
    described,
    maybe,
    one_of,
    ref,
    several,
)

_NAME = one_of(*NAMES)
_OUTCOMES = (
    *WHATS,
    *("unchanged", "replayed", "accepted", "unknown", "no_response", "in_progress"),
)


def schemas() -> dict[str, Schema]:
    """Build the schema of a trace."""
    return {
        "Trace": described(
            table=_NAME,
            key=TEXT,
            state={
                **one_of("pending", "applied", "rejected", "deleted"),
                "description": "deleted: and the CRM does not have it any more",
            },
            deleted=FLAG,
            received_at=INSTANT,
            revision=WHOLE,
            record={**ANYTHING, "description": "As it is stored; a deletion as the ERP sent it"},
            crm=maybe(_in_crm()),
            rejection=maybe(_rejection()),
            versions=several(_version()),
            versions_dropped={**WHOLE, "description": "Older versions that were not kept"},
            requests=several(_request()),
            requests_more={**FLAG, "description": "There are, or may be, older ones"},
            requests_since={**INSTANT, "description": "Since when all requests were looked at"},
            runs=several(_run()),
            parents=several(
                described(
                    table=_NAME,
                    key=TEXT,
                    state=one_of("pending", "applied", "rejected", "deleted", "missing"),
                )
            ),
            children=several(_children()),
            not_followed={
                **several(_NAME),
                "description": "Tables whose records may refer to this one, but cannot be found by it",
            },
        ),
    }


def _in_crm() -> Schema:
    return described(record=OPEN, applied_at=INSTANT, run_id=TEXT, revision=WHOLE, up_to_date=FLAG)


def _rejection() -> Schema:
    return described(
        at=INSTANT,
        request_id=maybe({**TEXT, "description": "null: a run set the record aside"}),
        run_id=maybe(TEXT),
        record={**ANYTHING, "description": "As it was sent; null when a run set it aside, or it was huge"},
        errors=several(ref("FieldError")),
    )


def _version() -> Schema:
    change = described(field=TEXT, before=ANYTHING, after=ANYTHING)
    return described(
        revision=WHOLE,
        at=INSTANT,
        what={
            **one_of(*WHATS),
            "description": "confirmed: sent again as it was, which ended a quarantine",
        },
        request_id=maybe({**TEXT, "description": "null: a run set the record aside"}),
        changes=maybe({**several(change), "description": "null: too large to be kept"}),
        run_id=maybe({**TEXT, "description": "The run that applied the version, or set it aside"}),
        run_certain=maybe(
            {**FLAG, "description": "false: concluded from the times of the version and the run"}
        ),
    )


def _request() -> Schema:
    return described(
        request_id=TEXT,
        at=INSTANT,
        kind=TEXT,
        outcome={
            **one_of(*_OUTCOMES),
            "description": "Of this record; accepted: changed or not, which is no longer known; "
            "unknown: its large answer was not read",
        },
        status=maybe(WHOLE),
        code=maybe(TEXT),
    )


def _run() -> Schema:
    return described(
        run_id=TEXT,
        started_at=maybe(INSTANT),
        status=maybe(one_of("running", "success", "partial", "error", "cancelled")),
        what=one_of("applied", "deleted", "rejected"),
        revision=WHOLE,
        certain=FLAG,
    )


def _children() -> Schema:
    return described(
        table=_NAME,
        source={
            **one_of("intermediate", "crm"),
            "description": "crm: as the last run applied them",
        },
        count=WHOLE,
        keys={**several(TEXT), "maxItems": 50},
        more={**FLAG, "description": "There are more than were counted"},
        complete={**FLAG, "description": "false: some may lie beside another client"},
    )
