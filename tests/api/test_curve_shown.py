"""The curve is shown whole and adds up; before the first run there is none, and that is told."""

from collections import Counter
from decimal import Decimal

import pytest

from tests.support.books import Books, abc, customers, empresa, nota
from tests.support.world import World


@pytest.fixture
def market(world: World) -> Books:
    """A year of sales to 40 companies, ten of which bought nothing."""
    books = Books(world)
    books.send("empresa", *[empresa(n) for n in range(40)])
    books.send("nota", *[nota(f"e{n}", f"empresa {n}", str(10_000 // (n + 1))) for n in range(30)])
    books.night()
    return books


def test_the_curve_is_shown_whole_and_adds_up(market: Books) -> None:
    curve = abc(market.world)
    assert {"as_of", "window_months", "totals", "classes", "curve", "movements"} <= curve.keys()
    assert {"boundaries", "before", "cutoff", "since"} & curve.keys() == set()
    assert [line["class"] for line in curve["classes"]] == ["A", "B", "C", "-"]
    totals = curve["totals"]
    assert sum(line["customers"] for line in curve["classes"]) == totals["customers"] == 40
    assert sum(Decimal(line["revenue"]) for line in curve["classes"]) == Decimal(totals["revenue"])
    for share in ("customers_share", "revenue_share"):
        assert abs(sum((Decimal(line[share]) for line in curve["classes"]), Decimal(-1))) < Decimal("0.001")
        climb: list[Decimal] = [Decimal(point[share]) for point in curve["curve"]]
        assert (climb[0], climb[-1]) == (Decimal(0), Decimal(1))
        assert climb == sorted(climb)
    assert 2 < len(curve["curve"]) <= 200
    assert curve["movements"] == []
    counts = Counter(one["abc_class"] for one in customers(market.world).values())
    assert {line["class"]: line["customers"] for line in curve["classes"]} == counts


def test_before_the_first_run_there_is_no_customer_and_the_curve_says_why_in_english_too(
    world: World,
) -> None:
    assert world.push("empresa", [empresa(1)]).status == 200
    assert world.as_user("viewer", "GET", "/customers").body == {"items": [], "next_cursor": None}
    assert world.as_user("viewer", "GET", "/customers/empresa/1").status == 404
    answer = world.as_user("viewer", "GET", "/abc", headers={"Accept-Language": "en"})
    assert (answer.status, answer.body["code"]) == (404, "curve_not_found")
    assert "after the first sync" in answer.body["detail"]
