"""Settings are changed one by one or together, refused where they are wrong, and followed by the schedule."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain import integrations
from chalicelib.domain.integrations import Integration
from tests.support.world import Answer, World

RULES = {
    "rules": [
        {"name": "Grandes do Sul", "when": {"abc_class": ["A", "B"], "uf": ["RS", "SC"]}},
        {"name": "Devedores", "when": {"overdue_balance": {"min": "0.01"}}},
        {"name": "Farmácias", "when": {"segmento": ["Farmácia"], "purchases": {"min": 2, "max": 9}}},
        {"name": "Sem compra", "when": {"has_purchased": False}},
    ],
    "default": "Demais",
}
SWITCHES = ("partial_is_success", "run_errors", "erp_silent", "dead_letters")
CHANGES: dict[str, list[Any]] = {
    "name": ["Comercial Açaí 🧾", "x" * 120],
    "erp_name": ["Sistema Próprio", ""],
    "erp_version": ["12.1.33", ""],
    "deployment_status": ["in_progress", "pending"],
    "active": [False, True],
    "scheduled": [True, False],
    "schedule": [
        {"time": "23:59", "timezone": "America/New_York"},
        {"time": "00:00", "timezone": "UTC"},
    ],
    "business_rule": ["Só clientes ativos.\nSem filiais.", "y" * 4_000, ""],
    "max_hours_without_success": [1, 720],
    "abc_cuts": [{"a": "70.5", "b": "100"}, {"a": "0.000001", "b": "0.000002"}],
    "abc_window_months": [1, 60],
    "category_rules": [RULES, {"rules": [], "default": "Todos"}],
    "portfolio_settings": [
        {"sources": ["uf", "seller"], "uf": {"SP": "7"}, "default": {"code": "casa", "name": "Da casa"}}
    ],
    "alert_settings": [{"language": "en", "reminder_hours": 720, **dict.fromkeys(SWITCHES, False)}],
}


def patch(world: World, body: Any, version: object = None, language: str = "pt-BR") -> Answer:
    match = {} if version is None else {"If-Match": str(version)}
    headers = {"Accept-Language": language, **match}
    return world.as_user("admin", "PATCH", "", body, headers=headers)


def read(world: World) -> dict[str, Any]:
    body: dict[str, Any] = world.as_user("viewer", "GET", "").body
    return body


# ── what may be changed ──
@pytest.mark.parametrize("name", CHANGES)
def test_a_setting_is_kept_as_sent_and_nothing_else_changes(own_world: World, name: str) -> None:
    before = read(own_world)
    value_before, version = before[name], 1
    for value in CHANGES[name]:
        version += value != value_before
        value_before = value
        answer = patch(own_world, {name: value})
        assert (answer.status, answer.body[name], answer.body["version"]) == (200, value, version)
        assert answer.headers["ETag"] == f'"{version}"'
        now = read(own_world)
        assert now[name] == value
        told = {"next_run_at", "next_runs", "freshness"}  # from the settings
        assert {field for field in now if now[field] != before[field]} - told <= {name, "version"}


def test_many_settings_change_together_in_one_version(own_world: World) -> None:
    wanted = {name: values[0] for name, values in CHANGES.items()}
    answer = patch(own_world, wanted, version=1)
    assert answer.status == 200
    found = read(own_world)
    assert {name: found[name] for name in wanted} == wanted
    assert found["version"] == 2


def test_one_wrong_setting_holds_back_all_of_them(own_world: World) -> None:
    before = read(own_world)
    schedule = {"time": "24:00", "timezone": "UTC"}
    answer = patch(own_world, {"name": "Outro", "active": "sim", "schedule": schedule, "colour": 1})
    assert answer.status == 400
    assert [one["field"] for one in answer.body["errors"]] == ["active", "schedule.time", "colour"]
    assert read(own_world) == before


def test_numbers_are_read_exactly_however_they_are_written(own_world: World) -> None:
    answer = patch(own_world, b'{"abc_cuts": {"a": 80.1, "b": 95.25}}')
    assert (answer.status, answer.body["abc_cuts"]) == (200, {"a": "80.1", "b": "95.25"})


# ── versions ──
def test_a_stale_version_is_refused_and_changes_nothing(own_world: World) -> None:
    assert patch(own_world, {"name": "Primeiro"}, version=1).body["version"] == 2
    for stale in ("1", '"1"', 'W/"1"', "3", "999999999"):
        answer = patch(own_world, {"name": "Segundo"}, version=stale)
        assert (answer.status, answer.body["code"]) == (412, "stale_version")
    assert patch(own_world, {"name": "Segundo"}, version=1, language="en").body["title"] == "Outdated version"
    assert (read(own_world)["name"], read(own_world)["version"]) == ("Primeiro", 2)


@pytest.mark.parametrize("match", ["1", '"1"', 'W/"1"', "*", ' "1" '])
def test_the_version_that_was_read_is_taken_however_it_is_written(own_world: World, match: str) -> None:
    answer = patch(own_world, {"name": "Novo"}, version=match)
    assert (answer.status, answer.body["version"]) == (200, 2)


@pytest.mark.parametrize("match", ["x", "-1", "1.0", '"1", "2"', "1" * 10, "²", '""'])
def test_a_version_that_is_none_is_refused(own_world: World, match: str) -> None:
    answer = patch(own_world, {"name": "Novo"}, version=match)
    assert (answer.status, answer.body["code"]) == (400, "if_match_invalid")
    assert read(own_world)["version"] == 1


def test_the_etag_of_a_read_is_what_the_next_change_takes(own_world: World) -> None:
    etag = own_world.as_user("viewer", "GET", "").headers["ETag"]
    changed = patch(own_world, {"name": "A"}, version=etag)
    assert patch(own_world, {"name": "B"}, version=changed.headers["ETag"]).body["version"] == 3
    assert patch(own_world, {"name": "C"}, version=etag).status == 412


def test_the_same_values_again_and_no_values_leave_the_version(own_world: World) -> None:
    wanted = {name: values[0] for name, values in CHANGES.items()}
    patch(own_world, wanted)
    for body in (wanted, {}, {"abc_cuts": {"a": "70.50", "b": 100}}):
        assert patch(own_world, body, version=2).body["version"] == 2


def test_of_two_changes_at_once_the_later_is_told(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's change lands between our reading and our writing."""
    original, rival = integrations.change, [True]

    def change(one: Integration, changes: dict[str, Any], at: datetime, **options: Any) -> Integration:
        if rival and rival.pop():
            assert patch(own_world, {"name": "Rival"}).status == 200
        return original(one, changes, at, **options)

    monkeypatch.setattr(integrations, "change", change)
    answer = patch(own_world, {"name": "Nosso"})

    assert (answer.status, answer.body["code"]) == (412, "stale_version")
    assert (read(own_world)["name"], read(own_world)["version"]) == ("Rival", 2)


