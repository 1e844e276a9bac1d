"""What a tenant has: one of each thing that a path can name."""

from datetime import timedelta

from chalicelib import alert_wiring
from tests.support.onboarding import prove
from tests.support.snapshots import opened
from tests.support.world import World


def belongings(world: World) -> dict[str, str]:
    """Make them: a customer, the request and the run that put it there, an export of that, a key, an alert
    of a dead letter, somebody who gets it, a snapshot, a refused record, an upload, a proof.

    Answers each by its name in paths.
    """
    delivered = world.push("empresa", [{"codigo": "c-1", "razao_social": "Padaria Central"}]).body
    assert delivered["created"] == 1
    run = world.run()
    assert run["status"] == "success"
    [key] = world.as_user("admin", "GET", "/keys").body["items"]
    now = world.clock.now()
    period = {"from": (now - timedelta(days=1)).isoformat(), "to": now.isoformat()}
    export = world.as_user("admin", "POST", "/exports", period).body
    world.work_off_exports()
    assert alert_wiring.watches().note_dead_letter(
        world.tenant_id, world.integration_id, "runs", world.clock.now()
    )
    alert_wiring.watchdog().tick(60)
    [alert] = world.as_user("viewer", "GET", "/alerts").body["items"]
    someone = world.as_user("admin", "POST", "/alert-recipients", {"email": "ti@cliente.com.br"}).body
    snapshot = opened(world, "empresa")
    assert world.push("empresa", [{"codigo": "c-2"}]).body["rejected"] == 1
    [refused] = world.as_user("viewer", "GET", "/rejected").body["items"]
    facts = {"table": "empresa", "format": "ndjson", "bytes": 10, "sha256": "0" * 64}
    uploaded = world.as_user("admin", "POST", "/uploads", facts)
    assert uploaded.status == 201, uploaded.body
    proved = prove(world)
    return {
        "alert_id": alert["alert_id"],
        "recipient_id": someone["recipient_id"],
        "run_id": run["run_id"],
        "key_id": key["key_id"],
        "request_id": delivered["request_id"],
        "export_id": export["export_id"],
        "table": "empresa",
        "snapshot_id": snapshot,
        "upload_id": uploaded.body["upload_id"],
        "report_id": proved["report_id"],
        "stored_as": refused["stored_as"],
        "kind": "empresa",
        "codigo": "c-1",
        "key": "c-1",
    }
