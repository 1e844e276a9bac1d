"""Find the requests that named a key, by the marks that the request log keeps of each day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..domain.request_marks import mark, named
from . import connection, keys
from .bulk import text


@dataclass(slots=True)
class _Day:
    """One day's marks, newest first, read page by page."""

    pk: str
    found: list[str] = field(default_factory=list)
    more: Any = None


@dataclass(frozen=True, slots=True)
class Naming:
    """Ids of requests that named a key, newest first.

    Where there were too many requests to look at, those before the request `unread_before` may be missing.
    """

    request_ids: list[str]
    unread_before: str | None


class RequestMarks:
    """Marks of every integration's requests, in the requests' table."""

    def __init__(self, table_name: str) -> None:
        self._table = table_name

    def naming(self, integration_id: str, table: str, key: str, days: Sequence[str], queries: int) -> Naming:
        """Find the requests of some days ("YYYY-MM-DD", newest first) in at most so many queries.

        A query reads 1 MB, the marks of about 7,000 small requests or of 100 large ones.
        """
        wanted = mark(key)
        places = [_Day(keys.request_marks(integration_id, table, day)) for day in days[:queries]]
        connection.parallel(lambda day: self._read(day, wanted), places)
        left = queries - len(places)
        for day in places:
            while day.more and left:
                self._read(day, wanted)
                left -= 1
        unread = next((day.more["sk"]["S"] for day in places if day.more), None)
        found = [one for day in places for one in day.found]
        return Naming(list(dict.fromkeys(found)), unread)

    def _read(self, day: _Day, wanted: bytes) -> None:
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": text(day.pk)},
            "ProjectionExpression": "sk, marks",
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        if day.more:
            query["ExclusiveStartKey"] = day.more
        page = connection.client().query(**query)
        day.more = page.get("LastEvaluatedKey")
        day.found += [
            item["sk"]["S"].partition("#")[0] for item in page["Items"] if named(item["marks"]["B"], wanted)
        ]
