"""The CRM's data: documents, customers with metrics and assignments, the curve, the movements.

Documents that make up a client's metrics lie in that client's partition, so that one query reads
them. Every write here is a put or a delete of a whole item: repeating it changes nothing.
"""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from ..domain import customers
from ..domain.categories import folded
from ..domain.crm import Document, Where
from ..domain.customers import Customer
from . import bulk, connection, keys
from .bulk import Item, number, text

LATEST = "LATEST"


class Crm:
    """The CRM data of every integration, in one DynamoDB table."""

    def __init__(self, table_name: str) -> None:
        self._table = table_name

    # ── documents ──
    def apply(
        self,
        integration_id: str,
        documents: Iterable[Document],
        gone: Iterable[tuple[str, str, str | None]],
        dirty: Iterable[str],
    ) -> None:
        """Put documents, delete (table, key, place) ones, and mark clients whose metrics may change."""
        puts = [_document(integration_id, document) for document in documents]
        puts += [bulk.key(keys.dirty(integration_id), place) for place in dirty]
        written = {(item["pk"]["S"], item["sk"]["S"]) for item in puts}
        deletes = [keys.document(integration_id, *one) for one in gone]
        bulk.write_many(self._table, puts, [place for place in deletes if place not in written])

    def documents(
        self, integration_id: str, wanted: Iterable[tuple[str, str, str | None]]
    ) -> dict[tuple[str, str], dict[str, Any]]:
        """Read documents by (table, key, place); answers their items' fields by (table, key)."""
        names = {keys.document(integration_id, *one): (one[0], one[1]) for one in wanted}
        found = bulk.get_many(self._table, names)
        return {names[(item["pk"]["S"], item["sk"]["S"])]: _fields(item) for item in found}

    def of_clients(
        self, integration_id: str, places: Iterable[str]
    ) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
        """Read clients' own documents as (table, key, data), by place: a query a client, in parallel."""

        def read(place: str) -> tuple[str, list[tuple[str, str, dict[str, Any]]]]:
            found = bulk.query(self._table, keys.client(integration_id, place))
            return place, [_own_document(item) for item in found]

        return dict(connection.parallel(read, places))

    def beside(
        self, integration_id: str, place: str, table: str, limit: int, pages: int
    ) -> tuple[list[tuple[str, dict[str, Any]]], bool]:
        """Read pages of a client's own documents of one table as (key, data); also whether there are more."""
        found: list[tuple[str, dict[str, Any]]] = []
        options: Item = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":prefix": text(f"{table}#")},
            "Limit": limit,
        }
        for page in bulk.query_pages(self._table, keys.client(integration_id, place), **options):
            found += [_own_document(item)[1:] for item in page["Items"]]
            pages -= 1
            if not pages:
                return found, "LastEvaluatedKey" in page
        return found, False

    def all_of(self, integration_id: str, table: str) -> list[dict[str, Any]]:
        """Read every document of a small table (sellers)."""

        def read(bucket: int) -> list[dict[str, Any]]:
            pk = keys.documents(integration_id, table, bucket)
            return [json.loads(item["data"]["S"]) for item in bulk.query(self._table, pk)]

        return [one for found in connection.parallel(read, range(keys.BUCKETS)) for one in found]

    # ── clients to measure ──
    def mark_dirty(self, integration_id: str, places: Iterable[str]) -> None:
        """Mark clients to be measured again."""
        bulk.write_many(self._table, [bulk.key(keys.dirty(integration_id), place) for place in places])

    def dirty(self, integration_id: str, limit: int) -> list[str]:
        """List some of the clients to be measured, in order."""
        page = next(bulk.query_pages(self._table, keys.dirty(integration_id), Limit=limit))
        return [item["sk"]["S"] for item in page["Items"]]

    def clean(self, integration_id: str, places: Iterable[str]) -> None:
        """Forget that these clients were to be measured."""
        bulk.write_many(self._table, deletes=[(keys.dirty(integration_id), place) for place in places])

    # ── customers ──
    def customers(self, integration_id: str, places: Iterable[str]) -> dict[str, Customer]:
        """Read customers by place."""
        wanted = [(keys.customer(integration_id, place), place) for place in places]
        return {item["sk"]["S"]: _customer(item) for item in bulk.get_many(self._table, wanted)}

    def page(
        self, integration_id: str, bucket: int, after: str | None, limit: int, where: Where | None = None
    ) -> tuple[list[Customer], str | None]:
        """Read one page of one bucket of customers; also the place to go on behind, if any."""
        options = {**_filter(where or Where()), "Limit": limit}
        pk = keys.customers(integration_id, bucket)
        page = next(bulk.query_pages(self._table, pk, after=after, **options))
        end = page.get("LastEvaluatedKey")
        return [_customer(item) for item in page["Items"]], end["sk"]["S"] if end else None

    def revenues(self, integration_id: str) -> Iterator[tuple[str, Decimal]]:
        """Read (place, revenue) of every customer, buckets side by side."""

        def read(bucket: int) -> list[tuple[str, Decimal]]:
            pk = keys.customers(integration_id, bucket)
            found = bulk.query(self._table, pk, ProjectionExpression="sk, revenue")
            return [(item["sk"]["S"], Decimal(item["revenue"]["S"])) for item in found]

        for found in connection.parallel(read, range(keys.BUCKETS)):
            yield from found

    def write_customers(
        self, integration_id: str, changed: Iterable[Customer], gone: Iterable[str] = ()
    ) -> None:
        """Put customers whole, delete those at the places in `gone`."""
        puts = [_customer_item(integration_id, customer) for customer in changed]
        deletes = [(keys.customer(integration_id, place), place) for place in gone]
        bulk.write_many(self._table, puts, deletes)

    # ── the curve and its movements ──
    def save_curve(self, integration_id: str, run_id: str, curve: dict[str, Any]) -> None:
        """Keep a run's curve; it becomes the latest when every customer has its class."""
        packed = text(json.dumps(curve, separators=(",", ":")))
        bulk.write_many(self._table, [{**bulk.key(keys.curve(integration_id), run_id), "curve": packed}])

    def publish_curve(self, integration_id: str, curve: dict[str, Any]) -> None:
        """Make a curve the latest: the one that people see, and that the next run compares with."""
        self.save_curve(integration_id, LATEST, curve)

    def curve(self, integration_id: str, run_id: str = LATEST) -> dict[str, Any] | None:
        """Read a run's curve, or the latest."""
        found = bulk.get_many(self._table, [(keys.curve(integration_id), run_id)])
        curve: dict[str, Any] | None = json.loads(found[0]["curve"]["S"]) if found else None
        return curve

    def write_movements(self, integration_id: str, run_id: str, moved: Iterable[dict[str, Any]]) -> None:
        """Keep who changed class in a run, and why."""
        pk = keys.movements(integration_id, run_id)
        puts = [
            {**bulk.key(pk, one["customer"]), "movement": text(json.dumps(one, ensure_ascii=False))}
            for one in moved
        ]
        bulk.write_many(self._table, puts)

    def movements(self, integration_id: str, run_id: str, limit: int) -> list[dict[str, Any]]:
        """List a run's movements, at most `limit`."""
        pk = keys.movements(integration_id, run_id)
        page = next(bulk.query_pages(self._table, pk, Limit=limit))
        return [json.loads(item["movement"]["S"]) for item in page["Items"]]


