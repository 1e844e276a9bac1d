"""Full snapshots: open one, take records into it, and ask for what was not in it to be deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..domain.errors import Busy, Conflict, FieldIssue, Invalid, NotFound
from ..domain.jobs import new_job_id
from ..domain.snapshots import Snapshot
from ..domain.tables import Table
from ..domain.validation import key_of
from ..domain.values import instant_text
from .job_chain import JobChain

if TYPE_CHECKING:
    from ..storage.snapshots import Snapshots

_ATTEMPTS = 5
_MAX_ID = 100


@dataclass(frozen=True, slots=True)
class SnapshotDesk:
    """What ERPs and people do with snapshots; `overtaken` is what the store raises when a race is lost."""

    snapshots: "Snapshots"
    chain: JobChain[Snapshot]
    overtaken: type[Exception]

    def open(
        self, tenant_id: str, integration_id: str, table: str, by: str, *, replacing: bool = False
    ) -> Snapshot:
        """Open a snapshot; one whose deletions were held, or whose work failed, is given up for it.

        Raises Conflict while another one is open, unless it is `replacing` that, or is being committed.
        """
        for _ in range(_ATTEMPTS):
            now = self.chain.now()
            before = self.snapshots.present(integration_id, table)
            status = before.status(now) if before else "committed"
            if before and status in ("committing", "open") and not (replacing and status == "open"):
                ends = instant_text(before.expires_at)
                raise Conflict(
                    f"snapshot_is_{status}", table=table, snapshot_id=before.job_id, expires_at=ends
                )
            opened = Snapshot(
                job_id=new_job_id(now),
                tenant_id=tenant_id,
                integration_id=integration_id,
                requested_by=by,
                requested_at=now,
                table=table,
            )
            # What could still be committed later would delete what only the new one has met.
            ended = self._abandoned(before) if before and status in ("open", "held", "failed") else None
            try:
                self.snapshots.begin(opened, before, ended)
            except self.overtaken:
                continue
            return opened
        raise Busy()

    def find(self, integration_id: str, table: str, snapshot_id: str) -> Snapshot:
        """Find a snapshot of a table, with what it has met so far; a lost message of its work is sent again.

        Raises NotFound.
        """
        found = self._find(integration_id, table, snapshot_id)
        if found.state == "committing":
            self.chain.drive(found)
        return self.counted(found)

    def counted(self, snapshot: Snapshot) -> Snapshot:
        """Count the keys of a snapshot that has not been compared yet."""
        if snapshot.state not in ("open", "abandoned") or snapshot.records:
            return snapshot
        noted = self.snapshots.noted(snapshot)
        return replace(snapshot, records=noted.met, keyless=noted.keyless, awaited=noted.awaited)

    def accept(self, integration_id: str, table: str, snapshot_id: str) -> Snapshot:
        """Find the snapshot that records are sent into; raises NotFound, or Conflict when it is not open."""
        found = self._find(integration_id, table, snapshot_id)
        status = found.status(self.chain.now())
        if status != "open":
            code = "snapshot_expired" if status == "expired" else "snapshot_closed"
            raise Conflict(code, snapshot_id=found.job_id, table=table)
        return found

    def note(self, snapshot: Snapshot, name: str, met: Sequence[str], keyless: int) -> None:
        """Keep the keys of one request or batch, of accepted and of refused records; the name is its own.

        Repeated under the same name it changes nothing. To be done before the records are written, or
        before their sender is told that they are: raises Busy when the keys could not be kept, and Conflict
        when the snapshot was closed meanwhile, so that they may not be in the comparison.
        """
        self.snapshots.note(snapshot, name, list(dict.fromkeys(met)), keyless)
        self.accept(snapshot.integration_id, snapshot.table, snapshot.job_id)

    def expect(self, snapshot: Snapshot, name: str) -> None:
        """Let the snapshot wait for an upload, whose batches are noted one by one; raises Conflict."""
        self.snapshots.expect(snapshot, name)
        self.accept(snapshot.integration_id, snapshot.table, snapshot.job_id)

    def arrived(self, snapshot: Snapshot, name: str) -> None:
        """Let it wait no longer: the upload is done, or given up. May be repeated."""
        self.snapshots.arrived(snapshot, name)

    def commit(
        self, integration_id: str, table: str, snapshot_id: str, by: str, *, force: bool = False
    ) -> Snapshot:
        """Ask for the comparison, or with `force` for the deletions that were held.

        Asked again, it changes nothing. Raises NotFound, or Conflict when the snapshot is over, or waits for
        an upload.
        """
        for _ in range(_ATTEMPTS):
            found = self.find(integration_id, table, snapshot_id)
            now = self.chain.now()
            status = found.status(now)
            if status in ("committing", "committed") or (status == "held" and not force):
                return found
            if status in ("abandoned", "expired"):
                code = "snapshot_expired" if status == "expired" else "snapshot_closed"
                raise Conflict(code, snapshot_id=found.job_id, table=table)
            if status == "open" and found.awaited and not force:
                raise Conflict(
                    "snapshot_awaits", snapshot_id=found.job_id, table=table, uploads=found.awaited
                )
            asked = replace(
                _afresh(found),
                hop=found.hop + 1,
                forced=force,
                committed_by=by,
                committed_at=now if status == "open" else found.committed_at,
            )
            try:
                self.snapshots.turn(asked, found, self.chain.grace_until())
            except self.overtaken:
                continue
            self.chain.send(asked)
            return asked
        raise Busy()

    def abandon(self, integration_id: str, table: str, snapshot_id: str) -> Snapshot:
        """Give a snapshot up; raises NotFound, or Conflict while it is being committed and afterwards."""
        for _ in range(_ATTEMPTS):
            found = self.find(integration_id, table, snapshot_id)
            if found.state == "abandoned":
                return found
            if found.status(self.chain.now()) in ("committing", "committed"):
                raise Conflict("snapshot_cannot_end", snapshot_id=found.job_id, table=table)
            ended = self._abandoned(found)
            try:
                self.snapshots.turn(ended, found, None)
            except self.overtaken:
                continue
            return ended
        raise Busy()

    def _find(self, integration_id: str, table: str, snapshot_id: str) -> Snapshot:
        possible = snapshot_id.isascii() and 0 < len(snapshot_id) <= _MAX_ID
        found = self.snapshots.find(integration_id, snapshot_id) if possible else None
        if found is None or found.table != table:
            raise NotFound("snapshot_not_found", snapshot_id=snapshot_id[:_MAX_ID], table=table)
        return found

    def _abandoned(self, snapshot: Snapshot) -> Snapshot:
        counted = self.counted(snapshot)
        return replace(counted, state="abandoned", hop=snapshot.hop + 1, finished_at=self.chain.now())


def _afresh(snapshot: Snapshot) -> Snapshot:
    """Begin the comparison at its beginning: records may have come and gone since."""
    return replace(
        snapshot,
        state="committing",
        phase="compare",
        bucket=0,
        behind=None,
        vanished=(),
        stored=0,
        missing=0,
        kept_newer=0,
        held=None,
        failure=None,
        finished_at=None,
        attempts=0,
    )


def keys_met(table: Table, delivered: Sequence[Any]) -> tuple[list[str], int]:
    """List the keys that records name, and count those that name none: nobody knows which they are."""
    found = [key_of(table, raw) for raw in delivered]
    met = [key for key in found if key is not None]
    return met, len(found) - len(met)


def flag(body: object, name: str) -> bool:
    """Read a body that may hold nothing but this flag; raises Invalid."""
    if not isinstance(body, dict):
        raise Invalid("body_not_object")
    if unknown := sorted(body.keys() - {name}):
        raise Invalid("snapshot_field_unknown", name=unknown[0][:100], known=name)
    found = body.get(name)
    if found is not None and type(found) is not bool:
        raise Invalid("invalid_request", fields=[FieldIssue(name, "not_boolean")])
    return bool(found)
