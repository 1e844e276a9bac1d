"""A full snapshot of a table: the ERP sends all that it has, and what was not in it is gone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from .jobs import Job
from .vanishing import too_many

State = Literal["open", "committing", "held", "committed", "abandoned"]
Status = Literal["open", "committing", "held", "committed", "abandoned", "expired", "failed"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
OPEN_LIFE: Final = timedelta(hours=24)
"""How long records may be sent into a snapshot."""
HELD_LIFE: Final = timedelta(days=7)
"""How long somebody may still agree to deletions that were held; the bucket keeps the keys longer."""
ITEM_LIFE: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that are being deleted: decided and saved before it is done, so that it is counted once.

    request_id  of its entry in the request log; `at`, canonical instant text, is the entry's time
    """

    request_id: str
    at: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Job):
    """A snapshot and where its comparison stands; as a job it is under way only while it is committing.

    forced        its deletions are right, however many they are
    committed_at  when it was asked to be committed
    phase         "compare", then "sweep"; `bucket` and `behind` say where that stands
    vanished      keys that were not met, in each partition: records and refusals
    records       different keys met, known when it is compared; `keyless`: refused records without one
    awaited       uploads into it that are not done yet
    stored        live records when it was compared; `missing`: of those, how many are to be deleted
    kept_newer    not met, but delivered after the opening: kept
    held          code of why nothing is deleted until somebody agrees
    """

    table: str
    state: State = "open"
    forced: bool = False
    committed_by: str | None = None
    committed_at: datetime | None = None
    phase: Literal["compare", "sweep"] = "compare"
    bucket: int = 0
    behind: str | None = None
    vanished: tuple[int, ...] = field(default=())
    batch: Batch | None = None
    records: int = 0
    keyless: int = 0
    awaited: int = 0
    stored: int = 0
    missing: int = 0
    deleted: int = 0
    kept_newer: int = 0
    held: str | None = None

    @property
    def expires_at(self) -> datetime:
        """Tell until when records are taken, or deletions that were held can be agreed to."""
        if self.state == "held" and self.finished_at:
            return self.finished_at + HELD_LIFE
        return self.requested_at + OPEN_LIFE

    def status(self, now: datetime) -> Status:
        """Tell what people are told."""
        if self.state in ("open", "held") and now >= self.expires_at:
            return "expired"
        return "failed" if self.state == "committing" and self.failed else self.state


def reason_to_hold(snapshot: Snapshot) -> str | None:
    """Tell why nothing may be deleted before somebody has looked at it; None if nothing is in the way."""
    if snapshot.awaited:
        return "snapshot_held_awaiting"
    if not snapshot.records and snapshot.stored:
        return "snapshot_held_empty"
    if snapshot.keyless:
        return "snapshot_held_keyless"
    if too_many(snapshot.missing, snapshot.stored):
        return "snapshot_held_many"
    return None
