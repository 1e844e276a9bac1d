"""The intermediate database: staged records, their pending changes and the counters of each table.

One POST becomes a few transactions. Each writes up to 98 records (each on condition of the
revision that was read), one pending batch that names them for the next run, and one counter
delta. So no crash can part a record from its pending change or from the counters, and of two
concurrent versions the loser reads again. Deltas are folded into the table's counters afterwards;
until then readers add them up, so a crash before the fold changes nothing that anyone sees.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ..domain import deltas
from ..domain.deltas import Delta
from ..domain.staging import PendingBatch, Staged, Write
from ..domain.tallies import Tallies
from . import bulk, connection, keys, record_items, rewriting, tally_items
from .bulk import Item, number, text
from .counts import Counts

_SETTLE_ATTEMPTS: Final = 6


class Records(Counts):
    """Staged records of every integration, in one DynamoDB table, each table in so many `partitions`."""

    partitions: Final = keys.BUCKETS

    def read(self, integration_id: str, table: str, wanted: Iterable[str]) -> dict[str, Staged]:
        """Read staged records by key; consistent, 100 a call, in parallel."""
        places = [(keys.record(integration_id, table, key), key) for key in wanted]
        return {
            item["sk"]["S"]: record_items.decode(table, item) for item in bulk.get_many(self._table, places)
        }

    def read_batch(self, integration_id: str, table: str, wanted: list[str]) -> dict[str, Staged]:
        """Read at most 100 records in one call; for callers that run in the pool themselves."""
        places = [(keys.record(integration_id, table, key), key) for key in wanted]
        return {
            item["sk"]["S"]: record_items.decode(table, item) for item in bulk.get_batch(self._table, places)
        }

    def existing(
        self, integration_id: str, wanted: Iterable[tuple[str, str]], *, consistent: bool = False
    ) -> set[tuple[str, str]]:
        """Tell which (table, key) pairs are live records; reads keys and flags only.

        Not `consistent`, it costs half, and may miss what was written within the last second.
        """
        names = {(keys.record(integration_id, table, key), key): (table, key) for table, key in wanted}
        found = bulk.get_many(self._table, names, attributes="pk sk gone", consistent=consistent)
        return {names[(item["pk"]["S"], item["sk"]["S"])] for item in found if "gone" not in item}

    def rewrite(
        self,
        integration_id: str,
        table: str,
        wanted: Sequence[str],
        decide: rewriting.Decide,
        *,
        label: str,
        at: str,
        before_write: rewriting.Hook = lambda: None,
        beside: rewriting.Beside = lambda job: job(),
    ) -> None:
        """Read each key, let `decide` say what to write, and write it on condition of what was read.

        `decide(key, stored)` is called again for keys that another writer changed meanwhile.
        `before_write` runs before the first write. `beside` is handed the last job, folding the counters:
        nothing waits for it. Raises Busy when other writers kept winning.
        """
        rewriting.Rewriting(
            self, integration_id, table, decide, label, at, before_write=before_write, beside=beside
        ).run(wanted)

    def commit(
        self, integration_id: str, table: str, writes: Sequence[Write], label: str, at: str
    ) -> tuple[Delta, str]:
        """Write one chunk (see `rewriting`) atomically; answers its delta and the delta item's name.

        Raises Contended when any record is no longer as it was read; then nothing was written.
        """
        total = deltas.total(write.delta for write in writes)
        delta_name = f"{table}#{label}"
        actions = [self._put(integration_id, write) for write in writes]
        if changes := [change for write in writes for change in write.changes]:
            item = record_items.pending_item(integration_id, table, changes, deltas.gain(total), at, label)
            actions.append({"Put": self._item(item)})
        actions.append({"Put": self._item(record_items.delta_item(integration_id, delta_name, total, at))})
        bulk.transact(actions)
        return total, delta_name

    def pending(self, integration_id: str, table: str, limit: int) -> list[PendingBatch]:
        """Read the oldest pending batches of a table, at most as many as can be settled at once."""
        page = next(bulk.query_pages(self._table, keys.pending(integration_id, table), Limit=limit))
        return _settleable([record_items.decode_pending(item) for item in page["Items"]])

    def pending_after(self, integration_id: str, table: str, moment: str) -> Iterator[PendingBatch]:
        """Read the pending batches received after an instant."""
        for item in bulk.query(self._table, keys.pending(integration_id, table), after=moment):
            yield record_items.decode_pending(item)

    def settle(self, integration_id: str, table: str, batches: Sequence[str], gain: Tallies) -> None:
        """Forget exactly these pending batches and count them as applied, all or nothing, once.

        `gain` is what all of them move (see PendingBatch). Should others stay in the way, the batches stay
        pending, and are applied again, which changes nothing.
        """
        pk = keys.pending(integration_id, table)
        drops: list[Item] = [
            {"Delete": {"TableName": self._table, "Key": bulk.key(pk, batch)}} for batch in batches
        ]
        # One that is gone was settled before, with all the others.
        drops[0]["Delete"]["ConditionExpression"] = "attribute_exists(pk)"
        settled = deltas.settled(gain)
        for attempt in range(_SETTLE_ATTEMPTS):
            if self.count(integration_id, table, settled, "", *drops):
                return
            if not bulk.get_many(self._table, [(pk, batches[0])], attributes="pk sk"):
                return
            bulk.pause(attempt)

    def all_of(self, integration_id: str, table: str) -> Iterator[Staged]:
        """Read a whole table, partition by partition (tests and later proofs of completeness)."""
        for bucket in range(keys.BUCKETS):
            for item in bulk.query(self._table, keys.records(integration_id, table, bucket)):
                yield record_items.decode(table, item)

    def pages(self, integration_id: str, table: str, partition: int) -> Iterator[list[Staged]]:
        """Read a partition page by page, each about a megabyte."""
        for page in bulk.query_pages(self._table, keys.records(integration_id, table, partition)):
            yield [record_items.decode(table, item) for item in page["Items"]]

    @staticmethod
    def partition_of(key: str) -> int:
        """Tell in which partition of its table a key lies."""
        return keys.bucket(key)

    def holds_nothing(self, integration_id: str, table: str) -> bool:
        """Tell whether a table has no key at all, not even a deleted or refused one."""
        return not any(
            page["Items"]
            for bucket in range(keys.BUCKETS)
            for page in [
                next(bulk.query_pages(self._table, keys.records(integration_id, table, bucket), Limit=1))
            ]
        )

    def known(
        self, integration_id: str, table: str, bucket: int, after: str | None, limit: int
    ) -> tuple[list[tuple[str, bool, bool]], str | None]:
        """List keys of one partition behind `after`, with whether each is live and whether it is refused."""
        pages = bulk.query_pages(
            self._table,
            keys.records(integration_id, table, bucket),
            after=after,
            Limit=limit,
            ProjectionExpression="sk, gone, rejection",
        )
        page = next(pages)
        found = [(one["sk"]["S"], "gone" not in one, "rejection" in one) for one in page["Items"]]
        last = page.get("LastEvaluatedKey")
        return found, last["sk"]["S"] if last else None

    def beginning(
        self, integration_id: str, table: str, prefix: str, limit: int
    ) -> tuple[list[tuple[str, bool]], bool]:
        """List keys that begin with `prefix`, with whether each is live; and whether there are more.

        One query a partition, side by side, of at most `limit` keys each.
        """

        def read(bucket: int) -> Item:
            pages = bulk.query_pages(
                self._table,
                keys.records(integration_id, table, bucket),
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={":prefix": text(prefix)},
                ProjectionExpression="sk, gone",
                Limit=limit,
            )
            return next(pages)

        pages = connection.parallel(read, range(keys.BUCKETS))
        found = [(item["sk"]["S"], "gone" not in item) for page in pages for item in page["Items"]]
        return found, any("LastEvaluatedKey" in page for page in pages)

    def _item(self, item: Item) -> Item:
        return {"TableName": self._table, "Item": item}

    def _put(self, integration_id: str, write: Write) -> Item:
        put = self._item(record_items.encode(integration_id, write.staged))
        if write.stored is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "rev = :rev"
            put["ExpressionAttributeValues"] = {":rev": number(write.stored.revision)}
        return {"Put": put}


def _settleable(batches: list[PendingBatch]) -> list[PendingBatch]:
    """Take batches from the oldest on, as long as one transaction can forget them and count their gain."""
    shelves: set[str] = set()
    for count, batch in enumerate(batches, start=1):
        shelves |= tally_items.shelves(batch.gain)
        if count > 1 and 1 + count + len(shelves) > bulk.TRANSACTION_ITEMS:
            return batches[: count - 1]
    return batches
