"""Views and rows that are not as they should be: a run says what is wrong, and goes on with the rest."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import view_wiring
from chalicelib.domain.runs import MAX_FAILURES
from tests.support.digest import counters, recounted, staged_records
from tests.support.erp_database import ErpDatabase, reading, told
from tests.support.ports import free_port
from tests.support.views import keys, vendedores
from tests.support.world import World

NOON = datetime(2026, 7, 1, 15, tzinfo=UTC)


def test_rows_that_contradict_each_other_are_refused_by_name_and_equal_ones_count_once(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.insert("t_vendedor", [*vendedores(1, 2, 2, 3), {"codigo": "003", "nome": "Another"}])
    world = reading(view_world, erp.source("vendedor"))
    run = world.run()
    assert (run["status"], keys(world)) == ("partial", ["001", "002"])
    assert any(
        'vendedor "003" rejected: codigo: 2 different rows have this key' in one for one in told(world, run)
    )
    erp.execute("DELETE FROM t_vendedor WHERE nome = 'Another'")
    assert (world.run()["status"], keys(world)) == ("success", ["001", "002", "003"])
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")


def test_a_record_that_was_good_stays_while_its_row_is_refused(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", vendedores(*range(10)))
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    erp.execute("UPDATE t_vendedor SET ativo = 'talvez' WHERE codigo = '004'")
    run = world.run()
    assert (run["status"], len(keys(world))) == ("partial", 10)
    [request] = [one for one in world.listed("/requests") if one["counts"].get("rejected")]
    body = world.as_user("admin", "GET", f"/requests/{request['request_id']}").body
    assert '"key":"004","field":"ativo","code":"not_boolean"' in body["response_body"]
    erp.execute("DELETE FROM t_vendedor WHERE codigo = '004'")
    assert (world.run()["status"], len(keys(world))) == ("success", 9)


def test_rows_without_a_key_are_told_and_forgotten_once_they_have_one(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.insert("t_vendedor", [*vendedores(1, 2), {"codigo": None, "nome": "Sem chave"}])
    world = reading(view_world, erp.source("vendedor"))
    run = world.run()
    assert (run["status"], keys(world)) == ("partial", ["001", "002"])
    assert any(
        '1 rows of view "v_vendedor" have NULL in their key (codigo)' in one for one in told(world, run)
    )
    assert counters(world.integration_id, "vendedor").rejected == 1
    erp.execute("UPDATE t_vendedor SET codigo = '003' WHERE codigo IS NULL")
    assert (world.run()["status"], keys(world)) == ("success", ["001", "002", "003"])
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    assert counters(world.integration_id, "vendedor").rejected == 0


def test_latin_1_is_read_and_told(view_world: World, erp: ErpDatabase) -> None:
    erp.execute("INSERT INTO t_vendedor (codigo, nome) VALUES ('001', CAST(x'4A6FE36F' AS TEXT))")
    world = reading(view_world, erp.source("vendedor"))
    assert world.run()["status"] == "success"
    assert '"nome":"João"' in staged_records(world.integration_id, "vendedor")[0].data
    [request] = world.listed("/requests")
    body = world.as_user("admin", "GET", f"/requests/{request['request_id']}").body["response_body"]
    assert '"key":"001","field":"nome","code":"view_text_guessed"' in body


def test_names_with_quotes_and_spaces_are_names(view_world: World, erp: ErpDatabase) -> None:
    name = "Vendas \"de\" 'hoje'; DROP TABLE t_vendedor --"
    quoted = name.replace('"', '""')
    columns = 'codigo AS "cód. do ""vendedor""", nome AS "nome; completo"'
    erp.execute(f'CREATE VIEW "{quoted}" AS SELECT {columns} FROM t_vendedor')
    erp.insert("t_vendedor", vendedores(1, 2))
    view = {
        "view": name,
        "columns": {"codigo": 'cód. do "vendedor"', "nome": "nome; completo"},
    }
    world = reading(view_world, erp.source(vendedor=view))
    assert world.run()["status"] == "success"
    assert (world.run()["status"], keys(world)) == ("success", ["001", "002"])


