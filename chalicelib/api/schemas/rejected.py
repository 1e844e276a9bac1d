"""Refused records, corrections of them, and replays."""

from ...domain.tables import NAMES
from .kinds import ANYTHING, FLAG, INSTANT, TEXT, Schema, described, maybe, one_of, ref, several


def schemas() -> dict[str, Schema]:
    """Build the schemas of what people do with refused records and stored requests."""
    corrects = {**TEXT, "description": "The stored_as of the refusal that the one record corrects"}
    return {
        "Rejected": described(
            table=one_of(*NAMES),
            key=maybe({**TEXT, "description": "null: it had none that could be used"}),
            stored_as=maybe({**TEXT, "description": "Names the refusal; null where the key is masked"}),
            at=INSTANT,
            request_id=TEXT,
            errors=several(ref("FieldError")),
            record={**ANYTHING, "description": "As it was sent; null when it was too large to be kept"},
            too_large=FLAG,
            live={**FLAG, "description": "An older, valid version is stored"},
        ),
        "Correction": {
            "type": "object",
            "properties": {
                "records": {**several(ANYTHING), "maxItems": 1_000},
                "corrects": maybe(corrects),
            },
            "required": ["records"],
        },
        "ReplayReceipt": {"allOf": [ref("Receipt"), described(replay_of=TEXT)]},
    }
