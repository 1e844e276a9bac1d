"""What the ERP says it has: control totals by table and period, and lists of keys in S3."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..domain import control_keys
from ..domain.control_keys import ControlKey, KeyList
from ..domain.control_totals import ControlTotal
from ..domain.values import instant_text
from . import bulk, keys
from .bulk import Item, number, text

if TYPE_CHECKING:
    from .files import Files


@dataclass(frozen=True, slots=True)
class ListedKeys:
    """The key list of a period: which of its parts there are, and how many keys are in each."""

    period: str
    parts: int
    counts: dict[int, int]
    repeated: dict[int, list[str]]
    at: str

    @property
    def complete(self) -> bool:
        """Tell whether all parts have come."""
        return all(part in self.counts for part in range(1, self.parts + 1))

    @property
    def count(self) -> int:
        """Count the keys."""
        return sum(count for part, count in self.counts.items() if part <= self.parts)


class Controls:
    """Control totals and key lists of every integration."""

    def __init__(self, table_name: str, files: "Files") -> None:
        self._table, self._files = table_name, files

    def declare(
        self, integration_id: str, table: str, totals: Iterable[ControlTotal], withdrawn: Iterable[str] = ()
    ) -> None:
        """Store totals, each in place of what was said of its period before, and forget others."""
        pk = keys.control_totals(integration_id)
        puts = [_total_item(pk, table, total) for total in totals]
        bulk.write_many(self._table, puts, [(pk, keys.of_period(table, period)) for period in withdrawn])

    def totals(self, integration_id: str, table: str = "") -> dict[str, dict[str, ControlTotal]]:
        """Read what was declared, by table and period; of one table, or of all: one query."""
        found: dict[str, dict[str, ControlTotal]] = {}
        for item in self._of(keys.control_totals(integration_id), table):
            name, period = keys.period_of(item["sk"]["S"])
            found.setdefault(name, {})[period] = _total(period, json.loads(item["total"]["S"]))
        return found

    def list_keys(self, integration_id: str, table: str, listed: KeyList, now: datetime) -> None:
        """Store a part of a key list; sent again, it takes its own place."""
        name = _object(integration_id, table, listed.period, listed.part)
        self._files.put(name, gzip.compress(control_keys.dump(listed.keys).encode(), 1))
        sk = f"{keys.of_period(table, listed.period)}#{listed.part:03}"
        head = {
            "parts": number(listed.parts),
            "count": number(len(listed.keys)),
            "repeated": text(json.dumps(listed.repeated[:1_000], ensure_ascii=False)),
            "at": text(instant_text(now)),
        }
        bulk.write_many(self._table, [{**bulk.key(keys.control_keys(integration_id), sk), **head}])

    def forget_keys(self, integration_id: str, table: str, period: str, beyond: int = 0) -> None:
        """Forget the parts of a period's list behind the first `beyond`."""
        listed = self.listed(integration_id, table).get(table, {}).get(period)
        gone = [part for part in (listed.counts if listed else ()) if part > beyond]
        pk = keys.control_keys(integration_id)
        bulk.write_many(
            self._table, deletes=[(pk, f"{keys.of_period(table, period)}#{part:03}") for part in gone]
        )
        self._files.delete([_object(integration_id, table, period, part) for part in gone])

    def listed(self, integration_id: str, table: str = "") -> dict[str, dict[str, ListedKeys]]:
        """Tell of which periods keys are listed, by table: one query."""
        found: dict[str, dict[str, ListedKeys]] = {}
        for item in self._of(keys.control_keys(integration_id), table):
            place, _, part = item["sk"]["S"].rpartition("#")
            name, period = keys.period_of(place)
            found.setdefault(name, {})[period] = _with_part(
                found.get(name, {}).get(period), period, int(part), item
            )
        return found

    def keys_of(self, integration_id: str, table: str, listed: ListedKeys) -> Iterator[ControlKey]:
        """Read the keys of a list."""
        for part in sorted(listed.counts):
            if part <= listed.parts:
                packed = self._files.get(_object(integration_id, table, listed.period, part))
                yield from control_keys.load(gzip.decompress(packed).decode())

    def _of(self, pk: str, table: str) -> Iterator[Item]:
        if not table:
            return bulk.query(self._table, pk)
        return bulk.query(
            self._table,
            pk,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :table)",
            ExpressionAttributeValues={":table": text(keys.of_period(table, ""))},
        )


def _object(integration_id: str, table: str, period: str, part: int) -> str:
    return f"control/{integration_id}/{table}/{period}/{part:03}.gz"


def _total_item(pk: str, table: str, total: ControlTotal) -> Item:
    kept = {
        "count": total.count,
        "amount": None if total.amount is None else format(total.amount, "f"),
        "keys": [total.min_key, total.max_key],
        "at": total.at.isoformat(),
        "source": total.source,
    }
    shown = text(json.dumps(kept, ensure_ascii=False))
    return {**bulk.key(pk, keys.of_period(table, total.period)), "total": shown}


def _total(period: str, kept: dict[str, Any]) -> ControlTotal:
    amount = None if kept["amount"] is None else Decimal(kept["amount"])
    first, last = kept["keys"]
    return ControlTotal(
        period, kept["count"], amount, first, last, datetime.fromisoformat(kept["at"]), kept["source"]
    )


def _with_part(known: ListedKeys | None, period: str, part: int, item: Item) -> ListedKeys:
    at, parts = item["at"]["S"], int(item["parts"]["N"])
    counts: Sequence[tuple[int, int]] = [(part, int(item["count"]["N"]))]
    repeated = {part: json.loads(item["repeated"]["S"])}
    if known is None:
        return ListedKeys(period, parts, dict(counts), repeated, at)
    # The part that came last knows how many there are.
    newest = at >= known.at
    return ListedKeys(
        period,
        parts if newest else known.parts,
        known.counts | dict(counts),
        known.repeated | repeated,
        max(at, known.at),
    )
