"""Full snapshots: what was not sent is deleted, told, counted, and comes back with its next delivery."""

import gzip
import json

import pytest

from tests.support.digest import counters, pending_changes, recounted, unapplied
from tests.support.exports import book_of, exported
from tests.support.history import body_of, entry_of
from tests.support.samples import full
from tests.support.snapshots import committed, into, live, one, opened, sellers
from tests.support.world import World

TEN = range(10)


@pytest.fixture
def world(own_world: World) -> World:
    own_world.onboarding_queue.messages.clear()
    return own_world


def codes(*numbers: int) -> list[str]:
    return [f"{number:04}" for number in numbers]


def test_what_was_not_sent_is_deleted_and_leaves_the_crm(world: World) -> None:
    world.push("vendedor", sellers(*TEN))
    world.run()
    snapshot = opened(world)
    assert into(world, snapshot, sellers(*range(5))).body["unchanged"] == 5
    assert into(world, snapshot, sellers(*range(5, 9), 20)).body["created"] == 1

    found = committed(world, snapshot)

    assert (found["status"], found["records"], found["stored"]) == ("committed", 10, 11)
    assert (found["missing"], found["deleted"], found["kept_newer"], found["keyless"]) == (1, 1, 0, 0)
    assert live(world) == codes(*range(9), 20)
    assert pending_changes(world.integration_id, "vendedor") == [("0009", "apply"), ("0020", "apply")]
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    assert world.run()["status"] == "success"
    assert unapplied(world.integration_id, "vendedor") == []


def test_a_paid_receivable_disappears(world: World) -> None:
    invoices = [full("fatura", numero=f"D{number}") for number in range(6)]
    world.push("fatura", invoices)
    snapshot = opened(world, "fatura")
    into(world, snapshot, invoices[1:], "fatura")
    assert committed(world, snapshot, "fatura")["deleted"] == 1
    assert live(world, "fatura") == [f"D{number}|1/3" for number in range(1, 6)]


def test_what_was_deleted_comes_back_with_its_next_delivery_even_of_the_same_version(world: World) -> None:
    same = {"atualizado_em": "2026-01-01T00:00:00Z"}
    world.push("vendedor", sellers(*TEN, **same))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(9), **same))
    committed(world, snapshot)
    assert live(world) == codes(*range(9))
    assert world.push("vendedor", sellers(9, **same)).body["created"] == 1
    assert live(world) == codes(*TEN)


def test_a_deletion_is_in_the_history_with_each_of_its_records(world: World) -> None:
    world.push("vendedor", sellers(*TEN))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(9)))
    committed(world, snapshot)
    [logged] = [item for item in world.listed("/requests") if item["type"] == "snapshot"]
    assert (logged["method"], logged["status"], logged["situation"]) == ("SNAPSHOT", 200, "success")
    assert logged["path"] == f"/v1/erp/vendedor/snapshots/{snapshot}"
    assert (logged["counts"]["received"], logged["counts"]["deleted"]) == (1, 1)
    shown = world.as_user("admin", "GET", f"/requests/{logged['request_id']}").body
    assert json.loads(shown["request_body"])["records"] == [{"codigo": "0009", "excluido": True}]
    assert json.loads(shown["response_body"])["results"] == [["0009", "deleted"]]
    rows = book_of(world, exported(world)).sheets["vendedor"]
    [row] = [row for row in rows if row["Método"] == "SNAPSHOT"]
    assert (row["Excluídos"], row["Id da requisição"]) == (1, logged["request_id"])
    stored = world.call("GET", "/v1/erp/vendedor/0009", token=world.erp_key).body
    assert (stored["deleted"], stored["request_id"]) == (True, logged["request_id"])


def test_every_call_about_a_snapshot_is_in_the_request_log(world: World) -> None:
    snapshot = opened(world)
    read = one(world, "GET", snapshot)
    entry = entry_of(world.integration_id, read.headers["X-Request-Id"])
    assert entry is not None
    assert (entry.table, entry.method, entry.status) == ("vendedor", "GET", 200)
    assert json.loads(body_of(entry, "response") or b"")["snapshot_id"] == snapshot


def test_the_envelope_may_name_the_snapshot_and_lines_come_with_the_header(world: World) -> None:
    world.push("vendedor", sellers(1, 2, 3, 4, 5))
    snapshot = opened(world)
    body = {"records": sellers(1, 2), "snapshot_id": snapshot}
    assert world.call("POST", "/v1/erp/vendedor", body, token=world.erp_key).status == 200
    lines = gzip.compress("\n".join(json.dumps(seller) for seller in sellers(3, 4)).encode())
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip", "Snapshot-Id": snapshot}
    assert world.call("POST", "/v1/erp/vendedor", lines, token=world.erp_key, headers=headers).status == 200
    assert one(world, "GET", snapshot).body["records"] == 4
    assert committed(world, snapshot)["deleted"] == 1
    assert live(world) == codes(1, 2, 3, 4)


