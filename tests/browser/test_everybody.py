"""Everybody can use the page: on a small screen, by keyboard, with a screen reader, in the dark."""

from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.browsing import Visitor
from tests.support.shop import NIGHTLY, Integration, Shop

TABS: Final = ("general", "history", "onboarding", "abc", "alerts")
DRAWERS: Final = ("run", "request", "customer", "trace", "cell", "rejected")
NARROW, WIDE = {"width": 360, "height": 780}, {"width": 1440, "height": 900}


def drawers(aurora: Integration) -> dict[str, str]:
    """Name what each kind of drawer can show."""
    return {
        "run": aurora.get("/runs")["items"][0]["run_id"],
        "request": aurora.get("/requests?status=partial,rejected")["items"][0]["request_id"],
        "customer": "empresa/000001",
        "trace": "empresa/000001",
        "cell": "nota/2026-10",
        "rejected": f"vendedor/{aurora.get('/rejected')['items'][0]['stored_as']}",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["360px", "1440px"])
@pytest.mark.parametrize("tab", TABS)
def test_no_tab_violates_wcag_or_has_to_be_scrolled_sideways(
    visit: Visit, aurora: Integration, tab: str, viewport: dict[str, int], scheme: str
) -> None:
    seen = visit(aurora, settings={"viewport": viewport, "color_scheme": scheme}, tab=tab)
    if tab == "alerts":
        seen.page.get_by_text("Mostrar as chaves").click()
        seen.settled()
    if tab == "onboarding":
        for part in ("Enviar um arquivo", "Mostrar os registros recusados", "Mostrar as cargas completas"):
            seen.page.get_by_text(part).click()
        seen.settled()
    if tab == "history":
        seen.page.get_by_label("Contato", exact=True).check()
    assert seen.violations() == []
    assert not seen.too_wide()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["360px", "1440px"])
@pytest.mark.parametrize("what", DRAWERS)
def test_no_drawer_violates_wcag_or_has_to_be_scrolled_sideways(
    visit: Visit, aurora: Integration, what: str, viewport: dict[str, int], scheme: str
) -> None:
    named = {what: drawers(aurora)[what]}
    seen = visit(aurora, settings={"viewport": viewport, "color_scheme": scheme}, **named)
    expect(seen.drawer()).to_be_visible()
    assert seen.violations() == []
    assert not seen.too_wide()
    assert not seen.drawer().evaluate("one => one.scrollWidth > one.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_states_that_warn_forms_and_errors_do_not_violate_wcag_either(
    visit: Visit, shop: Shop, scheme: str
) -> None:
    late = shop.integration("Tarde", scheduled=True, schedule=NIGHTLY, max_hours_without_success=1)
    seen = visit(late, settings={"color_scheme": scheme})
    seen.page.get_by_label("Horas").fill("0")
    seen.button("Salvar").click()
    assert seen.violations() == []
    seen.button("Editar").click()
    expect(seen.drawer().locator("ol li").first).to_be_visible()
    assert seen.violations() == []
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_timeout(6_500)
    seen.reload()
    expect(seen.settled().page.get_by_role("heading", name="Desatualizada desde")).to_be_visible()
    assert seen.violations() == []
    alert = late.get("/alerts")["items"][0]["alert_id"]
    seen.open(alert=alert, integration=late.integration_id)
    expect(seen.drawer()).to_be_visible()
    assert seen.violations() == []


def focused(seen: Visitor) -> str:
    """Tell the name of what has the focus."""
    name: str = seen.page.evaluate(
        "(one => one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText)"
        "(document.activeElement)"
    )
    return name.strip()


def press_until(seen: Visitor, wanted: str, key: str = "Tab", most: int = 60) -> None:
    """Press a key until something has the focus."""
    for _ in range(most):
        seen.page.keyboard.press(key)
        if focused(seen).startswith(wanted):
            return
    raise AssertionError(f"{wanted} cannot be reached")


def test_the_whole_morning_is_done_by_keyboard(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Teclado")
    one.push("vendedor", {"codigo": "1", "nome": "Ana"})
    seen = visit(one)
    press_until(seen, "Informações Gerais")
    press_until(seen, "Sincronizar agora")
    seen.page.keyboard.press("Enter")
    expect(seen.card("Execuções").locator("tbody tr")).to_contain_text("Sucesso", timeout=60_000)
    press_until(seen, "Horas")
    seen.page.keyboard.press("ControlOrMeta+A")
    seen.page.keyboard.type("30")
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("[data-said=saved]")).to_be_visible()
    press_until(seen, "Logs da execução")
    seen.page.keyboard.press("Enter")
    expect(seen.drawer()).to_contain_text("Sincronização concluída")
    press_until(seen, "Buscar no log")
    seen.page.keyboard.type("concluída")
    expect(seen.drawer().locator("ol.log > li")).to_have_count(1)
    seen.page.keyboard.press("Escape")  # empties the search
    seen.page.keyboard.press("Escape")
    expect(seen.drawer()).to_have_count(0)
    assert focused(seen).startswith("Logs da execução")
    press_until(seen, "Informações Gerais", "Shift+Tab")
    seen.page.keyboard.press("ArrowRight")
    expect(seen.settled().page.get_by_role("tab", name="Histórico")).to_be_focused()
    press_until(seen, "Todas as tabelas")
    seen.page.keyboard.press("Space")
    with seen.page.expect_download(timeout=60_000):
        press_until(seen, "Download")
        seen.page.keyboard.press("Enter")
    press_until(seen, "Abrir a requisição")
    seen.page.keyboard.press("Enter")
    expect(seen.drawer()).to_contain_text("POST /v1/erp/vendedor")
    seen.page.keyboard.press("Escape")
    press_until(seen, "Histórico", "Shift+Tab")
    seen.page.keyboard.press("End")
    expect(seen.page.get_by_role("tab", name="Alertas e acesso")).to_be_focused()


def test_focus_stays_inside_an_open_drawer(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, customer="empresa/000001")
    for _ in range(8):
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        )


def test_colours_and_movement_follow_what_the_reader_wants(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, settings={"color_scheme": "dark", "reduced_motion": "reduce"})
    paper = "getComputedStyle(document.body).backgroundColor"
    assert seen.page.evaluate(paper) == "rgb(18, 22, 28)"
    seen.page.emulate_media(color_scheme="light")
    assert seen.page.evaluate(paper) == "rgb(244, 246, 249)"
    expect(seen.page.locator(".chart canvas")).to_have_count(1)
