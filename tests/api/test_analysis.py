"""The analysis agrees to the cent with the contract's own words, tonight and on every later night."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.books import TONIGHT, Books, a_distributor, abc, customer, customers, empresa, nota
from tests.support.world import World

BOTH = ("pt-BR", "en")


@pytest.fixture
def books(world: World) -> Books:
    return Books(world)


@pytest.fixture
def analysed(books: Books) -> Books:
    """A distributor's books after its first night."""
    for table, records in a_distributor(seed=7).items():
        books.send(table, *records)
    books.night()
    return books


# ── the curve ──
def test_revenue_agrees_to_the_cent_and_classes_agree(analysed: Books) -> None:
    truth = analysed.erp.verdict(TONIGHT)
    curve, found = abc(analysed.world), customers(analysed.world)

    assert Decimal(curve["totals"]["revenue"]) == truth.total
    assert (curve["as_of"], curve["window_months"]) == ("2026-11-24", 24)
    assert {client: Decimal(one["revenue"]) for client, one in found.items()} == truth.revenue
    assert {client: one["abc_class"] for client, one in found.items()} == truth.classes
    assert set(truth.classes.values()) == {"A", "B", "C", "-"}
    assert min(truth.revenue.values()) < 0 < truth.total
    ties = Counter(value for value in truth.revenue.values() if value > 0)
    assert max(ties.values()) > 1


def test_the_classes_add_up_to_all_customers_and_all_revenue(analysed: Books) -> None:
    truth = analysed.erp.verdict(TONIGHT)

    curve = abc(analysed.world)

    counts = Counter(truth.classes.values())
    assert {line["class"]: line["customers"] for line in curve["classes"]} == counts
    for line in curve["classes"]:
        sum_ = sum(value for client, value in truth.revenue.items() if truth.classes[client] == line["class"])
        assert Decimal(line["revenue"]) == sum_
    assert curve["totals"]["customers"] == len(truth.classes)
    assert sum(Decimal(line["customers_share"]) for line in curve["classes"]) == pytest.approx(1, abs=2e-4)
    assert len(curve["curve"]) <= 200
    ends = [(one["customers_share"], one["revenue_share"]) for one in (curve["curve"][0], curve["curve"][-1])]
    assert [tuple(map(float, end)) for end in ends] == [(0, 0), (1, 1)]


def test_each_class_can_be_listed(analysed: Books) -> None:
    classes = analysed.erp.verdict(TONIGHT).classes
    for name in "ABC-":
        listed = customers(analysed.world, f"?abc_class={name}")
        assert listed.keys() == {client for client, one in classes.items() if one == name}


REVENUES: dict[str, tuple[dict[str, Any], str]] = {
    "a sale": ({}, "10.00"),
    "cancelada": ({"situacao": "cancelada"}, "0.00"),
    "denegada": ({"situacao": "denegada"}, "0.00"),
    "a return": ({"tipo": "devolucao"}, "-10.00"),
    "a sale, said so": ({"tipo": "venda"}, "10.00"),
    "a cancelled return": ({"tipo": "devolucao", "situacao": "cancelada"}, "0.00"),
    "the window's first day": ({"emitida_em": "2024-11-24"}, "10.00"),
    "the day before": ({"emitida_em": "2024-11-23"}, "0.00"),
    "today": ({"emitida_em": "2026-11-24"}, "10.00"),
    "tomorrow": ({"emitida_em": "2026-11-25"}, "0.00"),
    "both codes": ({"contato_codigo": "9"}, "10.00"),
    "parts of a cent": ({"valor_total": "10.123456"}, "10.123456"),
    "a huge amount": ({"valor_total": "999999999999999.99"}, "999999999999999.99"),
    "nothing": ({"valor_total": "0"}, "0.00"),
}


def test_what_counts_as_revenue(books: Books) -> None:
    for number, (fields, _) in enumerate(REVENUES.values()):
        books.send("nota", nota(number, f"empresa {number}", "10", **fields))
    books.night()

    found = customers(books.world)

    shown = {name: found["empresa", str(number)]["revenue"] for number, name in enumerate(REVENUES)}
    assert shown == {name: revenue for name, (_, revenue) in REVENUES.items()}
    assert len(found) == len(REVENUES)
    truth = books.erp.verdict(TONIGHT)
    assert {client: Decimal(one["revenue"]) for client, one in found.items()} == truth.revenue
    assert Decimal(abc(books.world)["totals"]["revenue"]) == truth.total


def test_no_digit_is_lost_however_many_notas_are_added(books: Books) -> None:
    books.send("nota", *[nota(number, "empresa 1", "900000000000000.000001") for number in range(20)])
    books.night()
    assert abc(books.world)["totals"]["revenue"] == "18000000000000000.000020"


def test_before_the_first_night_there_is_no_curve_and_it_says_when_there_will_be(world: World) -> None:
    answer = world.as_user("viewer", "GET", "/abc")
    assert (answer.status, answer.body["code"]) == (404, "curve_not_found")
    assert "depois da primeira sincronização" in answer.body["detail"]


def test_without_any_data_the_curve_is_empty(books: Books) -> None:
    books.night()
    curve = abc(books.world)
    assert curve["totals"]["revenue"] == "0.00"
    assert [line["customers"] for line in curve["classes"]] == [0, 0, 0, 0]
    assert (curve["curve"], curve["movements"]) == ([], [])