def test_a_key_sent_twice_is_one_record_in_the_end(world: World) -> None:
    snapshot = opened(world)
    for _ in range(2):
        into(world, snapshot, sellers(1, 2, 2))
    assert one(world, "GET", snapshot).body["records"] == 4
    assert committed(world, snapshot)["records"] == 2


def test_a_refused_record_with_a_key_counts_as_met_and_a_deletion_too(world: World) -> None:
    world.push("vendedor", sellers(*TEN))
    snapshot = opened(world)
    gone = [{"codigo": "0001", "excluido": True}]
    answer = into(world, snapshot, [*sellers(*range(2, 10)), {"codigo": "0000"}, *gone])
    assert (answer.body["rejected"], answer.body["deleted"]) == (1, 1)
    found = committed(world, snapshot)
    assert (found["status"], found["records"], found["deleted"]) == ("committed", 10, 0)
    assert live(world) == codes(0, *range(2, 10))


def test_refusals_of_what_is_gone_are_forgotten_and_those_sent_since_stay(world: World) -> None:
    world.push("vendedor", [*sellers(*TEN), {"codigo": "0050"}, {"nome": "Ninguém"}])
    snapshot = opened(world)
    into(world, snapshot, [*sellers(*TEN), {"codigo": "0060"}])
    world.push("vendedor", [{"codigo": "0070"}])
    assert counters(world.integration_id, "vendedor").rejected == 4
    found = committed(world, snapshot)
    assert (found["status"], found["deleted"], found["kept_newer"]) == ("committed", 0, 0)
    assert counters(world.integration_id, "vendedor").rejected == 2
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")


def test_what_is_delivered_outside_of_it_after_the_opening_is_kept(world: World) -> None:
    world.push("vendedor", sellers(*TEN))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(8)))
    world.push("vendedor", [*sellers(8, ativo=True), *sellers(30)])
    found = committed(world, snapshot)
    assert (found["missing"], found["deleted"], found["kept_newer"]) == (1, 1, 2)
    assert live(world) == codes(*range(9), 30)


def test_a_second_snapshot_compares_with_its_own_keys_only(world: World) -> None:
    world.push("vendedor", sellers(*TEN))
    first = opened(world)
    into(world, first, sellers(*range(9)))
    assert committed(world, first)["deleted"] == 1
    second = opened(world)
    into(world, second, sellers(*range(1, 10)))
    found = committed(world, second)
    assert (found["records"], found["stored"], found["deleted"]) == (9, 10, 1)
    assert live(world) == codes(*range(1, 10))


def test_tables_and_integrations_have_snapshots_side_by_side(world: World) -> None:
    world.push("vendedor", sellers(*TEN))
    companies = [{"codigo": str(number), "razao_social": "Loja"} for number in range(5)]
    world.push("empresa", companies)
    first, second = opened(world), opened(world, "empresa")
    into(world, first, sellers(*range(9)))
    into(world, second, companies[:4], "empresa")
    assert committed(world, second, "empresa")["deleted"] == 1
    assert len(live(world)) == 10
    assert committed(world, first)["deleted"] == 1


def test_the_keys_met_are_forgotten_once_they_have_served(world: World) -> None:
    world.push("vendedor", sellers(*TEN))
    snapshot = opened(world)
    into(world, snapshot, sellers(*TEN))
    kept = [name for name in world.files.objects if snapshot in name]
    assert len(kept) == 1
    assert kept[0].startswith(f"snapshots/{world.integration_id}/")
    committed(world, snapshot)
    assert [name for name in world.files.objects if snapshot in name] == []
    assert one(world, "GET", snapshot).body["records"] == 10


def test_people_see_the_snapshots_newest_first(world: World) -> None:
    first = opened(world)
    committed(world, first)
    second = opened(world, "fatura")
    page = world.as_user("viewer", "GET", "/snapshots?limit=1").body
    assert [item["snapshot_id"] for item in page["items"]] == [second]
    assert [item["snapshot_id"] for item in world.listed("/snapshots")] == [second, first]
    assert [item["status"] for item in world.listed("/snapshots")] == ["open", "committed"]
    assert page["items"][0]["opened_by"] == "ERP"