def test_a_view_that_is_missing_does_not_stop_the_others(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_empresa", [{"codigo": "1", "razao_social": "Uma"}])
    world = reading(view_world, erp.source("empresa", vendedor={"view": "v_vendedores"}))
    run = world.run()
    assert (run["status"], keys(world, "empresa")) == ("partial", ["1"])
    assert any(
        'vendedor: view "v_vendedores" does not exist' in one and "v_vendedor" in one
        for one in told(world, run)
    )
    [failed] = [one for one in world.listed("/requests") if one["situation"] == "error"]
    assert (failed["type"], failed["table"], failed["code"]) == ("view", "vendedor", "view_missing_alike")


def test_a_column_that_is_missing_is_named(view_world: World, erp: ErpDatabase) -> None:
    world = reading(
        view_world,
        erp.source("empresa", vendedor={"view": "v_vendedor", "columns": {"nome": "nome_completo"}}),
    )
    run = world.run()
    assert run["status"] == "partial"
    assert any(
        'has no column "nome_completo", from which "nome" would be read' in one for one in told(world, run)
    )


def test_a_run_that_can_read_no_view_at_all_fails(view_world: World, erp: ErpDatabase) -> None:
    world = reading(view_world, erp.source(vendedor={"view": "nowhere"}, empresa={"view": "neither"}))
    run = world.run()
    assert (run["status"], run["error"]["code"]) == ("error", "view_no_table_read")
    assert "vendedor, empresa" in run["error"]["message"]


def test_a_run_without_a_source_says_what_to_do(view_world: World) -> None:
    view_world.integration_id, _ = view_world.new_integration(integration_type="view")
    run = view_world.run()
    assert (run["status"], run["error"]["code"]) == ("error", "view_not_set")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Wait no time at all, and remember for how long."""
    found: list[float] = []
    monkeypatch.setattr(view_wiring, "sleep", found.append)
    view_wiring.view_parts.cache_clear()
    view_wiring.extracting_runs.cache_clear()
    return found


def test_a_server_that_stays_away_ends_the_run_with_host_view_and_cause(
    view_world: World, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"postgresql://reader:s3cret@127.0.0.1:{free_port()}/erp"
    source = {"engine": "postgresql", "connection_string": address, "tables": {"nota": {"view": "v_nota"}}}
    world = reading(view_world, source)
    run_id = world.start_run()
    for attempt in range(MAX_FAILURES):
        [message] = world.views_queue.messages
        answer = world.client.lambda_.invoke("extract_views", event_of(message)).payload
        assert answer == {"batchItemFailures": [{"itemIdentifier": "m"}]}, attempt
    run = world.as_user("viewer", "GET", f"/runs/{run_id}", headers={"Accept-Language": "en"}).body
    assert (run["status"], run["error"]["code"]) == ("error", "view_connection_lost")
    assert '"v_nota"' in run["error"]["message"]
    assert address.partition("@")[2] in run["error"]["message"]
    assert "Connection refused" in run["error"]["message"]
    assert "s3cret" not in str(run) + str(told(world, run))
    first = waits[: len(waits) // MAX_FAILURES]
    assert first == sorted(first), "pauses grow"
    assert sum(first) >= 45, "for as long as the slice has time"


def test_people_are_told_that_it_is_up_to_the_erps_database(view_world: World, erp: ErpDatabase) -> None:
    world = reading(view_world, erp.source("vendedor"))
    daily = {"scheduled": True, "schedule": {"time": "03:00", "timezone": "UTC"}}
    assert world.as_user("admin", "PATCH", "", daily).status == 200
    del world.secrets.stored[f"test/views/{world.integration_id}"]
    assert world.run()["status"] == "error"
    world.client.lambda_.invoke("watchdog", {})
    [alert] = world.as_user("viewer", "GET", "/alerts?status=open").body["items"]
    assert (alert["kind"], alert["owner"]) == ("run_failed", "erp")


def event_of(message: dict[str, Any]) -> dict[str, Any]:
    return {"Records": [{"messageId": "m", "body": json.dumps(message)}]}


@pytest.mark.parametrize(
    ("connection", "code"),
    [
        ("postgresql://u:s3cret@no.such.host.invalid:5432/erp", "view_host_unknown"),
        ("mysql://u:s3cret@127.0.0.1:1/erp", "view_secret_invalid"),
        (None, "view_secret_missing"),
    ],
)
def test_what_trying_again_would_not_mend_ends_the_run_at_once(
    view_world: World, waits: list[float], connection: str | None, code: str
) -> None:
    good = "postgresql://u:s3cret@127.0.0.1:5432/erp"
    source = {"engine": "postgresql", "connection_string": good, "tables": {"nota": {"view": "v_nota"}}}
    world = reading(view_world, source)
    name = f"test/views/{world.integration_id}"
    if connection:
        world.secrets.stored[name] = connection
    else:
        del world.secrets.stored[name]
    run = world.run()
    assert (run["status"], run["error"]["code"], waits) == ("error", code, [])
    assert "s3cret" not in str(run)
