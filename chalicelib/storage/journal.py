"""Rewrite staged records without transactions, for the one writer that a run is: half the write units.

A page's writes are named in a journal item before any of them is done, and counted and struck out of it in
one transaction after all of them are. A worker that dies in between leaves its journal; whoever reads the
table next, be it the same run or another one, counts what that worker had written, and goes on.

That rests on two things: nobody else writes the table (deliveries are refused to an integration that reads
views), and no worker outlives its lease (its function's timeout is shorter).
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ..domain import deltas as moves
from ..domain import tallies
from ..domain.deltas import Delta
from ..domain.staging import Staged, Write
from ..domain.tallies import Tally
from . import bulk, keys, record_items
from .bulk import Item, text
from .records import Records
from .rewriting import Beside, Decide, Hook

MAX_NAMED_BYTES: Final = 200_000
"""Of keys in a journal item and its pending batch: an item may have 400 KB."""


class Journal:
    """Writes of one integration's table by one run; `fresh`: nothing is stored yet, so nothing is read."""

    def __init__(self, table_name: str, records: Records, *, fresh: bool = False) -> None:
        self._table, self._records, self._fresh = table_name, records, fresh

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
        """Read each key, let `decide` say what to write, and write it; see `Records.rewrite`."""
        stored = {} if self._fresh else self._records.read(integration_id, table, wanted)
        writes = [write for key in wanted if (write := decide(key, stored.get(key)))]
        before_write()
        for place, chunk in enumerate(_chunks(writes)):
            self._write(integration_id, table, chunk, f"{label}#{place}", at)

        def count_nothing() -> None:
            self._records.count(integration_id, table, Delta(), at)

        if not writes:
            beside(count_nothing)

    def _write(self, integration_id: str, table: str, writes: list[Write], label: str, at: str) -> None:
        deltas = [write.delta for write in writes]
        self._name(integration_id, table, writes, deltas, label, at)
        bulk.write_many(self._table, (record_items.encode(integration_id, one.staged) for one in writes))
        self._settle(integration_id, table, label, at, moves.total(deltas))

    def _name(
        self,
        integration_id: str,
        table: str,
        writes: list[Write],
        deltas: Sequence[Delta],
        label: str,
        at: str,
    ) -> None:
        """Say ahead what will be written."""
        changes = [change for write in writes for change in write.changes]
        gain = moves.gain(moves.total(deltas))
        pending = (
            [record_items.pending_item(integration_id, table, changes, gain, at, label)] if changes else []
        )
        bulk.write_many(
            self._table, [_journal_item(integration_id, table, writes, deltas, label, at), *pending]
        )

    def recover(self, integration_id: str, table: str) -> bool:
        """Count what a worker that died had written; False when none did."""
        left = list(bulk.query(self._table, keys.journal(integration_id, table)))
        for item in left:
            label = item["sk"]["S"]
            named = json.loads(zlib.decompress(item["writes"]["B"]))
            stored = self._records.read(integration_id, table, [key for key, *_ in named])
            done = [_delta(*moved) for key, revision, *moved in named if _written(stored.get(key), revision)]
            self._recount(integration_id, table, label, item["at"]["S"], moves.total(done))
        return bool(left)

    def _recount(self, integration_id: str, table: str, label: str, at: str, done: Delta) -> None:
        """Count what was written, and let its pending batch promise no more than that.

        The batch names every change, done or not: applying one that was not is harmless, but all wait.
        """
        place = (keys.pending(integration_id, table), record_items.pending_name(at, label))
        found = bulk.get_many(self._table, [place])
        if not found:  # the worker died before it was there, so nothing was written either
            self._settle(integration_id, table, label, at, done)
            return
        waiting = {
            period: Tally(pending=tally.pending)
            for period, tally in record_items.decode_pending(found[0]).gain.items()
        }
        counted = moves.awaiting(done, waiting)
        put = {"TableName": self._table, "Item": record_items.promising(found[0], moves.gain(counted))}
        self._settle(integration_id, table, label, at, counted, {"Put": put})

    def _settle(
        self, integration_id: str, table: str, label: str, at: str, total: Delta, *beside: Item
    ) -> None:
        drop = {
            "TableName": self._table,
            "Key": bulk.key(keys.journal(integration_id, table), label),
            "ConditionExpression": "attribute_exists(pk)",
        }
        self._records.count(integration_id, table, total, at, {"Delete": drop}, *beside)


def _written(stored: Staged | None, revision: int) -> bool:
    return stored is not None and stored.revision >= revision


def _journal_item(
    integration_id: str, table: str, writes: list[Write], deltas: Sequence[Delta], label: str, at: str
) -> Item:
    named = [
        [write.staged.key, write.staged.revision, *_moved(delta)]
        for write, delta in zip(writes, deltas, strict=True)
    ]
    packed = zlib.compress(json.dumps(named, ensure_ascii=False, separators=(",", ":")).encode(), 1)
    return {
        "pk": text(keys.journal(integration_id, table)),
        "sk": text(label),
        "writes": {"B": packed},
        "at": text(at),
    }


def _moved(delta: Delta) -> tuple[int, int, int, dict[str, list[str]]]:
    """Write what a write moves, without the changes that it leaves: those lie in the pending batch."""
    periods = {period: replace(tally, pending=0) for period, tally in delta.periods.items()}
    return delta.records, delta.bytes, delta.rejected, tallies.to_json(periods)


def _delta(records: int, size: int, rejected: int, periods: dict[str, list[str]]) -> Delta:
    return Delta(records, size, 0, rejected, tallies.from_json(periods))


def _chunks(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Split writes so that what names them fits into an item."""
    chunk: list[Write] = []
    room = MAX_NAMED_BYTES
    for write in writes:
        size = 100 + len(write.staged.key.encode()) + sum(len(str(one.moved_from)) for one in write.changes)
        if chunk and size > room:
            yield chunk
            chunk, room = [], MAX_NAMED_BYTES
        chunk.append(write)
        room -= size
    if chunk:
        yield chunk
