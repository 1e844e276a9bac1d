"""Curva ABC: the curve, its classes, who moved, and each customer."""

from decimal import Decimal
from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.shop import ODD_CODE, Integration


def reais(amount: str) -> str:
    whole, cents = f"{Decimal(amount):,.2f}".split(".")
    return f"R$\xa0{whole.replace(',', '.')},{cents}"


def test_the_classes_are_the_api_s(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, "viewer", tab="abc")
    told = aurora.get("/abc")
    card = seen.card("Curva ABC de clientes")
    assert [(row[0], row[1], row[3]) for row in seen.rows(card)] == [
        ("Sem compra" if one["class"] == "-" else one["class"], str(one["customers"]), reais(one["revenue"]))
        for one in told["classes"]
    ]
    chart = card.get_by_role("img", name="Curva de Pareto")
    expect(chart.locator("canvas")).to_be_visible()
    a = told["classes"][0]
    share = Decimal(a["customers"]) / told["totals"]["classified_customers"]
    expect(card).to_contain_text(f"{share * 100:.1f}%".replace(".", ",") + " dos clientes com compra")
    chart.hover()
    expect(card.locator(".readout")).to_contain_text("do faturamento")


def test_who_moved_stands_there_with_the_reason_and_leads_to_the_customer(
    visit: Visit, aurora: Integration
) -> None:
    seen = visit(aurora, tab="abc")
    told = aurora.get("/abc")["movements"]
    assert ("empresa|000010", "A") in {(one["customer"], one["to"]) for one in told}
    card = seen.card("Quem mudou de classe e por quê")
    rows = seen.rows(card)
    names = {"-": "Sem compra"}
    assert [(row[1], row[2]) for row in rows] == [
        (f"{names.get(one['from'], one['from'])} → {names.get(one['to'], one['to'])}", one["reason"])
        for one in told
    ]
    card.get_by_label("Mudança").select_option("up")
    assert len(seen.rows(card)) < len(rows)
    card.locator("button.link").first.click()
    expect(seen.settled().drawer()).to_contain_text("Faturamento por mês")


def test_customers_are_filtered_and_searched(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, tab="abc")
    card = seen.card("Clientes")
    everyone = aurora.get("/customers?limit=200")["items"]
    assert len(seen.rows(card)) == len(everyone) == 16
    card.get_by_label("Classe").select_option("A")
    seen.settled()
    expected = [one for one in everyone if one["abc_class"] == "A"]
    assert [row[4] for row in seen.rows(card)] == [reais(one["revenue"]) for one in expected]
    card.get_by_label("Classe").select_option("")
    card.get_by_label("Código ou nome").fill("carla")
    expect(card.locator("tbody tr")).to_have_count(1)
    expect(card).to_contain_text("Carla Dias")
    card.get_by_label("Código ou nome").fill("ninguém")
    expect(card).to_contain_text("Nenhum cliente com estes filtros")
    card.get_by_label("Código ou nome").fill("")
    card.get_by_label("Carteira").fill("Ana Souza")
    expect(card.locator("tbody tr")).to_have_count(
        len([one for one in everyone if one["portfolio"] == "Ana Souza"])
    )
    card.get_by_label("Carteira").fill("")
    expect(card.locator("tbody tr")).to_have_count(16)
    seen.button("Ver clientes: B").click()
    expect(card.locator("tbody tr")).to_have_count(len([one for one in everyone if one["abc_class"] == "B"]))


def test_a_customer_shows_why_it_is_what_it_is_and_its_revenue_by_month(
    visit: Visit, aurora: Integration
) -> None:
    told = aurora.get("/customers/empresa/000001")
    seen = visit(aurora, tab="abc")
    seen.card("Clientes").get_by_role("button", name=told["name"], exact=True).click()
    drawer = seen.settled().drawer()
    assert seen.named()["customer"] == "empresa/000001"
    for part in ("abc_class", "category", "portfolio"):
        shown = seen.page.get_by_role("dialog").locator(f"[data-field={part}] dd").inner_text()
        assert shown.split("\n")[0] == told[part]
        assert all(one["message"] in shown for one in told["why"][part])
    months = seen.rows(drawer)
    assert [row[1] for row in months] == [reais(one["revenue"]) for one in reversed(told["revenue_by_month"])]
    expect(drawer.get_by_role("img", name="Faturamento por mês").locator("canvas")).to_be_visible()
    assert seen.page.get_by_role("dialog").locator("[data-field=purchases] dd").inner_text() == str(
        told["purchases"]
    )


def test_a_customer_is_linked_to_whatever_its_code_holds(visit: Visit, aurora: Integration) -> None:
    told = aurora.get(f"/customers/empresa/{quote(ODD_CODE, safe='')}")
    seen = visit(aurora, "viewer", customer=f"empresa/{ODD_CODE}")
    drawer = seen.drawer()
    expect(drawer).to_contain_text(ODD_CODE)
    assert drawer.locator("[data-field=abc_revenue] dd").inner_text() == reais(told["revenue"])


def test_one_without_revenue_says_so(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, tab="abc", customer="contato/7")
    expect(seen.drawer()).to_contain_text("Sem faturamento no período")
    expect(seen.drawer()).to_contain_text("Sem compra")
