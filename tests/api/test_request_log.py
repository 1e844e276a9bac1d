"""The request log: every request of an ERP and our answer, whatever became of it, and nothing secret."""

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib import wiring
from chalicelib.domain.request_log import NO_INTEGRATION, NO_TABLE, RequestEntry
from chalicelib.domain.tables import NAMES
from chalicelib.settings import settings
from chalicelib.storage import bulk, connection, keys
from tests.support.faults import living
from tests.support.history import body_of as body
from tests.support.history import entries
from tests.support.world import World

NIGHT = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
DAY = "2026-07-01"
ANA, RUI = {"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": "Rui"}
BROKEN = {"codigo": "3"}


@pytest.fixture
def world(own_world: World) -> World:
    """A night whose time stands still until a test moves it."""
    own_world.clock.frozen = NIGHT
    return own_world


def log_of(integration_id: str) -> list[RequestEntry]:
    """Read all that an integration's log has of the night."""
    return [entry for table in (*NAMES, NO_TABLE) for entry in entries(integration_id, table, DAY)]


def raw_items(entry: RequestEntry) -> Iterator[dict[str, Any]]:
    """Read the items of one request as they are stored."""
    table = settings().requests_table
    for pk in (
        keys.request_day(entry.integration_id, entry.table, DAY),
        keys.request_bodies(entry.request_id),
    ):
        yield from (
            item for item in bulk.query(table, pk) if entry.request_id in item["sk"]["S"] + item["pk"]["S"]
        )


def post(world: World, content: bytes, table: str = "vendedor", **headers: str) -> tuple[int, bytes]:
    """Deliver bytes; answers the status and the bytes of the answer."""
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {world.erp_key}", **headers}
    answer = world.client.http.request("POST", f"/v1/erp/{table}", headers=sent, body=content)
    return answer.status_code, answer.body


def test_a_delivery_is_logged_with_all_that_it_was(world: World) -> None:
    answer = world.push("vendedor", [ANA, BROKEN], headers={"User-Agent": "ERP 7", "Accept-Language": "en"})

    [entry] = log_of(world.integration_id)
    [key] = world.as_user("admin", "GET", "/keys").body["items"]
    assert (entry.request_id, entry.at) == (answer.body["request_id"], "2026-07-01T03:00:00.000000Z")
    assert (entry.integration_id, entry.table) == (world.integration_id, "vendedor")
    assert (entry.method, entry.path) == ("POST", "/v1/erp/vendedor")
    assert (entry.key_id, entry.key_name) == (key["key_id"], "ERP")
    assert (entry.status, entry.code) == (200, None)
    counted = {name: number for name, number in entry.counts.items() if number}
    assert counted == {"received": 2, "created": 1, "rejected": 1}
    assert (entry.headers["user-agent"], entry.headers["accept-language"]) == ("ERP 7", "en")
    assert entry.request_bytes == len(body(entry, "request") or b"")
    assert entry.response_bytes == len(body(entry, "response") or b"")
    assert json.loads(body(entry, "response") or b"") == answer.body


def test_the_duration_is_from_the_request_to_its_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[datetime] = []

    def tick() -> datetime:
        ticks.append(NIGHT + len(ticks) * timedelta(milliseconds=125))
        return ticks[-1]

    monkeypatch.setattr(wiring, "now", tick)
    world.push("vendedor", [ANA])
    [entry] = log_of(world.integration_id)
    assert entry.duration_ms == (ticks[-1] - NIGHT) / timedelta(milliseconds=1) > 0


@pytest.mark.parametrize("number", [3, 4])
def test_a_request_that_crashed_us_is_there_without_an_answer(world: World, number: int) -> None:
    with living(world, "after", number) as life:
        world.push("vendedor", [ANA, RUI])
    assert life.dead
    [entry] = log_of(world.integration_id)
    assert (entry.status, entry.duration_ms, entry.counts) == (None, None, {})
    assert json.loads(body(entry, "request") or b"") == {"records": [ANA, RUI]}
    assert body(entry, "response") is None


