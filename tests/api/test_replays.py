"""Replay of stored requests: the same rules once more, as a new request that names the first."""

import gzip
import json
from typing import Any

import pytest

from chalicelib.domain.request_log import NO_TABLE
from tests.support.digest import counters, digest, recounted
from tests.support.erp_database import ErpDatabase, reading
from tests.support.exports import book_of, exported
from tests.support.history import body_of, entry_of
from tests.support.rivals import rivals
from tests.support.snapshots import committed, into, opened, sellers
from tests.support.world import Answer, World

ENGINE = "dynamodb_local"  # clients meet here

ANA = {"codigo": "1", "nome": "Ana"}


@pytest.fixture
def world(own_world: World) -> World:
    return own_world


def replay(world: World, request_id: str, role: str = "admin") -> Answer:
    return world.as_user(role, "POST", f"/requests/{request_id}/replay")


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]


def test_a_replay_is_a_request_of_its_own_that_names_the_first(world: World) -> None:
    first = world.push("vendedor", [ANA]).body["request_id"]
    world.push("vendedor", [{"codigo": "1", "excluido": True}])

    answer = replay(world, first)

    assert (answer.status, answer.body["created"], answer.body["replay_of"]) == (200, 1, first)
    second = answer.body["request_id"]
    assert second != first
    [shown] = [one for one in world.listed("/requests") if one["replay_of"]]
    assert (shown["request_id"], shown["replay_of"], shown["key_name"]) == (second, first, "admin-1")
    detail = world.as_user("admin", "GET", f"/requests/{second}").body
    assert (detail["replay_of"], json.loads(detail["request_body"])) == (first, {"records": [ANA]})
    assert json.loads(detail["response_body"]) == answer.body
    [entry] = world.as_user("admin", "GET", "/audit").body["items"]
    assert (entry["act"], entry["user_id"]) == ("request_replayed", "admin-1")
    assert entry["what"] == {"request_id": first, "replayed_as": second, "table": "vendedor"}


def test_a_replay_repeats_the_outcome_of_each_record(world: World) -> None:
    first = world.push("vendedor", [ANA, {"codigo": "2"}, {"nome": "Ninguém"}]).body
    answer = replay(world, first["request_id"]).body
    assert (answer["unchanged"], answer["rejected"]) == (1, 2)
    assert [one["code"] for one in answer["errors"]] == [one["code"] for one in first["errors"]]
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    assert counters(world.integration_id, "vendedor").rejected == 2


def test_an_older_request_overwrites_nothing_newer(world: World) -> None:
    old = {**ANA, "atualizado_em": "2026-01-01T00:00:00Z"}
    first = world.push("vendedor", [old]).body["request_id"]
    world.push("vendedor", [{**ANA, "nome": "Ana Lima", "atualizado_em": "2026-01-02T00:00:00Z"}])
    before = digest(world.integration_id, ["vendedor"])
    answer = replay(world, first).body
    assert (answer["unchanged"], answer["warnings"][0]["code"]) == (1, "older_version")
    assert digest(world.integration_id, ["vendedor"]) == before


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(b'{"records": [{"codigo": "1", "nome": "Ana"}]}'), {"Content-Encoding": "gzip"}),
        (b'{"codigo": "1", "nome": "Ana"}\n', {"Content-Type": "application/x-ndjson"}),
        (
            gzip.compress(b'{"codigo": "1", "nome": "Ana"}'),
            {"Content-Type": "application/x-ndjson; charset=utf-8", "Content-Encoding": "gzip"},
        ),
    ],
)
def test_every_way_of_sending_can_be_replayed_and_its_replay_too(
    world: World, body: bytes, headers: dict[str, str]
) -> None:
    sent = world.call("POST", "/v1/erp/vendedor", body, token=world.erp_key, headers=headers)
    once = replay(world, sent.body["request_id"])
    twice = replay(world, once.body["request_id"])
    assert [sent.body["created"], once.body["unchanged"], twice.body["unchanged"]] == [1, 1, 1]
    assert twice.body["replay_of"] == once.body["request_id"]
    entry = entry_of(world.integration_id, twice.body["request_id"])
    assert entry is not None
    assert body_of(entry, "request") == body


def test_a_correction_can_be_replayed_and_a_request_that_was_refused_is_refused_again(world: World) -> None:
    sent = world.as_user("admin", "POST", "/records/vendedor", {"records": [ANA]})
    assert replay(world, sent.body["request_id"]).body["unchanged"] == 1
    broken = world.call("POST", "/v1/erp/vendedor", b'{"records": [', token=world.erp_key)
    again = replay(world, broken.body["request_id"])
    assert refused(again) == (400, "malformed_json")
    entry = entry_of(world.integration_id, again.headers["X-Request-Id"])
    assert entry is not None
    assert (entry.status, entry.replay_of) == (400, broken.body["request_id"])


