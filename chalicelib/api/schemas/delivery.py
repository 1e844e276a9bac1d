"""What ERPs send and are answered."""

from .kinds import ANYTHING, FLAG, INSTANT, TEXT, WHOLE, Schema, described, maybe, one_of, ref, several


def schemas() -> dict[str, Schema]:
    """Build the schemas of deliveries and of what is stored of them."""
    counts = dict.fromkeys(("received", "created", "updated", "unchanged", "deleted", "rejected"), WHOLE)
    issues = several(ref("FieldError"))
    receipt = described(request_id=TEXT, table=TEXT, **counts, errors=issues, warnings=issues)
    receipt["properties"]["omitted"] = {**WHOLE, "description": "Errors and warnings that found no room"}
    return {
        "Delivery": {
            **described(records={**several(ANYTHING), "maxItems": 1_000}),
            "description": "Records of the table in the path: see the schemas record_*",
        },
        "Receipt": receipt,
        "StoredRecord": described(
            table=TEXT,
            key=TEXT,
            record={**ANYTHING, "description": "As it is stored; null when it was deleted"},
            deleted=FLAG,
            received_at=INSTANT,
            request_id=TEXT,
            revision=WHOLE,
            state=one_of("pending", "applied", "rejected"),
            state_since=INSTANT,
            applied_at=maybe(INSTANT),
            applied_run_id=maybe(TEXT),
        ),
    }
