"""The intermediate database's rules: what a delivered record does to the one stored under its key.

Pure: takes what is stored and what arrived, answers what to store and what to tell the ERP.
`revision` grows by one with each write, and every write is conditional on the revision that was
read: of two concurrent deliveries the loser reads again and decides again.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from pydantic_core import PydanticCustomError

from . import deltas, values, versions
from .deltas import Delta
from .errors import FieldIssue
from .fingerprints import digest_of, keyless, raw_json
from .tables import UPDATED_AT, client_of
from .tallies import Tallies
from .validation import InvalidRecord, ValidRecord

MAX_KEPT_RAW_BYTES = 32 * 1024


class Outcome(StrEnum):
    """What happened to one delivered record; the values are the names in the answer."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why the latest delivery of a key was refused; `raw` is the record as sent ("" when huge)."""

    issues: tuple[FieldIssue, ...]
    raw: str
    digest: str
    at: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Staged:
    """One key of the intermediate database.

    data        canonical JSON of the last valid version, "" if there never was one
    updated_at  highest `atualizado_em` seen, as canonical instant text
    deleted     a tombstone: `data` is the deletion, kept so that older versions stay out
    place       "kind|codigo" of the client whose document this is; kept on the tombstone
    history     the versions before, see `versions`
    """

    table: str
    key: str
    revision: int
    data: str
    updated_at: str | None
    received_at: str
    request_id: str
    deleted: bool = False
    place: str | None = None
    rejection: Rejection | None = None
    history: versions.Past = versions.NO_PAST

    @property
    def live(self) -> bool:
        """Whether the key counts as a record of its table."""
        return bool(self.data) and not self.deleted

    @property
    def size(self) -> int:
        """Bytes that the record itself takes, as counted in the integration's database size."""
        return len(self.data.encode()) + len(self.key.encode()) if self.live else 0


@dataclass(frozen=True, slots=True)
class Change:
    """A pending change for the next run: apply the key; `moved_from` lists clients it has left."""

    key: str
    kind: str
    moved_from: tuple[str, ...] = ()


APPLY, REJECT = "apply", "reject"


@dataclass(frozen=True, slots=True)
class Decision:
    """`write` is None when nothing needs to be stored."""

    outcome: Outcome
    write: Staged | None = None
    change: Change | None = None
    warning: FieldIssue | None = None


def decide(stored: Staged | None, record: ValidRecord, table: str, at: str, request_id: str) -> Decision:
    """Decide what a valid record does to the stored one."""
    if stored and record.updated_at and stored.updated_at and record.updated_at < stored.updated_at:
        warning = FieldIssue("atualizado_em", "older_version", {"stored": stored.updated_at})
        return Decision(Outcome.UNCHANGED, warning=warning)
    if record.deleted:
        return _delete(stored, record, table, at, request_id)
    if stored and stored.live and stored.data == record.encoded:
        if not stored.rejection:
            return Decision(Outcome.UNCHANGED)
        # The run may have set this very version aside: it is applied again, which costs little.
        return Decision(Outcome.UNCHANGED, _cleared(stored, request_id), Change(record.key, APPLY))
    written = Staged(
        table=table,
        key=record.key,
        revision=(stored.revision if stored else 0) + 1,
        data=record.encoded,
        updated_at=_latest(stored, record),
        received_at=at,
        request_id=request_id,
        place=client_of(record.data) if table in CLIENT_DOCUMENTS else None,
    )
    outcome = Outcome.UPDATED if stored and stored.live else Outcome.CREATED
    return Decision(outcome, written, Change(record.key, APPLY, moved(stored, written)))


CLIENT_DOCUMENTS = frozenset({"nota", "fatura"})
"""Documents that live beside their client in the CRM data, because its metrics are made of them."""


def moved(stored: Staged | None, written: Staged) -> tuple[str, ...]:
    """Name the client that a document has left."""
    return (stored.place,) if stored and stored.place and stored.place != written.place else ()


def _delete(stored: Staged | None, record: ValidRecord, table: str, at: str, request_id: str) -> Decision:
    if stored and stored.deleted and stored.updated_at == _latest(stored, record):
        return Decision(Outcome.UNCHANGED, _cleared(stored, request_id) if stored.rejection else None)
    tombstone = Staged(
        table=table,
        key=record.key,
        revision=(stored.revision if stored else 0) + 1,
        data=record.encoded,
        updated_at=_latest(stored, record),
        received_at=at,
        request_id=request_id,
        deleted=True,
        place=stored.place if stored else None,
    )
    if stored and stored.live:
        return Decision(Outcome.DELETED, tombstone, Change(record.key, APPLY))
    warning = FieldIssue("excluido", "nothing_to_delete")
    return Decision(Outcome.UNCHANGED, tombstone, warning=warning)


def _cleared(stored: Staged, request_id: str) -> Staged:
    return replace(stored, revision=stored.revision + 1, rejection=None, request_id=request_id)


def _latest(stored: Staged | None, record: ValidRecord) -> str | None:
    known = [moment for moment in (stored.updated_at if stored else None, record.updated_at) if moment]
    return max(known, default=None)


def reject(
    stored: Staged | None, record: InvalidRecord, raw: Any, table: str, at: str, request_id: str
) -> Decision:
    """Quarantine a record that failed validation beside its last valid version, if it has one."""
    raw_text = raw_json(raw)
    fingerprint = digest_of(raw_text)
    known = stored and stored.rejection and stored.rejection.digest == fingerprint
    if known or (stored and _is_older(raw, stored)):
        return Decision(Outcome.REJECTED)
    rejection = Rejection(
        record.issues,
        raw_text if len(raw_text) <= MAX_KEPT_RAW_BYTES else "",
        fingerprint,
        at,
        request_id,
    )
    key = record.key or keyless(fingerprint)
    blank = Staged(table, key, 0, "", None, at, request_id)
    base = stored or blank
    return Decision(
        Outcome.REJECTED,
        replace(base, revision=base.revision + 1, rejection=rejection),
        Change(key, REJECT),
    )


def _is_older(raw: Any, stored: Staged) -> bool:
    """Tell whether a refused record says of itself that it is older than the one stored: it is no news."""
    if not isinstance(raw, dict) or not stored.updated_at:
        return False
    try:
        return values.instant(raw.get(UPDATED_AT)) < stored.updated_at
    except PydanticCustomError:
        return False


@dataclass(frozen=True, slots=True)
class Write:
    """Replace `stored` (as it was read, or None) by `staged`, leaving `changes` for the next run."""

    stored: Staged | None
    staged: Staged
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "staged", versions.remembering(self.stored, self.staged))

    @property
    def delta(self) -> Delta:
        """How the write moves its table's counters."""
        applied = sum(change.kind == APPLY for change in self.changes)
        return deltas.delta(self.stored, self.staged, applied)


@dataclass(frozen=True, slots=True)
class PendingBatch:
    """Changes that one transaction left for the next run; `sort_key` begins with the time received.

    gain  what applying them moves: the CRM's records and amounts, and changes that wait no longer
    """

    sort_key: str
    changes: tuple[Change, ...]
    gain: Tallies = field(default_factory=dict)
