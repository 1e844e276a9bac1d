"""Runs that read an ERP's views: what becomes records, what is deleted, and how it is told."""

from datetime import UTC, datetime

import pytest

from tests.support.digest import counters, recounted, staged_records, unapplied
from tests.support.erp_database import ErpDatabase, reading, told
from tests.support.views import keys, stage, vendedores
from tests.support.world import World

NOON = datetime(2026, 7, 1, 15, tzinfo=UTC)


def test_rows_become_records_and_reach_the_crm(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", vendedores(*range(2_345), ativo=1, email="a@b.com.br"))
    world = reading(view_world, erp.source("vendedor", "empresa"))
    run = world.run()
    assert (run["status"], stage(run)["processed"]) == ("success", 2_345)
    assert len(keys(world)) == 2_345
    assert unapplied(world.integration_id, "vendedor") == []
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    one = world.call("GET", "/v1/erp/vendedor/007", token=world.erp_key).body
    assert (one["state"], one["record"]) == (
        "applied",
        {"codigo": "007", "nome": "Vendedor 7", "email": "a@b.com.br", "ativo": True},
    )
    assert 'extract info vendedor: view "v_vendedor" is read whole.' in told(world, run)


def test_a_second_night_without_changes_writes_no_record(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", vendedores(*range(1_500)))
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    before = staged_records(world.integration_id, "vendedor")
    run = world.run()
    assert run["status"] == "success"
    assert staged_records(world.integration_id, "vendedor") == before
    assert stage(run, "load")["processed"] == 0
    expected = "vendedor: 1500 rows read; 0 new, 0 changed, 1500 the same, 0 deleted, 0 rejected"
    assert any(expected in line for line in told(world, run))


def test_changed_rows_change_records_and_rows_that_are_gone_delete_them(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.insert("t_vendedor", vendedores(*range(100)))
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    erp.execute(
        "UPDATE t_vendedor SET nome = 'Outro' WHERE codigo = '001'",
        "DELETE FROM t_vendedor WHERE codigo < '020' AND codigo <> '001'",
        "INSERT INTO t_vendedor (codigo, nome) VALUES ('900', 'Novo')",
    )
    run = world.run()
    assert run["status"] == "success"
    assert keys(world) == ["001", *(f"{one:03}" for one in range(20, 100)), "900"]
    assert unapplied(world.integration_id, "vendedor") == []
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    assert any("1 new, 1 changed, 80 the same, 19 deleted" in line for line in told(world, run))


@pytest.mark.parametrize(("gone", "deleted"), [(20, True), (21, False)])
def test_more_than_a_fifth_vanishing_at_once_stops_and_asks(
    view_world: World, erp: ErpDatabase, gone: int, deleted: bool
) -> None:
    erp.insert("t_vendedor", vendedores(*range(100)))
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    erp.execute(f"DELETE FROM t_vendedor WHERE codigo < '{gone:03}'")
    run = world.run()
    assert len(keys(world)) == (100 - gone if deleted else 100)
    assert run["status"] == ("success" if deleted else "partial")
    held = world.as_user("viewer", "GET", "/view-source").body["reading"]["vendedor"]["held"]
    if deleted:
        assert held is None
        return
    assert (held["records"], held["of"], held["run_id"]) == (21, 100, run["run_id"])
    assert any("21 of 100 records have vanished" in line for line in told(world, run))
    allowed = world.as_user("admin", "POST", "/runs", {"allow_deletions": ["vendedor"]})
    world.work_off()
    assert len(keys(world)) == 79
    found = world.as_user("viewer", "GET", f"/runs/{allowed.body['run_id']}").body
    assert found["status"] == "success"
    assert world.as_user("viewer", "GET", "/view-source").body["reading"]["vendedor"]["held"] is None


def test_an_empty_view_deletes_nothing_and_says_so(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", vendedores(1, 2, 3))
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    erp.execute("DELETE FROM t_vendedor")
    run = world.run()
    assert (run["status"], keys(world)) == ("partial", ["001", "002", "003"])
    assert any("is empty, and 3 of 3 records would have to be deleted" in line for line in told(world, run))


def test_a_view_of_no_rows_at_first_is_a_success_of_nothing(view_world: World, erp: ErpDatabase) -> None:
    world = reading(view_world, erp.source("vendedor"))
    assert world.run()["status"] == "success"
    assert keys(world) == []


def test_pages_are_requests_of_the_type_view_with_statement_rows_and_results(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.insert("t_vendedor", vendedores(*range(1_200)))
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    second, first = sorted(world.listed("/requests"), key=lambda one: one["counts"]["received"])
    assert (first["type"], first["method"], first["path"]) == ("view", "VIEW", "v_vendedor")
    assert (first["counts"]["received"], second["counts"]["received"]) == (1_000, 200)
    assert (first["status"], first["situation"]) == (200, "success")
    found = world.as_user("admin", "GET", f"/requests/{second['request_id']}").body
    assert '"statement":"SELECT v_vendedor.codigo' in found["request_body"]
    assert '"parameters":{' in found["request_body"]
    assert '"rows":200' in found["request_body"]
    assert '["999","created"]' in found["response_body"]


def test_an_erp_key_of_such_an_integration_looks_up_and_delivers_nothing(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.insert("t_vendedor", vendedores(1))
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    refused = world.push("vendedor", vendedores(2))
    assert (refused.status, refused.body["code"]) == (409, "integration_reads_views")
    assert keys(world) == ["001"]
    assert world.call("GET", "/v1/erp/vendedor/001", token=world.erp_key).status == 200


def test_open_receivables_that_were_paid_disappear(view_world: World, erp: ErpDatabase) -> None:
    row = {"empresa_codigo": "1", "vence_em": "2026-08-01", "valor": 10.5, "saldo": 10.1}
    erp.insert("t_fatura", [{"numero": str(k), "parcela": 1, **row} for k in range(10)])
    world = reading(view_world, erp.source("fatura"))
    world.run()
    assert '"saldo":"10.1"' in staged_records(world.integration_id, "fatura")[0].data
    erp.execute("DELETE FROM t_fatura WHERE numero = '4'")
    assert world.run()["status"] == "success"
    assert "4|1" not in keys(world, "fatura")
    assert unapplied(world.integration_id, "fatura") == []
