"""A tour on which every function of the product does all that it can do."""

import json
import os
import random
import string
from datetime import timedelta
from typing import Any

from chalicelib.storage import bulk, connection, keys
from tests.support.permissions import Calls
from tests.support.world import World


def tour(world: World, calls: Calls) -> None:
    """Deliver, sync, read, export, fail; from noon on, whenever it is."""
    world.clock.offset += timedelta(days=1, hours=12) - _time_of_day(world)
    with calls.of("APIHandler"):
        world.integration_id, world.erp_key = world.new_integration(active=True, scheduled=True)
        _deliver(world)
    _spoil_a_record(world)
    with calls.of("StartRun"):
        event = {"tenant_id": world.tenant_id, "integration_id": world.integration_id}
        started = world.client.lambda_.invoke("start_run", event).payload
    _work_off(world, calls)
    _export(world, calls, started["run_id"])
    with calls.of("APIHandler"):
        _read(world, started["run_id"])
        world.push("vendedor", [{"codigo": "1", "excluido": True}])
        world.push("empresa", [{"codigo": "E1", "razao_social": "Uma", "vendedor_codigo": "2"}])
        world.start_run()
    world.clock.advance(days=40)  # so that metrics change by the passing of time alone
    _work_off(world, calls)
    with calls.of("APIHandler"):
        cancelled = world.start_run()
        assert world.as_user("admin", "POST", f"/runs/{cancelled}/cancel").status == 202
    _work_off(world, calls)
    with calls.of("APIHandler"):
        world.start_run()
    with calls.of("FailRun"):
        _invoke(world, "fail_run", calls.messages.pop())
    with calls.of("APIHandler"):
        world.start_run()
    with calls.of("WatchRuns"):
        looks = []
        for _ in range(4):
            world.clock.advance(hours=1)
            looks.append(world.client.lambda_.invoke("watch_runs", {}).payload)
        assert looks[-1] == {"redriven": 0, "failed": 1}
    _alert(world, calls)


def _alert(world: World, calls: Calls) -> None:
    """Let everything alert that can, and let people deal with it."""
    with calls.of("FailRun"):
        subject = {"tenant_id": world.tenant_id, "integration_id": world.integration_id}
        _invoke(world, "fail_run", {**subject, "run_id": "gone", "hop": 0})
    with calls.of("NoteDeadLetter"):
        _invoke(world, "note_dead_letter", subject, source="dead-letters")
    with calls.of("APIHandler"):
        daily = {"active": True, "scheduled": True, "schedule": {"time": "00:00", "timezone": "UTC"}}
        assert world.as_user("admin", "PATCH", "", daily).status == 200
    calls.forget_topics()
    with calls.of("Watchdog"):
        for hours in (0, 30):
            world.clock.advance(hours=hours)
            world.clock.offset += timedelta(hours=23, minutes=30) - _time_of_day(world)
            done = world.client.lambda_.invoke("watchdog", {}).payload
            assert done["sent"] > 0
    with calls.of("APIHandler"):
        [alert, *_] = world.as_user("viewer", "GET", "/alerts?status=open").body["items"]
        path = f"/alerts/{alert['alert_id']}"
        assert world.as_user("admin", "POST", f"{path}/acknowledge", {"snooze_hours": 1}).status == 200
        added = world.as_user("admin", "POST", "/alert-recipients", {"email": "ti@cliente.com.br"})
        assert added.status == 201, added.body
        one = f"/alert-recipients/{added.body['recipient_id']}"
        assert world.as_user("admin", "POST", f"{one}/confirm", {"token": "abc"}).status == 200
        assert world.as_user("admin", "DELETE", one).status == 200
        world.clock.advance(days=30)  # so that reading it shows a change that the watchdog has not seen
        world.as_user("admin", "PATCH", "", {"max_hours_without_success": 1})


def _time_of_day(world: World) -> timedelta:
    now = world.clock.now()
    return now - now.replace(hour=0, minute=0, second=0, microsecond=0)


