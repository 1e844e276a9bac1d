"""A deployment is completed with a certificate, or with a reason that is recorded."""

from typing import Any

import pytest

from tests.support.onboarding import prove, shop
from tests.support.world import Answer, World

REASON = "Histórico conferido em reunião com o cliente"


@pytest.fixture
def world(own_world: World) -> World:
    own_world.proofs_queue.messages.clear()
    return own_world


def complete(world: World, **settings: Any) -> Answer:
    return world.as_user("admin", "PATCH", "", {"deployment_status": "completed", **settings})


def certified(world: World) -> str:
    erp = shop(world)
    erp.push()
    world.run()
    erp.declare()
    report = prove(world)
    assert report["certificate"]
    return str(report["report_id"])


def test_without_proof_or_reason_it_is_refused_and_nothing_changes(world: World) -> None:
    answer = complete(world, name="Outro nome")
    assert (answer.status, answer.body["code"]) == (409, "deployment_unproven")
    assert "deployment_reason" in answer.body["detail"]
    seen = world.as_user("viewer", "GET", "").body
    assert (seen["deployment_status"], seen["name"]) == ("pending", "Distribuidora Teste")


def test_an_incomplete_proof_is_none(world: World) -> None:
    shop(world).push()
    prove(world)
    assert complete(world).status == 409


def test_with_a_certificate_it_is_completed_and_names_it(world: World) -> None:
    report_id = certified(world)
    answer = complete(world)
    assert answer.status == 200, answer.body
    assert (answer.body["deployment_report_id"], answer.body["deployment_reason"]) == (report_id, "")
    [entry] = world.as_user("admin", "GET", "/audit").body["items"]
    assert (entry["act"], entry["user_id"], entry["what"]["report_id"]) == (
        "deployment_completed", "admin-1", report_id,
    )  # fmt: skip


def test_a_newer_proof_that_finds_something_takes_the_certificates_place(world: World) -> None:
    certified(world)
    world.push("vendedor", [{"codigo": "V9", "nome": "Nova"}])
    assert prove(world)["verdict"] == "incomplete"
    assert complete(world).status == 409


def test_a_reason_does_it_too_and_is_recorded(world: World) -> None:
    answer = complete(world, deployment_reason=f"  {REASON} ")
    assert (answer.status, answer.body["deployment_reason"]) == (200, REASON)
    assert answer.body["deployment_report_id"] is None
    [entry] = world.as_user("admin", "GET", "/audit").body["items"]
    assert (entry["act"], entry["what"]["reason"]) == ("deployment_completed", REASON)
    assert entry["label"] == "Concluiu a implantação"


def test_once_completed_other_settings_change_without_new_proof(world: World) -> None:
    complete(world, deployment_reason=REASON)
    answer = complete(world, name="Outro nome")
    assert (answer.status, answer.body["deployment_reason"]) == (200, REASON)
    assert len(world.as_user("admin", "GET", "/audit").body["items"]) == 1


def test_a_reason_cannot_be_taken_away_from_what_nothing_proves(world: World) -> None:
    complete(world, deployment_reason=REASON)
    assert complete(world, deployment_reason=None).status == 409


def test_going_back_forgets_what_it_was_completed_with(world: World) -> None:
    complete(world, deployment_reason=REASON)
    back = world.as_user("admin", "PATCH", "", {"deployment_status": "in_progress"})
    assert (back.body["deployment_reason"], back.body["deployment_report_id"]) == ("", None)
    assert complete(world).status == 409


def test_an_integration_cannot_begin_completed_without_a_reason(world: World) -> None:
    body = {"name": "Nova", "deployment_status": "completed"}
    operator = world.token("operator")
    assert world.call("POST", "/v1/integrations", body, token=operator).status == 409
    told = world.call("POST", "/v1/integrations", {**body, "deployment_reason": REASON}, token=operator)
    assert (told.status, told.body["deployment_reason"]) == (201, REASON)
