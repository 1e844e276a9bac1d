"""Rewrite staged records under optimistic concurrency, with as few and as parallel calls as can be.

Keys may come one by one: reading begins with the first 98 of them. Each chunk is committed as soon as it
is full, while the next records are still being read and decided.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import TYPE_CHECKING

from ..domain.errors import Busy
from ..domain.staging import Delta, Staged, Write
from . import bulk, connection

if TYPE_CHECKING:
    from .records import Records

RECORDS_PER_TRANSACTION = bulk.TRANSACTION_ITEMS - 2
_ATTEMPTS = 10

Decide = Callable[[str, Staged | None], Write | None]
Hook = Callable[[], object]


class Rewriting:
    """One request's reads and commits."""

    def __init__(
        self, records: "Records", integration_id: str, table: str, decide: Decide, label: str, at: str
    ) -> None:
        self._records, self._integration_id, self._table = records, integration_id, table
        self._decide, self._label, self._at = decide, label, at
        self._waiting: list[Write] = []
        self._commits: list[Future[list[str]]] = []
        self._deltas: dict[str, Delta] = {}

    def run(self, wanted: Iterable[str], before_write: Hook) -> None:
        """Rewrite all keys; lost races are read and decided again, with growing pauses.

        Nothing is decided before the last key has come.
        """
        reads = self._read(wanted)
        before_write()
        settled = 0
        for attempt in range(_ATTEMPTS):
            for read in reads:
                self._take(read.result())
            for chunk in chunks(self._waiting):
                self._commit(chunk)
            lost = [key for keys in connection.gather(self._commits[settled:]) for key in keys]
            settled, self._waiting = len(self._commits), []
            if not lost:
                self._records.fold(self._integration_id, self._table, self._deltas, self._at)
                return
            bulk.pause(attempt)
            reads = self._read(lost)
        raise Busy()

    def _read(self, wanted: Iterable[str]) -> "list[Future[dict[str, Staged | None]]]":
        def job(batch: list[str]) -> dict[str, Staged | None]:
            found = self._records.read_batch(self._integration_id, self._table, batch)
            return {key: found.get(key) for key in batch}

        return [connection.pool().submit(job, batch) for batch in _batches(wanted)]

    def _take(self, stored: dict[str, Staged | None]) -> None:
        """Decide each key and start committing full chunks."""
        decided = (self._decide(key, before) for key, before in stored.items())
        self._waiting += [write for write in decided if write]
        full = chunks(self._waiting)
        self._waiting = full.pop() if full else []
        for chunk in full:
            self._commit(chunk)

    def _commit(self, chunk: list[Write]) -> None:
        label = f"{self._label}#{len(self._commits)}"

        def job() -> list[str]:
            try:
                total, name = self._records.commit(self._integration_id, self._table, chunk, label, self._at)
            except bulk.Contended:
                return [write.staged.key for write in chunk]
            self._deltas[name] = total
            return []

        self._commits.append(connection.pool().submit(job))


def _batches(wanted: Iterable[str]) -> Iterator[list[str]]:
    coming = iter(wanted)
    while batch := list(islice(coming, RECORDS_PER_TRANSACTION)):
        yield batch


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
    return len(json.dumps(staged.data)) + len(json.dumps(staged.key)) * 3 + rejection + 1_000
