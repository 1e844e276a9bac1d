"""Uploads: who may do what, what of it is seen, how many there may be, and those whose file never comes."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from chalicelib.domain.uploads import MAX_OPEN
from chalicelib.settings import settings
from chalicelib.storage import bulk, keys
from tests.support.uploads import asked, deliver, event_of, put, sent, stood, uploaded
from tests.support.world import Answer, World

GOOD = b'{"codigo": "1", "nome": "Ana"}\n'
BAD = GOOD + b'{"codigo": "2", "email": "ana@example.com"}\n'


@pytest.fixture
def world(own_world: World) -> World:
    own_world.onboarding_queue.messages.clear()
    return own_world


def asked_by(world: World, role: str, content: bytes = GOOD, **body: Any) -> Answer:
    facts = {"format": "ndjson", "bytes": len(content), "sha256": sha256(content).hexdigest()}
    return world.as_user(role, "POST", "/uploads", {"table": "vendedor", **facts, **body})


def test_an_admin_uploads_from_the_page_and_a_viewer_looks_on(world: World) -> None:
    assert asked_by(world, "viewer").status == 403
    answer = asked_by(world, "admin", BAD, filename="vendedores.json")
    assert (answer.status, answer.body["requested_by"]) == (201, "admin-1")
    put(world, answer.body, BAD)
    path = f"/uploads/{answer.body['upload_id']}"
    waiting = world.as_user("viewer", "GET", path).body
    assert (waiting["status"], waiting["upload"]) == ("waiting", None), "a viewer gets no link to send to"
    assert world.as_user("admin", "GET", path).body["upload"]["url"]
    assert deliver(world, event_of(world, answer.body["upload_id"]))
    done = world.as_user("viewer", "GET", path).body
    assert (done["status"], done["accepted"], done["rejected"]) == ("done", 1, 1)
    assert done["rejected_file"] == {"url": None, "expires_at": None, "rows": 1}
    [batch] = [one for one in world.listed("/requests") if one["type"] == "upload"]
    assert batch["key_name"] is None


def test_an_admin_who_gets_the_rejected_lines_is_written_down(world: World) -> None:
    upload = uploaded(world, "vendedor", BAD)
    assert upload["rejected_file"]["url"], "the ERP gets its own"
    path = f"/uploads/{upload['upload_id']}"
    shown = world.as_user("admin", "GET", path, headers={"Accept-Language": "en"}).body
    assert "rejected-vendedor-" in shown["rejected_file"]["url"]
    assert b"ana@example.com" in world.files.behind(shown["rejected_file"]["url"])
    for role in ("viewer", "operator"):
        assert world.as_user(role, "GET", path).body["rejected_file"]["url"] is None, "not the tenant's own"
    [entry] = world.as_user("admin", "GET", "/audit").body["items"]
    assert (entry["act"], entry["user_id"]) == ("upload_rejects_link", "admin-1")
    assert entry["what"] == {"upload_id": upload["upload_id"], "table": "vendedor", "rows": 1}
    [listed] = world.as_user("admin", "GET", "/uploads").body["items"]
    assert listed["rejected_file"] == {"url": None, "expires_at": None, "rows": 1}
    assert len(world.as_user("admin", "GET", "/audit").body["items"]) == 1, "a list gives no links"


def test_uploads_are_listed_newest_first_page_by_page(world: World) -> None:
    ids = []
    for _ in range(5):
        ids.append(asked(world, "vendedor", GOOD).body["upload_id"])
        world.clock.advance(seconds=1)
    first = world.as_user("viewer", "GET", "/uploads?limit=2").body
    assert [one["upload_id"] for one in first["items"]] == [ids[4], ids[3]]
    second = world.as_user("viewer", "GET", f"/uploads?limit=3&cursor={first['next_cursor']}").body
    assert [one["upload_id"] for one in second["items"]] == [ids[2], ids[1], ids[0]]
    assert second["next_cursor"] is None
    assert world.as_user("viewer", "GET", "/uploads?limit=0").status == 400


def test_another_tenant_and_another_integration_see_nothing(world: World) -> None:
    upload_id = sent(world, "vendedor", GOOD)
    one = f"/v1/integrations/{world.integration_id}/uploads"
    for path in (one, f"{one}/{upload_id}"):
        assert world.call("GET", path, token=world.token("admin", "tenant-b")).status == 404
    body = {"table": "nota", "format": "csv", "bytes": 1, "sha256": "0" * 64}
    assert world.call("POST", one, body, token=world.token("admin", "tenant-b")).status == 404
    other_id, other_key = world.new_integration()
    mine = f"/v1/integrations/{other_id}/uploads"
    assert world.call("GET", f"/v1/erp/uploads/{upload_id}", token=other_key).status == 404
    assert world.call("GET", f"{mine}/{upload_id}", token=world.token("admin")).status == 404
    assert world.call("GET", mine, token=world.token("admin")).body["items"] == []


def test_users_do_not_upload_as_the_erp_nor_the_erp_as_a_user(world: World) -> None:
    facts = {"format": "csv", "bytes": 1, "sha256": "0" * 64}
    for token in (world.token("admin"), "erp_x", None):
        assert world.call("POST", "/v1/erp/nota/uploads", facts, token=token).status in (401, 403)
        assert world.call("GET", "/v1/erp/uploads/x", token=token).status in (401, 403)
    assert (
        world.call("GET", f"/v1/integrations/{world.integration_id}/uploads", token=world.erp_key).status
        == 403
    )
    key = world.as_user("admin", "GET", "/keys").body["items"][0]["key_id"]
    world.as_user("admin", "DELETE", f"/keys/{key}")
    assert asked(world, "vendedor", GOOD).status == 401


def test_a_view_integration_takes_no_files(world: World) -> None:
    world.integration_id, world.erp_key = world.new_integration(integration_type="view")
    for answer in (asked(world, "vendedor", GOOD), asked_by(world, "admin")):
        assert (answer.status, answer.body["code"]) == (409, "integration_reads_views")
    assert world.as_user("viewer", "GET", "/uploads").body["items"] == []


def test_a_request_that_is_wrong_is_refused_and_logged(world: World) -> None:
    answer = asked(world, "vendedor", GOOD, bytes=0, encoding="ebcdic", extra=1)
    assert (answer.status, answer.body["code"]) == (400, "upload_field_unknown")
    answer = asked(world, "vendedor", GOOD, bytes=0, encoding="ebcdic")
    assert [one["field"] for one in answer.body["errors"]] == ["bytes", "encoding"]
    assert asked(world, "nada", GOOD).status == 404
    broken = world.call("POST", "/v1/erp/nota/uploads", b"{", token=world.erp_key)
    assert (broken.status, broken.body["code"]) == (400, "malformed_json")
    assert asked_by(world, "admin", table="nada").body["errors"][0]["field"] == "table"
    logged = world.listed("/requests")
    assert [one["status"] for one in logged] == [400, 404, 400, 400]


@pytest.mark.parametrize(
    ("method", "path"),
    [*((one, "/v1/erp/nota/uploads") for one in ("PUT", "PATCH", "DELETE")), ("POST", "/v1/erp/uploads/x")],
)
def test_another_method_is_told_which_one_is_meant(world: World, method: str, path: str) -> None:
    answer = world.call(method, path, {}, token=world.erp_key)
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_a_record_whose_key_is_the_word_uploads_can_still_be_read(world: World) -> None:
    world.push("vendedor", [{"codigo": "uploads", "nome": "Ana"}])
    found = world.call("GET", "/v1/erp/vendedor/uploads", token=world.erp_key)
    assert found.body["record"] == {"codigo": "uploads", "nome": "Ana"}


def test_only_so_many_uploads_are_open_until_their_files_no_longer_come(world: World) -> None:
    first = asked(world, "vendedor", GOOD).body["upload_id"]
    for _ in range(MAX_OPEN - 1):
        assert asked(world, "vendedor", GOOD).status == 201
    refused = asked_by(world, "admin")
    assert (refused.status, refused.body["code"]) == (409, "uploads_open")
    world.clock.advance(minutes=61)
    late = stood(world, first)
    assert (late["status"], late["upload"]) == ("waiting", None), "sending that began in time may still end"
    assert asked(world, "vendedor", GOOD).status == 409
    world.clock.advance(minutes=60)
    assert stood(world, first)["error"]["code"] == "upload_not_sent"
    assert asked(world, "vendedor", GOOD).status == 201
    codes = [
        (one["error"] or {}).get("code") for one in world.as_user("viewer", "GET", "/uploads").body["items"]
    ]
    assert codes == [None, *["upload_not_sent"] * MAX_OPEN]


def test_a_file_that_came_at_the_last_moment_is_imported(world: World) -> None:
    upload = asked(world, "vendedor", GOOD).body
    put(world, upload, GOOD)
    world.clock.advance(hours=5)
    assert stood(world, upload["upload_id"])["status"] == "waiting"
    world.work_off_onboarding()
    assert stood(world, upload["upload_id"])["status"] == "done"


def test_a_file_that_comes_after_its_upload_has_ended_changes_nothing(world: World) -> None:
    upload = asked(world, "vendedor", GOOD).body
    world.clock.advance(hours=2)
    assert stood(world, upload["upload_id"])["status"] == "failed"
    put(world, upload, GOOD)
    assert deliver(world, event_of(world, upload["upload_id"]))
    assert stood(world, upload["upload_id"])["error"]["code"] == "upload_not_sent"
    assert world.call("GET", "/v1/erp/vendedor/1", token=world.erp_key).status == 404


def test_rejected_lines_are_offered_for_thirty_days(world: World) -> None:
    upload = uploaded(world, "vendedor", BAD)
    place = (keys.uploads(world.integration_id), keys.upload(upload["upload_id"]))
    [item] = bulk.get_many(settings().onboarding_table, [place])
    ends = datetime.fromisoformat(upload["requested_at"]) + timedelta(days=30)
    assert int(item["expires_at"]["N"]) == int(ends.timestamp())
    world.clock.advance(days=29)
    assert stood(world, upload["upload_id"])["rejected_file"]["url"]
    world.clock.advance(days=1)
    assert stood(world, upload["upload_id"])["rejected_file"] is None
