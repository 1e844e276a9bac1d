"""Customers are listed, found and explained; the curve is shown; and what is asked wrongly is told."""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.books import Books, abc, customers, empresa, nota
from tests.support.world import Answer, World

SELLERS = [{"codigo": "V1", "nome": "Ânia Gonçalves"}, {"codigo": "V2", "nome": "Beto"}]
ODD = [
    "a/b",
    "a|b",
    "100%",
    "%41",
    "a b",
    "São João",
    "x?y#z",
    "..",
    "+",
    "ação/ü|%2F",
    "e\u0301",
    "🧾",
    "'\"",
]


@pytest.fixture(scope="module")
def market(lasting_world: World) -> Books:
    """A year of sales to 40 companies and 20 people, some of them called as nobody should be."""
    books = Books(lasting_world)
    books.send("vendedor", *SELLERS)
    books.send("empresa", *[empresa(code, razao_social=f"Padaria Pão {code}") for code in ODD])
    books.send("empresa", *[empresa(n, vendedor_codigo=f"V{n % 2 + 1}", uf="RS") for n in range(40)])
    books.send("contato", *[{"codigo": str(n), "nome": f"José da Silva {n}"} for n in range(20)])
    books.send("nota", *[nota(f"e{n}", f"empresa {n}", str(10_000 // (n + 1))) for n in range(30)])
    books.send("nota", *[nota(f"c{n}", f"contato {n}", "10.5") for n in range(10)])
    books.night()
    return books


def pages(world: World, query: str, limit: int) -> Iterator[list[dict[str, Any]]]:
    cursor = ""
    while True:
        path = f"/customers?limit={limit}{query}{cursor}"
        page = world.as_user("viewer", "GET", path)
        assert page.status == 200, page.body
        yield page.body["items"]
        if page.body["next_cursor"] is None:
            return
        cursor = f"&cursor={page.body['next_cursor']}"


def one(world: World, kind: str, code: str, language: str = "pt-BR") -> Answer:
    path = f"/customers/{kind}/{quote(code, safe='')}"
    return world.as_user("viewer", "GET", path, headers={"Accept-Language": language})


# ── the list ──
@pytest.mark.parametrize("limit", [1, 7, 50, 200])
@pytest.mark.parametrize("query", ["", "&abc_class=-", "&q=loja"])
def test_over_its_pages_every_customer_appears_exactly_once(market: Books, limit: int, query: str) -> None:
    whole = customers(market.world, f"?{query}")
    found = [list(page) for page in pages(market.world, query, limit)]
    assert max(map(len, found)) <= limit
    assert Counter((one["kind"], one["codigo"]) for page in found for one in page) == Counter(whole.keys())
    assert len(whole) == {"": 60 + len(ODD), "&abc_class=-": 20 + len(ODD), "&q=loja": 40}[query]


def test_filters_narrow_together_and_by_what_each_customer_shows(market: Books) -> None:
    every = customers(market.world).values()
    asked: list[tuple[dict[str, str], int]] = [
        ({"abc_class": "A"}, 0),
        ({"category": "Ativo"}, 0),
        ({"category": "Novo"}, 0),
        ({"portfolio": "Beto"}, 20),
        ({"portfolio": "Beto", "abc_class": "C"}, 0),
        ({"portfolio": "Sem carteira", "category": "Sem compra"}, 0),
    ]
    for filters, count in asked:
        query = "&".join(f"{name}={quote(value)}" for name, value in filters.items())
        found = customers(market.world, f"?{query}")
        expected = {
            (one["kind"], one["codigo"])
            for one in every
            if all(one[name] == value for name, value in filters.items())
        }
        assert found.keys() == expected
        assert not count or len(found) == count
    assert len(customers(market.world, "?portfolio=Beto&abc_class=A")) > 0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=jose", 20),
        ("q=JOS%C3%89%20DA%20SILVA%201", 11),
        ("q=jose%CC%81", 20),
        ("q=%20%20jose%20%20da%20", 20),
        ("q=pao", len(ODD)),
        ("q=p%C3%A3o%20100%25", 1),
        ("q=a|b", 1),
        ("q=loja%2039", 1),
        ("q=nobody", 0),
        ("q=%ED%A0%80", 0),
        (f"q={'x' * 3_000}", 0),
        ("portfolio=V1", 20),
        ("portfolio=ania%20GONCALVES", 20),
        ("category=sem%20COMPRA", 20 + len(ODD)),
        ("category=none%20such", 0),
        ("q=", 60 + len(ODD)),
    ],
)
def test_names_are_found_as_people_compare_them(market: Books, query: str, count: int) -> None:
    assert len(customers(market.world, f"?{query}")) == count


def cursor_of(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("abc_class=D", "filter_invalid"),
        ("abc_class=a", "filter_invalid"),
        ("limit=0", "limit_invalid"),
        ("limit=201", "limit_invalid"),
        ("limit=1e2", "limit_invalid"),
        ("limit=%D9%A1", "limit_invalid"),
        ("cursor=x", "cursor_invalid"),
        ("cursor=%C3%A9", "cursor_invalid"),
        (f"cursor={cursor_of()}", "cursor_invalid"),
        (f"cursor={cursor_of(0)}", "cursor_invalid"),
        (f"cursor={cursor_of(0, 1)}", "cursor_invalid"),
        (f"cursor={cursor_of(None, None)}", "cursor_invalid"),
        (f"cursor={cursor_of(True, None)}", "cursor_invalid"),
        (f"cursor={cursor_of(0, '')}", "cursor_invalid"),
        (f"cursor={cursor_of(0, 'x' * 1_025)}", "cursor_invalid"),
        (f"cursor={cursor_of(0, chr(0xD800))}", "cursor_invalid"),
        (f"cursor={cursor_of(10**15, None)}", "cursor_invalid"),
        (f"cursor={base64.urlsafe_b64encode(b'[' * 6_000).decode()}", "cursor_invalid"),
    ],
)
def test_a_wrong_filter_or_page_is_refused_in_both_languages(market: Books, query: str, code: str) -> None:
    texts = set()
    for language in ("pt-BR", "en"):
        headers = {"Accept-Language": language}
        answer = market.world.as_user("viewer", "GET", f"/customers?{query}", headers=headers)
        assert (answer.status, answer.body["code"]) == (400, code)
        texts.add(answer.body["detail"])
    assert len(texts) == 2


# ── one customer ──
@pytest.mark.parametrize("code", ODD)
def test_a_customer_is_read_whatever_its_code_looks_like(market: Books, code: str) -> None:
    answer = one(market.world, "empresa", code)
    assert answer.status == 200
    assert (answer.body["codigo"], answer.body["name"]) == (code, f"Padaria Pão {code}")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("empresa", "none"),
        ("contato", "39"),
        ("fornecedor", "1"),
        ("Empresa", "1"),
        ("empresa|1", "x"),
        ("empresa", "A"),
        ("empresa", "x" * 3_000),
        ("empresa", "\x00"),
        ("empresa", "ç"),
    ],
)
def test_an_unknown_customer_is_not_found_in_both_languages(market: Books, kind: str, code: str) -> None:
    answers = [one(market.world, quote(kind, safe=""), code, language) for language in ("pt-BR", "en")]
    assert {(answer.status, answer.body["code"]) for answer in answers} == {(404, "customer_not_found")}
    assert len({answer.body["detail"] for answer in answers}) == 2
    assert all(len(answer.body["detail"]) < 300 for answer in answers)


