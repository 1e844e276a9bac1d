"""Requests are listed and shown as they came, and only what is asked for is read."""

import base64
import gzip
import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.request_log import new_id
from chalicelib.storage import connection
from tests.support.calls import counted
from tests.support.faults import living
from tests.support.world import Answer, World

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)
ANA = {"codigo": "1", "nome": "Ana"}


@pytest.fixture
def world(own_world: World) -> World:
    own_world.clock.frozen = NOON
    return own_world


def at(world: World, **before: float) -> None:
    world.clock.offset = -timedelta(**before)


def listed(world: World, query: str = "", role: str = "admin", language: str = "pt-BR") -> Answer:
    headers = {"Accept-Language": language}
    return world.as_user(role, "GET", f"/requests?{query}", headers=headers)


def ids(world: World, query: str = "") -> list[str]:
    return [one["request_id"] for one in listed(world, query).body["items"]]


def paged(world: World, query: str, limit: int) -> list[str]:
    """Follow the cursors to the end."""
    found: list[str] = []
    cursor = ""
    while True:
        page = listed(world, f"limit={limit}{query}{cursor}")
        assert page.status == 200, page.body
        assert len(page.body["items"]) <= limit
        found += [one["request_id"] for one in page.body["items"]]
        if page.body["next_cursor"] is None:
            return found
        cursor = f"&cursor={page.body['next_cursor']}"


@pytest.fixture
def week(world: World) -> list[str]:
    """Requests of seven days: several a day, over three tables, one of them unknown; newest first."""
    sent = []
    for hours in range(0, 7 * 24, 5):
        at(world, hours=hours, minutes=1)
        table = ("vendedor", "empresa", "nada")[hours % 3]
        sent.append(world.push(table, [ANA]).headers["X-Request-Id"])
    world.clock.offset = timedelta()
    return sent


@pytest.mark.parametrize("limit", [1, 4, 50, 200])
def test_over_its_pages_every_request_appears_once_newest_first(
    world: World, week: list[str], limit: int
) -> None:
    assert paged(world, "", limit) == week


def test_tables_and_periods_select(world: World, week: list[str]) -> None:
    sellers = [week[number] for number in range(len(week)) if (number * 5) % 3 == 0]
    assert paged(world, "&table=vendedor", 3) == sellers
    both = [one for number, one in enumerate(week) if (number * 5) % 3 < 2]
    assert paged(world, "&table=vendedor&table=empresa", 7) == both
    assert paged(world, "&table=empresa,vendedor", 7) == both
    since, until = NOON - timedelta(hours=61), NOON - timedelta(hours=20)
    query = f"&from={since:%Y-%m-%dT%H:%M:%SZ}&to={until:%Y-%m-%dT%H:%M:%SZ}"
    assert paged(world, query, 2) == week[4:13]


def test_an_offset_in_a_query_need_not_be_encoded(world: World, week: list[str]) -> None:
    assert ids(world, "from=2026-07-08T05:00:00-03:00&to=2026-07-08T15:30:00+00:00") == week[:2]


def test_a_moment_without_a_fraction_means_all_of_its_second(world: World) -> None:
    world.clock.offset = timedelta(milliseconds=800)
    sent = world.push("vendedor", [ANA]).body["request_id"]
    world.clock.offset = timedelta(seconds=5)
    assert ids(world, "to=2026-07-08T15:30:00Z") == [sent]
    assert ids(world, "to=2026-07-08T15:30:00.700Z") == []
    assert ids(world, "from=2026-07-08T15:30:00.800Z") == [sent]


def test_situations_and_statuses_filter(world: World) -> None:
    good = world.push("vendedor", [ANA]).body["request_id"]
    partial = world.push("vendedor", [ANA, {}]).body["request_id"]
    refused = world.push("vendedor", [{}]).body["request_id"]
    unknown = world.push("nada", [ANA]).headers["X-Request-Id"]
    missing = world.call("GET", "/v1/erp/vendedor/7", token=world.erp_key).headers["X-Request-Id"]
    with living(world, "after", 4):
        world.push("empresa", [{"codigo": "1", "razao_social": "x"}])
    assert [one["situation"] for one in listed(world, "table=empresa").body["items"]] == ["in_progress"]
    world.clock.advance(minutes=2)
    [crashed] = ids(world, "status=no_response")
    assert ids(world, "status=success") == [good]
    assert ids(world, "status=partial") == [partial]
    assert set(ids(world, "status=rejected")) == {refused, unknown, missing}
    assert set(ids(world, "status=404")) == set(ids(world, "status=4xx")) == {unknown, missing}
    assert set(ids(world, "status=200,no_response")) == {good, partial, refused, crashed}
    assert set(ids(world, "status=error")) == set()
    assert set(paged(world, "&status=rejected", 1)) == {refused, unknown, missing}


def test_what_never_finished_shows_as_no_response_in_both_languages(world: World) -> None:
    with living(world, "after", 4):
        world.push("vendedor", [ANA])
    world.clock.advance(minutes=2)
    one: dict[str, str | None] = {}
    for language, label in (("pt-BR", "Sem resposta"), ("en", "No response")):
        [one] = listed(world, language=language).body["items"]
        assert (one["situation"], one["situation_label"], one["status"]) == ("no_response", label, None)
    whole = world.as_user("admin", "GET", f"/requests/{one['request_id']}").body
    assert json.loads(whole["request_body"]) == {"records": [ANA]}
    assert (whole["response_body"], whole["duration_ms"]) == ("", None)


BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "JSON": ('{"records": [{"codigo": "1", "nome": "Açaí 😀"}]}'.encode(), {}),
    "no JSON": (b"{", {}),
    "gzip": (gzip.compress(b'{"records":[]}'), {"Content-Encoding": "gzip"}),
    "no text": (b'{"records":["\xff\xfe"]}', {}),
    "broken gzip": (gzip.compress(b"x" * 1000)[:-9], {"Content-Encoding": "gzip"}),
    "kept beside": (b'"' + random.Random(1).randbytes(30_000).hex().encode() + b'"', {}),
    "kept in S3": (b'"' + random.Random(2).randbytes(200_000).hex().encode() + b'"', {}),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_request_is_shown_whole(world: World, name: str) -> None:
    body, headers = BODIES[name]
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {world.erp_key}", **headers}
    answer = world.client.http.request("POST", "/v1/erp/vendedor", headers=sent, body=body)
    shown = world.as_user("admin", "GET", f"/requests/{answer.headers['X-Request-Id']}").body
    if shown["request_body_encoding"] == "base64":
        assert base64.b64decode(shown["request_body"]) == body
    else:
        plain = gzip.decompress(body) if name == "gzip" else body
        assert shown["request_body"].encode() == plain
    assert (name in {"no text", "broken gzip"}) == (shown["request_body_encoding"] == "base64")
    assert shown["response_body"].encode() == answer.body
    assert (shown["request_bytes"], shown["response_bytes"]) == (len(body), len(answer.body))
    assert shown["headers"]["authorization"] == "•••"
    assert world.erp_key not in json.dumps(shown)
    assert (shown["request_body_url"], shown["response_body_url"]) == (None, None)


def test_an_answer_that_would_not_leave_lambda_is_packed_or_comes_as_links(world: World) -> None:
    name = "a" * 3_900
    records = [{"codigo": str(number), "nome": name, "x": '"' * 4_000} for number in range(400)]
    body = gzip.compress(json.dumps({"records": records}).encode())
    sent = {"Authorization": f"Bearer {world.erp_key}", "Content-Type": "application/json"}
    answer = world.client.http.request("POST", "/v1/erp/vendedor", headers=sent, body=body)
    assert answer.status_code == 200
    path = f"/v1/integrations/{world.integration_id}/requests/{answer.headers['X-Request-Id']}"
    reader = {"Authorization": f"Bearer {world.token('admin')}"}

    packed = world.client.http.request("GET", path, headers={**reader, "Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    shown = json.loads(gzip.decompress(packed.body))
    assert json.loads(shown["request_body"]) == {"records": records}

    plain = json.loads(world.client.http.request("GET", path, headers=reader).body)
    assert plain["request_body"] is None
    assert json.loads(world.files.behind(plain["request_body_url"])) == {"records": records}
    assert plain["response_body"] == shown["response_body"]


def test_the_period_may_begin_with_the_seventh_day_and_is_seven_days_by_itself(world: World) -> None:
    assert listed(world, "from=2026-07-01T00:00:00Z&to=2026-07-08T00:00:00Z").status == 200
    assert listed(world, "from=2026-06-30T23:59:59Z&to=2026-07-07T23:59:59Z").body["code"] == "period_too_old"


def test_only_the_partitions_asked_for_are_read(world: World, week: list[str]) -> None:
    connection.client()
    with counted() as calls:
        listed(world, "table=nota&from=2026-07-07T00:00:00Z&to=2026-07-07T23:59:58Z")
    assert calls.by_operation == {"GetItem": 1, "Query": 1}
    with counted() as calls:
        listed(world, "table=nota&table=pedido&from=2026-07-06T12:00:00Z&to=2026-07-08T12:00:00Z")
    assert calls.by_operation == {"GetItem": 1, "Query": 2 * 3}
    with counted() as calls:
        listed(world, "limit=2")
    assert calls.by_operation["Query"] <= 13 * 2


@pytest.mark.parametrize("wanted", ["nothing", "f" * 32, "%20", "x" * 3_000])
def test_a_request_that_is_none_is_not_found(world: World, wanted: str) -> None:
    answer = world.as_user("viewer", "GET", f"/requests/{wanted}")
    assert (answer.status, answer.body["code"]) == (404, "request_not_found")


def test_a_request_is_gone_when_its_retention_is_over_though_it_may_still_be_stored(world: World) -> None:
    sent = world.push("vendedor", [ANA]).body["request_id"]
    world.clock.advance(days=15, seconds=-1)
    assert world.as_user("viewer", "GET", f"/requests/{sent}").status == 200
    world.clock.advance(seconds=2)
    assert world.as_user("viewer", "GET", f"/requests/{sent}").body["code"] == "request_not_found"


def test_another_integration_s_request_is_not_found(world: World) -> None:
    sent = world.push("vendedor", [ANA]).body["request_id"]
    world.integration_id, world.erp_key = world.new_integration()
    for wanted in (sent, new_id("vendedor", NOON)):
        assert world.as_user("admin", "GET", f"/requests/{wanted}").status == 404


def test_an_empty_log_is_an_empty_list(world: World) -> None:
    assert listed(world).body == {"items": [], "next_cursor": None}
