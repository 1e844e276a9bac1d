"""The request log: an entry a request, by table and day; bodies beside it, large ones in S3.

Written ahead in one call and completed in one call. Entries and bodies are separate items, so
that browsing reads no bodies.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from ..domain.request_log import RequestEntry
from . import bulk, keys
from .bodies import Bodies
from .bulk import Item, number, text

INLINE_BYTES = 100_000


class RequestLog:
    """Request entries and bodies of every integration; `retention_days` is their life."""

    def __init__(self, table_name: str, bodies: Bodies, retention_days: int) -> None:
        self._table, self._bodies, self._retention = table_name, bodies, retention_days

    def begin(self, entry: RequestEntry, body: bytes) -> None:
        """Write the entry and the request's body ahead of the work."""
        bulk.write_many(self._table, [self._entry(entry), self._body(entry, "request", body)])

    def complete(self, entry: RequestEntry, body: bytes) -> None:
        """Write the finished entry over the one written ahead, and the answer's body."""
        bulk.write_many(self._table, [self._entry(entry), self._body(entry, "response", body)])

    def day(self, integration_id: str, table: str, day: str) -> Iterator[RequestEntry]:
        """Read one table's entries of one UTC day, oldest first."""
        for item in bulk.query(self._table, keys.request_day(integration_id, table, day)):
            yield _decode(item)

    def find(self, request_id: str) -> RequestEntry | None:
        """Find an entry by its id alone."""
        for item in bulk.query(self._table, keys.request_bodies(request_id), Limit=1):
            place = (item["entry_pk"]["S"], item["entry_sk"]["S"])
            return next((_decode(found) for found in bulk.get_many(self._table, [place])), None)
        return None

    def body(self, request_id: str, part: str) -> bytes | None:
        """Read the "request" or "response" body; None when it was never written."""
        found = bulk.get_many(self._table, [(keys.request_bodies(request_id), part)])
        if not found:
            return None
        if "s3" in found[0]:
            return zlib.decompress(self._bodies.get(found[0]["s3"]["S"]))
        return zlib.decompress(found[0]["body"]["B"])

    def _expires(self, entry: RequestEntry) -> dict[str, str]:
        received = datetime.fromisoformat(entry.at)
        return number(int((received + timedelta(days=self._retention)).timestamp()))

    def _entry(self, entry: RequestEntry) -> Item:
        values = {name: value for name, value in asdict(entry).items() if value not in (None, {})}
        return {
            **_place(entry),
            "entry": text(json.dumps(values, ensure_ascii=False, separators=(",", ":"))),
            "expires_at": self._expires(entry),
        }

    def _body(self, entry: RequestEntry, part: str, body: bytes) -> Item:
        place = _place(entry)
        item: Item = {
            **bulk.key(keys.request_bodies(entry.request_id), part),
            "entry_pk": place["pk"],
            "entry_sk": place["sk"],
            "expires_at": self._expires(entry),
        }
        packed = zlib.compress(body, 1)
        if len(packed) > INLINE_BYTES:
            name = f"requests/{entry.integration_id}/{entry.at[:10]}/{entry.request_id}.{part}.zz"
            self._bodies.put(name, packed)
            item["s3"] = text(name)
        else:
            item["body"] = {"B": packed}
        return item


def _place(entry: RequestEntry) -> Item:
    day = keys.request_day(entry.integration_id, entry.table, entry.at[:10])
    return bulk.key(day, f"{entry.at}#{entry.request_id}")


def _decode(item: Item) -> RequestEntry:
    values: dict[str, Any] = json.loads(item["entry"]["S"])
    return RequestEntry(**values)
