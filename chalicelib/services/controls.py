"""Take and show what the ERP says it has."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..domain import control_keys, control_totals, money
from ..domain.control_totals import ControlTotal, month_of
from ..domain.tables import Table
from ..domain.values import instant_text

if TYPE_CHECKING:
    from ..storage.controls import Controls, ListedKeys


def declare(controls: "Controls", integration_id: str, table: Table, body: object, now: datetime) -> int:
    """Store a declaration of totals; answers how many periods it spoke of. Raises Invalid."""
    said = control_totals.parse(table, body, now)
    controls.declare(integration_id, table.name, said.totals, said.withdrawn)
    return len(said.totals) + len(said.withdrawn)


def list_keys(
    controls: "Controls", integration_id: str, table: Table, body: object, now: datetime
) -> dict[str, Any]:
    """Store a part of a key list; an empty list of one part withdraws it. Raises Invalid."""
    listed = control_keys.parse(table, body)
    withdrawn = not listed.keys and listed.parts == 1
    if not withdrawn:
        controls.list_keys(integration_id, table.name, listed, now)
    controls.forget_keys(integration_id, table.name, listed.period, 0 if withdrawn else listed.parts)
    found = controls.listed(integration_id, table.name).get(table.name, {}).get(listed.period)
    return {
        "table": table.name,
        "month": month_of(listed.period),
        "received": len(listed.keys),
        "repeated": list(listed.repeated[:100]),
        "keys": found.count if found else 0,
        "complete": found.complete if found else True,
    }


def shown(controls: "Controls", integration_id: str, table: Table) -> list[dict[str, Any]]:
    """Describe what is declared of a table, newest month first."""
    totals = controls.totals(integration_id, table.name).get(table.name, {})
    listed = controls.listed(integration_id, table.name).get(table.name, {})
    return [
        total_json(period, totals.get(period), listed.get(period))
        for period in sorted({*totals, *listed}, reverse=True)
    ]


def total_json(period: str, total: ControlTotal | None, listed: "ListedKeys | None") -> dict[str, Any]:
    """Describe what is declared of one period."""
    amount = total.amount if total else None
    return {
        "month": month_of(period),
        "count": total.count if total else None,
        "sum": None if amount is None else money.text(amount),
        "min_key": total.min_key if total else None,
        "max_key": total.max_key if total else None,
        "listed_keys": listed.count if listed else None,
        "declared_at": _latest([instant_text(total.at) if total else None, listed.at if listed else None]),
        "source": total.source if total else "erp",
    }


def _latest(moments: Iterable[str | None]) -> str | None:
    return max((one for one in moments if one), default=None)
