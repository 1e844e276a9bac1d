"""An alert's life: opened once, brought to mind, acknowledged or put off, and told when it is over."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.services.stages import load
from tests.support.watching import alerts, armed, events, failing_run, freshness, tick
from tests.support.world import World

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def world(own_world: World) -> World:
    """Armed at noon, with a limit of 24 hours."""
    armed(own_world, NOON, alert_settings={"erp_silent": False})
    return own_world


def test_without_success_it_alerts_at_the_deadline_and_only_once(world: World) -> None:
    assert tick(world) == []
    assert tick(world, hours=23, minutes=59) == []
    assert freshness(world) == "warning"
    assert events(tick(world, minutes=1)) == [("stale", "opened")]
    assert freshness(world) == "overdue"
    for _ in range(5):
        assert tick(world, minutes=1) == []
    [alert] = alerts(world)
    assert (alert["status"], alert["kind"], alert["owner"]) == ("open", "stale", "us")
    assert alert["since"] == "2026-07-01T12:00:00.000Z"
    assert [one["event"] for one in alert["messages"]] == ["opened"]


def test_a_warning_is_shown_and_not_sent(world: World) -> None:
    assert tick(world, hours=20) == []
    assert freshness(world) == "warning"
    assert alerts(world) == []


def test_it_is_brought_to_mind_at_the_rhythm_that_was_set_also_after_a_long_pause(world: World) -> None:
    tick(world, hours=24)
    assert tick(world, hours=23, minutes=59) == []
    assert events(tick(world, minutes=1)) == [("stale", "reminder")]
    assert tick(world, hours=1) == []
    assert events(tick(world, days=3)) == [("stale", "reminder")], "one, not three"
    assert tick(world, hours=23, minutes=59) == []
    assert events(tick(world, minutes=1)) == [("stale", "reminder")]


def test_the_rhythm_can_be_set(world: World) -> None:
    world.as_user("admin", "PATCH", "", {"alert_settings": {"reminder_hours": 2, "erp_silent": False}})
    tick(world, hours=24)
    assert [events(tick(world, hours=1)) for _ in range(4)] == [
        [],
        [("stale", "reminder")],
        [],
        [("stale", "reminder")],
    ]


def test_acknowledged_it_is_silent_until_it_is_over(world: World) -> None:
    tick(world, hours=24)
    [alert] = alerts(world)
    answer = world.as_user("admin", "POST", f"/alerts/{alert['alert_id']}/acknowledge", {})
    assert (answer.status, answer.body["status"]) == (200, "acknowledged")
    assert (answer.body["acknowledged_by"], answer.body["next_reminder_at"]) == ("admin-1", None)
    assert [tick(world, hours=24) for _ in range(5)] == [[]] * 5
    assert freshness(world) == "overdue"
    world.run()
    assert events(tick(world, minutes=1)) == [("stale", "recovered")]


def test_snoozed_it_comes_back_when_the_time_is_over_and_goes_on_as_before(world: World) -> None:
    tick(world, hours=24)
    [alert] = alerts(world)
    path = f"/alerts/{alert['alert_id']}/acknowledge"
    snoozed = world.as_user("admin", "POST", path, {"snooze_hours": 3}).body
    assert (snoozed["status"], snoozed["snoozed_until"]) == ("snoozed", "2026-07-02T15:00:00.000Z")
    assert tick(world, hours=2, minutes=59) == []
    assert events(tick(world, minutes=1)) == [("stale", "reminder")]
    assert alerts(world)[0]["status"] == "open"
    assert events(tick(world, hours=24)) == [("stale", "reminder")]


def test_a_snooze_can_be_made_longer_and_an_acknowledgement_be_turned_into_one(world: World) -> None:
    tick(world, hours=24)
    path = f"/alerts/{alerts(world)[0]['alert_id']}/acknowledge"
    for body in ({"snooze_hours": 1}, {"snooze_hours": 5}, {}, {"snooze_hours": 2}):
        assert world.as_user("admin", "POST", path, body).status == 200
    assert tick(world, hours=1, minutes=59) == []
    assert events(tick(world, minutes=1)) == [("stale", "reminder")]


def test_recovery_tells_how_long_it_lasted_and_how_many_nights_were_missed(world: World) -> None:
    """Armed on the 1st at 9:00 in São Paulo; the runs of the 2nd, 3rd and 4th at 0:00 never came."""
    tick(world, hours=24)
    world.clock.frozen, world.clock.offset = NOON + timedelta(days=3), timedelta()
    world.run()
    [mail] = [one for one in tick(world, minutes=1) if one.attributes["event"] == "recovered"]
    assert mail.subject == "[RESOLVIDO] Distribuidora Teste: em dia de novo apos 3 d"
    assert "Duração: 3 d\n" in mail.body
    assert "Sincronizações agendadas sem sucesso: 3\n" in mail.body
    [alert] = alerts(world)
    assert (alert["status"], alert["recovered"], alert["missed_runs"]) == ("resolved", True, 3)
    assert alert["downtime_seconds"] == 3 * 86_400
    assert freshness(world) == "ok"


def test_the_scheduled_run_that_succeeds_at_last_is_not_a_missed_one(world: World) -> None:
    tick(world, hours=24)
    world.clock.frozen, world.clock.offset = datetime(2026, 7, 3, 3, 0, 2, tzinfo=UTC), timedelta()
    event = {"tenant_id": world.tenant_id, "integration_id": world.integration_id}
    assert world.client.lambda_.invoke("start_run", event).payload["run_id"] == "20260703T030000Z-s"
    world.work_off()
    assert events(tick(world, minutes=1)) == [("stale", "recovered")]
    assert alerts(world)[0]["missed_runs"] == 1, "the night of the 2nd"


def test_recovered_and_stale_again_it_is_another_alert(world: World) -> None:
    tick(world, hours=24)
    world.run()
    tick(world, minutes=1)
    assert events(tick(world, hours=24)) == [("stale", "opened")]
    assert len({one["alert_id"] for one in alerts(world)}) == 2


def test_a_run_that_hangs_or_is_cancelled_is_no_success(world: World) -> None:
    tick(world, hours=23)
    run_id = world.start_run()
    assert events(tick(world, hours=1)) == [("stale", "opened")]
    world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
    world.work_off()
    assert tick(world, minutes=1) == []
    assert freshness(world) == "overdue"


# ── runs that end in error ──
def test_an_error_is_told_once_for_each_cause_until_a_success(world: World) -> None:
    failing_run(world, "load")
    [mail] = tick(world, minutes=1)
    assert events([mail]) == [("run_failed", "opened")]
    failing_run(world, "load")
    assert tick(world, minutes=1) == []
    failing_run(world, "analyse")
    assert events(tick(world, minutes=1)) == [("run_failed", "opened")]
    counts = sorted(one["details"]["runs"] for one in alerts(world, "?status=open"))
    assert counts == [1, 2]
    world.run()
    assert events(tick(world, minutes=1)) == [("run_failed", "recovered")] * 2
    failing_run(world, "load")
    assert events(tick(world, minutes=1)) == [("run_failed", "opened")]


def test_an_error_before_and_after_a_success_that_nobody_looked_at_in_between_is_two_alerts(
    world: World,
) -> None:
    failing_run(world)
    tick(world, minutes=1)
    world.clock.advance(minutes=1)
    world.run()
    world.clock.advance(minutes=1)
    failing_run(world)
    told = events(tick(world, minutes=1))
    assert sorted(told) == [("run_failed", "opened"), ("run_failed", "recovered")]
    assert len(alerts(world)) == 2


def test_the_error_names_its_table(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    armed(own_world, NOON)
    assert own_world.push("nota", [{"numero": "1"}]).body["rejected"] == 1
    assert own_world.push("vendedor", [{"codigo": "1", "nome": "Ana"}]).status == 200

    def broken(*_: object) -> None:
        raise TimeoutError("CRM does not answer; CPF 529.982.247-25")

    monkeypatch.setattr(load, "_apply", broken)
    own_world.clock.advance(minutes=1)
    failing_run(own_world, None)
    [mail] = tick(own_world, minutes=1)
    assert "[tabela vendedor]" in mail.body
    assert "529.982.247-25" not in mail.body, "mails may be forwarded"
    [alert] = alerts(own_world)
    assert alert["details"]["table"] == "vendedor"


def test_errors_can_be_left_out(world: World) -> None:
    world.as_user("admin", "PATCH", "", {"alert_settings": {"run_errors": False, "erp_silent": False}})
    failing_run(world)
    assert tick(world, minutes=1) == []
    assert alerts(world) == []


def test_switched_off_while_open_an_alert_is_closed_and_says_why(world: World) -> None:
    failing_run(world)
    tick(world, minutes=1)
    world.as_user("admin", "PATCH", "", {"alert_settings": {"run_errors": False, "erp_silent": False}})
    [mail] = tick(world, minutes=1)
    assert events([mail]) == [("run_failed", "closed")]
    assert mail.subject.startswith("[ENCERRADO] ")
    assert alerts(world)[0]["recovered"] is False


# ── partial runs ──
def test_a_partial_run_keeps_it_fresh_unless_it_is_not_to_count(world: World) -> None:
    world.push("vendedor", [{"codigo": "1"}, {"codigo": "2", "nome": "Bia"}])
    world.clock.advance(hours=23)
    assert world.run()["status"] == "partial"
    assert tick(world, hours=2) == []
    assert freshness(world) == "ok"
    wanted = {"partial_is_success": False, "erp_silent": False}
    world.as_user("admin", "PATCH", "", {"alert_settings": wanted})
    [mail] = tick(world, minutes=1)
    assert events([mail]) == [("stale", "opened")]
    assert mail.attributes["owner"] == "data"
    assert world.as_user("viewer", "GET", "").body["last_success_at"] is None
    world.as_user("admin", "PATCH", "", {"alert_settings": {"partial_is_success": True}})
    assert events(tick(world, minutes=1)) == [("stale", "recovered")]
