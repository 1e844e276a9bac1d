"""Certificates of completeness: made, read, printed, compared, and used to conclude a deployment."""

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.browsing import Visitor
from tests.support.shop import Integration, Shop, onboarded

MAKE = "Gerar certificado de completude"


@pytest.fixture(scope="module")
def partial(shop: Shop) -> Integration:
    """An integration from which something is missing."""
    return onboarded(shop, "Conferida")


def made(seen: Visitor, heading: str) -> str:
    """Let a proof be made, and wait for it; answers its id."""
    seen.button(MAKE).click()
    expect(seen.card("Diferenças")).to_be_visible(timeout=90_000)
    expect(seen.page.get_by_role("heading", name=heading)).to_be_visible()
    return seen.settled().named()["report"]


def test_a_proof_tells_what_was_found_and_which_keys_to_send_again(
    visit: Visit, partial: Integration, tmp_path: Path
) -> None:
    seen = visit(partial, tab="onboarding", settings={"permissions": ["clipboard-read", "clipboard-write"]})
    report_id = made(seen, "Conferência de completude")
    told = partial.get(f"/completeness/reports/{report_id}")
    assert told["verdict"] == "incomplete"
    assert seen.field("report_digest") == told["digest"]
    assert seen.field("report_tenant") == "aurora"
    totals = {one[0]: one[1:] for one in seen.rows(seen.card("O que foi conferido"))}
    assert totals["Nota"][:6] == ["Registros faltando", "15", "16", "16", "2", "1"]
    rows = seen.rows(seen.card("Diferenças"))
    assert len(rows) == told["findings_total"] > 0
    assert ["Vendedor", "—", "Recusado", "3"] in [one[:4] for one in rows]
    seen.button("Copiar as chaves a enviar de novo", exact=False).click()
    assert seen.page.evaluate("navigator.clipboard.readText()") == "3"
    seen.card("Diferenças").get_by_label("Tipo").select_option("orphan")
    assert [one[:4] for one in seen.settled().rows(seen.card("Diferenças"))] == [
        ["Empresa", "—", "Órfão", "000002"]
    ]
    with seen.page.expect_download() as found:
        seen.button("Baixar o Excel").click()
    found.value.save_as(tmp_path / "proof.xlsx")
    assert openpyxl.load_workbook(tmp_path / "proof.xlsx").sheetnames
    seen.button("000002").click()
    expect(seen.settled().drawer().get_by_role("heading", name="Empresa 000002")).to_be_visible()


def test_proofs_are_listed_linked_to_and_compared(visit: Visit, partial: Integration) -> None:
    seen = visit(partial, tab="onboarding")
    before = made(seen, "Conferência de completude")
    partial.push("vendedor", {"codigo": "3", "nome": "Carla Dias"})
    seen.button("Voltar à implantação").click()
    seen.settled()
    listed = seen.rows(seen.card("Certificado de completude"))
    assert listed[0][1] == "Incompleto"
    after = made(seen, "Conferência de completude")
    assert before != after
    seen.page.get_by_text("Comparar", exact=True).click()
    seen.settled()
    seen.page.get_by_label("Comparar com a de").select_option(before)
    assert seen.settled().named()["with"] == before
    rows = seen.rows(seen.card("Comparação com outra conferência"))
    assert [(one[0], one[4]) for one in rows] == [("Vendedor", "Melhorou")]
    named = seen.named()
    viewer = visit(partial, "viewer", **{name: named[name] for name in ("report", "with")})
    assert viewer.rows(viewer.card("Comparação com outra conferência")) == rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_everybody_can_read_a_report(visit: Visit, partial: Integration, width: int, scheme: str) -> None:
    reports = partial.get("/completeness/reports")["items"]
    report_id = next(one["report_id"] for one in reports if one["status"] == "done")
    settings = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    seen = visit(partial, "viewer", settings=settings, report=report_id)
    assert seen.rows(seen.card("Diferenças"))
    assert seen.violations() == []
    assert not seen.too_wide()


def test_on_paper_there_is_the_report_alone(visit: Visit, partial: Integration) -> None:
    seen = visit(partial, tab="onboarding")
    report_id = made(seen, "Conferência de completude")
    seen.open(integration=partial.integration_id, report=report_id)
    seen.page.evaluate("window.print = () => { document.title = 'printed'; }")
    seen.button("Imprimir").click()
    assert seen.page.title() == "printed"
    seen.page.emulate_media(media="print")
    seen.page.set_viewport_size({"width": 720, "height": 1000})
    for hidden in ("Voltar à implantação", "Imprimir"):
        expect(seen.page.get_by_text(hidden)).to_be_hidden()
    expect(seen.page.get_by_role("tablist")).to_be_hidden()
    expect(seen.page.get_by_role("heading", name="Conferência de completude")).to_be_visible()
    expect(seen.page.locator("[data-field=report_digest]")).to_be_visible()
    expect(seen.card("Diferenças").locator("thead")).to_be_visible()
    assert not seen.too_wide()


def test_a_certificate_concludes_the_deployment(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Completa")
    one.push("vendedor", {"codigo": "1", "nome": "Ana"})
    one.declare("vendedor", {"count": 1})
    assert one.run()["status"] == "success"
    seen = visit(one, tab="onboarding")
    report_id = made(seen, "Certificado de completude")
    expect(seen.card("Diferenças")).to_contain_text("Nenhuma diferença foi encontrada.")
    seen.button("Voltar à implantação").click()
    seen.settled().button("Concluir a implantação").click()
    expect(seen.drawer()).to_contain_text("prova que nada ficou para trás")
    seen.button("Concluir com o certificado").click()
    expect(seen.drawer()).to_have_count(0)
    assert one.get()["deployment_report_id"] == report_id
    seen.button("Ver o certificado").click()
    assert seen.settled().named()["report"] == report_id


def test_a_report_that_does_not_exist_is_told(visit: Visit, partial: Integration) -> None:
    seen = visit(partial, "viewer", report="20260101T000000000000Z-000000000000")
    expect(seen.page.get_by_role("alert")).to_contain_text("Não há certificado")
    seen.button("Voltar à implantação").click()
    expect(seen.settled().page.locator(".headline")).to_be_visible()
