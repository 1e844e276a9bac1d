"""Uploads as part of a full snapshot: it waits for them, and what their lines name stays."""

import pytest

from tests.support.snapshots import committed, one, opened, sellers
from tests.support.uploads import asked, deliver, event_of, ndjson, put, sent, stood
from tests.support.views import keys
from tests.support.world import World


@pytest.fixture
def world(own_world: World) -> World:
    own_world.onboarding_queue.messages.clear()
    own_world.push("vendedor", sellers(*range(20)))
    return own_world


def test_what_an_uploaded_file_names_stays_and_the_rest_goes(world: World) -> None:
    snapshot = opened(world)
    lines = ndjson(
        [*sellers(*range(18)), {"codigo": "0018"}]
    )  # the last one is refused, and named all the same
    sent(world, "vendedor", lines, snapshot_id=snapshot)
    world.work_off_onboarding()
    found = committed(world, snapshot)
    assert (found["status"], found["deleted"]) == ("committed", 1)
    assert keys(world) == [f"{number:04}" for number in range(19)]


def test_a_line_that_names_nothing_holds_the_deletions(world: World) -> None:
    snapshot = opened(world)
    sent(world, "vendedor", ndjson([*sellers(*range(19)), b"nonsense"]), snapshot_id=snapshot)
    world.work_off_onboarding()
    found = committed(world, snapshot)
    assert (found["status"], found["held_because"]["code"]) == ("held", "snapshot_held_keyless")
    assert len(keys(world)) == 20


def test_a_snapshot_waits_for_its_uploads(world: World) -> None:
    snapshot = opened(world)
    content = ndjson(sellers(*range(20)))
    upload = asked(world, "vendedor", content, snapshot_id=snapshot).body
    early = one(world, "POST", snapshot, "/commit", {})
    assert (early.status, early.body["code"]) == (409, "snapshot_awaits")
    put(world, upload, content)
    assert deliver(world, event_of(world, upload["upload_id"]))
    world.work_off_onboarding()
    assert committed(world, snapshot)["status"] == "committed"
    assert len(keys(world)) == 20


def test_a_file_that_failed_is_not_taken_for_one_that_came(world: World) -> None:
    snapshot = opened(world)
    content = ndjson(sellers(1))
    sent(world, "vendedor", content, snapshot_id=snapshot, sha256="0" * 64)
    world.work_off_onboarding()
    assert one(world, "POST", snapshot, "/commit", {}).body["code"] == "snapshot_awaits"
    assert len(keys(world)) == 20


def test_a_snapshot_that_takes_no_records_takes_no_upload(world: World) -> None:
    snapshot = opened(world)
    content = ndjson(sellers(1))
    assert asked(world, "vendedor", content, snapshot_id="nothing").status == 404
    assert asked(world, "empresa", content, snapshot_id=snapshot).status == 404
    one(world, "DELETE", snapshot)
    assert asked(world, "vendedor", content, snapshot_id=snapshot).body["code"] == "snapshot_closed"


def test_a_snapshot_that_ends_meanwhile_ends_the_upload(world: World) -> None:
    snapshot = opened(world)
    content = ndjson(sellers(90))
    upload = asked(world, "vendedor", content, snapshot_id=snapshot).body
    put(world, upload, content)
    one(world, "DELETE", snapshot)
    assert deliver(world, event_of(world, upload["upload_id"]))
    found = stood(world, upload["upload_id"])
    assert (found["status"], found["error"]["code"]) == ("failed", "snapshot_closed")