def test_a_failure_of_ours_is_logged_as_one_and_can_be_sent_again(world: World) -> None:
    def fail(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": "secret detail"}}, "Transact")

    events = connection.client().meta.events
    events.register("before-call.dynamodb.TransactWriteItems", fail)
    try:
        status, content = post(world, json.dumps({"records": [ANA]}).encode())
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", fail)
    assert (status, json.loads(content)["code"]) == (500, "internal_error")
    assert b"secret" not in content
    [entry] = log_of(world.integration_id)
    assert (entry.status, entry.code, body(entry, "response")) == (500, "internal_error", content)
    assert world.push("vendedor", [ANA]).body["created"] == 1


def test_every_request_is_one_entry_whatever_became_of_it(world: World) -> None:
    key = {"Idempotency-Key": "night-1"}
    calls: list[tuple[str, str, bytes, dict[str, str], int]] = [
        ("POST", "vendedor", b'{"records":[]}', {}, 200),
        ("POST", "vendedor", b'{"records":[{}]}', key, 200),
        ("POST", "vendedor", b'{"records":[{}]}', key, 200),
        ("POST", "vendedor", b'{"records":[]}', key, 409),
        ("POST", "vendedor", b"{", {}, 400),
        ("POST", "vendedor", b"[]", {"Content-Type": "text/plain"}, 415),
        ("POST", "vendedor", b" " * (4 * 1024 * 1024 + 1), {}, 413),
        ("POST", "vendedores", b"{}", {}, 404),
        ("PUT", "vendedor", b"{}", {}, 405),
        ("GET", "vendedor/1", b"", {}, 404),
        ("GET", "nota/1%7C1", b"", {}, 404),
    ]
    for method, path, content, headers, status in calls:
        answer = world.call(method, f"/v1/erp/{path}", content, token=world.erp_key, headers=headers)
        assert answer.status == status
    entries = log_of(world.integration_id)
    assert sorted((one.method, one.path.removeprefix("/v1/erp/"), one.status) for one in entries) == sorted(
        (method, path, status) for method, path, _, _, status in calls
    )
    assert {one.path for one in entries if one.table == NO_TABLE} == {"/v1/erp/vendedores"}
    assert {one.path for one in entries if one.table == "nota"} == {"/v1/erp/nota/1%7C1"}
    assert len({one.request_id for one in entries}) == len(calls)


def test_an_unknown_sender_s_request_is_kept_apart_and_without_its_content(world: World) -> None:
    before = len(log_of(NO_INTEGRATION))
    answer = world.call("POST", "/v1/erp/nota", b"a lot of data", token="nobody")
    assert answer.status == 401
    assert log_of(world.integration_id) == []
    [*_, entry] = sorted(log_of(NO_INTEGRATION), key=lambda one: one.request_id == answer.body["request_id"])
    assert len(log_of(NO_INTEGRATION)) == before + 1
    assert (entry.status, entry.code, entry.request_bytes) == (401, "token_invalid", 13)
    assert (body(entry, "request"), b"token_invalid" in (body(entry, "response") or b"")) == (b"", True)


def test_another_tenant_s_log_is_not_touched(world: World) -> None:
    theirs, their_key = world.new_integration("tenant-b")
    world.call("POST", "/v1/erp/nota", {"records": []}, token=their_key)
    before = log_of(theirs)
    world.push("nota", [{}])
    world.push("nota", [])
    assert (len(before), log_of(theirs)) == (1, before)
    assert len(log_of(world.integration_id)) == 2


def test_secrets_are_nowhere_in_the_log(world: World) -> None:
    secret = world.erp_key.rpartition("_")[2]
    token = world.token("admin")
    headers = {"Cookie": f"session={token}", "X-Api-Key": token, "X-Amz-Security-Token": token,
               "Proxy-Authorization": token, "X-Erp-Key": f"Bearer {world.erp_key};",
               "X-Request-Source": "nightly job"}  # fmt: skip
    world.push("vendedor", [ANA], headers=headers)
    [entry] = log_of(world.integration_id)
    stored = repr(list(raw_items(entry)))
    assert "nightly job" in stored
    assert (secret in stored, token in stored) == (False, False)
    assert entry.headers["authorization"] == "•••"
    assert entry.headers["x-erp-key"] == "Bearer •••;"


BODIES = {
    "empty": b"",
    "text that is no UTF-8": b'{"records":["\xff\xfe"]}',
    "gzip": gzip.compress(b'{"records":[]}'),
    "odd spaces": b'\xef\xbb\xbf {"records" :\r\n[ ]}\t\n',
    "every byte": bytes(range(256)),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_are_kept_byte_for_byte(world: World, name: str) -> None:
    _, answer = post(world, BODIES[name])
    [entry] = log_of(world.integration_id)
    assert (body(entry, "request"), body(entry, "response")) == (BODIES[name], answer)
    assert (entry.request_bytes, entry.response_bytes) == (len(BODIES[name]), len(answer))


def test_large_bodies_lie_in_the_bucket_and_others_in_the_table_compressed(world: World) -> None:
    noise = random.Random(1).randbytes(150_000)
    post(world, noise)
    post(world, b'{"records":[]}'.ljust(160_000))

    large, small = sorted(log_of(world.integration_id), key=lambda one: one.request_bytes)
    assert (body(large, "request"), len(body(small, "request") or b"")) == (noise, 160_000)
    names = [name for name in world.bodies.objects if world.integration_id in name]
    assert names == [f"requests/{world.integration_id}/{DAY}/{large.request_id}.request.zz"]
    [item] = raw_items(small)
    assert len(item["request"]["B"]) < 2_000


def test_bodies_of_a_middling_size_lie_beside_the_entry(world: World) -> None:
    noise = random.Random(1).randbytes(50_000)
    post(world, noise)
    [entry] = log_of(world.integration_id)
    [item, beside] = raw_items(entry)
    assert (item["request"], item["response"].keys()) == ({"S": "beside"}, {"B"})
    assert 50_000 <= len(beside["body"]["B"]) < 51_000
    assert body(entry, "request") == noise


def test_all_that_is_kept_of_a_request_expires_together(world: World) -> None:
    world.push("vendedor", [ANA])
    post(world, random.Random(1).randbytes(50_000))
    world.clock.advance(hours=5)
    world.call("POST", "/v1/erp/vendedor", b"x", token="nobody")
    for entry in (*log_of(world.integration_id), *log_of(NO_INTEGRATION)[-1:]):
        received = datetime.fromisoformat(entry.at)
        ends = {int(item["expires_at"]["N"]) for item in raw_items(entry)}
        assert len(list(raw_items(entry))) == (2 if entry.request_bytes == 50_000 else 1)
        assert ends == {int((received + timedelta(days=settings().request_retention_days)).timestamp())}
