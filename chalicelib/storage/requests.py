"""The request log: an item a request, by table and day.

Small bodies lie in it, larger ones beside it or in S3. A request is written ahead in one call and
completed in one call. Its id tells where it lies, so nothing points to it, and its bodies can be
reached through its own integration only.
"""

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from ..domain.request_log import API, RequestEntry, first_id, place_of
from ..domain.request_marks import MARK_BYTES, marks
from ..domain.values import instant_text
from . import bulk, connection, keys
from .bodies import Bodies
from .bulk import Item, number, text

Part = Literal["request", "response"]
PARTS: Final[tuple[Part, ...]] = ("request", "response")
SMALL_BYTES: Final = 2_000
"""A packed body up to this size lies in the entry: one item to write and to read instead of two."""
INLINE_BYTES: Final = 100_000
"""A packed body up to this size lies beside the entry, a larger one in S3."""
MARKS_AN_ITEM: Final = 50_000
"""Marks of keys in one item, which may have 400 KB."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as it is stored; `bodies` are packed, or the names of where they lie."""

    entry: RequestEntry
    bodies: Mapping[Part, "bytes | str"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order, and the id to go on behind; None at the end."""

    items: list[Logged]
    more: str | None


class RequestLog:
    """Request entries and bodies of every integration; `retention_days` is their life."""

    def __init__(self, table_name: str, bodies: Bodies, retention_days: int) -> None:
        self._table, self._bodies, self._retention = table_name, bodies, retention_days

    def begin(self, entry: RequestEntry, body: bytes) -> Item:
        """Write the entry and the request's body ahead of the work; answers what `complete` needs of it."""
        kept, beside = self._packed(entry, "request", body)
        bulk.write_many(self._table, [{**self._entry(entry), **kept}, *beside])
        return kept

    def complete(self, entry: RequestEntry, kept: Item, body: bytes, named: Collection[str] = ()) -> None:
        """Write the finished entry over the one written ahead, and the answer's body.

        `named` are the keys that the request's records are stored under: by them it is found again.
        """
        answer, beside = self._packed(entry, "response", body)
        marked = self._marks(entry, named)
        bulk.write_many(self._table, [{**self._entry(entry), **kept, **answer}, *beside, *marked])

    def find(self, integration_id: str, request_id: str) -> Logged | None:
        """Find one of an integration's requests by its id."""
        return next(iter(self.find_all(integration_id, [request_id])), None)

    def find_all(self, integration_id: str, request_ids: Iterable[str]) -> list[Logged]:
        """Find an integration's requests by their ids, 100 a call, in any order."""
        wanted = [
            (keys.request_day(integration_id, place.table, place.day), one)
            for one in request_ids
            if (place := place_of(one))
        ]
        return [_decode(found) for found in bulk.get_many(self._table, wanted)]

    def page(
        self,
        integration_id: str,
        table: str,
        since: datetime,
        until: datetime,
        *,
        after: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Page:
        """Read requests of one table and one UTC day, within `since <= at < until`; one query."""
        query = self._range(integration_id, table, since, until)
        if limit:
            query["Limit"] = limit
        if after is not None:
            query["ExclusiveStartKey"] = bulk.key(query["ExpressionAttributeValues"][":pk"]["S"], after)
        answer = connection.client().query(**query, ScanIndexForward=not newest_first, ConsistentRead=True)
        found = [_decode(item) for item in answer["Items"]]
        first, last = instant_text(since), instant_text(until)
        last_key = answer.get("LastEvaluatedKey")
        return Page(
            [one for one in found if first <= one.entry.at < last], last_key["sk"]["S"] if last_key else None
        )

    def count(self, integration_id: str, table: str, since: datetime, until: datetime) -> int:
        """Count requests of one table and one UTC day; a query for each MB, one if there are none."""
        query = self._range(integration_id, table, since, until)
        counted = 0
        while True:
            answer = connection.client().query(**query, Select="COUNT")
            counted += int(answer["Count"])
            if not answer.get("LastEvaluatedKey"):
                return counted
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def body(self, logged: Logged, part: Part) -> bytes:
        """Read a body as it came or went; empty when there was none."""
        return next(self.bodies([logged], [part]))[0]

    def bodies(self, many: Sequence[Logged], parts: Sequence[Part] = PARTS) -> Iterator[list[bytes]]:
        """Read the bodies of several requests, in their order; what lies elsewhere is fetched in parallel."""
        beside = [
            (keys.request_bodies(one.entry.request_id), part)
            for one in many
            for part in parts
            if one.bodies.get(part) == _BESIDE
        ]
        named = [
            where
            for one in many
            for part in parts
            if isinstance(where := one.bodies.get(part), str) and where != _BESIDE
        ]
        items = bulk.get_many(self._table, beside) if beside else []
        fetched = {(item["pk"]["S"], item["sk"]["S"]): item["body"]["B"] for item in items}
        objects = dict(zip(named, connection.parallel(self._bodies.get, named), strict=True))
        for one in many:
            found = []
            for part in parts:
                where = one.bodies.get(part, b"")
                if where == _BESIDE:
                    where = fetched.get((keys.request_bodies(one.entry.request_id), part), b"")
                elif isinstance(where, str):
                    where = objects[where]
                found.append(zlib.decompress(where) if where else b"")
            yield found

    def in_file(self, logged: Logged, part: Part) -> bool:
        """Tell whether a body lies in a file of its own, which is a call of its own."""
        return logged.bodies.get(part, _BESIDE) != _BESIDE and isinstance(logged.bodies[part], str)

    def _range(self, integration_id: str, table: str, since: datetime, until: datetime) -> dict[str, Any]:
        pk = keys.request_day(integration_id, table, f"{since:%Y-%m-%d}")
        return {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": text(pk),
                ":first": text(first_id(since)),
                ":last": text(first_id(until) + "~"),
            },
        }

    def _entry(self, entry: RequestEntry) -> Item:
        values = {
            name: value
            for name, value in asdict(entry).items()
            if value not in (None, {}) and (name, value) != ("kind", API)
        }
        pk = keys.request_day(entry.integration_id, entry.table, entry.at[:10])
        return {
            **bulk.key(pk, entry.request_id),
            "entry": text(json.dumps(values, ensure_ascii=False, separators=(",", ":"))),
            "expires_at": self._expires(entry),
        }

    def _marks(self, entry: RequestEntry, named: Collection[str]) -> Iterator[Item]:
        packed = marks(named)
        pk = keys.request_marks(entry.integration_id, entry.table, entry.at[:10])
        size = MARKS_AN_ITEM * MARK_BYTES
        for part, at in enumerate(range(0, len(packed), size)):
            sk = f"{entry.request_id}#{part}" if part else entry.request_id
            yield {
                **bulk.key(pk, sk),
                "marks": {"B": packed[at : at + size]},
                "expires_at": self._expires(entry),
            }

    def _expires(self, entry: RequestEntry) -> dict[str, str]:
        received = datetime.fromisoformat(entry.at)
        return number(int((received + timedelta(days=self._retention)).timestamp()))

    def _packed(self, entry: RequestEntry, part: Part, body: bytes) -> tuple[Item, Iterable[Item]]:
        """Pack a body; answers the entry's attribute for it, and the items beside the entry."""
        if not body:
            return {}, []
        packed = zlib.compress(body, 1)
        if len(packed) <= SMALL_BYTES:
            return {part: {"B": packed}}, []
        if len(packed) <= INLINE_BYTES:
            item = {
                **bulk.key(keys.request_bodies(entry.request_id), part),
                "body": {"B": packed},
                "expires_at": self._expires(entry),
            }
            return {part: text(_BESIDE)}, [item]
        name = f"requests/{entry.integration_id}/{entry.at[:10]}/{entry.request_id}.{part}.zz"
        self._bodies.put(name, packed)
        return {part: text(name)}, []


_BESIDE: Final = "beside"


def _decode(item: Item) -> Logged:
    values: dict[str, Any] = json.loads(item["entry"]["S"])
    bodies: dict[Part, bytes | str] = {}
    for part in PARTS:
        if part in item:
            bodies[part] = item[part]["B"] if "B" in item[part] else item[part]["S"]
    return Logged(RequestEntry(**values), bodies)
