"""Snapshots that wait for somebody to agree, and those whose time is over: nothing is deleted by mistake."""

import pytest

from chalicelib import onboarding_wiring
from chalicelib.domain.errors import Conflict
from tests.support.digest import counters, recounted
from tests.support.snapshots import committed, into, live, one, opened, sellers
from tests.support.world import Answer, World


@pytest.fixture
def world(own_world: World) -> World:
    own_world.onboarding_queue.messages.clear()
    return own_world


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]


@pytest.mark.parametrize(("gone", "status"), [(20, "committed"), (21, "held")])
def test_a_fifth_is_deleted_and_one_more_waits_for_somebody_to_agree(
    world: World, gone: int, status: str
) -> None:
    world.push("vendedor", sellers(*range(100)))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(gone, 100)))

    found = committed(world, snapshot)

    assert (found["status"], found["stored"], found["missing"]) == (status, 100, gone)
    if status == "committed":
        assert (found["deleted"], found["held_because"], len(live(world))) == (20, None, 80)
        return
    assert (found["deleted"], len(live(world))) == (0, 100)
    assert found["held_because"]["code"] == "snapshot_held_many"
    assert "21 de 100 registros de vendedor" in found["held_because"]["message"]
    assert committed(world, snapshot)["status"] == "held", "asked again without force, nothing changes"
    forced = committed(world, snapshot, force=True)
    assert (forced["status"], forced["deleted"], forced["forced"]) == ("committed", 21, True)
    assert (forced["held_because"], len(live(world))) == (None, 79)
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")


def test_an_empty_snapshot_of_a_table_that_has_records_always_waits(world: World) -> None:
    world.push("vendedor", sellers(1))
    snapshot = opened(world)
    into(world, snapshot, [])
    found = committed(world, snapshot)
    assert (found["status"], found["records"]) == ("held", 0)
    assert found["held_because"]["code"] == "snapshot_held_empty"
    assert committed(world, snapshot, force=True)["deleted"] == 1
    assert live(world) == []


def test_an_empty_snapshot_whose_records_all_came_meanwhile_waits_too(world: World) -> None:
    snapshot = opened(world)
    world.push("vendedor", sellers(1))
    found = committed(world, snapshot)
    assert (found["status"], found["missing"], found["kept_newer"]) == ("held", 0, 1)
    assert (committed(world, snapshot, force=True)["deleted"], live(world)) == (0, ["0001"])


def test_an_empty_snapshot_of_an_empty_table_is_a_success_of_nothing(world: World) -> None:
    found = committed(world, opened(world))
    assert (found["status"], found["stored"], found["deleted"]) == ("committed", 0, 0)


def test_a_refused_record_without_a_key_makes_it_wait(world: World) -> None:
    world.push("vendedor", [*sellers(*range(10)), {"nome": "Ninguém"}])
    snapshot = opened(world)
    into(world, snapshot, [*sellers(*range(9)), {"nome": "Ninguém"}, "no record"])
    found = committed(world, snapshot)
    assert (found["status"], found["keyless"], found["records"]) == ("held", 2, 9)
    assert found["held_because"]["code"] == "snapshot_held_keyless"
    assert committed(world, snapshot, force=True)["deleted"] == 1
    assert counters(world.integration_id, "vendedor").rejected == 2, "they are still being sent"


def test_an_upload_that_is_not_done_is_waited_for(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot, desk = opened(world), onboarding_wiring.snapshot_desk()
    taking = desk.accept(world.integration_id, "vendedor", snapshot)
    desk.expect(taking, "upload-1")
    desk.note(taking, "upload-1/0", [f"{number:04}" for number in range(5)], 0)
    assert refused(one(world, "POST", snapshot, "/commit")) == (409, "snapshot_awaits")
    assert one(world, "GET", snapshot).body["awaited"] == 1
    for _ in range(2):  # a batch that is repeated is the same one
        desk.note(taking, "upload-1/1", [f"{number:04}" for number in range(5, 10)], 0)
    desk.arrived(taking, "upload-1")
    found = committed(world, snapshot)
    assert (found["records"], found["awaited"], found["deleted"]) == (10, 0, 0)
    with pytest.raises(Conflict):
        desk.note(taking, "upload-1/2", ["0011"], 0)


def test_an_upload_that_begins_while_it_is_being_committed_makes_it_wait(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(9)))
    onboarding_wiring.snapshots().expect(
        onboarding_wiring.snapshot_desk().find(world.integration_id, "vendedor", snapshot), "upload-1"
    )
    found = committed(world, snapshot, force=True)
    assert found["deleted"] == 1, "force is force"
    second = opened(world)
    into(world, second, sellers(*range(8)))
    assert one(world, "POST", second, "/commit").status == 202
    working = onboarding_wiring.snapshot_desk().find(world.integration_id, "vendedor", second)
    onboarding_wiring.snapshots().expect(working, "upload-2")
    world.work_off_onboarding()
    held = one(world, "GET", second).body
    assert (held["status"], held["held_because"]["code"]) == ("held", "snapshot_held_awaiting")


