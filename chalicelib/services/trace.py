"""Trace a record: everything that is known to have happened to it, and what it hangs together with."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ..domain.relations import candidate_prefix, spellings
from ..domain.request_log import place_of
from ..domain.tables import Table
from ..domain.validation import MAX_KEY_BYTES
from ..domain.versions import Version, versions_of
from .records import read_data, state_of
from .relatives import children, parents
from .trace_requests import requests_of
from .trace_runs import Appliers

if TYPE_CHECKING:
    from ..domain.staging import Staged
    from ..storage.crm import Crm
    from ..storage.records import Records
    from ..storage.request_marks import RequestMarks
    from ..storage.requests import RequestLog
    from ..storage.runs import Runs

CANDIDATES: Final = 20


@dataclass(frozen=True, slots=True)
class TraceParts:
    """What a trace reads."""

    records: "Records"
    crm: "Crm"
    log: "RequestLog"
    marks: "RequestMarks"
    runs: "Runs"
    retention_days: int
    now: Callable[[], datetime]


def trace(parts: TraceParts, integration_id: str, table: Table, key: str) -> dict[str, Any] | None:
    """Tell all about one record in at most about 60 calls; None when nothing is known of the key."""
    staged = _find(parts, integration_id, table, key)
    if staged is None:
        return None
    applied = parts.crm.documents(integration_id, [(table.name, staged.key, staged.place)]).get(
        (table.name, staged.key)
    )
    versions, dropped = versions_of(staged)
    data = read_data(staged.data)
    told = requests_of(parts, integration_id, table.name, staged.key, versions, dropped)
    appliers = Appliers.read(parts.runs, integration_id, versions, applied)
    kids, lost = children(parts.records, parts.crm, integration_id, table, staged.key, data)
    return {
        "table": table.name,
        "key": staged.key,
        "state": _state(staged, applied),
        "deleted": staged.deleted,
        "received_at": staged.received_at,
        "revision": staged.revision,
        "record": data,
        "crm": _in_crm(staged, applied),
        "rejection": _rejection(staged),
        "versions": [
            {**_version(one), **applier.of_version()}
            for one, applier in zip(versions, appliers.of_each, strict=True)
        ],
        "versions_dropped": dropped,
        **told,
        "runs": appliers.runs(),
        "parents": parents(parts.records, parts.crm, integration_id, table, data),
        "children": kids,
        "not_followed": lost,
    }


def candidates(parts: TraceParts, integration_id: str, table: Table, key: str) -> list[str]:
    """List complete keys that begin with an incomplete one."""
    prefix = candidate_prefix(table, key)
    if prefix is None or len(prefix.encode()) > MAX_KEY_BYTES:
        return []
    found, _ = parts.records.beginning(integration_id, table.name, prefix, CANDIDATES)
    return sorted(name for name, _ in found)[:CANDIDATES]


def _find(parts: TraceParts, integration_id: str, table: Table, key: str) -> "Staged | None":
    wanted = spellings(table, key)
    found = parts.records.read(integration_id, table.name, wanted)
    return next((found[one] for one in wanted if one in found), None)


def _state(staged: "Staged", applied: dict[str, Any] | None) -> str:
    state = state_of(staged, applied)
    return "deleted" if state == "applied" and staged.deleted else state


def _in_crm(staged: "Staged", applied: dict[str, Any] | None) -> dict[str, Any] | None:
    if applied is None:
        return None
    return {
        "record": applied["data"],
        "applied_at": applied["applied_at"],
        "run_id": applied["run_id"],
        "revision": applied["revision"],
        "up_to_date": not staged.deleted and applied["data"] == read_data(staged.data),
    }


def _rejection(staged: "Staged") -> dict[str, Any] | None:
    refused = staged.rejection
    if refused is None:
        return None
    by_run = place_of(refused.request_id) is None
    return {
        "at": refused.at,
        "request_id": None if by_run else refused.request_id,
        "run_id": refused.request_id if by_run else None,
        "record": read_data(refused.raw),
        "issues": refused.issues,
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "revision": version.revision,
        "at": version.at,
        "what": version.what,
        "request_id": version.request_id,
        "changes": None if version.changes is None else [asdict(one) for one in version.changes],
    }