# ── the schedule follows ──
def scheduled(world: World) -> tuple[str, str, bool]:
    one = world.scheduler.schedules[world.integration_id]
    return one.schedule.time, one.schedule.timezone, one.armed


def test_the_schedule_follows_every_change_of_it(own_world: World) -> None:
    steps: list[tuple[dict[str, Any], tuple[str, str, bool]]] = [
        ({}, ("00:00", "America/Sao_Paulo", False)),
        ({"scheduled": True}, ("00:00", "America/Sao_Paulo", True)),
        ({"schedule": {"time": "02:15", "timezone": "Europe/Lisbon"}}, ("02:15", "Europe/Lisbon", True)),
        ({"active": False}, ("02:15", "Europe/Lisbon", False)),
        ({"schedule": {"time": "03:00", "timezone": "UTC"}}, ("03:00", "UTC", False)),
        ({"active": True}, ("03:00", "UTC", True)),
        ({"scheduled": False, "name": "X"}, ("03:00", "UTC", False)),
    ]
    for body, expected in steps:
        assert patch(own_world, body).status == 200
        assert scheduled(own_world) == expected


def test_a_refused_change_leaves_the_schedule(own_world: World) -> None:
    patch(own_world, {"scheduled": True})
    patch(own_world, {"schedule": {"time": "25:00", "timezone": "UTC"}})
    patch(own_world, {"schedule": {"time": "05:00", "timezone": "UTC"}}, version=1)
    assert scheduled(own_world) == ("00:00", "America/Sao_Paulo", True)


class Outage(Exception):
    """The scheduler does not answer."""


def fails(world: World, patch_: pytest.MonkeyPatch) -> None:
    def put(integration: Integration, now: datetime) -> None:
        raise Outage()

    patch_.setattr(world.scheduler, "put", put)


def bare(world: World, method: str, path: str, body: bytes, role: str, match: str = "*") -> int:
    """Call past the check of answers: no description lists what an outage answers."""
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {world.token(role)}",
        "If-Match": match,
    }
    return int(world.client.http.request(method, path, headers=headers, body=body).status_code)


@pytest.mark.parametrize("repeated_with", ["*", "1", "2"])
def test_a_change_that_the_scheduler_missed_is_not_confirmed_and_repeating_it_repairs(
    own_world: World, monkeypatch: pytest.MonkeyPatch, repeated_with: str
) -> None:
    path, body = f"/v1/integrations/{own_world.integration_id}", b'{"scheduled": true}'
    with monkeypatch.context() as during:
        fails(own_world, during)
        assert bare(own_world, "PATCH", path, body, "admin", match="1") >= 500
    assert not scheduled(own_world)[2]

    answer = patch(own_world, {"scheduled": True}, version=repeated_with)

    # Whoever repeats with the version of the first try is told to reload, and finds it done.
    assert answer.status == (412 if repeated_with == "1" else 200)
    assert read(own_world)["scheduled"]
    assert scheduled(own_world)[2]


def test_a_creation_that_the_scheduler_missed_leaves_nothing_behind(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = replace(own_world, tenant_id=f"tenant {own_world.integration_id}")
    body = b'{"name": "Nova", "schedule": {"time": "01:00", "timezone": "UTC"}}'
    with monkeypatch.context() as during:
        fails(world, during)
        assert bare(world, "POST", "/v1/integrations", body, "operator") >= 500
    listed = world.call("GET", "/v1/integrations", token=world.token("viewer"))
    assert listed.body["items"] == []

    created = world.call("POST", "/v1/integrations", body, token=world.token("operator"))

    assert created.status == 201
    assert world.scheduler.schedules[created.body["integration_id"]].armed


def test_of_two_changes_at_once_the_schedule_ends_as_the_last_says(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow worker writes its schedule after a faster one has changed the settings again."""
    put, rivals = own_world.scheduler.put, ["04:00"]

    def slow(integration: Integration, now: datetime) -> None:
        if rivals:
            body = {"schedule": {"time": rivals.pop(), "timezone": "UTC"}}
            assert patch(own_world, body).status == 200
        put(integration, now)

    monkeypatch.setattr(own_world.scheduler, "put", slow)
    patch(own_world, {"schedule": {"time": "02:00", "timezone": "UTC"}})

    assert read(own_world)["schedule"]["time"] == "04:00"
    assert scheduled(own_world)[0] == "04:00"