def test_a_customer_tells_its_sales_and_its_reasons_in_both_languages(market: Books) -> None:
    portuguese, english = (one(market.world, "empresa", "1", tongue).body for tongue in ("pt-BR", "en"))

    assert portuguese["revenue_by_month"] == [{"month": "2026-10", "revenue": "5000.00"}]
    assert (portuguese["revenue"], portuguese["purchases"]) == ("5000.00", 1)
    assert portuguese["first_purchase"] == portuguese["last_purchase"] == "2026-10-01"
    assert (portuguese["abc_class"], portuguese["category"], portuguese["portfolio"]) == ("A", "Novo", "Beto")
    assert portuguese["why"].keys() == {"abc_class", "category", "portfolio"}
    for name, reasons in portuguese["why"].items():
        assert len(reasons) >= 1
        for mine, other in zip(reasons, english["why"][name], strict=True):
            assert mine["code"] == other["code"]
            assert mine["message"] != other["message"]
            assert "{" not in mine["message"] + other["message"]
    assert "R$ 5.000,00" in portuguese["why"]["abc_class"][0]["message"]
    assert "R$ 5,000.00" in english["why"]["abc_class"][0]["message"]
    assert "01/10/2026" in portuguese["why"]["category"][0]["message"]
    assert portuguese["why"]["portfolio"][0]["message"] == "Beto (V2) é o vendedor da empresa no ERP."
    del portuguese["why"], english["why"]
    assert portuguese == english


def test_someone_who_never_bought_has_no_purchase_and_says_so(market: Books) -> None:
    found = one(market.world, "contato", "15").body
    assert (found["revenue"], found["revenue_by_month"], found["purchases"]) == ("0.00", [], 0)
    assert found["first_purchase"] is found["last_purchase"] is None
    assert (found["abc_class"], found["category"]) == ("-", "Sem compra")
    assert found["why"]["category"][0]["message"] == "Nenhuma compra registrada."


def floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from floats(inner)


def test_decimals_travel_as_text(market: Books) -> None:
    shown = [abc(market.world), one(market.world, "empresa", "1").body, *customers(market.world).values()]
    assert list(floats(shown)) == []
    assert {type(one["revenue"]) for one in shown[1:]} == {str}
    assert one(market.world, "contato", "3").body["revenue"] == "10.50"
