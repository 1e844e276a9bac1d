"""Stage update: write the new ABC class onto companies and contacts, and keep who moved and why.

Cursor: `bucket`, `after`, and `moved`, `classified` so far.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from ...domain.abc_curve import Boundaries, class_of
from ...domain.customers import Customer
from ...domain.movements import Standing, movement_reason
from ..work import Line, Step, Work
from .paging import customers_page


def step(work: Work, cursor: dict[str, Any]) -> Step:
    """Classify one page of customers by the boundaries that analyse drew; the last page publishes them."""
    curve = work.crm.curve(work.integration_id, work.run.run_id)
    assert curve is not None, "analyse has drawn the curve"
    boundaries = Boundaries.from_json(curve["boundaries"])
    found, position = customers_page(work, cursor)
    changed = [replaced for customer in found if (replaced := _classified(work, customer, boundaries))]
    moved = [
        movement
        for customer in changed
        if curve["before"] and (movement := _movement(work, customer, curve, boundaries))
    ]
    work.crm.write_movements(work.integration_id, work.run.run_id, moved)
    work.crm.write_customers(work.integration_id, changed)
    counts = Counter(cursor.get("moves", {}))
    counts.update(f"{movement['from']}→{movement['to']}" for movement in moved)
    total = cursor.get("classified", 0) + len(changed)
    if position:
        return Step({**position, "classified": total, "moves": dict(counts)}, processed=len(changed))
    work.crm.publish_curve(work.integration_id, curve)
    return Step(None, processed=len(changed), lines=_lines(total, counts))


def _classified(work: Work, customer: Customer, boundaries: Boundaries) -> Customer | None:
    """Give the customer its class; None when it had it, unless this run gave it (a repeated step)."""
    if customer.abc_run == work.run.run_id:
        return customer
    new = class_of(customer.metrics.revenue, customer.place, boundaries)
    if new == customer.abc_class:
        return None
    return replace(customer, abc_class=new, abc_previous=customer.abc_class, abc_run=work.run.run_id)


def _movement(
    work: Work, customer: Customer, curve: dict[str, Any], boundaries: Boundaries
) -> dict[str, Any] | None:
    """Tell the change of class; a client's first class counts as coming from "-"."""
    was = customer.abc_previous or "-"
    if was == customer.abc_class:
        return None
    measured_now = customer.measured_run == work.run.run_id or customer.measured_at > curve["since"]
    revenue = Decimal(customer.prior_revenue) if measured_now else customer.metrics.revenue
    earlier = customer.prior_purchases if measured_now else customer.metrics.purchases
    before = Standing(was, revenue, Boundaries.from_json(curve["before"]))  # type: ignore[arg-type]
    after = Standing(customer.abc_class, customer.metrics.revenue, boundaries)  # type: ignore[arg-type]
    why = movement_reason(
        customer.place,
        before,
        after,
        purchased_before=earlier > 0,
        last_purchase=customer.metrics.last_purchase,
        window_start=date.fromisoformat(curve["window_start"]),
    )
    return {
        "customer": customer.place,
        "name": customer.name,
        "from": was,
        "to": customer.abc_class,
        "reason": why.to_json(),
    }


def _lines(total: int, counts: Counter[str]) -> tuple[Line, ...]:
    lines = [Line("update_classes", {"customers": str(total)})]
    for move, number in sorted(counts.items()):
        before, _, after = move.partition("→")
        lines.append(Line("update_moved", {"from": before, "to": after, "customers": str(number)}))
    return tuple(lines)