def test_only_deliveries_can_be_replayed(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(9)))
    committed(world, snapshot)
    world.call("GET", "/v1/erp/vendedor/0001", token=world.erp_key)
    world.call("POST", "/v1/erp/nada", {"records": []}, token=world.erp_key)
    tried = {}
    for one in world.listed("/requests"):
        answer = replay(world, one["request_id"])
        kind = (one["method"], one["path"].replace(snapshot, "id"))
        tried[kind] = answer.status if answer.status == 200 else refused(answer)
    no = (409, "request_not_replayable")
    assert tried == {
        ("POST", "/v1/erp/vendedor"): 200,
        ("POST", "/v1/erp/vendedor/snapshots"): no,
        ("POST", "/v1/erp/vendedor/snapshots/id/commit"): no,
        ("GET", "/v1/erp/vendedor/snapshots/id"): no,
        ("SNAPSHOT", "/v1/erp/vendedor/snapshots/id"): no,
        ("GET", "/v1/erp/vendedor/0001"): no,
        ("POST", "/v1/erp/nada"): no,
    }
    assert NO_TABLE not in {one["table"] for one in world.listed("/rejected")}


def test_a_request_whose_body_is_gone_says_so(world: World) -> None:
    wrong = [{"codigo": f"{number} {number * 7919:x}", "nome": number} for number in range(1_000)]
    packed = gzip.compress(json.dumps({"records": wrong, "x": _noise()}).encode())
    sent = world.call("POST", "/v1/erp/vendedor", packed, token=world.erp_key)
    request_id = sent.body["request_id"]
    assert replay(world, request_id).status == 200
    world.bodies.objects.clear()
    assert refused(replay(world, request_id)) == (409, "request_body_gone")
    world.clock.advance(days=16)
    assert refused(replay(world, request_id)) == (404, "request_not_found")


def _noise() -> str:
    from random import Random

    return Random(1).randbytes(200_000).hex()


def test_what_a_revoked_key_sent_was_never_kept(world: World) -> None:
    [key] = world.as_user("admin", "GET", "/keys").body["items"]
    world.as_user("admin", "DELETE", f"/keys/{key['key_id']}")
    sent = world.push("vendedor", [ANA])
    assert sent.status == 401
    assert refused(replay(world, sent.body["request_id"])) == (409, "request_body_gone")


@pytest.mark.parametrize("request_id", ["x", "0" * 32, "0190a7b0c0007b00a000000000000000", "a" * 500])
def test_an_unknown_request_is_not_found(world: World, request_id: str) -> None:
    assert refused(replay(world, request_id)) == (404, "request_not_found")


def test_others_can_replay_nothing(world: World) -> None:
    request_id = world.push("vendedor", [ANA]).body["request_id"]
    assert refused(replay(world, request_id, "viewer")) == (403, "role_required")
    path = f"/v1/integrations/{world.integration_id}/requests/{request_id}/replay"
    other = world.call("POST", path, token=world.token("admin", "tenant-b"))
    assert refused(other) == (404, "integration_not_found")
    mine, _ = world.new_integration()
    elsewhere = world.call("POST", f"/v1/integrations/{mine}/requests/{request_id}/replay",
                           token=world.token("admin"))  # fmt: skip
    assert refused(elsewhere) == (404, "request_not_found")


def test_an_integration_that_reads_views_replays_nothing(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", [{"codigo": "1", "nome": "Ana"}])
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    [page] = world.listed("/requests")
    assert refused(replay(world, page["request_id"])) == (409, "integration_reads_views")


def test_two_replays_at_once_are_harmless(world: World) -> None:
    first = world.push("vendedor", sellers(*range(50))).body["request_id"]
    world.push("vendedor", sellers(*range(50), excluido=True))

    def again(number: int) -> Any:
        return replay(world, first).body

    with rivals(again, again) as both:
        answers = both.play(0)
    assert [one["created"] + one["unchanged"] for one in answers] == [50, 50]
    assert sum(one["created"] for one in answers) == 50
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    assert counters(world.integration_id, "vendedor").records == 50


def test_the_workbook_tells_of_what_a_request_is_the_replay(world: World) -> None:
    first = world.push("vendedor", [ANA]).body["request_id"]
    second = replay(world, first).body["request_id"]
    rows = {row["Id da requisição"]: row for row in book_of(world, exported(world)).sheets["vendedor"]}
    assert (rows[second]["Repetição de"], rows[first]["Repetição de"] or None) == (first, None)
