"""Rastrear registro: all that happened to one record, and the ways that lead on from it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.browsing import Visitor
from tests.support.shop import Integration, Shop, onboarded


@pytest.fixture(scope="module")
def traced(shop: Shop) -> Integration:
    """An integration whose records have been changed, refused, and applied."""
    return onboarded(shop, "Rastreada")


def trace(visit: Visit, one: Integration, place: str, role: str = "viewer", **named: Any) -> Visitor:
    return visit(one, role, trace=place, **named)


def test_a_record_is_found_by_its_key_or_by_the_beginning_of_it(visit: Visit, traced: Integration) -> None:
    seen = visit(traced, "viewer", tab="history")
    card = seen.card("Rastrear registro")
    card.get_by_label("Chave do registro").fill("2026-03-1")
    seen.page.keyboard.press("Enter")
    expect(seen.drawer()).to_contain_text("Registros cuja chave começa assim")
    seen.button("2026-03-1|1", seen.drawer()).click()
    expect(seen.settled().drawer().get_by_role("heading", name="Nota 2026-03-1|1")).to_be_visible()
    assert seen.named() == {
        "integration": traced.integration_id,
        "tab": "history",
        "trace": "nota/2026-03-1|1",
    }


def test_versions_say_what_changed(visit: Visit, traced: Integration) -> None:
    seen = trace(visit, traced, "nota/2026-03-1|1")
    assert seen.field("trace_state") == "Pendente no CRM"
    expect(seen.page.locator("[data-field=trace_crm]")).to_contain_text("com outra versão")
    versions = seen.drawer().get_by_role("region", name="Versões").locator("ol > li")
    expect(versions).to_have_count(2)
    expect(versions.nth(0)).to_contain_text("Atualizado")
    assert seen.rows(versions.nth(0)) == [["valor_total", "100", "150"]]
    expect(versions.nth(1)).to_contain_text("Criado")


def test_a_request_is_opened_over_the_trace_and_closed_again(visit: Visit, traced: Integration) -> None:
    seen = trace(visit, traced, "nota/2026-03-1|1")
    requests = seen.drawer().get_by_role("region", name="Requisições que o trouxeram")
    assert [one[1] for one in seen.rows(requests)] == ["Atualizado", "Criado"]
    seen.button("Abrir", requests).first.click()
    seen.settled()
    assert {"trace", "request"} <= seen.named().keys()
    expect(seen.drawer().last).to_contain_text("POST /v1/erp/nota")
    seen.reload()
    expect(seen.settled().drawer()).to_have_count(2)
    seen.page.keyboard.press("Escape")
    expect(seen.drawer().get_by_role("heading", name="Nota 2026-03-1|1")).to_be_visible()
    expect(seen.drawer()).to_have_count(1)


def test_it_leads_to_runs_parents_and_children(visit: Visit, traced: Integration) -> None:
    seen = trace(visit, traced, "nota/2026-03-2|1")
    assert seen.field("trace_state") == "Aplicado ao CRM"
    seen.button("000001", seen.drawer()).click()
    expect(seen.settled().drawer().get_by_role("heading", name="Empresa 000001")).to_be_visible()
    seen.drawer().get_by_text("Nota: 16").click()
    expect(seen.button("2026-03-2|1", seen.drawer())).to_be_visible()
    runs = seen.drawer().get_by_role("region", name="Execuções que o aplicaram")
    runs.locator("button").first.click()
    assert seen.settled().named()["run"] == traced.get("/runs")["items"][0]["run_id"]
    expect(seen.drawer()).to_contain_text("Sincronização")


def test_refused_records_and_missing_parents_are_told(visit: Visit, traced: Integration) -> None:
    seen = trace(visit, traced, "vendedor/3")
    assert seen.field("trace_state") == "Recusado"
    expect(seen.drawer()).to_contain_text("nome Campo obrigatório ausente ou vazio; preencha-o.")
    seen.open(integration=traced.integration_id, trace="empresa/000002")
    parents = seen.drawer().get_by_role("region", name="Registros a que se refere")
    expect(parents).to_contain_text("Vendedor 9 Nunca chegou")


@pytest.mark.parametrize("place", ["vendedor/não existe", "vendedor/a&b=%/#?", "nada/1", "nada"])
def test_what_is_not_there_is_told(visit: Visit, traced: Integration, place: str) -> None:
    seen = trace(visit, traced, place)
    expect(seen.drawer().get_by_role("alert")).to_be_visible()


def test_keys_of_any_shape_are_traced(visit: Visit, aurora: Integration) -> None:
    seen = trace(visit, aurora, "empresa/A7 %&?#ç")
    assert seen.field("trace_state") == "Aplicado ao CRM"
