"""What later nights analyse: what changed, what time alone has changed, and what people have set anew."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.support.books import (
    FIRST_DAY,
    TONIGHT,
    Books,
    a_distributor,
    abc,
    change,
    customer,
    customers,
    empresa,
    measured,
    moved,
    nota,
    revenue,
    revenues,
)
from tests.support.truth import client_of
from tests.support.world import World


@pytest.fixture
def books(world: World) -> Books:
    return Books(world)


# ── what is measured again ──
def test_as_time_passes_only_clients_whose_window_moved_are_measured_again(books: Books) -> None:
    for table, records in a_distributor(seed=3).items():
        books.send(table, *records)
    books.night()
    books.world.clock.advance(days=40)
    later, days = TONIGHT + timedelta(days=40), timedelta(days=40)

    run = books.night()

    truth = books.erp.verdict(later)
    assert revenue(books.world) == truth.total != books.erp.verdict(TONIGHT).total
    assert {c: one["abc_class"] for c, one in customers(books.world).items()} == truth.classes
    moving = {
        client_of(one)
        for one in books.erp.tables["nota"].values()
        if one["situacao"] == "autorizada"
        and (
            FIRST_DAY <= date.fromisoformat(one["emitida_em"]) < FIRST_DAY + days
            or TONIGHT < date.fromisoformat(one["emitida_em"]) <= later
        )
    }
    assert 0 < len(moving) < len(truth.classes)
    assert measured(books.world, run).startswith(f"{len(moving)} ")


def test_a_night_without_changes_measures_nobody(books: Books) -> None:
    books.send("nota", nota(1, "empresa 1", "10"))
    books.night()
    assert measured(books.world, books.night()).startswith("0 ")
    books.world.clock.advance(days=1)
    assert measured(books.world, books.night()).startswith("0 ")


def test_a_nota_that_changes_hands_leaves_nothing_behind(books: Books) -> None:
    books.send("nota", nota(1, "empresa 1", "10"), nota(2, "empresa 1", "5"), nota(3, "empresa 9", "7"))
    books.night()
    books.send("nota", nota(1, "contato 2", "11"), nota(3, "empresa 1", "7"))
    books.night()

    assert revenues(books.world) == {"empresa 1": "12.00", "contato 2": "11.00"}
    assert revenue(books.world) == books.erp.verdict(TONIGHT).total


def test_a_nota_that_comes_back_counts_once(books: Books) -> None:
    books.send("nota", nota(1, "empresa 1", "10"))
    books.night()
    books.send("nota", nota(1, "empresa 2", "10"))
    books.send("nota", nota(1, "empresa 1", "10"))
    books.night()

    assert revenues(books.world) == {"empresa 1": "10.00"}


def test_a_deleted_customer_stays_only_as_long_as_documents_name_it(books: Books) -> None:
    books.send("empresa", empresa(1), empresa(2))
    books.send("nota", nota(1, "empresa 2", "10"))
    books.night()
    books.send("empresa", {"codigo": "1", "excluido": True}, {"codigo": "2", "excluido": True})
    books.night()
    assert revenues(books.world) == {"empresa 2": "10.00"}
    assert customer(books.world, "empresa 2")["orphan"]

    books.send("nota", {"numero": "1", "serie": "1", "excluido": True})
    books.night()

    assert revenues(books.world) == {}
    assert books.world.as_user("viewer", "GET", "/customers/empresa/2").status == 404


# ── settings ──
def test_changed_cuts_count_from_the_next_night_on(books: Books) -> None:
    books.send("nota", *[nota(number, f"empresa {number}", "10") for number in range(1, 11)])
    books.night()
    before = [line["customers"] for line in abc(books.world)["classes"]]
    change(books.world, abc_cuts={"a": "20", "b": "50"})
    assert [line["customers"] for line in abc(books.world)["classes"]] == before == [8, 2, 0, 0]

    books.night()

    assert [line["customers"] for line in abc(books.world)["classes"]] == [2, 3, 5, 0]
    classes = {client: one["abc_class"] for client, one in customers(books.world).items()}
    assert classes == books.erp.verdict(TONIGHT, a="20", b="50").classes
    assert {code for _, _, code in moved(books.world).values()} == {"cuts_changed"}


def test_a_changed_window_counts_from_the_next_night_on(books: Books) -> None:
    books.send("nota", nota(1, "empresa 1", "10", date(2025, 1, 1)), nota(2, "empresa 2", "1"))
    books.night()
    change(books.world, abc_window_months=12)
    assert abc(books.world)["window_months"] == 24

    books.night()

    assert (abc(books.world)["window_months"], revenue(books.world)) == (12, Decimal(1))
    assert revenues(books.world) == {"empresa 1": "0.00", "empresa 2": "1.00"}


def test_changed_rules_count_from_the_next_night_on(books: Books) -> None:
    books.send("empresa", empresa(1, uf="SP"), empresa(2, uf="RS"))
    books.night()
    rules = [{"name": "Paulistas", "when": {"uf": ["SP"]}}]
    change(books.world, category_rules={"rules": rules, "default": "Outros"})
    assert {one["category"] for one in customers(books.world).values()} == {"Sem compra"}

    books.night()

    named = {code: one["category"] for (_, code), one in customers(books.world).items()}
    assert named == {"1": "Paulistas", "2": "Outros"}


def test_changed_portfolios_count_from_the_next_night_on(books: Books) -> None:
    books.send("vendedor", {"codigo": "1", "nome": "Ana"})
    books.send("empresa", empresa(1, uf="SP"), empresa(2, uf="RS"))
    books.night()
    default = {"code": "casa", "name": "Casa"}
    change(books.world, portfolio_settings={"sources": ["uf"], "uf": {"SP": "1"}, "default": default})

    books.night()

    owners = {code: one["portfolio"] for (_, code), one in customers(books.world).items()}
    assert owners == {"1": "Ana", "2": "Casa"}


def test_a_seller_s_new_name_reaches_the_portfolios(books: Books) -> None:
    books.send("vendedor", {"codigo": "1", "nome": "Ana"})
    books.send("empresa", empresa(1, vendedor_codigo="1"))
    books.night()
    books.send("vendedor", {"codigo": "1", "nome": "Ana Lima"})
    books.night()

    assert customer(books.world, "empresa 1")["portfolio"] == "Ana Lima"
