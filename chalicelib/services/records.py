"""Look a record of the intermediate database up, with its state in the CRM."""

import json
from typing import TYPE_CHECKING, Any, Literal

from ..domain.tables import Table, parent_keys

if TYPE_CHECKING:
    from ..domain.staging import Staged
    from ..storage.crm import Crm
    from ..storage.records import Records

State = Literal["pending", "applied", "rejected"]


def look_up(
    records: "Records", crm: "Crm", integration_id: str, table: Table, key: str
) -> dict[str, Any] | None:
    """Describe one record: as stored, pending / applied / rejected, since when, and missing parents."""
    staged = records.read(integration_id, table.name, [key]).get(key)
    if staged is None:
        return None
    data = read_data(staged.data)
    place = (table.name, key, staged.place)
    applied = crm.documents(integration_id, [place]).get((table.name, key))
    described: dict[str, Any] = {
        "table": table.name,
        "key": key,
        "record": data,
        "deleted": staged.deleted,
        "received_at": staged.received_at,
        "request_id": staged.request_id,
        "revision": staged.revision,
        "applied_at": applied["applied_at"] if applied else None,
        "applied_run_id": applied["run_id"] if applied else None,
        "issues": (),
    }
    state = state_of(staged, applied)
    if staged.rejection:
        raw = json.loads(staged.rejection.raw) if staged.rejection.raw else None
        return {
            **described,
            "state": state,
            "state_since": staged.rejection.at,
            "rejected_record": raw,
            "rejected_request_id": staged.rejection.request_id,
            "issues": staged.rejection.issues,
        }
    since = applied["applied_at"] if state == "applied" and applied else staged.received_at
    return {
        **described,
        "state": state,
        "state_since": since,
        "missing_parents": _missing(records, integration_id, table, data),
    }


def state_of(staged: "Staged", applied: dict[str, Any] | None) -> State:
    """Judge a record by what is stored and what the CRM holds of it."""
    if staged.rejection:
        return "rejected"
    there = applied is None if staged.deleted else bool(applied and applied["revision"] == staged.revision)
    return "applied" if there else "pending"


def read_data(stored: str) -> Any:
    """Read a stored record; None when there is none, or none that can be read (it is in quarantine then)."""
    try:
        return json.loads(stored) if stored else None
    except ValueError:
        return None


def _missing(
    records: "Records", integration_id: str, table: Table, data: dict[str, Any] | None
) -> list[dict[str, str]]:
    """List the references to records that have not arrived (an orphan's parents)."""
    wanted = parent_keys(table, data) if data and not data.get("excluido") else []
    there = records.existing(integration_id, wanted) if wanted else set()
    return [{"table": name, "key": key} for name, key in wanted if (name, key) not in there]
