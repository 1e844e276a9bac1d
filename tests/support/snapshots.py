"""Act as an ERP that sends full snapshots."""

from typing import Any

from chalicelib import wiring
from tests.support.world import Answer, World


def sellers(*numbers: int, **fields: Any) -> list[dict[str, Any]]:
    """Make up sellers, their codes as wide as each other."""
    return [{"codigo": f"{one:04}", "nome": f"Vendedor {one}", **fields} for one in numbers]


def opened(world: World, table: str = "vendedor", **body: Any) -> str:
    """Open a snapshot; answers its id."""
    answer = world.call("POST", f"/v1/erp/{table}/snapshots", body, token=world.erp_key)
    assert answer.status == 201, answer.body
    return str(answer.body["snapshot_id"])


def into(
    world: World, snapshot_id: str, records: list[Any], table: str = "vendedor", **headers: str
) -> Answer:
    """Deliver records into a snapshot."""
    return world.push(table, records, headers={"Snapshot-Id": snapshot_id, **headers})


def one(
    world: World, method: str, snapshot_id: str, rest: str = "", body: Any = None, table: str = "vendedor"
) -> Answer:
    """Call one snapshot as the ERP."""
    path = f"/v1/erp/{table}/snapshots/{snapshot_id}{rest}"
    return world.call(method, path, body, token=world.erp_key)


def committed(world: World, snapshot_id: str, table: str = "vendedor", **body: Any) -> dict[str, Any]:
    """Commit a snapshot, let its work end, and read it."""
    answer = one(world, "POST", snapshot_id, "/commit", body, table)
    assert answer.status == 202, answer.body
    world.work_off_onboarding()
    found: dict[str, Any] = one(world, "GET", snapshot_id, table=table).body
    return found


def live(world: World, table: str = "vendedor") -> list[str]:
    """List the keys of a table's records."""
    return sorted(one.key for one in wiring.records().all_of(world.integration_id, table) if one.live)
