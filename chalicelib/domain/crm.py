"""What the CRM holds beside customers: documents, and how its customers are filtered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """A record as the CRM holds it; `place` for documents that lie beside their client."""

    table: str
    key: str
    data: str
    revision: int
    place: str | None
    run_id: str
    applied_at: str


@dataclass(frozen=True, slots=True)
class Where:
    """Filters of the customer list; None does not filter."""

    abc_class: str | None = None
    category: str | None = None
    portfolio: str | None = None
    q: str | None = None
