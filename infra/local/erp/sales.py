"""Who buys what and when: a Pareto-shaped clientele and the sales and returns of two years."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from random import Random
from statistics import NormalDist
from typing import NamedTuple

from infra.local.erp.catalogue import Brand, Product
from infra.local.erp.tables import Record
from infra.local.erp.trading_days import TradingDays

_SPREAD = 1.75  # of the log-normal turnover: a fifth of the clients makes four fifths of the revenue
_MEDIAN_TURNOVER = 1_500_000  # cents in two years
_FAMILIAR_BRANDS = (3, 6)


class Line(NamedTuple):
    """A line of a document: quantity in thousandths, prices in cents."""

    product: Product
    quantity: int
    unit_price: int
    total: int


@dataclass(slots=True)
class Buyer:
    """A client with its habits: `turnover` in cents, active from `first` to `last`."""

    kind: str
    codigo: str
    vendedor: str | None
    staff: list[str]
    brands: list[Brand]
    first: date
    last: date
    turnover: float = 0.0


@dataclass(slots=True)
class Document:
    """A cotação, pedido or nota; `source` is the document it came from."""

    buyer: Buyer
    day: date
    lines: list[Line]
    situacao: str
    contato: str | None = None
    source: "Document | None" = None
    numero: str = ""
    serie: str = "1"

    @property
    def total(self) -> int:
        """Sum the lines, in cents."""
        return sum(line.total for line in self.lines)


def choose_buyers(
    rng: Random, days: TradingDays, empresas: list[Record], contatos: list[Record], brands: list[Brand]
) -> list[Buyer]:
    """Make most companies and half of the independent people buyers, and rank their turnover."""
    staff: dict[str, list[str]] = {}
    for contato in contatos:
        staff.setdefault(contato["empresa_codigo"], []).append(contato["codigo"])
    chosen = [("empresa", empresa) for empresa in empresas if rng.random() < 0.92]
    chosen += [("contato", one) for one in contatos if not one["empresa_codigo"] and rng.random() < 0.5]
    buyers = []
    for kind, record in chosen:
        first, last = _active_period(rng, days, record)
        team = staff.get(record["codigo"], []) if kind == "empresa" else []
        familiar = rng.sample(brands, rng.randint(*_FAMILIAR_BRANDS))
        buyers.append(Buyer(kind, record["codigo"], record["vendedor_codigo"], team, familiar, first, last))
    ranked = sorted(buyers, key=lambda buyer: rng.random() - 0.3 * (buyer.kind == "contato"))
    for place, buyer in enumerate(ranked):
        buyer.turnover = _MEDIAN_TURNOVER * exp(_SPREAD * NormalDist().inv_cdf((place + 0.5) / len(ranked)))
    return buyers


def sell(
    rng: Random, days: TradingDays, buyers: list[Buyer], shelves: dict[Brand, list[Product]], count: int
) -> list[Document]:
    """Make about `count` sales, oldest first; few are cancelada or denegada."""
    appetite = sum(buyer.turnover**0.55 for buyer in buyers)
    sales = []
    for buyer in buyers:
        visits = max(1, round(count * buyer.turnover**0.55 / appetite))
        for _ in range(visits):
            target = buyer.turnover / visits * rng.lognormvariate(-0.125, 0.5)
            lines = fill_basket(rng, buyer, shelves, target)
            situacao = rng.choices(("autorizada", "cancelada", "denegada"), (97, 2.5, 0.5))[0]
            contato = rng.choice(buyer.staff) if buyer.staff and rng.random() < 0.3 else None
            sales.append(Document(buyer, days.draw(rng, buyer.first, buyer.last), lines, situacao, contato))
    return sorted(sales, key=lambda sale: sale.day)


def take_back(rng: Random, days: TradingDays, sales: list[Document]) -> list[Document]:
    """Return about 3 % of the authorised sales, some of them whole, within three weeks."""
    returns = []
    for sale in sales:
        if sale.situacao != "autorizada" or sale.day >= days.last or rng.random() >= 0.031:
            continue
        kept = len(sale.lines) if rng.random() < 0.4 else rng.randint(1, len(sale.lines))
        day = days.clamp(sale.day + timedelta(days=rng.randint(1, 21)))
        returns.append(
            Document(sale.buyer, day, sale.lines[:kept], "autorizada", sale.contato, sale.source, serie="2")
        )
    return sorted(returns, key=lambda document: document.day)


def fill_basket(rng: Random, buyer: Buyer, shelves: dict[Brand, list[Product]], target: float) -> list[Line]:
    """Pick products of the buyer's brands worth about `target` cents."""
    size = min(rng.choices((1, 2, 3, 4, 5, 6), (14, 22, 25, 19, 12, 8))[0], 1 + int(target // 2000))
    brands = rng.choices(buyer.brands, k=size)
    products = {rng.choice(shelves[brand]): rng.uniform(0.3, 1.0) for brand in brands}
    scale = target / sum(products.values())
    return [_line(rng, product, share * scale) for product, share in products.items()]


def _line(rng: Random, product: Product, amount: float) -> Line:
    price = max(1, round(product.price * rng.uniform(0.92, 1.04)))
    wanted = amount / price
    quantity = max(100, round(wanted * 1000)) if product.divisible else max(1, round(wanted)) * 1000
    return Line(product, quantity, price, (quantity * price + 500) // 1000)


def _active_period(rng: Random, days: TradingDays, record: Record) -> tuple[date, date]:
    """Give a fifth of the older clients an end long ago and one person in ten a late start."""
    joined = record.get("data_cadastro")
    first = days.clamp(date.fromisoformat(joined)) if joined else days.first
    if first > days.first:
        return first, days.last
    if not joined and rng.random() < 0.1:
        return days.last - timedelta(days=rng.randint(20, 120)), days.last
    if rng.random() < 0.2:
        return first, days.last - timedelta(days=rng.randint(60, 540))
    return first, days.last
