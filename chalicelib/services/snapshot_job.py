"""Commit a snapshot, slice by slice: compare the stored keys with those met, then delete the missing ones.

Which records go next is saved before they go, so a worker that dies in between costs a repetition and
counts nothing twice. Deliveries go on meanwhile: what was delivered after the opening stays.
"""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ..domain.request_log import SNAPSHOT, RequestEntry, new_id
from ..domain.snapshots import Batch, Snapshot, reason_to_hold
from ..domain.staging import Outcome, Staged
from ..domain.tables import TABLES
from ..domain.values import instant_text
from .absence import DELETIONS, IsMet, Look, Removal, is_keyless, look, shown
from .background import Background
from .job_chain import Turn
from .logged import Logged

if TYPE_CHECKING:
    from ..storage.records import Records
    from ..storage.requests import RequestLog
    from ..storage.snapshots import Snapshots

METHOD: Final = "SNAPSHOT"
MAX_NAMED_BYTES: Final = 100_000
"""Of keys in a snapshot's item, which may have 400 KB."""


@dataclass(frozen=True, slots=True)
class SnapshotJob:
    """The worker of snapshots that are being committed."""

    snapshots: "Snapshots"
    records: "Records"
    log: "RequestLog"
    background: Background

    def work(self, job: Snapshot, turn: Turn[Snapshot]) -> Snapshot:
        """Do at least one step; each is saved before the next one begins."""
        met = self.snapshots.met(job)
        if job.phase == "compare" and not job.vanished:
            noted = self.snapshots.noted(job)
            job = replace(
                job,
                records=met.count(),
                keyless=noted.keyless,
                awaited=noted.awaited,
                vanished=(0,) * self.records.partitions,
            )

        def is_met(bucket: int, key: str) -> bool:
            # A refused record without a key may be any of those that lie in quarantine.
            return met.has(bucket, key) or (job.keyless > 0 and is_keyless(key))

        while True:
            job = self._step(job, turn, is_met)
            if turn.over or not job.open:
                return job
            turn.save(job)

    def tidy(self, job: Snapshot) -> None:
        """Forget the keys met, unless they may be needed once more."""
        if job.state == "committed":
            self.snapshots.forget(job)

    def _step(self, job: Snapshot, turn: Turn[Snapshot], is_met: IsMet) -> Snapshot:
        if job.batch:
            return self._delete(job, job.batch)
        if job.bucket < self.records.partitions:
            return self._compare(job, is_met) if job.phase == "compare" else self._choose(job, turn, is_met)
        if job.phase == "compare":
            if not job.forced and (held := reason_to_hold(job)):
                return replace(job, state="held", held=held, finished_at=turn.now())
            if sum(job.vanished):
                return replace(job, phase="sweep", bucket=0, behind=None, kept_newer=0)
        return replace(job, state="committed", finished_at=turn.now())

    def _compare(self, job: Snapshot, is_met: IsMet) -> Snapshot:
        """Count what was not met among the next keys of a partition."""
        seen = self._look(job, is_met)
        newer = sum(one.live for one in self._absent(job, seen).values() if _newer(one, job))
        vanished = list(job.vanished)
        vanished[job.bucket] += len(seen.absent)
        counted = replace(
            job,
            vanished=tuple(vanished),
            stored=job.stored + seen.live,
            missing=job.missing + seen.live_absent - newer,
            kept_newer=job.kept_newer + newer,
        )
        return _behind(counted, seen.more)

    def _choose(self, job: Snapshot, turn: Turn[Snapshot], is_met: IsMet) -> Snapshot:
        """Choose the next records to delete; those delivered after the opening stay."""
        if not job.vanished[job.bucket]:
            return _behind(job, None)
        seen = self._look(job, is_met)
        stored = self._absent(job, seen)
        chosen: list[str] = []
        kept, room, more = 0, MAX_NAMED_BYTES, seen.more
        for place, key in enumerate(seen.absent):
            if len(chosen) == DELETIONS or room < 0:
                more = seen.absent[place - 1]
                break
            one = stored.get(key)
            if one is not None and _newer(one, job):
                kept += one.live
                continue
            chosen.append(key)
            room -= len(key.encode())
        moved = _behind(replace(job, kept_newer=job.kept_newer + kept), more)
        if not chosen:
            return moved
        now = turn.now()
        return replace(moved, batch=Batch(new_id(job.table, now), instant_text(now), tuple(chosen)))

    def _delete(self, job: Snapshot, batch: Batch) -> Snapshot:
        """Delete the chosen records through transactions, with an entry in the request log."""
        table = TABLES[job.table]
        removal = Removal(table, batch.at, batch.request_id, lambda stored: _newer(stored, job))
        request = _json(
            {
                "snapshot_id": job.job_id,
                "vanished": len(batch.keys),
                "records": [shown(table, key) for key in batch.keys],
            }
        )
        path = f"/v1/erp/{job.table}/snapshots/{job.job_id}"
        entry = RequestEntry(
            *(batch.request_id, job.integration_id, job.table, batch.at, METHOD, path),
            key_name=job.committed_by,
            request_bytes=len(request),
            kind=SNAPSHOT,
        )
        logged = Logged(self.log, self.background, entry)
        logged.begin(request)
        self.records.rewrite(
            job.integration_id,
            job.table,
            batch.keys,
            removal.decide,
            label=batch.request_id,
            at=batch.at,
            before_write=logged.wait,
        )
        counts = removal.counts()
        answer = _json(removal.answer(list(batch.keys)))
        done = replace(entry, status=200, duration_ms=0, response_bytes=len(answer), counts=counts)
        logged.complete(done, answer)
        return replace(
            job,
            batch=None,
            deleted=job.deleted + counts[Outcome.DELETED.value],
            kept_newer=job.kept_newer + len(removal.spared),
        )

    def _look(self, job: Snapshot, is_met: IsMet) -> Look:
        return look(self.records, job.integration_id, job.table, job.bucket, job.behind, is_met)

    def _absent(self, job: Snapshot, seen: Look) -> dict[str, Staged]:
        return self.records.read(job.integration_id, job.table, seen.absent)


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _newer(stored: Staged, job: Snapshot) -> bool:
    """Tell whether a record, or a refused version of it, was delivered since the snapshot was opened."""
    refused_at = stored.rejection.at if stored.rejection else ""
    return max(stored.received_at, refused_at) >= instant_text(job.requested_at)


def _behind(job: Snapshot, more: str | None) -> Snapshot:
    """Go on behind a key, or in the next partition."""
    return replace(job, behind=more, bucket=job.bucket if more else job.bucket + 1)
