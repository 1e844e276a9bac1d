"""Proofs of View integrations: the views themselves are asked what they have."""

import pytest

from chalicelib.services.proofs import asking_views
from tests.support.erp_database import ErpDatabase, reading
from tests.support.onboarding import found, prove
from tests.support.views import vendedores
from tests.support.world import World


def notas(*numbers: int, **more: object) -> list[dict[str, object]]:
    return [
        {
            "numero": str(one), "serie": "1", "empresa_codigo": "E1", "situacao": "autorizada",
            "emitida_em": f"2026-0{one % 3 + 1}-10", "valor_total": "10.25", **more,
        }
        for one in numbers
    ]  # fmt: skip


@pytest.fixture
def world(view_world: World, erp: ErpDatabase) -> World:
    view_world.proofs_queue.messages.clear()
    erp.make_table("nota")
    erp.insert("t_vendedor", vendedores(*range(50)))
    erp.insert("t_empresa", [{"codigo": "E1", "razao_social": "Uma"}])
    erp.insert("t_nota", notas(*range(1, 31)))
    return reading(view_world, erp.source("vendedor", "empresa", "nota"))


def test_what_was_read_whole_is_certified(world: World) -> None:
    world.run()
    report = prove(world)
    assert (report["status"], report["verdict"], report["findings"]) == ("done", "complete", {})
    [months] = [one["months"] for one in report["tables"] if one["table"] == "nota"]
    assert [
        (one["month"], one["erp"]["count"], one["erp"]["sum"], one["erp"]["source"]) for one in months
    ] == [(f"2026-0{number}", 10, "102.50", "view") for number in (3, 2, 1)]


def test_what_the_view_has_by_now_is_missing_or_extra(world: World, erp: ErpDatabase) -> None:
    world.run()
    erp.execute("DELETE FROM t_vendedor WHERE codigo = '007'")
    erp.insert("t_nota", notas(900))
    report = prove(world)
    assert found(world, report) == {
        ("extra_key", "vendedor", None, "007"): 1, ("missing_key", "nota", "2026-01", "900|1"): 1,
    }  # fmt: skip
    assert report["verdict"] == "incomplete"
    world.run()
    assert prove(world)["certificate"]


def test_a_view_is_asked_in_steps_and_asked_anew_each_time(
    world: World, erp: ErpDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_views, "ROWS", 7)
    monkeypatch.setattr("chalicelib.services.views.stream.PAGE_ROWS", 5)
    world.run()
    assert prove(world)["certificate"]
    erp.execute("DELETE FROM t_nota", "DELETE FROM t_vendedor WHERE codigo >= '010'")
    report = prove(world)
    assert report["findings"] == {"extra_key": 70}


def test_a_view_that_cannot_be_read_is_named(world: World, erp: ErpDatabase) -> None:
    world.run()
    erp.execute("DROP VIEW v_nota")
    report = prove(world)
    assert (report["status"], report["verdict"]) == ("error", None)
    assert "v_nota" in report["error"]["message"]
    assert not report["certificate"]


def test_without_a_source_there_is_nothing_to_ask(view_world: World) -> None:
    view_world.integration_id, _ = view_world.new_integration(integration_type="view")
    report = prove(view_world)
    assert report["error"]["code"] == "view_not_set"
