"""Histórico: the file of everything, and the requests themselves."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from playwright.sync_api import expect

from chalicelib.domain.tables import NAMES
from chalicelib.i18n.texts import text
from tests.browser.conftest import Visit
from tests.support.browsing import Visitor
from tests.support.shop import EXACT, Integration

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def today() -> date:
    return datetime.now(SAO_PAULO).date()


def history(visit: Visit, aurora: Integration, role: str = "admin", **named: Any) -> Visitor:
    return visit(aurora, role, tab="history", **named)


def test_the_12_tables_stand_there_as_the_manual_describes_them(visit: Visit, aurora: Integration) -> None:
    seen = history(visit, aurora, "viewer")
    rows = seen.rows(seen.card("Histórico"))
    counted = {one["table"]: one for one in aurora.get("/tables")["items"]}
    assert [row[:3] for row in rows] == [
        [
            name.capitalize().replace("_", " "),
            text(f"table_{name}", {}, "pt-BR"),
            f"{counted[name]['records']:,}".replace(",", "."),
        ]
        for name in NAMES
    ]


def test_all_tables_are_ticked_and_unticked_at_once(visit: Visit, aurora: Integration) -> None:
    seen = history(visit, aurora)
    every = seen.page.get_by_label("Todas as tabelas")
    boxes = seen.page.locator("tbody input[type=checkbox]")
    every.check()
    assert [box.is_checked() for box in boxes.all()] == [True] * 12
    boxes.nth(3).uncheck()
    assert every.evaluate("box => box.indeterminate && !box.checked")
    every.check()
    every.uncheck()
    assert [box.is_checked() for box in boxes.all()] == [False] * 12
    seen.button("Download").click()
    expect(seen.page.get_by_role("alert")).to_have_text("Marque ao menos uma tabela.")


def test_download_makes_a_workbook_with_every_request_and_its_answer(
    visit: Visit, aurora: Integration, tmp_path: Path
) -> None:
    seen = history(visit, aurora)
    seen.page.get_by_label("Vendedor", exact=True).check()
    with seen.page.expect_download(timeout=60_000) as found:
        seen.button("Download").click()
        expect(seen.page.get_by_role("progressbar", name="Gerando o arquivo")).to_be_visible()
    file = tmp_path / "history.xlsx"
    found.value.save_as(file)
    first, last = today() - timedelta(days=6), today()
    assert found.value.suggested_filename == f"historico-{first}-a-{last}.xlsx"
    expect(seen.page.get_by_role("heading", name="O arquivo está pronto")).to_be_visible()
    book = openpyxl.load_workbook(file)
    listed = aurora.get("/requests?table=vendedor&limit=200")["items"]
    cells = {str(cell) for row in book["vendedor"].iter_rows(values_only=True) for cell in row}
    assert book["vendedor"].max_row == len(listed) + 1
    assert {one["request_id"] for one in listed} <= cells
    assert EXACT in cells
    assert seen.named()["export"]


def test_an_export_is_found_again_by_its_address_and_not_fetched_unasked(
    visit: Visit, aurora: Integration
) -> None:
    seen = history(visit, aurora, "viewer")
    seen.page.get_by_label("Todas as tabelas").check()
    with seen.page.expect_download(timeout=60_000):
        seen.button("Download").click()
    named = seen.named()
    fetched: list[str] = []
    seen.page.on("download", lambda one: fetched.append(one.suggested_filename))
    seen.reload()
    part = seen.settled().page.get_by_role("region", name="O arquivo está pronto")
    expect(part).to_contain_text("todas as tabelas")
    expect(part).to_contain_text("CPFs, e-mails e telefones estão ocultos")
    assert (seen.named(), fetched) == (named, [])
    with seen.page.expect_download():
        seen.button("Baixar de novo").click()


def test_the_period_is_limited_to_the_last_7_days(visit: Visit, aurora: Integration) -> None:
    seen = history(visit, aurora)
    since, until = seen.page.get_by_label("De", exact=True), seen.page.get_by_label("Até", exact=True)
    first = (today() - timedelta(days=6)).isoformat()
    assert (since.input_value(), until.input_value()) == (first, today().isoformat())
    assert (since.get_attribute("min"), until.get_attribute("max")) == (first, today().isoformat())
    since.fill((today() - timedelta(days=9)).isoformat())
    expect(seen.page.get_by_role("alert")).to_contain_text("só os últimos 7 dias podem ser consultados")
    since.fill(today().isoformat())
    until.fill((today() - timedelta(days=1)).isoformat())
    expect(seen.page.get_by_role("alert")).to_contain_text("O primeiro dia vem depois do último")
    until.fill("")
    expect(seen.page.get_by_role("alert")).to_contain_text("Informe o primeiro e o último dia")
    seen.forget()
    seen.button("Ontem").click()
    seen.settled()
    midnight = datetime.combine(today() - timedelta(days=1), datetime.min.time(), SAO_PAULO)
    asked = [call for call in seen.calls() if "/requests" in call]
    assert len(asked) == 1
    assert f"{midnight.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H%%3A00%%3A00Z}" in asked[0]
    expect(seen.card("Requisições")).to_contain_text("Nenhuma requisição com estes filtros")


@pytest.mark.parametrize(
    ("label", "status", "count"),
    [("Rejeitada", "rejected", 3), ("Sucesso", "success", 7), ("Erro", "error", 0)],
)
def test_requests_are_filtered_by_situation(
    visit: Visit, aurora: Integration, label: str, status: str, count: int
) -> None:
    seen = history(visit, aurora)
    seen.card("Requisições").get_by_label("Situação").select_option(label)
    seen.settled()
    rows = seen.rows(seen.card("Requisições"))
    assert [row[2] for row in rows] == [label] * count
    assert len(aurora.get(f"/requests?status={status}")["items"]) == count


def test_requests_are_filtered_by_the_tables_that_are_ticked(visit: Visit, aurora: Integration) -> None:
    seen = history(visit, aurora)
    everything = len(seen.rows(seen.card("Requisições")))
    seen.page.get_by_label("Contato", exact=True).check()
    seen.settled()
    assert [row[1] for row in seen.rows(seen.card("Requisições"))] == ["Contato"]
    seen.tab("Informações Gerais").tab("Histórico")
    assert seen.page.get_by_label("Contato", exact=True).is_checked()
    seen.page.get_by_label("Contato", exact=True).uncheck()
    seen.settled()
    assert len(seen.rows(seen.card("Requisições"))) == everything > 5


def test_a_request_is_shown_laid_out_without_changing_a_digit(visit: Visit, aurora: Integration) -> None:
    wanted = next(
        one
        for one in aurora.get("/requests?table=vendedor&limit=200")["items"]
        if one["request_bytes"] == len(EXACT.encode())
    )
    seen = history(visit, aurora, request=wanted["request_id"])
    body = seen.drawer().get_by_role("region", name="Requisição", exact=True)
    shown = body.locator("pre").inner_text()
    assert '      "extra": 12345678901234567890.10' in shown
    assert '      "nome": "Zélia <b>=1+1</b>",' in shown
    assert json.loads(shown) == json.loads(EXACT)
    seen.button("Como foi enviado", body).click()
    assert body.locator("pre").inner_text() == EXACT
    answer = seen.drawer().get_by_role("region", name="Resposta", exact=True).locator("pre").inner_text()
    assert json.loads(answer)["request_id"] == wanted["request_id"]
    assert seen.field("request_line") == "POST /v1/erp/vendedor"
    assert "criados: 1" in seen.field("counts")
    seen.drawer().get_by_text("Cabeçalhos").click()
    expect(seen.drawer().locator("details pre")).to_contain_text("authorization: •••")


def test_lines_of_ndjson_are_laid_out_one_by_one(visit: Visit, aurora: Integration) -> None:
    newest = aurora.get("/requests?table=vendedor&limit=200")["items"]
    packed = next(
        one for one in newest if aurora.get(f"/requests/{one['request_id']}")["request_body"].count("\n") == 2
    )
    seen = history(visit, aurora, request=packed["request_id"])
    shown = seen.drawer().locator("pre.body").first.inner_text()
    assert shown == '{\n  "codigo": "91",\n  "nome": "Um"\n}\n{\n  "codigo": "92",\n  "nome": "Dois"\n}'


def test_a_request_is_opened_copied_and_linked(visit: Visit, aurora: Integration) -> None:
    seen = history(visit, aurora, settings={"permissions": ["clipboard-read", "clipboard-write"]})
    first = seen.card("Requisições").locator("tbody tr").first
    seen.button("Abrir", first, exact=False).click()
    request_id = seen.named()["request"]
    drawer = seen.settled().drawer()
    expect(drawer).to_contain_text(request_id)
    read = "navigator.clipboard.readText()"
    seen.button("Copiar ID", drawer).click()
    assert seen.page.evaluate(read) == request_id
    seen.button("Copiar", drawer).first.click()
    assert seen.page.evaluate(read) == aurora.get(f"/requests/{request_id}")["request_body"]
    seen.button("Copiar link", drawer).click()
    link = seen.page.evaluate(read)
    assert f"request={request_id}" in link
    assert "token" not in link
    seen.button("Fechar", drawer).click()
    seen.page.goto("about:blank")
    seen.page.goto(link)
    expect(seen.settled().drawer()).to_contain_text(request_id)


def test_a_request_is_found_by_the_id_that_the_erp_was_answered(visit: Visit, aurora: Integration) -> None:
    refused = aurora.get("/requests?status=404")["items"][0]
    seen = history(visit, aurora)
    seen.page.get_by_label("ID da requisição").fill(f" {refused['request_id']} ")
    seen.page.keyboard.press("Enter")
    expect(seen.settled().drawer()).to_contain_text("POST /v1/erp/clientes")
    seen.page.keyboard.press("Escape")
    seen.page.get_by_label("ID da requisição").fill("não existe")
    seen.page.keyboard.press("Enter")
    expect(seen.settled().drawer().get_by_role("alert")).to_contain_text("não existe")


def test_a_viewer_sees_bodies_without_personal_data(visit: Visit, aurora: Integration) -> None:
    sent = aurora.get("/requests?table=contato")["items"][0]["request_id"]
    seen = history(visit, aurora, "viewer", request=sent)
    shown = seen.drawer().locator("pre.body").first.inner_text()
    assert "Carla Dias" in shown
    assert "52998224725" not in shown
    assert "carla@aurora.com.br" not in shown
