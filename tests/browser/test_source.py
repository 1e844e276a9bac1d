"""The source of a View integration, on the page: entered, tested, shown, and deletions allowed."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.shop import Integration, Shop
from tests.support.stack import Stack

SECRET = "s3cret"


@pytest.fixture
def database(stack: Stack, tmp_path: Path) -> Path:
    """A database of the ERP with ten sellers, where the stack may read it."""
    file = stack.local.directory / f"{tmp_path.name}.sqlite"
    with sqlite3.connect(file) as opened:
        opened.execute("CREATE TABLE v_vendedor (codigo TEXT, nome TEXT, email TEXT, sobra TEXT)")
        rows = [(str(one), f"Vendedor {one}", "ana@erp.com.br", "x") for one in range(10)]
        opened.executemany("INSERT INTO v_vendedor VALUES (?, ?, ?, ?)", rows)
    opened.close()
    return file


@pytest.fixture
def empty(shop: Shop) -> Integration:
    """An integration that reads views, and has no source yet."""
    return shop.integration("Lê views", integration_type="view")


def reading(integration: Integration, file: Path, **tables: dict[str, Any]) -> Integration:
    source = {
        "engine": "sqlite",
        "connection_string": f"sqlite:///{file}",
        "tables": tables or {"vendedor": {"view": "v_vendedor"}},
    }
    integration.shop.api().put(f"{integration.path}/view-source", source)
    return integration


def test_a_source_is_entered_tested_and_saved(visit: Visit, empty: Integration, database: Path) -> None:
    seen = visit(empty)
    card = seen.card("Fonte dos dados (views)")
    card.get_by_text("Mostrar conexão e views").click()
    expect(card).to_contain_text("Ainda não há conexão")
    seen.button("Alterar a fonte").click()
    form = seen.drawer()
    form.get_by_label("Banco de dados").select_option("sqlite")
    form.get_by_label("Conexão").fill(f"sqlite:///{database}")
    form.get_by_label("Views e colunas (JSON)").fill('{"vendedor": {"view": "v_vendedores"}}')
    seen.button("Testar", form).click()
    expect(form).to_contain_text("Nomes parecidos: v_vendedor")
    form.get_by_label("Views e colunas (JSON)").fill('{"vendedor": {"view": "v_vendedor"}}')
    seen.button("Testar", form).click()
    report = form.get_by_role("status")
    expect(report).to_contain_text("Tudo certo")
    assert seen.violations() == []
    report.get_by_text("vendedor: v_vendedor").click()
    expect(report).to_contain_text("sobra")
    expect(report).not_to_contain_text("ana@erp")
    seen.button("Salvar", form).click()
    expect(form).to_have_count(0)
    expect(card).to_contain_text("v_vendedor")
    assert empty.get("/view-source")["version"] == 1
    assert str(database) not in card.inner_text()


def test_what_is_wrong_is_told_at_its_field(visit: Visit, empty: Integration) -> None:
    seen = visit(empty)
    card = seen.card("Fonte dos dados (views)")
    card.get_by_text("Mostrar conexão e views").click()
    seen.button("Alterar a fonte").click()
    form = seen.drawer()
    form.get_by_label("Conexão").fill(f"mysql://u:{SECRET}@h/d")
    seen.button("Salvar", form).click()
    expect(form.get_by_label("Conexão")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("Conexão").fill(f"postgresql://u:{SECRET}@h/d")
    form.get_by_label("Views e colunas (JSON)").fill('{"clientes": {"view": "v"}}')
    seen.button("Salvar", form).click()
    expect(form).to_contain_text('A tabela "clientes" não existe')
    form.get_by_label("Views e colunas (JSON)").fill("{")
    expect(form).to_contain_text("Isto não é JSON válido")
    expect(seen.button("Salvar", form)).to_be_disabled()
    assert seen.violations() == []
    assert empty.get("/view-source")["version"] == 0


def test_deletions_that_were_held_back_are_allowed(visit: Visit, empty: Integration, database: Path) -> None:
    reading(empty, database)
    assert empty.run()["status"] == "success"
    with sqlite3.connect(database) as opened:
        opened.execute("DELETE FROM v_vendedor WHERE codigo < '5'")
    opened.close()
    assert empty.run()["status"] == "partial"
    seen = visit(empty)
    card = seen.card("Fonte dos dados (views)")
    card.get_by_text("Mostrar conexão e views").click()
    expect(card).to_contain_text("5 de 10")
    assert seen.violations() == []
    seen.button("Permitir exclusões de vendedor", card).click()
    dialog = seen.drawer()
    expect(dialog).to_contain_text("5 de 10 registros")
    seen.button("Permitir exclusões", dialog).click()
    expect(seen.page.get_by_text("A sincronização com as exclusões começou.")).to_be_visible()
    [table] = [one for one in empty.get("/tables")["items"] if one["table"] == "vendedor"]
    for _ in range(100):
        [table] = [one for one in empty.get("/tables")["items"] if one["table"] == "vendedor"]
        if table["records"] == 5:
            break
        seen.page.wait_for_timeout(200)
    assert table["records"] == 5


def test_a_viewer_sees_the_source_and_changes_nothing(
    visit: Visit, empty: Integration, database: Path
) -> None:
    reading(empty, database)
    seen = visit(empty, "viewer")
    card = seen.card("Fonte dos dados (views)")
    card.get_by_text("Mostrar conexão e views").click()
    expect(card).to_contain_text("SQLite")
    assert seen.button("Alterar a fonte").count() == 0
    assert seen.button("Testar").count() == 0


def test_an_integration_that_is_pushed_to_shows_no_source(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora)
    expect(seen.card("Execuções")).to_be_visible()
    assert seen.page.get_by_text("Fonte dos dados (views)").count() == 0


def test_a_page_that_was_read_is_a_request_like_others(
    visit: Visit, empty: Integration, database: Path
) -> None:
    reading(empty, database)
    empty.run()
    [request] = empty.get("/requests")["items"]
    seen = visit(empty, tab="history", request=request["request_id"])
    drawer = seen.drawer()
    expect(drawer).to_contain_text("View (lida do ERP)")
    expect(drawer).to_contain_text("VIEW v_vendedor")
    expect(drawer).to_contain_text("SELECT v_vendedor.codigo")
    expect(drawer).to_contain_text("recebidos: 10")
