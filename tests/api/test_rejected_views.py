"""Refused rows of views: they can be dismissed, by care for the reader, but not corrected here."""

from dataclasses import replace

from chalicelib import wiring
from chalicelib.domain.staging import Write
from chalicelib.services.rejections import name_of
from chalicelib.settings import settings
from chalicelib.storage.journal import Journal
from tests.support.digest import counters, recounted, staged_records
from tests.support.erp_database import ErpDatabase, reading
from tests.support.world import Answer, World

ANA = {"codigo": "1", "nome": "Ana"}


def exact(world: World) -> None:
    here = world.integration_id
    assert counters(here, "vendedor") == recounted(here, "vendedor")


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]


def test_what_a_dead_reader_had_named_is_counted_before_a_refusal_is_dismissed(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.insert("t_vendedor", [{"codigo": "2", "nome": ""}])
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    [stored] = staged_records(world.integration_id, "vendedor")
    meant = replace(stored, revision=stored.revision + 1, data='{"codigo":"2"}', rejection=None)
    write = Write(stored, meant)
    journal = Journal(settings().records_table, wiring.records())
    journal._name(world.integration_id, "vendedor", [write], [write.delta], "dead#0", stored.received_at)
    path = f"/rejected/vendedor/{name_of('2')}"
    assert world.as_user("admin", "DELETE", path).status == 200
    journal.recover(world.integration_id, "vendedor")
    exact(world)


def test_what_a_view_brought_can_be_dismissed_but_not_corrected(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", [{"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": ""}])
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    [one] = world.listed("/rejected")
    assert refused(world.as_user("admin", "POST", "/records/vendedor", {"records": [ANA]})) == (
        409,
        "integration_reads_views",
    )
    world.start_run()
    path = f"/rejected/vendedor/{one['stored_as']}"
    assert refused(world.as_user("admin", "DELETE", path)) == (409, "run_in_progress")
    world.work_off()
    assert world.as_user("admin", "DELETE", path).status == 200
    assert world.listed("/rejected") == []
    exact(world)
