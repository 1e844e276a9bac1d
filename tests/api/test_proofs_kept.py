"""Proofs are kept, listed, compared and paged, and belong to their tenant."""

from typing import Any

import pytest

from chalicelib import onboarding_wiring
from tests.support.onboarding import Erp, applied, found, prove, read, shop
from tests.support.world import World


@pytest.fixture
def erp(own_world: World) -> Erp:
    own_world.onboarding_queue.messages.clear()
    own_world.proofs_queue.messages.clear()
    return shop(own_world)


def test_proofs_are_kept_listed_and_compared(erp: Erp) -> None:
    applied(erp, but={("nota", "21|1")})
    erp.declare()
    first = prove(erp.world)
    erp.world.clock.advance(hours=1)
    applied(erp)
    second = prove(erp.world)
    listed = erp.world.listed("/completeness/reports")
    assert [one["report_id"] for one in listed] == [second["report_id"], first["report_id"]]
    path = f"/completeness/reports/{second['report_id']}/comparison?with={first['report_id']}"
    compared = erp.world.as_user("viewer", "GET", path).body
    [change] = compared["items"]
    assert (change["table"], change["month"], change["change"], change["records"]) == (
        "nota", "2026-02", "better", 1,
    )  # fmt: skip
    assert not compared["same_data"]
    again = prove(erp.world)
    assert again["digest"] == second["digest"] != first["digest"]


def test_data_that_changes_meanwhile_is_not_certified(erp: Erp) -> None:
    applied(erp)
    erp.declare()
    begun = erp.world.as_user("admin", "POST", "/completeness/report", {}).body
    walked = erp.world.proofs_queue.messages.popleft()
    parts = onboarding_wiring.chain("proof").worker.parts  # type: ignore[union-attr]
    really, done = type(parts.records).pages, list[bool]()

    def pages(*where: Any) -> Any:
        if not done:
            done.append(True)
            erp.world.push("vendedor", [{"codigo": "V1", "nome": "Outro nome"}])
        return really(*where)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(parts.records), "pages", pages)
        onboarding_wiring.chain("proof").advance(walked, "worker")
    erp.world.work_off_onboarding()
    report = read(erp.world, begun["report_id"])
    assert report["changed_meanwhile"] == ["vendedor"]
    assert not report["certificate"]


def test_one_proof_at_a_time(erp: Erp) -> None:
    erp.world.as_user("admin", "POST", "/completeness/report", {})
    again = erp.world.as_user("admin", "POST", "/completeness/report", {})
    assert (again.status, again.body["code"]) == (409, "proof_under_way")
    erp.world.work_off_onboarding()
    assert erp.world.as_user("admin", "POST", "/completeness/report", {}).status == 202


def test_who_may_do_what(erp: Erp) -> None:
    world = erp.world
    assert world.as_user("viewer", "POST", "/completeness/report", {}).status == 403
    report = prove(world)
    other = world.token("admin", "tenant-b")
    for path in ("", "/findings", f"/comparison?with={report['report_id']}"):
        whole = f"/v1/integrations/{world.integration_id}/completeness/reports/{report['report_id']}{path}"
        assert world.call("GET", whole, token=other).status == 404
        assert world.call("GET", whole, token=world.token("viewer")).status == 200
    assert world.as_user("viewer", "GET", "/completeness/reports/nothing").status == 404
    mine, _ = world.new_integration()
    elsewhere = f"/v1/integrations/{mine}/completeness/reports/{report['report_id']}"
    assert world.call("GET", elsewhere, token=world.token("viewer")).status == 404


@pytest.mark.parametrize("query", ["kind=nonsense", "month=2026", "table=nada", "cursor=x", "limit=0"])
def test_findings_are_asked_for_by_what_there_is(erp: Erp, query: str) -> None:
    report = prove(erp.world)
    path = f"/completeness/reports/{report['report_id']}/findings?{query}"
    assert erp.world.as_user("viewer", "GET", path).status in (400, 404)


def test_findings_come_page_by_page(erp: Erp) -> None:
    erp.push()
    report = prove(erp.world)
    assert found(erp.world, report, "kind=pending").total() == 23
    seen, cursor = [], ""
    while True:
        path = f"/completeness/reports/{report['report_id']}/findings?limit=4{cursor}"
        page = erp.world.as_user("viewer", "GET", path).body
        seen += [(one["table"], one["key"]) for one in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 23
