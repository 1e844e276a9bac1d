"""The test of a source: connected or not, and of each view what is there, what is missing, and what to do."""

from typing import Any

import pytest

from chalicelib import view_wiring
from tests.support.erp_database import ErpDatabase, reading
from tests.support.views import vendedores
from tests.support.world import World


def report(world: World, body: Any = None, language: str = "en") -> dict[str, Any]:
    answer = world.as_user("admin", "POST", "/view-source/test", body, headers={"Accept-Language": language})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def problems(table: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["message"] for one in table["problems"]}


def test_a_good_view_is_found_counted_and_shown_with_personal_data_hidden(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.execute("CREATE VIEW v_mais AS SELECT *, 1 AS sobra FROM t_vendedor")
    erp.insert("t_vendedor", vendedores(*range(5), email="ana@cliente.com.br", telefone="11 98765-4321"))
    world = reading(view_world, erp.source(vendedor={"view": "v_mais"}))
    found = report(world)
    assert (found["ok"], found["connected"], found["engine"], found["problems"]) == (True, True, "sqlite", [])
    [table] = found["tables"]
    assert (table["found"], table["rows"], table["unmapped"], table["missing"]) == (True, 5, ["sobra"], {})
    assert table["present"]["codigo"] == "codigo"
    assert len(table["sample"]) == 3
    assert table["sample"][0]["nome"] == "Vendedor 0"
    assert "ana@cliente.com.br" not in str(found)
    assert "98765" not in str(found)


def test_everything_that_is_wrong_is_told_at_once(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", [*vendedores(1, 2, 2), {"codigo": None, "nome": "x"}])
    erp.execute(
        "UPDATE t_vendedor SET nome = 'outro' WHERE rowid = 3",
        "UPDATE t_vendedor SET ativo = 'x' WHERE codigo = '001'",
    )
    tables: dict[str, Any] = {
        "vendedor": {"view": "v_vendedor"},
        "empresa": {"view": "v_empresa", "columns": {"cnpj": "cgc"}},
        "nota": {"view": "v_notas"},
        "fatura": {"view": "v_fatura"},
    }
    found = report(reading(view_world, erp.source(**tables)))
    assert (found["ok"], found["connected"]) == (False, True)
    by_table = {one["table"]: one for one in found["tables"]}
    assert list(by_table) == ["vendedor", "empresa", "nota", "fatura"]
    vendedor = problems(by_table["vendedor"])
    assert "1 rows of view" in vendedor["view_rows_keyless"]
    assert "002 (2)" in vendedor["view_keys_repeated"]
    assert vendedor["not_boolean"].endswith('Column "ativo" (BOOLEAN), 1 of 4 rows looked at.')
    assert 'no column "cgc", from which "cnpj"' in problems(by_table["empresa"])["view_column_missing"]
    assert by_table["empresa"]["missing"] == {"cnpj": "cgc"}
    assert list(problems(by_table["nota"])) == ["view_missing"]
    assert by_table["nota"]["found"] is False
    assert list(problems(by_table["fatura"])) == ["view_empty"]


def test_texts_are_in_the_readers_language(view_world: World, erp: ErpDatabase) -> None:
    world = reading(view_world, erp.source(vendedor={"view": "nada"}))
    [portuguese] = report(world, language="pt-BR")["tables"][0]["problems"]
    [english] = report(world)["tables"][0]["problems"]
    assert "não existe em" in portuguese["message"]
    assert "does not exist at" in english["message"]


def test_a_source_can_be_tested_before_it_is_stored(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", vendedores(1))
    view_world.integration_id, _ = view_world.new_integration(integration_type="view")
    found = report(view_world, erp.source("vendedor"))
    assert (found["ok"], found["tables"][0]["rows"]) == (True, 1)
    assert view_world.as_user("viewer", "GET", "/view-source").body["version"] == 0
    assert view_world.secrets.stored.get(f"test/views/{view_world.integration_id}") is None


def test_some_tables_alone_can_be_tested(view_world: World, erp: ErpDatabase) -> None:
    world = reading(view_world, erp.source("vendedor", "empresa"))
    assert [one["table"] for one in report(world, {"only": ["empresa"]})["tables"]] == ["empresa"]
    refused = world.as_user("admin", "POST", "/view-source/test", {"only": ["nota"]})
    assert [one["field"] for one in refused.body["errors"]] == ["only"]


def test_a_database_that_is_not_there_is_one_problem(view_world: World, erp: ErpDatabase) -> None:
    body = {
        **erp.source("vendedor"),
        "connection_string": erp.address.replace("erp.sqlite", "nowhere.sqlite"),
    }
    found = report(reading(view_world, body))
    assert (found["ok"], found["connected"], found["tables"]) == (False, False, [])
    assert [one["code"] for one in found["problems"]] == ["view_database_unknown"]


def test_a_file_outside_the_folder_is_not_opened(view_world: World, erp: ErpDatabase) -> None:
    body = {**erp.source("vendedor"), "connection_string": "sqlite:////etc/passwd"}
    found = report(reading(view_world, body))
    assert [one["code"] for one in found["problems"]] == ["view_engine_not_offered"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "169.254.169.254", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_no_connection_leads_to_where_it_is_forbidden(
    view_world: World, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    from chalicelib.settings import settings
    from tests.support import template

    networks = template.packaged()["Parameters"]["ViewForbiddenNetworks"]["Default"]
    monkeypatch.setenv("VIEW_FORBIDDEN_NETWORKS", networks)
    settings.cache_clear()
    body = {
        "engine": "postgresql",
        "connection_string": f"postgresql://u:p@{host}:5432/d",
        "tables": {"nota": {"view": "v"}},
    }
    found = report(reading(view_world, body))
    assert [one["code"] for one in found["problems"]] == ["view_host_forbidden"]
    monkeypatch.undo()
    settings.cache_clear()


def test_what_there_was_no_time_for_is_said(
    view_world: World, erp: ErpDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = reading(view_world, erp.source("vendedor", "empresa"))
    monkeypatch.setattr(view_wiring, "TEST_SECONDS", 0)
    found = report(world)
    assert [(one["tested"], one["rows"]) for one in found["tables"]] == [(False, None)] * 2
    assert all("ran out of time" in problems(one)["view_not_tested"] for one in found["tables"])


def test_a_watermark_of_the_wrong_kind_is_told(view_world: World, erp: ErpDatabase) -> None:
    erp.execute("CREATE TABLE t (codigo TEXT, nome TEXT, marca REAL)", "INSERT INTO t VALUES ('1', 'x', 1.5)")
    view = {"view": "t", "watermark": {"column": "marca"}}
    world = reading(view_world, erp.source(vendedor=view))
    assert (
        "cannot mark changes: its type is float"
        in problems(report(world)["tables"][0])["view_watermark_kind"]
    )
    run = world.run()
    assert run["status"] == "error"


def test_wrong_kinds_of_values_are_told_by_column(view_world: World, erp: ErpDatabase) -> None:
    row = {
        "numero": "1",
        "parcela": "1",
        "empresa_codigo": "1",
        "vence_em": "amanhã",
        "valor": "dez",
        "saldo": 1,
    }
    erp.insert("t_fatura", [row])
    found = problems(report(reading(view_world, erp.source("fatura")))["tables"][0])
    assert found["not_date"].endswith('Column "vence_em" (DATE), 1 of 1 rows looked at.')
    assert found["not_decimal"].endswith('Column "valor" (NUMERIC), 1 of 1 rows looked at.')