def _deliver(world: World) -> None:
    assert (
        world.push("vendedor", [{"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": "Bia"}]).status == 200
    )
    assert world.push("vendedor", [{"codigo": "1", "nome": "Ana Lima"}]).body["updated"] == 1
    assert world.push("empresa", [{"codigo": "E1", "razao_social": "Uma"}]).status == 200
    nota = {
        "numero": "1",
        "serie": "1",
        "empresa_codigo": "E1",
        "emitida_em": world.clock.now().date().isoformat(),
        "situacao": "autorizada",
        "valor_total": "10.00",
        "pedido_numero": "never arrived",
    }
    assert world.push("nota", [nota]).status == 200
    middling = "".join(random.Random(2).choices(string.ascii_letters, k=20_000))
    assert world.push("vendedor", [{"codigo": "9", "nome": middling}]).body["rejected"] == 1
    # Bodies that are too large for an item, and the answer of a repeated delivery.
    rng = random.Random(1)
    large = [{"codigo": "".join(rng.choices(string.ascii_letters, k=200))} for _ in range(1_000)]
    for _ in range(2):
        assert world.push("vendedor", large, headers={"Idempotency-Key": "a"}).body["rejected"] == 1_000
    broken = world.call("POST", "/v1/erp/nota", b"{", token=world.erp_key, headers={"Idempotency-Key": "b"})
    assert broken.status == 400
    assert world.push("nota", [nota], headers={"Idempotency-Key": "a"}).status in (200, 409)
    assert world.call("POST", "/v1/erp/nota", {}, token="erp_unknown").status == 401


def _spoil_a_record(world: World) -> None:
    """Make a stored record one that a later check refuses: the run puts it into quarantine."""
    connection.client().update_item(
        TableName=os.environ["RECORDS_TABLE"],
        Key=bulk.key(keys.record(world.integration_id, "vendedor", "2"), "2"),
        UpdateExpression="SET doc = :doc",
        ExpressionAttributeValues={":doc": {"S": '["", "", "", null]\n{}'}},
    )


def _work_off(world: World, calls: Calls) -> None:
    with calls.of("AdvanceRun"):
        for _ in range(200):
            if not calls.messages:
                return
            _invoke(world, "advance_run", calls.messages.pop())
    raise AssertionError("the run has not ended")


def _export(world: World, calls: Calls, run_id: str) -> None:
    """Read the history, and build an export slice by slice: each has no time but for one step."""
    now = world.clock.now()
    period = {"from": (now - timedelta(days=1)).isoformat(), "to": now.isoformat()}
    with calls.of("APIHandler"):
        [one, *_] = world.as_user("viewer", "GET", "/requests?limit=1").body["items"]
        assert world.as_user("viewer", "GET", f"/requests/{one['request_id']}").status == 200
        export = world.as_user("admin", "POST", "/exports", period).body
        assert world.as_user("admin", "POST", "/exports", period).body["export_id"] == export["export_id"]
        world.clock.advance(minutes=20)  # as if the message were lost
        assert world.as_user("admin", "GET", f"/exports/{export['export_id']}").body["status"] == "queued"
        lost = calls.messages.pop()
        assert lost == calls.messages.pop()
    calls.messages.append(lost)
    with calls.of("BuildExport"):
        while calls.messages:
            message = calls.messages.pop()
            for _ in range(2):  # the second time it is old
                _invoke(world, "build_export", message)
    with calls.of("APIHandler"):
        found = world.as_user("admin", "GET", f"/exports/{export['export_id']}").body
        assert (found["status"], found["error"]) == ("done", None)
        assert world.as_user("admin", "GET", "/audit").status == 200
        log = world.as_user("admin", "POST", f"/runs/{run_id}/log/download", {"format": "xlsx"})
        assert log.status == 200


def _invoke(world: World, function: str, message: dict[str, Any], source: str = "queue") -> None:
    event = {"Records": [{"messageId": "m", "body": json.dumps(message), "eventSourceARN": source}]}
    assert world.client.lambda_.invoke(function, event).payload == {"batchItemFailures": []}


def _read(world: World, run_id: str) -> None:
    mine = f"/v1/integrations/{world.integration_id}"
    for path in (
        "/v1/health",
        "/v1/openapi.json",
        "/v1/integrations",
        *(mine + one for one in ("", "/tables", "/runs", f"/runs/{run_id}", f"/runs/{run_id}/log", "/keys")),
        *(mine + one for one in ("/abc", "/customers", "/customers/empresa/E1", "/trace/nota/1%7C1")),
    ):
        assert world.call("GET", path, token=world.token("admin")).status == 200, path
    assert world.call("GET", "/v1/erp/nota/1%7C1", token=world.erp_key).status == 200
    assert world.as_user("admin", "PATCH", "", {"name": "Outro nome"}).status == 200
    key = world.as_user("admin", "GET", "/keys").body["items"][0]["key_id"]
    assert world.as_user("admin", "DELETE", f"/keys/{key}").status in (200, 204)
    made = world.as_user("admin", "POST", "/keys", {"name": "ERP"}).body
    world.erp_key = made["key"]
