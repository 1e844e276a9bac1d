"""Refused records by the time of their refusal, through a sparse index on the records table."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..domain.staging import Staged
from . import connection, keys
from .bulk import text

if TYPE_CHECKING:
    from .records import Records

INDEX = "refused-index"


class Refused:
    """The index's partitions are the table's own, so refusals spread over as many as their records do."""

    def __init__(self, table_name: str, records: "Records") -> None:
        self._table, self._records = table_name, records

    def latest(
        self, integration_id: str, tables: Iterable[str], before: str | None, limit: int
    ) -> tuple[list[Staged], str | None]:
        """List the refused records of some tables, newest first, behind the place `before`.

        Also answers the place to go on behind, if any. One that is refused no longer may be missing: the
        index follows the table a moment later.
        """
        partitions = [
            (table, keys.records(integration_id, table, number))
            for table in tables
            for number in range(keys.BUCKETS)
        ]

        def read(partition: tuple[str, str]) -> list[tuple[str, str, str]]:
            table, pk = partition
            return [(place, table, key) for place, key in self._page(pk, before, limit + 1)]

        found = sorted((one for page in connection.parallel(read, partitions) for one in page), reverse=True)
        taken = found[:limit]
        stored: dict[tuple[str, str], Staged] = {}
        for table in {table for _, table, _ in taken}:
            wanted = [key for _, name, key in taken if name == table]
            for key, staged in self._records.read(integration_id, table, wanted).items():
                stored[table, key] = staged
        listed = [stored[table, key] for _, table, key in taken if (table, key) in stored]
        more = taken[-1][0] if len(found) > limit else None
        return [one for one in listed if one.rejection], more

    def _page(self, pk: str, before: str | None, limit: int) -> list[tuple[str, str]]:
        query: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": INDEX,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": text(pk)},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if before:
            query["KeyConditionExpression"] += " AND refused_at < :before"
            query["ExpressionAttributeValues"][":before"] = text(before)
        answer = connection.client().query(**query)
        return [(item["refused_at"]["S"], item["sk"]["S"]) for item in answer["Items"]]
