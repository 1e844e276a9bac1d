"""The intermediate database: staged records, their pending changes and the counters of each table.

One POST becomes a few transactions. Each writes up to 98 records (each on condition of the
revision that was read), one pending batch that names them for the next run, and one counter
delta. So no crash can part a record from its pending change or from the counters, and of two
concurrent versions the loser reads again. Deltas are folded into the table's counters afterwards;
until then readers add them up, so a crash before the fold changes nothing that anyone sees.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from ..domain.counters import Counters
from ..domain.staging import Delta, PendingBatch, Staged, Write
from . import bulk, connection, keys, record_items, rewriting
from .bulk import Item, number, text


class Records:
    """Staged records of every integration, in one DynamoDB table, each table in so many `partitions`."""

    partitions: Final = keys.BUCKETS

    def __init__(self, table_name: str) -> None:
        self._table = table_name

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

    def existing(self, integration_id: str, wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Tell which (table, key) pairs are live records; reads keys and flags only."""
        names = {(keys.record(integration_id, table, key), key): (table, key) for table, key in wanted}
        found = bulk.get_many(self._table, names, attributes="pk sk gone", consistent=False)
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
        total = sum((write.delta for write in writes), Delta())
        delta_name = f"{table}#{label}"
        actions = [self._put(integration_id, write) for write in writes]
        if changes := [change for write in writes for change in write.changes]:
            actions.append(
                {"Put": self._item(record_items.pending_item(integration_id, table, changes, at, label))}
            )
        actions.append({"Put": self._item(record_items.delta_item(integration_id, delta_name, total, at))})
        bulk.transact(actions)
        return total, delta_name

    def fold(self, integration_id: str, table: str, deltas: dict[str, Delta], at: str) -> None:
        """Add committed deltas to the table's counters and drop them; does nothing if it loses a race.

        `at` becomes the time of the last delivery, unless a later one has ended earlier.
        """
        drops: list[Item] = [
            {
                "Delete": {
                    "TableName": self._table,
                    "Key": bulk.key(keys.counters(integration_id), name),
                    "ConditionExpression": "attribute_exists(pk)",
                }
            }
            for name in deltas
        ]
        # Should it lose: the deltas stay and are counted by readers; the next run folds them.
        self.count(integration_id, table, sum(deltas.values(), Delta()), at, *drops)

    def count(self, integration_id: str, table: str, delta: Delta, at: str, *beside: Item) -> None:
        """Add a delta to the table's counters, together with other actions, all or nothing.

        `at` becomes the time of the last delivery, unless a later one has ended earlier.
        """
        for moment in dict.fromkeys((at, "")):
            with suppress(bulk.Contended):
                bulk.transact([self._counter_update(integration_id, table, delta, moment), *beside])
                return

    def fold_leftovers(self, integration_id: str) -> None:
        """Fold deltas that a crash or a lost race left behind."""
        left: dict[str, list[Item]] = {}
        for item in bulk.query(self._table, keys.counters(integration_id)):
            table, _, label = item["sk"]["S"].partition("#")
            if label:
                left.setdefault(table, []).append(item)
        size = bulk.TRANSACTION_ITEMS - 1
        for table, items in left.items():
            for chunk in (items[at : at + size] for at in range(0, len(items), size)):
                deltas = {item["sk"]["S"]: record_items.decode_delta(item) for item in chunk}
                last = max(item.get("last", {"S": ""})["S"] for item in chunk)
                self.fold(integration_id, table, deltas, last)

    def counters(self, integration_id: str) -> dict[str, Counters]:
        """Read every table's counters, deltas included: one query."""
        found: dict[str, Counters] = {}
        for item in bulk.query(self._table, keys.counters(integration_id)):
            table = item["sk"]["S"].partition("#")[0]
            found[table] = found.get(table, Counters()).plus(
                record_items.decode_delta(item), item.get("last", {}).get("S")
            )
        return found

    def pending(self, integration_id: str, table: str, limit: int) -> list[PendingBatch]:
        """Read the oldest pending batches of a table."""
        page = next(bulk.query_pages(self._table, keys.pending(integration_id, table), Limit=limit))
        return [record_items.decode_pending(item) for item in page["Items"]]

    def pending_after(self, integration_id: str, table: str, moment: str) -> Iterator[PendingBatch]:
        """Read the pending batches received after an instant."""
        for item in bulk.query(self._table, keys.pending(integration_id, table), after=moment):
            yield record_items.decode_pending(item)

    def settle(
        self, integration_id: str, table: str, batches: Sequence[str], label: str, applied: int
    ) -> None:
        """Forget exactly these pending batches (at most 99) and count them as applied, all or nothing.

        `applied` is the run's total so far: repeated under its label, it changes nothing. Until then, a
        run that ends leaves the changes pending, and counted so.
        """
        pk = keys.pending(integration_id, table)
        item = record_items.delta_item(integration_id, f"{table}#{label}", Delta(pending=-applied))
        drops = [{"Delete": {"TableName": self._table, "Key": bulk.key(pk, batch)}} for batch in batches]
        bulk.transact([*drops, {"Put": self._item(item)}])

    def all_of(self, integration_id: str, table: str) -> Iterator[Staged]:
        """Read a whole table, partition by partition (tests and later proofs of completeness)."""
        for bucket in range(keys.BUCKETS):
            for item in bulk.query(self._table, keys.records(integration_id, table, bucket)):
                yield record_items.decode(table, item)

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

    def _counter_update(self, integration_id: str, table: str, delta: Delta, at: str) -> Item:
        update: Item = {
            "TableName": self._table,
            "Key": bulk.key(keys.counters(integration_id), table),
            "UpdateExpression": "ADD records_ :r, bytes_ :b, pending_ :p, rejected_ :x",
            "ExpressionAttributeValues": {
                ":r": number(delta.records),
                ":b": number(delta.bytes),
                ":p": number(delta.pending),
                ":x": number(delta.rejected),
            },
        }
        if at:
            update["UpdateExpression"] += " SET #last = :at"
            update["ConditionExpression"] = "attribute_not_exists(#last) OR #last <= :at"
            update["ExpressionAttributeNames"] = {"#last": "last"}
            update["ExpressionAttributeValues"][":at"] = text(at)
        return {"Update": update}
