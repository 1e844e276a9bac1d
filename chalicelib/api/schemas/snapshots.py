"""Full snapshots."""

from ...domain.snapshots import STATUSES
from ...domain.tables import NAMES
from .kinds import FLAG, INSTANT, TEXT, WHOLE, Schema, changes, described, maybe, one_of


def schemas() -> dict[str, Schema]:
    """Build the schemas of snapshots."""
    said = described(code=TEXT, message=TEXT)
    return {
        "NewSnapshot": changes(replace={**FLAG, "description": "Give the open one up, if there is any"}),
        "SnapshotCommit": changes(force={**FLAG, "description": "Delete however many records were not sent"}),
        "Snapshot": described(
            snapshot_id={**TEXT, "description": "Send it with each delivery, in the header Snapshot-Id"},
            table=one_of(*NAMES),
            status=one_of(*STATUSES),
            opened_at=INSTANT,
            opened_by=TEXT,
            expires_at=INSTANT,
            committed_at=maybe(INSTANT),
            committed_by=maybe(TEXT),
            finished_at=maybe(INSTANT),
            forced=FLAG,
            records={
                **WHOLE,
                "description": "Keys met; while it is open, one that is sent twice is counted twice",
            },
            stored={**WHOLE, "description": "Records of the table when they were compared"},
            missing={**WHOLE, "description": "Of those, how many were not sent, and are to be deleted"},
            deleted=WHOLE,
            kept_newer={**WHOLE, "description": "Not sent, but delivered since it was opened: kept"},
            keyless={**WHOLE, "description": "Records sent without a usable key"},
            awaited={**WHOLE, "description": "Uploads into it that are not done yet"},
            held_because=maybe(said),
            error=maybe(said),
        ),
    }
