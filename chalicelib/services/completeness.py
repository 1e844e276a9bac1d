"""How complete an integration's data is, by table and month: read from counters, not from records."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..domain import completeness, money
from ..domain.completeness import Cell, TableState
from ..domain.control_totals import ControlTotal, month_of
from ..domain.tables import NAMES
from ..domain.tallies import UNDATED, measure_of
from ..domain.values import instant_text
from .controls import total_json

if TYPE_CHECKING:
    from ..storage.controls import Controls, ListedKeys
    from ..storage.records import Records

Declared = dict[str, dict[str, ControlTotal]]
Listed = dict[str, dict[str, "ListedKeys"]]


def state(records: "Records", controls: "Controls", integration_id: str, now: datetime) -> dict[str, Any]:
    """Describe completeness as it is now: a few queries, and a look at the keys that totals name."""
    listed = controls.listed(integration_id)
    totals = with_lists(controls.totals(integration_id), listed, now)
    tallies = records.tallies(integration_id)
    absent = _absent(records, integration_id, totals)
    tables = [
        completeness.compare(name, totals.get(name, {}), tallies.get(name, {}), absent.get(name, set()))
        for name in NAMES
    ]
    return {
        "as_of": instant_text(now),
        "verdict": completeness.verdict(one.status for one in tables),
        "totals": summed([cell for one in tables for cell in one.cells], with_amount=False),
        "tables": [table_json(one, listed.get(one.table, {})) for one in tables],
    }


def with_lists(totals: Declared, listed: Listed, now: datetime) -> Declared:
    """Let a whole list of keys stand for the count of a period of which no total was declared."""
    found = {table: dict(own) for table, own in totals.items()}
    for table, periods in listed.items():
        for period, one in periods.items():
            if one.complete and period not in found.setdefault(table, {}):
                at = datetime.fromisoformat(one.at)
                found[table][period] = ControlTotal(period, one.count, None, None, None, at)
    return found


def _absent(records: "Records", integration_id: str, totals: Declared) -> dict[str, set[str]]:
    """Find which of the keys that totals name are no live records of ours: 100 keys a call."""
    named = [
        (table, key) for table, periods in totals.items() for total in periods.values() for key in total.keys
    ]
    there = records.existing(integration_id, named) if named else set()
    absent: dict[str, set[str]] = {}
    for table, key in named:
        if (table, key) not in there:
            absent.setdefault(table, set()).add(key)
    return absent


def table_json(state: TableState, listed: dict[str, "ListedKeys"]) -> dict[str, Any]:
    """Describe a table with its periods, newest first."""
    measure = measure_of(state.table)
    return {
        "table": state.table,
        "date_field": measure.date,
        "amount_field": measure.amount,
        "status": state.status,
        "totals": summed(state.cells, with_amount=measure.amount is not None),
        "months": [cell_json(cell, listed.get(cell.period)) for cell in _newest_first(state.cells)],
    }


def _newest_first(cells: tuple[Cell, ...]) -> list[Cell]:
    dated = [cell for cell in cells if cell.period != UNDATED]
    return [*reversed(dated), *(cell for cell in cells if cell.period == UNDATED)]


def cell_json(cell: Cell, listed: "ListedKeys | None") -> dict[str, Any]:
    """Describe one period of a table."""
    tally, amount = cell.tally, cell.amount_difference
    erp = total_json(cell.period, cell.total, listed) if cell.total or listed else None
    return {
        "month": month_of(cell.period),
        "status": cell.status,
        "erp": erp,
        "intermediate": {"count": tally.records, "sum": money.text(tally.amount)},
        "crm": {"count": tally.applied, "sum": money.text(tally.applied_amount)},
        "pending": tally.pending,
        "rejected": tally.rejected,
        "difference": cell.difference,
        "sum_difference": None if amount is None else money.text(amount),
        "absent_keys": list(cell.absent),
    }


def summed(cells: "list[Cell] | tuple[Cell, ...]", *, with_amount: bool) -> dict[str, Any]:
    """Add periods up."""
    tally, (count, amount) = completeness.whole(cells), completeness.declared(cells)
    missing = sum(max(0, -cell.difference) for cell in cells)
    extra = sum(max(0, cell.difference) for cell in cells)
    return {
        "erp": {"count": count, "sum": money.text(amount) if with_amount and amount is not None else None},
        "intermediate": {
            "count": tally.records,
            "sum": money.text(tally.amount) if with_amount else None,
        },
        "crm": {
            "count": tally.applied,
            "sum": money.text(tally.applied_amount) if with_amount else None,
        },
        "pending": tally.pending,
        "rejected": tally.rejected,
        "missing": missing,
        "extra": extra,
        "undeclared": sum(cell.total is None for cell in cells),
    }
