"""Stage categorise: put every customer into exactly one category and one portfolio, and say why.

Cursor: `bucket`, `after`, and `changed`, `seen` so far.
"""

from dataclasses import replace
from typing import Any

from ...domain import categories, portfolios
from ...domain.customers import Assigned, Customer
from ...domain.portfolios import Seller
from ..work import Line, Step, Work
from .paging import customers_page


def step(work: Work, cursor: dict[str, Any]) -> Step:
    """Judge one page of customers; only changed ones are written."""
    sellers = _sellers(work)
    found, position = customers_page(work, cursor)
    changed = [replaced for customer in found if (replaced := _assigned(work, customer, sellers))]
    work.crm.write_customers(work.integration_id, changed)
    total = cursor.get("changed", 0) + len(changed)
    seen = cursor.get("seen", 0) + len(found)
    if position:
        return Step({**position, "changed": total, "seen": seen}, processed=len(changed))
    line = Line("categorise_done", {"customers": str(seen), "changed": str(total)})
    return Step(None, processed=len(changed), lines=(line,))


def _sellers(work: Work) -> dict[str, Seller]:
    return {
        one["codigo"]: Seller(
            one["codigo"], one["nome"], one.get("ativo", True), one.get("supervisor_codigo")
        )
        for one in work.crm.all_of(work.integration_id, "vendedor")
    }


def _assigned(work: Work, customer: Customer, sellers: dict[str, Seller]) -> Customer | None:
    """Assign; None when nothing changed, unless this run changed it (a repeated step)."""
    facts = categories.facts_of(
        customer.metrics,
        as_of=work.as_of,
        abc_class=customer.abc_class or "-",  # type: ignore[arg-type]
        segmento=customer.segmento,
        uf=customer.uf,
    )
    category = categories.categorise(facts, work.integration.category_rules)
    owner = portfolios.assign(
        portfolios.Facts(customer.seller, customer.metrics.last_seller, customer.uf),
        sellers,
        work.integration.portfolio_settings,
    )
    new = replace(
        customer,
        category=Assigned(category.name, category.name, category.why),
        portfolio=Assigned(owner.code, owner.name, owner.why),
    )
    if new == customer:
        return customer if customer.assigned_run == work.run.run_id else None
    return replace(new, assigned_run=work.run.run_id)
