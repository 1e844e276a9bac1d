"""Rewrite staged records under optimistic concurrency, with as few and as parallel calls as can be.

Each chunk is committed as soon as it is full, while the next records are still being read and decided.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..domain.deltas import Delta
from ..domain.errors import Busy
from ..domain.staging import Staged, Write
from . import bulk, connection

if TYPE_CHECKING:
    from .records import Records

RECORDS_PER_TRANSACTION = bulk.TRANSACTION_ITEMS - 2
_ATTEMPTS = 10

Decide = Callable[[str, Staged | None], Write | None]
Hook = Callable[[], object]
Beside = Callable[[Callable[[], None]], object]


class Rewriting:
    """One request's reads and commits; `label` names them.

    Whoever does again what a worker died of has the same label, but commits other chunks: under the same
    names they would overwrite what that worker left to be counted. So each time has names of its own.
    """

    def __init__(
        self,
        records: "Records",
        integration_id: str,
        table: str,
        decide: Decide,
        label: str,
        at: str,
        *,
        before_write: Hook,
        beside: Beside,
        thought_new: bool = False,
    ) -> None:
        self._records, self._integration_id, self._table = records, integration_id, table
        self._decide, self._at = decide, at
        self._label = f"{label}#{secrets.token_hex(3)}"
        self._before_write: Hook | None = before_write
        self._beside, self._thought_new = beside, thought_new
        self._waiting: list[Write] = []
        self._commits: list[Future[list[str]]] = []
        self._deltas: dict[str, Delta] = {}

    def run(self, wanted: Sequence[str]) -> None:
        """Rewrite all keys; lost races are read and decided again, with growing pauses.

        Keys that are thought to be new are written at once; where one was there, its chunk is read after all.
        """
        reads = self._guess(wanted) if self._thought_new else self._read(wanted)
        settled = 0
        for attempt in range(_ATTEMPTS):
            for read in as_completed(reads):
                self._take(read.result())
            for chunk in chunks(self._waiting):
                self._commit(chunk)
            lost = [key for keys in connection.gather(self._commits[settled:]) for key in keys]
            settled, self._waiting = len(self._commits), []
            if not lost:
                self._writing()
                self._beside(self._fold)
                return
            bulk.pause(attempt)
            reads = self._read(lost)
        raise Busy()

    def _read(self, wanted: Sequence[str]) -> "list[Future[dict[str, Staged | None]]]":
        def job(batch: list[str]) -> dict[str, Staged | None]:
            found = self._records.read_batch(self._integration_id, self._table, batch)
            return {key: found.get(key) for key in batch}

        return [connection.pool().submit(job, batch) for batch in _batches(wanted)]

    def _guess(self, wanted: Sequence[str]) -> "list[Future[dict[str, Staged | None]]]":
        """Decide as though nothing were stored; nothing has to be read for that."""
        for batch in _batches(wanted):
            self._take(dict.fromkeys(batch))
        return []

    def _take(self, stored: dict[str, Staged | None]) -> None:
        """Decide each key and start committing full chunks."""
        decided = (self._decide(key, before) for key, before in stored.items())
        self._waiting += [write for write in decided if write]
        full = chunks(self._waiting)
        more_may_come = full and len(full[-1]) < RECORDS_PER_TRANSACTION
        self._waiting = full.pop() if more_may_come else []
        for chunk in full:
            self._commit(chunk)

    def _fold(self) -> None:
        self._records.fold(self._integration_id, self._table, self._deltas, self._at)

    def _writing(self) -> None:
        """Run the hook before the first write."""
        if self._before_write:
            self._before_write()
            self._before_write = None

    def _commit(self, chunk: list[Write]) -> None:
        self._writing()
        label = f"{self._label}#{len(self._commits)}"

        def job() -> list[str]:
            try:
                total, name = self._records.commit(self._integration_id, self._table, chunk, label, self._at)
            except bulk.Contended:
                return [write.staged.key for write in chunk]
            self._deltas[name] = total
            return []

        self._commits.append(connection.pool().submit(job))


@dataclass(frozen=True, slots=True)
class Unread:
    """Rewrites records that are thought to be new: writes them without reading, on condition that they are.

    Being wrong costs the failed writes and is never noticed otherwise, as long as what decides writes
    something for every key that it finds nothing stored under.
    """

    records: "Records"

    def rewrite(
        self,
        integration_id: str,
        table: str,
        wanted: Sequence[str],
        decide: Decide,
        *,
        label: str,
        at: str,
        before_write: Hook = lambda: None,
        beside: Beside = lambda job: job(),
    ) -> None:
        """Do what `Records.rewrite` does."""
        Rewriting(
            *(self.records, integration_id, table, decide, label, at),
            before_write=before_write,
            beside=beside,
            thought_new=True,
        ).run(wanted)


def _batches(wanted: Sequence[str]) -> list[list[str]]:
    size = RECORDS_PER_TRANSACTION
    return [list(wanted[at : at + size]) for at in range(0, len(wanted), size)]


def chunks(writes: Sequence[Write]) -> list[list[Write]]:
    """Split writes into transactions: at most 98 records and well under 4 MB each."""
    split: list[list[Write]] = []
    room = 0
    for write in writes:
        size = _weight(write.staged)
        if not split or len(split[-1]) == RECORDS_PER_TRANSACTION or size > room:
            split.append([])
            room = bulk.MAX_TRANSACTION_BYTES
        split[-1].append(write)
        room -= size
    return split


def _weight(staged: Staged) -> int:
    """Reckon the bytes of a record as it is sent, which is JSON in ASCII: more than what is stored."""
    rejection = len(json.dumps(staged.rejection.raw)) * 2 + 10_000 if staged.rejection else 0
    past = len(staged.history.recent) * 6 + len(staged.history.packed) * 2  # in ASCII, and as base64
    return len(json.dumps(staged.data)) + len(json.dumps(staged.key)) * 3 + rejection + past + 1_000
