"""Runs on the screen: begun, followed, cancelled; their logs read, searched and downloaded."""

from pathlib import Path

import openpyxl
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.books import empresa
from tests.support.browsing import Visitor
from tests.support.shop import Integration, Shop
from tests.support.stack import until

MANY = 1_500
BATCH = 500


def long_run(shop: Shop, name: str) -> Integration:
    """Make an integration whose next run takes long enough to be watched."""
    one = shop.integration(name)
    for start in range(0, MANY, BATCH):
        one.push("empresa", *(empresa(at) for at in range(start, start + BATCH)))
    return one


def ended(one: Integration) -> None:
    """Wait until nothing of an integration is running any more."""
    until(lambda: None if one.get()["current_run"] else one, 60, "the run is still on")


def test_sync_now_shows_progress_then_the_result_and_nothing_has_to_be_reloaded(
    visit: Visit, shop: Shop
) -> None:
    one = long_run(shop, "Ao vivo")
    seen = visit(one)
    seen.button("Sincronizar agora").click()
    expect(seen.page.get_by_role("heading", name="Sincronizando agora")).to_be_visible()
    bar = seen.page.get_by_role("progressbar", name="Andamento da sincronização")
    expect(bar).to_be_visible()
    expect(seen.button("Cancelar sincronização")).to_be_visible()
    expect(seen.card("Execuções").locator("tbody tr").first).to_contain_text("Em execução")
    ended(one)
    expect(seen.page.get_by_role("heading", name="Sem agendamento")).to_be_visible(timeout=10_000)
    expect(seen.card("Execuções").locator("tbody tr").first).to_contain_text("Sucesso")
    row = seen.rows(seen.card("Execuções"))[0]
    assert (row[1], row[4], row[6]) == ("Sucesso", "1.500", "1.500")
    assert "Último sucesso em" in seen.card("Sem agendamento").inner_text()


def test_a_run_after_others_says_when_it_will_end(visit: Visit, shop: Shop) -> None:
    one = long_run(shop, "Previsão")
    assert one.run()["status"] == "success"
    for start in range(0, MANY, BATCH):
        one.push("empresa", *(empresa(at, segmento="Varejo") for at in range(start, start + BATCH)))
    seen = visit(one)
    seen.button("Sincronizar agora").click()
    expect(seen.card("Sincronizando agora")).to_contain_text("Término previsto: ")
    ended(one)


def test_the_log_of_a_run_grows_while_it_is_on(visit: Visit, shop: Shop) -> None:
    one = long_run(shop, "Log ao vivo")
    run_id = one.begin()
    seen = visit(one, run=run_id)
    drawer = seen.drawer()
    expect(drawer.get_by_text("novas linhas aparecem aqui")).to_be_visible()
    expect(drawer.get_by_text("Sincronização concluída com sucesso")).to_be_visible(timeout=60_000)
    expect(drawer.get_by_text("novas linhas aparecem aqui")).to_have_count(0, timeout=60_000)
    shown = drawer.locator("ol.log > li").count()
    assert shown == len(one.get(f"/runs/{run_id}/log?limit=200")["items"])


def test_a_run_is_cancelled_after_a_question(visit: Visit, shop: Shop) -> None:
    one = long_run(shop, "Cancelada")
    seen = visit(one)
    seen.button("Sincronizar agora").click()
    seen.button("Cancelar sincronização").click()
    question = seen.drawer()
    expect(question).to_contain_text("O que já foi aplicado continua aplicado")
    seen.button("Cancelar a sincronização", question).click()
    expect(seen.card("Execuções").locator("tbody tr").first).to_contain_text("Cancelada", timeout=60_000)
    ended(one)
    assert one.get("/runs")["items"][0]["status"] == "cancelled"


def test_a_second_start_says_that_one_is_on(visit: Visit, shop: Shop) -> None:
    one = long_run(shop, "Duas vezes")
    seen = visit(one)
    one.begin()
    seen.button("Sincronizar agora").click()
    expect(seen.page.get_by_role("alert")).to_contain_text("Já há uma sincronização em andamento")
    expect(seen.page.get_by_role("heading", name="Sincronizando agora")).to_be_visible()
    ended(one)


def partial_log(visit: Visit, aurora: Integration) -> Visitor:
    run = next(one for one in aurora.get("/runs")["items"] if one["status"] == "partial")
    return visit(aurora, run=run["run_id"])


def test_the_log_is_filtered_by_level_stage_and_words(visit: Visit, aurora: Integration) -> None:
    seen = partial_log(visit, aurora)
    drawer = seen.drawer()
    lines = drawer.locator("ol.log > li")
    whole = lines.count()
    assert whole > 5
    drawer.get_by_label("Nível").select_option("warning")
    warnings = lines.count()
    assert 0 < warnings < whole
    expect(lines.first).to_contain_text("Aviso")
    drawer.get_by_label("Buscar no log").fill("NOME")
    expect(lines).to_have_count(1)
    expect(lines.first).to_contain_text('vendedor "3" rejeitado: nome')
    lines.first.get_by_text("Detalhes").click()
    expect(lines.first.locator("pre")).to_contain_text('"field": "nome"')
    drawer.get_by_label("Buscar no log").fill("nada disso")
    expect(drawer.get_by_text("Nenhuma linha corresponde ao filtro")).to_be_visible()
    drawer.get_by_label("Buscar no log").fill("")
    drawer.get_by_label("Nível").select_option("")
    drawer.get_by_label("Etapa").select_option("finish")
    assert 0 < lines.count() < whole
    expect(drawer.get_by_text(f"de {whole} linhas")).to_be_visible()


def test_the_log_is_downloaded_as_excel_and_as_text(
    visit: Visit, aurora: Integration, tmp_path: Path
) -> None:
    seen = partial_log(visit, aurora)
    lines = seen.drawer().locator("ol.log > li").count()
    for name, suffix in (("Download em Excel", "xlsx"), ("Download em texto", "txt")):
        with seen.page.expect_download() as found:
            seen.button(name, seen.drawer()).click()
        file = tmp_path / f"log.{suffix}"
        found.value.save_as(file)
        assert found.value.suggested_filename.endswith(suffix)
        if suffix == "xlsx":
            book = openpyxl.load_workbook(file, read_only=True)
            assert sum(1 for row in book.worksheets[-1].iter_rows(values_only=True) if any(row)) >= lines
        else:
            assert len(file.read_text().splitlines()) >= lines


def test_a_row_s_own_buttons_open_and_download_its_log(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, "viewer")
    first = seen.card("Execuções").locator("tbody tr").first
    seen.button("Logs da execução", first, exact=False).click()
    expect(seen.drawer()).to_contain_text("Log da execução de")
    assert seen.named()["run"] == aurora.get("/runs")["items"][0]["run_id"]
    seen.page.keyboard.press("Escape")
    expect(seen.drawer()).to_have_count(0)
    assert "run" not in seen.named()
    expect(seen.button("Logs da execução", first, exact=False)).to_be_focused()
    with seen.page.expect_download() as found:
        seen.button("Download do log da execução", first, exact=False).click()
    assert found.value.suggested_filename.endswith(".xlsx")
