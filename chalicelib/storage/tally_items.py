"""How a table's tallies lie in DynamoDB: an item a year, or a decade where years are rare.

So one transaction can move them all: records of a delivery may lie in any of 300 years, and a transaction
takes 100 items. What has no month lies beside the table's counters, which are written anyway.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from ..domain.tallies import UNDATED, Tallies, Tally, joined
from . import bulk, keys
from .bulk import Item, number

_COMMON: Final = range(1990, 2050)
_FIELDS: Final = {
    "n": "records",
    "a": "amount",
    "p": "pending",
    "x": "rejected",
    "c": "applied",
    "d": "applied_amount",
}
_WHOLE: Final = frozenset({"records", "pending", "rejected", "applied"})


def shelf(period: str) -> str:
    """Name the item in which a month lies."""
    return period[:4] if int(period[:4]) in _COMMON else f"{period[:3]}x"


def shelves(periods: Iterable[str]) -> set[str]:
    """Name all items in which these months lie."""
    return {shelf(period) for period in periods if period != UNDATED}


def beside(tallies: Tallies) -> dict[str, Tally]:
    """Pick what lies beside the table's counters."""
    return {period: tally for period, tally in tallies.items() if period == UNDATED}


def updates(table_name: str, integration_id: str, table: str, tallies: Tallies) -> list[Item]:
    """Write the updates that move the months' tallies, one for each item."""
    split: dict[str, dict[str, Tally]] = {}
    for period, tally in tallies.items():
        if period != UNDATED:
            split.setdefault(shelf(period), {})[period] = tally
    found = []
    for name, own in sorted(split.items()):
        terms, names, values = additions(own)
        update = {
            "TableName": table_name,
            "Key": bulk.key(keys.tallies(integration_id), keys.of_period(table, name)),
            "UpdateExpression": f"ADD {', '.join(terms)}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        found.append({"Update": update})
    return found


def additions(tallies: Tallies) -> tuple[list[str], dict[str, str], Item]:
    """Write the terms of an ADD for these tallies, with their names and values."""
    terms: list[str] = []
    names: dict[str, str] = {}
    values: Item = {}
    for period, tally in sorted(tallies.items()):
        for letter, name in _FIELDS.items():
            if amount := getattr(tally, name):
                place = len(terms)
                terms.append(f"#t{place} :t{place}")
                names[f"#t{place}"] = f"{period}{letter}"
                values[f":t{place}"] = number(format(amount, "f") if isinstance(amount, Decimal) else amount)
    return terms, names, values


def read(item: Item) -> dict[str, Tally]:
    """Read the tallies of an item, whatever else it holds."""
    found: dict[str, dict[str, int | Decimal]] = {}
    for name, value in item.items():
        period, field = name[:-1], _FIELDS.get(name[-1:])
        if field and "N" in value and (period == UNDATED or period[:1].isdigit()):
            told = value["N"]
            found.setdefault(period, {})[field] = int(told) if field in _WHOLE else Decimal(told)
    return joined({period: Tally(**fields)} for period, fields in found.items())  # type: ignore[arg-type]
