"""The analysis's outcome: the ABC curve, and customers with class, category and portfolio."""

from typing import Any
from urllib.parse import unquote

from chalice.app import Blueprint

from .. import wiring
from ..domain import money
from ..domain.abc_curve import CLASSES, Boundaries
from ..domain.crm import Where
from ..domain.customers import KINDS, Assigned, Customer
from ..domain.errors import Invalid, NotFound
from ..domain.integrations import Integration
from ..domain.movements import class_reason
from ..domain.purchases import overdue_balance
from ..domain.reasons import Reason
from ..domain.schedule import local_date
from ..i18n.reasons import reason_text
from ..services.customers import list_customers
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor

bp = Blueprint(__name__)
_ONE = "/v1/integrations/{integration_id}"
MOVEMENTS_SHOWN = 1_000
_INTERNAL = frozenset({"boundaries", "before", "cutoff", "since"})


@endpoint(
    bp,
    "GET",
    _ONE + "/abc",
    caller="viewer",
    tag="Customers",
    summary="Read the latest ABC curve and who moved",
    answers={200: "AbcCurve"},
)
def abc(call: Call, integration_id: str) -> dict[str, Any]:
    """Read the latest curve and the movements of its run."""
    integration = call.integration(integration_id)
    curve = wiring.crm().curve(integration.integration_id)
    if curve is None:
        raise NotFound("curve_not_found")
    moved = wiring.crm().movements(integration.integration_id, curve["run_id"], MOVEMENTS_SHOWN)
    shown = {name: value for name, value in curve.items() if name not in _INTERNAL}
    return {**shown, "movements": call.seen([_movement(one, call.language) for one in moved])}


@endpoint(
    bp,
    "GET",
    _ONE + "/customers",
    caller="viewer",
    tag="Customers",
    summary="List customers",
    query=("abc_class", "category", "portfolio", "q", "limit", "cursor"),
    answers={200: "CustomerList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List customers, filtered; each page reads only its part of the table."""
    integration = call.integration(integration_id)
    abc_class = call.query("abc_class")
    if abc_class and abc_class not in CLASSES:
        raise Invalid("filter_invalid", name="abc_class", choices=", ".join(CLASSES))
    where = Where(abc_class, call.query("category"), call.query("portfolio"), call.query("q"))
    position = cursor(call, int, str)
    found, more = list_customers(wiring.crm(), integration.integration_id, where, position, limit(call))
    return listed(call.seen([_listed(one) for one in found]), next_cursor(*more) if more else None)


@endpoint(
    bp,
    "GET",
    _ONE + "/customers/{kind}/{codigo}",
    caller="viewer",
    tag="Customers",
    summary="Read one customer, and why it was assigned as it is",
    answers={200: "Customer"},
)
def show(call: Call, integration_id: str, kind: str, codigo: str) -> dict[str, Any]:
    """Read one customer with revenue by month, purchases, and the reasons."""
    integration = call.integration(integration_id)
    code = unquote(codigo)
    place = f"{kind}|{code}"
    known = wiring.crm().customers(integration.integration_id, [place]) if kind in KINDS else {}
    if place not in known:
        raise NotFound("customer_not_found", kind=kind[:20], codigo=code[:100])
    customer = known[place]
    metrics = customer.metrics
    today = local_date(integration.schedule.timezone, wiring.now())
    described = {
        **_listed(customer),
        "uf": customer.uf,
        "segmento": customer.segmento,
        "vendedor_codigo": customer.seller,
        "revenue_by_month": [
            {"month": month, "revenue": money.text(amount)}
            for month, amount in metrics.revenue_by_month.items()
        ],
        "purchases": metrics.purchases,
        "first_purchase": metrics.first_purchase.isoformat() if metrics.first_purchase else None,
        "last_purchase": metrics.last_purchase.isoformat() if metrics.last_purchase else None,
        "overdue_balance": money.text(overdue_balance(metrics.open_by_due, today)),
        "previous_abc_class": customer.abc_previous,
        "why": {
            "abc_class": _why_class(integration, customer, call.language),
            "category": _why(customer.category, call.language),
            "portfolio": _why(customer.portfolio, call.language),
        },
    }
    found: dict[str, Any] = call.seen(described)
    return found


def _listed(customer: Customer) -> dict[str, Any]:
    return {
        "kind": customer.kind,
        "codigo": customer.code,
        "name": customer.name,
        "revenue": money.text(customer.metrics.revenue),
        "abc_class": customer.abc_class or "-",
        "category": customer.category.name if customer.category else None,
        "portfolio": customer.portfolio.name if customer.portfolio else None,
        "portfolio_code": customer.portfolio.code if customer.portfolio else None,
        "active": customer.active,
        "orphan": customer.orphan,
    }


def _why(assigned: Assigned | None, language: str) -> list[dict[str, Any]]:
    reasons = assigned.why if assigned else ()
    return [{"code": one.code, "message": reason_text(one, language)} for one in reasons]


def _why_class(integration: Integration, customer: Customer, language: str) -> list[dict[str, Any]]:
    """Explain the class by the cuts of the curve that gave it."""
    curve = wiring.crm().curve(integration.integration_id) if customer.abc_class else None
    if curve is None or customer.abc_class is None:
        return []
    cuts = Boundaries.from_json(curve["boundaries"]).cuts
    because = class_reason(customer.abc_class, customer.metrics.revenue, cuts)
    return [{"code": because.code, "message": reason_text(because, language)}]


def _movement(stored: dict[str, Any], language: str) -> dict[str, Any]:
    reason = Reason.from_json(stored["reason"])
    return {**stored, "reason": reason_text(reason, language), "reason_code": reason.code}