def test_records_that_came_after_the_opening_do_not_make_it_wait(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(10)))
    world.push("vendedor", sellers(*range(100, 150)))
    found = committed(world, snapshot)
    assert (found["status"], found["missing"], found["kept_newer"]) == ("committed", 0, 50)
    assert len(live(world)) == 60
    assert [one for one in world.listed("/requests") if one["type"] == "snapshot"] == []


def test_one_snapshot_of_a_table_is_open_at_a_time(world: World) -> None:
    first = opened(world)
    again = world.call("POST", "/v1/erp/vendedor/snapshots", {}, token=world.erp_key)
    assert refused(again) == (409, "snapshot_is_open")
    assert first in again.body["detail"]
    second = opened(world, replace=True)
    assert one(world, "GET", first).body["status"] == "abandoned"
    assert refused(into(world, first, sellers(1))) == (409, "snapshot_closed")
    assert refused(one(world, "POST", first, "/commit")) == (409, "snapshot_closed")
    assert into(world, second, sellers(1)).status == 200


def test_while_one_is_being_compared_no_other_is_opened(world: World) -> None:
    first = opened(world)
    assert one(world, "POST", first, "/commit").status == 202
    for body in ({}, {"replace": True}):
        again = world.call("POST", "/v1/erp/vendedor/snapshots", body, token=world.erp_key)
        assert refused(again) == (409, "snapshot_is_committing")
    assert refused(one(world, "DELETE", first)) == (409, "snapshot_cannot_end")
    assert refused(into(world, first, sellers(1))) == (409, "snapshot_closed")
    world.work_off_onboarding()
    assert opened(world) != first


def test_a_new_snapshot_ends_the_one_whose_deletions_were_held(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    first = opened(world)
    into(world, first, sellers(1))
    assert committed(world, first)["status"] == "held"
    second = opened(world)
    assert one(world, "GET", first).body["status"] == "abandoned"
    assert refused(one(world, "POST", first, "/commit", {"force": True})) == (409, "snapshot_closed")
    into(world, second, sellers(*range(10)))
    assert committed(world, second)["deleted"] == 0


def test_committing_twice_is_committing_once(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(9)))
    first, again = (one(world, "POST", snapshot, "/commit") for _ in range(2))
    assert (first.status, again.status, again.body["status"]) == (202, 202, "committing")
    assert len(world.onboarding_queue.messages) == 1
    world.onboarding_queue.messages.extend(list(world.onboarding_queue.messages) * 2)
    assert committed(world, snapshot)["deleted"] == 1
    assert committed(world, snapshot, force=True)["forced"] is False


def test_a_snapshot_given_up_deletes_nothing_and_may_be_given_up_again(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)
    into(world, snapshot, sellers(1, 2, 3))
    for _ in range(2):
        ended = one(world, "DELETE", snapshot)
        assert (ended.status, ended.body["status"], ended.body["records"]) == (200, "abandoned", 3)
    assert (len(live(world)), opened(world) != snapshot) == (10, True)


def test_after_24_hours_it_takes_no_records_and_deletes_nothing(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(9)))
    world.clock.advance(hours=24)
    assert one(world, "GET", snapshot).body["status"] == "expired"
    assert refused(into(world, snapshot, sellers(9))) == (409, "snapshot_expired")
    assert refused(one(world, "POST", snapshot, "/commit", {"force": True})) == (409, "snapshot_expired")
    assert opened(world) != snapshot


def test_what_was_held_can_be_agreed_to_for_a_week(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)
    into(world, snapshot, sellers(1))
    committed(world, snapshot)
    world.clock.advance(days=6, hours=23)
    assert one(world, "GET", snapshot).body["status"] == "held"
    world.clock.advance(hours=2)
    assert refused(one(world, "POST", snapshot, "/commit", {"force": True})) == (409, "snapshot_expired")


def test_an_admin_agrees_from_the_page_and_that_is_written_down(world: World) -> None:
    world.push("vendedor", sellers(*range(10)))
    snapshot = opened(world)
    into(world, snapshot, sellers(1))
    committed(world, snapshot)
    path = f"/snapshots/vendedor/{snapshot}/commit"
    assert refused(world.as_user("viewer", "POST", path, {"force": True})) == (403, "role_required")
    asked = world.as_user("admin", "POST", path, {"force": True})
    assert (asked.status, asked.body["status"], asked.body["committed_by"]) == (202, "committing", "admin-1")
    world.work_off_onboarding()
    assert one(world, "GET", snapshot).body["deleted"] == 9
    [entry] = world.as_user("admin", "GET", "/audit").body["items"]
    assert (entry["act"], entry["user_id"], entry["what"]["snapshot_id"]) == (
        "snapshot_forced",
        "admin-1",
        snapshot,
    )