def _own_document(item: Item) -> tuple[str, str, dict[str, Any]]:
    table, _, key = item["sk"]["S"].partition("#")
    return table, key, json.loads(item["data"]["S"])


def _document(integration_id: str, document: Document) -> Item:
    pk, sk = keys.document(integration_id, document.table, document.key, document.place)
    return {
        **bulk.key(pk, sk),
        "data": text(document.data),
        "rev": number(document.revision),
        "run": text(document.run_id),
        "at": text(document.applied_at),
    }


def _fields(item: Item) -> dict[str, Any]:
    return {
        "data": json.loads(item["data"]["S"]),
        "revision": int(item["rev"]["N"]),
        "run_id": item["run"]["S"],
        "applied_at": item["at"]["S"],
    }


def _customer_item(integration_id: str, customer: Customer) -> Item:
    place = customer.place
    item: Item = {
        **bulk.key(keys.customer(integration_id, place), place),
        "revenue": text(str(customer.metrics.revenue)),
        "search": text(folded(f"{customer.code} {customer.name or ''}")),
        "doc": text(json.dumps(customers.to_json(customer), ensure_ascii=False, separators=(",", ":"))),
    }
    if customer.abc_class:
        item["abc_class"] = text(customer.abc_class)
    if customer.category:
        item["category"] = text(folded(customer.category.name))
    if customer.portfolio:
        item["portfolio"] = text(customer.portfolio.code)
        item["portfolio_name"] = text(folded(customer.portfolio.name))
    return item


def _customer(item: Item) -> Customer:
    return customers.from_json(json.loads(item["doc"]["S"]))


def _filter(where: Where) -> dict[str, Any]:
    terms, sought = [], {}
    if where.abc_class:
        terms.append("abc_class = :class")
        sought[":class"] = text(where.abc_class)
    if where.category:
        terms.append("category = :category")
        sought[":category"] = text(folded(where.category))
    if where.portfolio:
        terms.append("(portfolio = :portfolio OR portfolio_name = :folded)")
        sought |= {":portfolio": text(where.portfolio), ":folded": text(folded(where.portfolio))}
    if where.q:
        terms.append("contains(#search, :q)")
        sought[":q"] = text(folded(where.q))
    if not terms:
        return {}
    names = {"ExpressionAttributeNames": {"#search": "search"}} if where.q else {}  # a reserved word
    return {"FilterExpression": " AND ".join(terms), "ExpressionAttributeValues": sought, **names}
