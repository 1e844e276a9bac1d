"""What an ERP may not do with snapshots, and what it is told; keys that cannot be kept; repeated requests."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.digest import digest
from tests.support.erp_database import ErpDatabase, reading
from tests.support.rivals import Move, rivals
from tests.support.snapshots import committed, into, live, one, opened, sellers
from tests.support.world import Answer, World

ENGINE = "dynamodb_local"  # clients meet here


@pytest.fixture
def world(own_world: World) -> World:
    own_world.onboarding_queue.messages.clear()
    return own_world


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]


@pytest.mark.parametrize(
    "snapshot_id", ["", "none", "x" * 5_000, "CURRENT#vendedor", "a/b", "é", "\ud800", "\0"]
)
def test_an_unknown_snapshot_is_refused_before_anything_is_written(world: World, snapshot_id: str) -> None:
    before = digest(world.integration_id, ["vendedor"])
    body = {"records": sellers(1), "snapshot_id": snapshot_id}
    answer = world.call("POST", "/v1/erp/vendedor", body, token=world.erp_key)
    assert refused(answer) == (404, "snapshot_not_found")
    if snapshot_id.isprintable() and snapshot_id.isascii():
        assert refused(into(world, snapshot_id, sellers(1))) == (404, "snapshot_not_found")
    assert digest(world.integration_id, ["vendedor"]) == before


def test_another_tables_and_another_integrations_snapshot_do_not_exist(world: World) -> None:
    world.push("empresa", [{"codigo": "1", "razao_social": "Loja"}])
    snapshot = opened(world, "empresa")
    mine = (world.integration_id, world.erp_key)
    for elsewhere in (None, "tenant-b"):
        if elsewhere:
            world.integration_id, world.erp_key = world.new_integration(elsewhere)
        assert refused(into(world, snapshot, sellers(1))) == (404, "snapshot_not_found")
        for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/commit")):
            answer = one(world, method, snapshot, rest)
            assert refused(answer) == (404, "snapshot_not_found"), (method, elsewhere)
        assert live(world) == []
    world.integration_id, world.erp_key = mine
    theirs = f"/v1/integrations/{world.integration_id}/snapshots"
    for method, path in (("GET", ""), ("POST", f"/empresa/{snapshot}/commit")):
        answer = world.call(method, theirs + path, {}, token=world.token("admin", "tenant-b"))
        assert refused(answer) == (404, "integration_not_found")
    assert one(world, "GET", snapshot, table="empresa").body["status"] == "open"


@pytest.mark.parametrize("named", [7, ["a"], {"a": 1}, True])
def test_a_snapshot_is_named_by_a_text_and_only_once(world: World, named: Any) -> None:
    body = {"records": sellers(1), "snapshot_id": named}
    answer = world.call("POST", "/v1/erp/vendedor", body, token=world.erp_key)
    assert refused(answer) == (400, "snapshot_id_invalid")
    twice = {"records": sellers(1), "snapshot_id": opened(world, replace=True)}
    headers = {"Snapshot-Id": "another"}
    answer = world.call("POST", "/v1/erp/vendedor", twice, token=world.erp_key, headers=headers)
    assert refused(answer) == (400, "snapshot_id_differs")
    assert live(world) == []


@pytest.mark.parametrize(
    "body", [[], "x", 1, {"force": 1}, {"replace": "true"}, {"other": True}, b"{", b"[]"]
)
def test_odd_bodies_are_refused(world: World, body: Any) -> None:
    snapshot = opened(world)
    for path in ("/v1/erp/vendedor/snapshots", f"/v1/erp/vendedor/snapshots/{snapshot}/commit"):
        assert world.call("POST", path, body, token=world.erp_key).status == 400
    assert one(world, "GET", snapshot).body["status"] == "open"


@pytest.mark.parametrize("path", ["", "/x", "/x/commit"])
def test_other_methods_are_told_what_is_meant(world: World, path: str) -> None:
    answer = world.call("PUT", f"/v1/erp/vendedor/snapshots{path}", {}, token=world.erp_key)
    assert refused(answer) == (405, "use_snapshots")
    assert answer.headers["Allow"]


def test_keys_that_cannot_be_kept_are_answered_by_send_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)

    def fail(*arguments: Any) -> None:
        raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")

    key = {"Idempotency-Key": "all"}
    with monkeypatch.context() as patch:
        patch.setattr(world.files, "put", fail)
        answer = into(world, snapshot, sellers(*range(20)), **key)
        assert refused(answer) == (503, "snapshot_keys_unsaved")
        assert answer.headers["Retry-After"]
    assert len(live(world)) == 10
    assert into(world, snapshot, sellers(*range(20)), **key).body["created"] == 10
    found = committed(world, snapshot)
    assert (found["records"], found["deleted"]) == (20, 0)


def test_a_repeated_idempotency_key_has_its_keys_met_and_not_in_another_snapshot(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    key = {"Idempotency-Key": "all"}
    first = opened(world)
    answers = [into(world, first, sellers(*range(10)), **key) for _ in range(2)]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[0].body == answers[1].body
    assert committed(world, first)["records"] == 10
    second = opened(world)
    again = into(world, second, sellers(*range(10)), **key)
    assert refused(again) == (409, "idempotency_key_reused")
    assert one(world, "GET", second).body["records"] == 0


def test_an_integration_that_reads_views_has_no_snapshots(view_world: World, erp: ErpDatabase) -> None:
    world = reading(view_world, erp.source("vendedor"))
    calls = (("POST", "snapshots"), ("POST", "snapshots/x/commit"))
    for method, path in calls:
        answer = world.call(method, f"/v1/erp/vendedor/{path}", {}, token=world.erp_key)
        assert refused(answer) == (409, "integration_reads_views")
    assert refused(world.as_user("admin", "POST", "/snapshots/vendedor/x/commit", {})) == (
        409,
        "integration_reads_views",
    )


def test_of_several_who_open_one_at_once_one_succeeds(world: World) -> None:
    def begin(number: int) -> Any:
        answer = world.call("POST", "/v1/erp/vendedor/snapshots", {}, token=world.erp_key)
        return answer.status, answer.body.get("snapshot_id"), answer.body.get("code")

    with rivals(begin, begin, begin) as three:
        answers = three.play(0)
    assert sorted(status for status, _, _ in answers) == [201, 409, 409]
    [made] = [snapshot_id for _, snapshot_id, _ in answers if snapshot_id]
    assert one(world, "GET", made).body["status"] == "open"
    assert {code for _, _, code in answers if code} == {"snapshot_is_open"}


def test_deliveries_side_by_side_all_have_their_keys_met(world: World) -> None:
    snapshot = opened(world)

    def deliver(client: int) -> Move:
        return lambda number: into(world, snapshot, sellers(*range(client * 100, client * 100 + 50))).status

    with rivals(*(deliver(client) for client in range(4))) as all_four:
        assert all_four.play(0) == [200] * 4
    # The clients' memory is their own, and so is what they take for the bucket.
    assert one(world, "GET", snapshot).body["records"] == 200
