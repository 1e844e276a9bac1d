"""The ERP went silent: noticed an hour before the run, by what it usually sends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import alert_wiring
from chalicelib.storage.requests import RequestLog
from tests.support.calls import counted
from tests.support.watching import alerts, armed, events, tick
from tests.support.world import World

# Wednesday 1 July 2026, noon in São Paulo; the runs are at midnight there.
START = datetime(2026, 7, 1, 15, tzinfo=UTC)
VENDEDOR = [{"codigo": "1", "nome": "Ana"}]
EMPRESA = [{"codigo": "E1", "razao_social": "Uma"}]


@pytest.fixture
def world(own_world: World) -> World:
    """An ERP that has sent vendedor and empresa every working day for a fortnight; it is Thursday, 8:00."""
    own_world.clock.frozen = START - timedelta(days=1)
    own_world.integration_id, own_world.erp_key = own_world.new_integration()
    armed(own_world, START, max_hours_without_success=720)
    for day in range(15):
        own_world.clock.frozen = START + timedelta(days=day)
        if own_world.clock.frozen.weekday() < 5:
            own_world.push("vendedor", VENDEDOR)
            own_world.push("empresa", EMPRESA)
        own_world.clock.frozen += timedelta(hours=11, minutes=30)
        assert tick(own_world) == [], own_world.clock.frozen
    own_world.clock.frozen = START + timedelta(days=15, hours=-4)
    return own_world


def before_the_run(world: World) -> None:
    """It is 23:00."""
    world.clock.frozen = START + timedelta(days=15, hours=11)


def test_a_table_that_has_not_come_an_hour_before_the_run_is_told_and_so_is_its_coming(world: World) -> None:
    world.push("vendedor", VENDEDOR)
    world.clock.frozen = START + timedelta(days=15, hours=10, minutes=59)
    assert tick(world) == []
    before_the_run(world)
    [mail] = tick(world)
    assert events([mail]) == [("erp_silent", "opened")]
    assert mail.subject == "[ALERTA] Distribuidora Teste: o ERP nao enviou empresa"
    assert "Tabelas sem dados: empresa." in mail.body
    assert mail.attributes["owner"] == "erp"
    [alert] = alerts(world)
    assert alert["details"] == {"tables": ["empresa"], "refused_requests": 0}
    assert tick(world, minutes=15) == []
    world.push("empresa", EMPRESA)
    [mail] = tick(world, minutes=15)
    assert events([mail]) == [("erp_silent", "recovered")]
    assert mail.subject == "[RESOLVIDO] Distribuidora Teste: o ERP voltou a enviar empresa"


def test_when_nothing_at_all_comes_it_is_probably_the_network(world: World) -> None:
    before_the_run(world)
    [mail] = tick(world)
    assert mail.attributes["owner"] == "network"
    assert "Tabelas sem dados: empresa, vendedor." in mail.body


def test_refused_deliveries_are_the_erps(world: World) -> None:
    assert world.call("POST", "/v1/erp/empresa", b"{", token=world.erp_key).status == 400
    assert world.push("vendedor", []).status in (200, 400)
    before_the_run(world)
    [mail] = tick(world)
    assert mail.attributes["owner"] == "erp"
    assert alerts(world)[0]["details"]["tables"] == ["empresa", "vendedor"]


def test_the_same_data_again_is_data_and_rejected_data_is_none(world: World) -> None:
    assert world.push("vendedor", VENDEDOR).body["unchanged"] == 1
    assert world.push("empresa", [{"codigo": ""}]).body["rejected"] == 1
    before_the_run(world)
    tick(world)
    assert alerts(world)[0]["details"]["tables"] == ["empresa"]


def test_another_table_that_falls_silent_is_told_in_the_same_alert(world: World) -> None:
    world.push("vendedor", VENDEDOR)
    before_the_run(world)
    assert events(tick(world)) == [("erp_silent", "opened")]
    assert events(tick(world, hours=24)) == [("erp_silent", "worsened")]
    [alert] = alerts(world)
    assert alert["details"]["tables"] == ["empresa", "vendedor"]


def test_put_off_it_tells_what_got_worse_and_stays_put_off(world: World) -> None:
    world.push("vendedor", VENDEDOR)
    before_the_run(world)
    tick(world)
    path = f"/alerts/{alerts(world)[0]['alert_id']}/acknowledge"
    until = world.as_user("admin", "POST", path, {"snooze_hours": 60}).body["snoozed_until"]
    assert events(tick(world, hours=24)) == [("erp_silent", "worsened")]
    assert alerts(world)[0]["next_reminder_at"] == until
    assert tick(world, hours=30) == []
    assert events(tick(world, hours=6)) == [("erp_silent", "reminder")]


def test_a_window_is_learned_from_when_it_is_over_and_not_while_it_goes_on(world: World) -> None:
    """While a table is silent it is listened to all night, when nothing has come of the new day yet."""
    world.push("vendedor", VENDEDOR)
    before_the_run(world)
    assert events(tick(world)) == [("erp_silent", "opened")]
    assert tick(world, hours=1, minutes=15) == []  # Friday, 0:15
    world.clock.frozen, world.clock.offset = START + timedelta(days=16), timedelta()
    world.push("vendedor", VENDEDOR)
    world.push("empresa", EMPRESA)
    tick(world, hours=35)
    [found] = alert_wiring.watches().read([(world.tenant_id, world.integration_id)])
    assert found.watch.heard["2026-07-17"] == {"vendedor", "empresa"}


def test_on_the_weekend_nobody_is_waited_for(world: World) -> None:
    world.push("vendedor", VENDEDOR)
    world.push("empresa", EMPRESA)
    before_the_run(world)
    assert tick(world) == []
    world.clock.frozen = START + timedelta(days=16)  # Friday
    world.push("vendedor", VENDEDOR)
    world.push("empresa", EMPRESA)
    assert tick(world, hours=11) == []
    assert tick(world, hours=24) == [], "Saturday"
    assert tick(world, hours=24) == [], "Sunday"
    assert events(tick(world, hours=24)) == [("erp_silent", "opened")], "Monday"


@pytest.mark.parametrize(
    "change", [{"alert_settings": {"erp_silent": False}}, {"active": False}, {"scheduled": False}]
)
def test_switched_off_nobody_listens(world: World, change: dict[str, Any]) -> None:
    world.as_user("admin", "PATCH", "", change)
    before_the_run(world)
    assert tick(world) == []


def test_what_is_known_is_not_read_again(world: World) -> None:
    """A check reads the window of the day and the one that ended since: two days of twelve tables each."""
    world.push("vendedor", VENDEDOR)
    world.push("empresa", EMPRESA)
    before_the_run(world)
    with counted() as calls:
        assert tick(world) == []
    assert calls.by_operation["Query"] <= 2 * 12 * 2 + 16
    with counted() as calls:
        assert tick(world, minutes=1) == []
    assert calls.by_operation == {"Query": 16}


def test_when_listening_fails_the_rest_is_looked_after(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.as_user("admin", "PATCH", "", {"max_hours_without_success": 1})

    def broken(*_: Any, **__: Any) -> Any:
        raise ConnectionError("no log")

    monkeypatch.setattr(RequestLog, "page", broken)
    before_the_run(world)
    done = alert_wiring.watchdog().tick(60)
    assert set(done.broken) == {world.integration_id}
    assert events(world.topics.mails_of(world.integration_id)) == [("stale", "opened")]


def test_without_time_to_listen_it_is_put_off_and_made_up_for(world: World) -> None:
    before_the_run(world)
    assert alert_wiring.watchdog().tick(0).told == 0
    assert events(tick(world, minutes=1)) == [("erp_silent", "opened")]
