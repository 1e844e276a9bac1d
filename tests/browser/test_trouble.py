"""When the API cannot be reached: what was read stays readable, and all is well again by itself."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.shop import Integration
from tests.support.stack import Stack

AWAY = "A API não responde; os dados abaixo são de"


def test_without_a_network_the_data_stays_and_each_part_says_what_it_lacks(
    visit: Visit, aurora: Integration
) -> None:
    seen = visit(aurora)
    seen.page.context.set_offline(True)
    seen.button("Salvar").click()
    expect(seen.page.get_by_text("Verifique sua conexão").first).to_be_visible()
    expect(seen.page.locator("[data-field=erp_name] dd")).to_have_text("ERP Aurora")
    seen.button("Logs da execução", exact=False).first.click()
    expect(seen.drawer().get_by_role("alert")).to_contain_text("Verifique sua conexão")
    seen.page.context.set_offline(False)
    seen.button("Tentar de novo", seen.drawer()).click()
    expect(seen.drawer().locator("ol.log > li").first).to_be_visible()


def test_a_tab_that_cannot_be_read_says_so_and_tries_again_when_asked(
    visit: Visit, aurora: Integration
) -> None:
    seen = visit(aurora).tab("Histórico").tab("Curva ABC")
    seen.page.context.set_offline(True)
    seen.page.get_by_role("tab", name="Histórico").click()
    failed = seen.card("Requisições").get_by_role("alert")
    expect(failed).to_contain_text("Verifique sua conexão")
    seen.page.context.set_offline(False)
    seen.button("Tentar de novo", failed).click()
    expect(seen.card("Requisições").locator("tbody tr").first).to_be_visible()


def test_the_api_goes_down_and_comes_back_while_the_page_is_open(
    visit: Visit, aurora: Integration, stack: Stack
) -> None:
    seen = visit(aurora)
    stack.local.stop()
    try:
        seen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as on coming back to it
        expect(seen.page.get_by_text(AWAY)).to_be_visible()
        expect(seen.page.locator("[data-field=erp_name] dd")).to_have_text("ERP Aurora")
    finally:
        stack.local.start()
    expect(seen.page.get_by_text(AWAY)).to_have_count(0, timeout=30_000)


def test_a_page_that_is_opened_without_an_api_offers_to_try_again(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora)
    seen.page.route("**/app/**", lambda route: route.fallback())
    seen.page.context.set_offline(True)
    seen.page.get_by_label("Idioma").select_option("en")  # everything is read anew
    expect(seen.page.get_by_role("heading", name="The API did not answer")).to_be_visible()
    seen.page.context.set_offline(False)
    seen.button("Try again").click()
    expect(seen.page.locator("[data-field=erp_name] dd")).to_have_text("ERP Aurora")


def test_without_its_library_a_chart_is_left_out_and_the_numbers_stay(
    visit: Visit, aurora: Integration
) -> None:
    seen = visit(aurora, tab="history")
    seen.page.route("**/vendor/uplot.js", lambda route: route.abort())
    seen.tab("Curva ABC")
    expect(seen.card("Curva ABC de clientes").locator("tbody tr")).to_have_count(4)
    expect(seen.page.locator(".chart canvas")).to_have_count(0)
