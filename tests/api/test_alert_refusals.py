"""Alerts that are asked for wrongly, by the wrong people, or too late."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.watching import alerts, armed, tick
from tests.support.world import World

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(own_world: World) -> str:
    """An open alert."""
    armed(own_world, NOON, alert_settings={"erp_silent": False})
    tick(own_world, hours=24)
    return f"/alerts/{alerts(own_world)[0]['alert_id']}"


@pytest.mark.parametrize("hours", [0, -1, 721, 1.5, "3", True, [], {}])
def test_a_snooze_is_a_whole_number_of_hours(own_world: World, path: str, hours: Any) -> None:
    answer = own_world.as_user("admin", "POST", f"{path}/acknowledge", {"snooze_hours": hours})
    assert (answer.status, answer.body["code"]) == (400, "invalid_setting")
    assert [one["field"] for one in answer.body["errors"]] == ["snooze_hours"]
    assert alerts(own_world)[0]["status"] == "open"


@pytest.mark.parametrize("body", [[], "x", {"hours": 3}, {"snooze_hours": 3, "until": "tomorrow"}])
def test_a_body_of_another_shape_is_refused(own_world: World, path: str, body: Any) -> None:
    assert own_world.as_user("admin", "POST", f"{path}/acknowledge", body).status == 400
    assert alerts(own_world)[0]["status"] == "open"


@pytest.mark.parametrize("body", [None, {}, {"snooze_hours": None}])
def test_without_hours_it_is_acknowledged_for_good(own_world: World, path: str, body: Any) -> None:
    answer = own_world.as_user("admin", "POST", f"{path}/acknowledge", body)
    assert (answer.status, answer.body["status"]) == (200, "acknowledged")


def test_what_is_over_cannot_be_acknowledged(own_world: World, path: str) -> None:
    own_world.run()
    tick(own_world, minutes=1)
    answer = own_world.as_user("admin", "POST", f"{path}/acknowledge", {})
    assert (answer.status, answer.body["code"]) == (409, "alert_is_closed")


def test_acknowledged_while_it_ends_it_is_over(own_world: World, path: str) -> None:
    """The success is recorded, the watchdog has not looked yet."""
    own_world.run()
    answer = own_world.as_user("admin", "POST", f"{path}/acknowledge", {})
    assert (answer.status, answer.body["status"]) == (200, "resolved")
    assert len(tick(own_world, minutes=1)) == 1


@pytest.mark.parametrize("alert_id", ["nobody", "x" * 101, "..", "%00", "20260702T120000Z-00000000"])
def test_an_alert_that_is_not_there_is_not_found(own_world: World, path: str, alert_id: str) -> None:
    for method, tail in (("GET", ""), ("POST", "/acknowledge")):
        answer = own_world.as_user("admin", method, f"/alerts/{alert_id}{tail}", {})
        assert (answer.status, answer.body["code"]) == (404, "alert_not_found")


def test_viewers_read_and_admins_acknowledge_and_other_tenants_find_nothing(
    own_world: World, path: str
) -> None:
    full = f"/v1/integrations/{own_world.integration_id}{path}"
    assert own_world.as_user("viewer", "GET", path).status == 200
    assert own_world.as_user("viewer", "POST", f"{path}/acknowledge", {}).status == 403
    theirs = own_world.token("admin", "tenant-b")
    for method, tail in (("GET", ""), ("POST", "/acknowledge")):
        assert own_world.call(method, full + tail, {}, token=theirs).status == 404
        assert own_world.call(method, full + tail, {}, token=own_world.erp_key).status == 403
        assert own_world.call(method, full + tail, {}).status == 401
    other, _ = own_world.new_integration()
    elsewhere = own_world.call("GET", f"/v1/integrations/{other}{path}", token=own_world.token("admin"))
    assert elsewhere.status == 404
    assert alerts(own_world)[0]["status"] == "open"


def test_the_list_is_read_page_by_page_newest_first_and_by_status(own_world: World, path: str) -> None:
    for _ in range(3):
        own_world.run()
        tick(own_world, minutes=1)
        tick(own_world, hours=24)
    found = own_world.listed("/alerts")
    assert [one["status"] for one in found] == ["open", "resolved", "resolved", "resolved"]
    assert [one["opened_at"] for one in found] == sorted((one["opened_at"] for one in found), reverse=True)
    first = own_world.as_user("viewer", "GET", "/alerts?limit=2").body
    rest = own_world.as_user("viewer", "GET", f"/alerts?limit=200&cursor={first['next_cursor']}").body
    assert first["items"] + rest["items"] == found
    assert len(alerts(own_world, "?status=open")) == 1
    assert len(alerts(own_world, "?status=resolved")) == 3
    assert own_world.as_user("viewer", "GET", "/alerts?status=closed").status == 400
    assert own_world.as_user("viewer", "GET", "/alerts?cursor=x").status == 400


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"language": "es"}, "alert_settings.language"),
        ({"reminder_hours": 0}, "alert_settings.reminder_hours"),
        ({"reminder_hours": 721}, "alert_settings.reminder_hours"),
        ({"reminder_hours": "24"}, "alert_settings.reminder_hours"),
        ({"reminder_hours": True}, "alert_settings.reminder_hours"),
        ({"run_errors": "yes"}, "alert_settings.run_errors"),
        ({"colour": "red"}, "alert_settings.colour"),
        ([], "alert_settings"),
        (None, "alert_settings"),
    ],
)
def test_wrong_settings_are_refused_by_field(own_world: World, settings: Any, field: str) -> None:
    answer = own_world.as_user("admin", "PATCH", "", {"alert_settings": settings})
    assert answer.status == 400
    assert [one["field"] for one in answer.body["errors"]] == [field]
    assert all(one["message"] for one in answer.body["errors"])
    assert all(one["message"] != one["code"] for one in answer.body["errors"]), "a text, not its name"


def test_who_changes_one_of_the_settings_leaves_the_others(own_world: World) -> None:
    first = {"language": "en", "erp_silent": False, "reminder_hours": 3}
    own_world.as_user("admin", "PATCH", "", {"alert_settings": first})
    before = own_world.as_user("viewer", "GET", "").body["alert_settings"]
    assert before == {**before, **first}
    changed = own_world.as_user("admin", "PATCH", "", {"alert_settings": {"run_errors": False}}).body
    assert changed["alert_settings"] == {**before, "run_errors": False}
    assert own_world.as_user("admin", "PATCH", "", {"alert_settings": {}}).body == changed
