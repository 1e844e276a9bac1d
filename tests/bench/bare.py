"""The floor: the least that the same work takes on DynamoDB, with nothing decided and nothing guarded."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.storage import bulk, keys
from chalicelib.storage.bulk import Item, Key

TRANSACTIONS = 6
"""How many transactions our own 500 records take, each with a pending batch and a delta."""
THREADS = 16


class Bare:
    """Parallel batch calls of a client, on tables of the product."""

    def __init__(self, client: Any, records: str, crm: str, count: int) -> None:
        self._client, self._pool = client, ThreadPoolExecutor(THREADS)
        self._records, self._crm, self._count = records, crm, count
        self._versions = itertools.count(1)
        self._version = 0

    def renew(self) -> None:
        """Change every record."""
        self._version = next(self._versions)

    def records_and_markers(self) -> None:
        """Read 500 records, then write them and a marker each."""
        self._read()
        markers = [_item(keys.pending("bare", "t"), f"2026#{one}", "") for one in range(self._count)]
        self._write(self._records, [*self._items(), *markers])

    def delivery(self) -> None:
        """Do the same, and what a delivery over HTTP needs besides: the ERP's key, and a request log."""
        self._read_batch([("key", "key")])
        ahead = self._pool.submit(self._write, self._records, self._log("ahead"))
        self.records_and_markers()
        ahead.result()
        self._write(self._records, self._log("after"))

    def own_items(self) -> None:
        """Read 500 records, write them with the pending batches, deltas and log entries that ours have."""
        self._read_batch([("key", "key")])
        ahead = self._pool.submit(self._write, self._records, self._log("ahead"))
        self._read()
        ahead.result()
        names = ",".join(f'["{one:06}","apply",[]]' for one in range(self._count // TRANSACTIONS))
        pending = [_item(keys.pending("bare", "t"), f"2026#{one}", names) for one in range(TRANSACTIONS)]
        deltas = [_item(keys.counters("bare"), f"t#{one}", "") for one in range(TRANSACTIONS + 1)]
        self._write(self._records, [*self._items(), *pending, *deltas])
        self._write(self._records, self._log("after"))

    def load(self) -> None:
        """Query the pending batches, read 500 records, write them to the CRM, mark their clients."""
        self._client.query(
            TableName=self._records,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": bulk.text(keys.pending("bare", "t"))},
            ConsistentRead=True,
            Limit=99,
        )
        self._read()
        marks = [bulk.key(keys.dirty("bare"), f"{one:06}") for one in range(self._count)]
        self._write(self._crm, [*self._items(), *marks])

    def _read(self) -> None:
        places = [_place(one) for one in range(self._count)]
        list(self._pool.map(self._read_batch, _batches(places, 100)))

    def _read_batch(self, places: list[Key]) -> None:
        request = {"Keys": [bulk.key(*place) for place in places], "ConsistentRead": True}
        self._client.batch_get_item(RequestItems={self._records: request})

    def _write(self, table: str, items: list[Item]) -> None:
        def send(batch: list[Item]) -> Any:
            requests = [{"PutRequest": {"Item": item}} for item in batch]
            return self._client.batch_write_item(RequestItems={table: requests})

        list(self._pool.map(send, _batches(items, 25)))

    def _items(self) -> list[Item]:
        document = f"{self._version} " + "x" * 560
        return [{**_item(*_place(one), document), "rev": bulk.number(1)} for one in range(self._count)]

    def _log(self, part: str) -> list[Item]:
        return [
            _item("log", part, "x" * 600),
            {**bulk.key("log", f"{part} body"), "body": {"B": b"x" * 8_000}},
        ]


def _place(number: int) -> Key:
    return keys.record("bare", "t", f"{number:06}"), f"{number:06}"


def _item(pk: str, sk: str, content: str) -> Item:
    return {**bulk.key(pk, sk), "doc": bulk.text(content)}


def _batches(items: list[Any], size: int) -> Iterator[list[Any]]:
    return (items[at : at + size] for at in range(0, len(items), size))