# ── every customer is in one place, and it says why ──
def test_each_customer_is_in_exactly_one_category_and_portfolio(analysed: Books) -> None:
    everybody = customers(analysed.world)

    for attribute in ("category", "portfolio"):
        names = {one[attribute] for one in everybody.values()}
        assert None not in names
        parts = [customers(analysed.world, f"?{attribute}={name.replace(' ', '%20')}") for name in names]
        assert sum(map(len, parts)) == len(everybody)
        assert {client for part in parts for client in part} == everybody.keys()
        assert len(names) > 2
    companies = {client for client in everybody if client[0] == "empresa" and not everybody[client]["orphan"]}
    assert len(companies) == 45


def test_every_assignment_says_why_in_both_languages(analysed: Books) -> None:
    for kind, code in [*customers(analysed.world)][::4]:
        told = {language: customer(analysed.world, f"{kind} {code}", language)["why"] for language in BOTH}
        for attribute in ("category", "portfolio"):
            portuguese, english = (told[language][attribute] for language in BOTH)
            assert portuguese
            assert [one["code"] for one in portuguese] == [one["code"] for one in english]
            for one, other in zip(portuguese, english, strict=True):
                assert one["message"] not in ("", one["code"], other["message"])
                assert other["message"] not in ("", other["code"])


def test_a_customer_tells_its_purchases(books: Books) -> None:
    books.send(
        "nota",
        nota(1, "empresa 1", "10", date(2023, 1, 2)),
        nota(2, "empresa 1", "20.5", date(2026, 9, 30)),
        nota(3, "empresa 1", "30", date(2026, 10, 1)),
        nota(4, "empresa 1", "1.25", date(2026, 10, 2), tipo="devolucao"),
        nota(5, "empresa 1", "99", date(2026, 10, 3), situacao="cancelada"),
    )
    due = {"parcela": "1", "empresa_codigo": "1", "valor": "100"}
    books.send(
        "fatura",
        {**due, "numero": "1", "vence_em": "2026-11-23", "saldo": "40.5"},
        {**due, "numero": "2", "vence_em": "2026-11-24", "saldo": "7"},
        {**due, "numero": "3", "vence_em": "2026-01-01", "saldo": "0"},
    )
    books.night()

    found = customer(books.world, "empresa 1")

    assert found["revenue"] == "49.25"
    assert found["revenue_by_month"] == [
        {"month": "2026-09", "revenue": "20.50"},
        {"month": "2026-10", "revenue": "28.75"},
    ]
    assert (found["purchases"], found["first_purchase"], found["last_purchase"]) == (
        3, "2023-01-02", "2026-10-01",
    )  # fmt: skip
    assert found["overdue_balance"] == "40.50"
    assert (found["orphan"], found["name"]) == (True, None)


PORTFOLIOS: list[tuple[dict[str, str], str | None, str]] = [
    ({"vendedor_codigo": "1"}, None, "1"),
    ({"vendedor_codigo": "1"}, "4", "1"),
    ({"vendedor_codigo": "2"}, None, "1"),  # inactive: its supervisor
    ({"vendedor_codigo": "3"}, "1", "1"),  # inactive, without supervisor: who sold last
    ({"vendedor_codigo": "9"}, "1", "1"),  # unknown
    ({}, "4", "4"),
    ({}, "2", "1"),
    ({}, "3", "sem-carteira"),
    ({}, None, "sem-carteira"),
]


def test_the_portfolio_is_the_seller_s_or_a_stand_in_s(books: Books) -> None:
    books.send("vendedor", {"codigo": "1", "nome": "Ana"}, {"codigo": "4", "nome": "Zoé"})
    books.send("vendedor", {"codigo": "2", "nome": "Rui", "ativo": False, "supervisor_codigo": "1"})
    books.send("vendedor", {"codigo": "3", "nome": "Eva", "ativo": False})
    for code, (fields, sold_by, _) in enumerate(PORTFOLIOS):
        books.send("empresa", empresa(code, **fields))
        if sold_by:
            books.send("nota", nota(code, f"empresa {code}", "10", vendedor_codigo=sold_by))
    books.night()

    found = customers(books.world)

    codes = [found["empresa", str(code)]["portfolio_code"] for code in range(len(PORTFOLIOS))]
    assert codes == [code for _, _, code in PORTFOLIOS]


CATEGORIES: list[tuple[tuple[int, ...], str]] = [
    ((), "Sem compra"),
    ((-1,), "Sem compra"),
    ((0,), "Novo"),
    ((90,), "Novo"),
    ((91, 90), "Ativo"),
    ((91,), "Em risco"),
    ((400, 180), "Em risco"),
    ((400, 181), "Inativo"),
    ((900, 800), "Inativo"),
]
"""Days since each purchase, and the category."""


def test_the_category_follows_the_purchases(books: Books) -> None:
    for code, (purchases, _) in enumerate(CATEGORIES):
        books.send("empresa", empresa(code))
        for days in purchases:
            day = TONIGHT - timedelta(days=days)
            books.send("nota", nota(f"{code}/{days}", f"empresa {code}", "10", day))
    books.night()

    found = customers(books.world)

    names = [found["empresa", str(code)]["category"] for code in range(len(CATEGORIES))]
    assert names == [name for _, name in CATEGORIES]
