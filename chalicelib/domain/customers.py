"""A customer of the CRM: a company (empresa) or person (contato) with its metrics and assignments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from . import purchases
from .purchases import Purchases
from .reasons import Reason
from .tables import KEY_SEPARATOR

KINDS: Final = ("empresa", "contato")


@dataclass(frozen=True, slots=True)
class Assigned:
    """A category or portfolio, and why."""

    code: str
    name: str
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as the analysis knows it.

    orphan         documents name it, but its own record never arrived (or was deleted)
    measured_on    the `as_of` of the metrics; `window_months` theirs too
    measured_run   the run that computed them, `measured_at` its cutoff; `prior_revenue` and
                   `prior_purchases` are what they were when the customer was last classified
    abc_class      None until the first classification; `abc_run` set it, `abc_previous` is what it was
    assigned_run   the run that last changed category or portfolio
    """

    kind: str
    code: str
    name: str | None = None
    uf: str | None = None
    segmento: str | None = None
    seller: str | None = None
    active: bool = True
    orphan: bool = False
    metrics: Purchases = field(default_factory=Purchases)
    measured_on: str = ""
    window_months: int = 0
    measured_run: str = ""
    measured_at: str = ""
    prior_revenue: str = "0.00"
    prior_purchases: int = 0
    abc_class: str | None = None
    abc_previous: str | None = None
    abc_run: str = ""
    category: Assigned | None = None
    portfolio: Assigned | None = None
    assigned_run: str = ""

    @property
    def place(self) -> str:
        """Name the customer among all: "kind|codigo"."""
        return f"{self.kind}{KEY_SEPARATOR}{self.code}"


def split_place(place: str) -> tuple[str, str]:
    """Split "kind|codigo"; the code may itself hold the separator."""
    kind, _, code = place.partition(KEY_SEPARATOR)
    return kind, code


def to_json(customer: Customer) -> dict[str, Any]:
    """Give the customer as JSON values, leaving out what is at its default."""
    blank = Customer(customer.kind, customer.code)
    document: dict[str, Any] = {"kind": customer.kind, "code": customer.code}
    for name in Customer.__slots__:
        value = getattr(customer, name)
        if value != getattr(blank, name):
            document[name] = value
    document["metrics"] = purchases.to_json(customer.metrics)
    for name in ("category", "portfolio"):
        if assigned := document.get(name):
            why = [reason.to_json() for reason in assigned.why]
            document[name] = {"code": assigned.code, "name": assigned.name, "why": why}
    return document


def from_json(document: Mapping[str, Any]) -> Customer:
    """Read what `to_json` wrote."""
    values = {name: value for name, value in document.items() if name in Customer.__slots__}
    values["metrics"] = purchases.from_json(document["metrics"])
    for name in ("category", "portfolio"):
        if assigned := document.get(name):
            why = tuple(Reason.from_json(reason) for reason in assigned["why"])
            values[name] = Assigned(assigned["code"], assigned["name"], why)
    return Customer(**values)
