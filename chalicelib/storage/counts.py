"""Counters of the intermediate database, in total and by month, exact after any crash.

Each transaction that writes records leaves one delta. Deltas are folded into the counters afterwards; until
then readers add them up, so a crash before the fold changes nothing that anyone sees.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from ..domain import deltas
from ..domain.counters import Counters
from ..domain.deltas import Delta
from ..domain.errors import Busy
from ..domain.tallies import Tallies, Tally, joined
from . import bulk, keys, record_items, tally_items
from .bulk import Item, number, text

_ADD: Final = "ADD records_ :r, bytes_ :b, pending_ :p, rejected_ :x"
_READ_ATTEMPTS: Final = 5


class Counts:
    """Counters and tallies of every integration's tables."""

    def __init__(self, table_name: str) -> None:
        self._table = table_name

    def fold(self, integration_id: str, table: str, named: Mapping[str, Delta], at: str) -> None:
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
            for name in named
        ]
        # Should it lose: the deltas stay and are counted by readers; the next run folds them.
        self.count(integration_id, table, deltas.total(named.values()), at, *drops)

    def count(self, integration_id: str, table: str, delta: Delta, at: str, *beside: Item) -> bool:
        """Add a delta to the table's counters, together with other actions, all or nothing; tells if it did.

        `at` becomes the time of the last delivery, unless a later one has ended earlier.
        """
        months = tally_items.updates(self._table, integration_id, table, delta.periods)
        for moment in dict.fromkeys((at, "")):
            with suppress(bulk.Contended):
                bulk.transact([self._counter_update(integration_id, table, delta, moment), *months, *beside])
                return True
        return False

    def fold_leftovers(self, integration_id: str) -> None:
        """Fold deltas that a crash or a lost race left behind."""
        left: dict[str, list[Item]] = {}
        for item in bulk.query(self._table, keys.counters(integration_id)):
            table, _, label = item["sk"]["S"].partition("#")
            if label:
                left.setdefault(table, []).append(item)
        for table, items in left.items():
            last = max(item.get("last", {"S": ""})["S"] for item in items)
            for chunk in _foldable({item["sk"]["S"]: record_items.decode_delta(item) for item in items}):
                self.fold(integration_id, table, chunk, last)

    def counters(self, integration_id: str) -> dict[str, Counters]:
        """Read every table's counters, deltas included: one query."""
        found: dict[str, Counters] = {}
        for item in bulk.query(self._table, keys.counters(integration_id)):
            table = item["sk"]["S"].partition("#")[0]
            found[table] = found.get(table, Counters()).plus(
                record_items.decode_delta(item), item.get("last", {}).get("S")
            )
        return found

    def tallies(self, integration_id: str) -> dict[str, dict[str, Tally]]:
        """Read every table's tallies by period, deltas included: three queries, unless somebody writes."""
        found: dict[str, list[Tallies]] = {}
        named, months = self._at_one_moment(integration_id)
        for name, delta in named.items():
            found.setdefault(keys.period_of(name)[0], []).append(delta.periods)
        for item in months:
            found.setdefault(keys.period_of(item["sk"]["S"])[0], []).append(tally_items.read(item))
        return {table: joined(many) for table, many in found.items()}

    def _at_one_moment(self, integration_id: str) -> tuple[dict[str, Delta], list[Item]]:
        """Read counters, deltas and months between which nothing was folded; raises Busy."""
        before = self._deltas(integration_id)
        for attempt in range(_READ_ATTEMPTS):
            months = list(bulk.query(self._table, keys.tallies(integration_id)))
            after = self._deltas(integration_id)
            if before == after:
                return after, months
            before = after  # what was folded meanwhile would be counted twice, or not at all
            bulk.pause(attempt)
        raise Busy()

    def _deltas(self, integration_id: str) -> dict[str, Delta]:
        """Read the tables' counters and the deltas beside them, by name."""
        found = bulk.query(self._table, keys.counters(integration_id))
        return {item["sk"]["S"]: record_items.decode_delta(item) for item in found}

    def _counter_update(self, integration_id: str, table: str, delta: Delta, at: str) -> Item:
        terms, names, values = tally_items.additions(tally_items.beside(delta.periods))
        update: Item = {
            "TableName": self._table,
            "Key": bulk.key(keys.counters(integration_id), table),
            "UpdateExpression": ", ".join([_ADD, *terms]),
            "ExpressionAttributeValues": {
                **values,
                ":r": number(delta.records),
                ":b": number(delta.bytes),
                ":p": number(delta.pending),
                ":x": number(delta.rejected),
            },
        }
        if at:
            names["#last"] = "last"
            update["UpdateExpression"] += " SET #last = :at"
            update["ConditionExpression"] = "attribute_not_exists(#last) OR #last <= :at"
            update["ExpressionAttributeValues"][":at"] = text(at)
        if names:
            update["ExpressionAttributeNames"] = names
        return {"Update": update}


def _foldable(waiting: Mapping[str, Delta]) -> Iterator[dict[str, Delta]]:
    """Split deltas so that what they move fits into a transaction together with them."""
    chunk: dict[str, Delta] = {}
    shelves: set[str] = set()
    for name, delta in waiting.items():
        touched = shelves | tally_items.shelves(delta.periods)
        if chunk and 2 + len(chunk) + len(touched) > bulk.TRANSACTION_ITEMS:
            yield chunk
            chunk, touched = {}, tally_items.shelves(delta.periods)
        chunk[name], shelves = delta, touched
    if chunk:
        yield chunk
