"""Generate the demo ERP's data: a distributor's two years, the deliveries they make, and the truth."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Literal, NamedTuple

from faker import Faker

from infra.local.erp.catalogue import BRANDS, build_catalogue
from infra.local.erp.dues import write_brand_standings, write_receivables
from infra.local.erp.fates import Fate, assign_fates
from infra.local.erp.paperwork import (
    leave_open,
    make_quotes,
    take_orders,
    write_invoices,
    write_orders,
    write_quotes,
)
from infra.local.erp.parties import build_contatos, build_empresas, build_fornecedores, build_vendedores
from infra.local.erp.sales import choose_buyers, sell, take_back
from infra.local.erp.stream import Defect, compose
from infra.local.erp.tables import Delivery, Tables
from infra.local.erp.trading_days import TradingDays
from infra.local.erp.truth import Expected, Ledger, conclude

Size = Literal["tiny", "small", "medium", "large"]


class Scale(NamedTuple):
    """How many of each a distributor of this size has; `sales` in two years."""

    vendedores: int
    fornecedores: int
    empresas: int
    contatos: int
    sales: int


SCALES: dict[Size, Scale] = {
    "tiny": Scale(8, 20, 140, 300, 1_600),
    "small": Scale(14, 40, 330, 740, 5_300),
    "medium": Scale(30, 120, 1_320, 2_960, 21_200),
    "large": Scale(90, 400, 6_600, 14_800, 106_000),
}


@dataclass(frozen=True)
class Dataset:
    """A distributor's deliveries and the truth about them.

    deliveries  (table, records) in the order in which the ERP sends them; records must not be changed
    defects     every invalid record in them, resent ones again
    injected    how much dirt of each kind there is
    withheld    (table, key) of the parents that never come
    ledger      the final state behind `expected`, from which the next day's changes are made
    """

    size: Size
    seed: int
    today: date
    deliveries: list[Delivery]
    defects: list[Defect]
    injected: Counter[str]
    withheld: list[tuple[str, str]]
    ledger: Ledger
    expected: Expected


def generate(size: Size = "small", seed: int = 1, *, today: date) -> Dataset:
    """Generate the dataset: equal arguments give equal data; history ends the day before `today`."""
    rng = Random(f"{seed}/{size}/{today}")  # repeatable, not secret  # nosec B311
    tables = build_tables(rng, SCALES[size], TradingDays(today), seed)
    fates = assign_fates(rng, tables)
    stream = compose(rng, tables, fates)
    ledger = replay(Ledger(), stream.deliveries, stream.defects)
    withheld = [(table, str(key)) for (table, key), fate in fates.items() if fate is Fate.WITHHELD]
    return Dataset(
        size,
        seed,
        today,
        stream.deliveries,
        stream.defects,
        stream.injected,
        withheld,
        ledger,
        conclude(ledger),
    )


def build_tables(rng: Random, scale: Scale, days: TradingDays, seed: int) -> Tables:
    """Build the 12 tables as the ERP itself holds them, without any dirt."""
    fake = Faker("pt_BR")
    fake.seed_instance(seed)
    vendedores = build_vendedores(rng, fake, days, scale.vendedores)
    empresas = build_empresas(rng, fake, days, vendedores, scale.empresas)
    contatos = build_contatos(rng, fake, days, empresas, scale.contatos)
    shelves = build_catalogue(rng)
    buyers = choose_buyers(rng, days, empresas, contatos, list(BRANDS))
    sales = sell(rng, days, buyers, shelves, scale.sales)
    orders = take_orders(rng, days, sales)
    returns = take_back(rng, days, sales)
    quotes = make_quotes(rng, days, orders)
    lost = leave_open(
        rng, days, buyers, shelves, situacoes=("aberta", "perdida", "expirada"), count=scale.sales // 20
    )
    unfilled = leave_open(
        rng, days, buyers, shelves, situacoes=("aberto", "cancelado"), count=scale.sales // 40
    )
    return {
        "vendedor": vendedores,
        "fornecedor": build_fornecedores(rng, fake, days, scale.fornecedores),
        "empresa": empresas,
        "contato": contatos,
        "empresa_marca": write_brand_standings(rng, days, buyers, sales),
        **write_quotes(rng, quotes + lost),
        **write_orders(rng, orders + unfilled),
        **write_invoices(rng, sales, returns),
        "fatura": write_receivables(rng, days, sales),
    }


def replay(ledger: Ledger, deliveries: list[Delivery], defects: list[Defect]) -> Ledger:
    """Let the ledger receive the deliveries, and return it."""
    invalid: dict[int, set[int]] = defaultdict(set)
    for defect in defects:
        invalid[defect.delivery].add(defect.position)
    for place, delivery in enumerate(deliveries):
        ledger.receive(delivery, invalid.get(place, ()))
    return ledger
