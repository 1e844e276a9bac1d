"""Everything that anybody could see of an integration, in a form by which two worlds can be compared.

Left out is what differs between any two histories that mean the same: moments, durations, request ids.
Runs are named by their order.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from chalicelib import wiring
from chalicelib.domain import customers, tallies
from chalicelib.domain.counters import Counters
from chalicelib.domain.runs import Run
from chalicelib.domain.staging import APPLY, Staged
from chalicelib.domain.tables import NAMES
from chalicelib.domain.tallies import Tally
from chalicelib.domain.versions import versions_of
from chalicelib.storage import keys

_LEFT_OUT = ("received_at", "request_id", "applied_at", "measured_at", "cutoff", "at")


def digest(integration_id: str, tables: Iterable[str] = NAMES) -> dict[str, Any]:
    """Describe an integration's intermediate database, counters, CRM data and runs."""
    staged = {table: staged_records(integration_id, table) for table in tables}
    runs = _runs(integration_id)
    names = {run.run_id: f"run {number}" for number, run in enumerate(runs, start=1)}
    described = {
        "records": {table: [_record(one) for one in found] for table, found in staged.items()},
        "counters": {table: _counts(one) for table, one in wiring.records().counters(integration_id).items()},
        "tallies": {
            table: {period: asdict(one) for period, one in sorted(found.items())}
            for table, found in wiring.records().tallies(integration_id).items()
        },
        "pending": {table: pending_changes(integration_id, table) for table in tables},
        "crm": {table: _documents(integration_id, table, found) for table, found in staged.items()},
        "documents of clients": _documents_of_clients(
            integration_id, [one for found in staged.values() for one in found]
        ),
        "customers": _customers(integration_id),
        "to be measured": wiring.crm().dirty(integration_id, 1_000),
        "curve": wiring.crm().curve(integration_id),
        "movements": [wiring.crm().movements(integration_id, run.run_id, 1_000) for run in runs],
        "runs": [_run(run) for run in runs],
        "run that is on": wiring.runs().state(integration_id).run,
    }
    comparable: dict[str, Any] = _comparable(described, names)
    return comparable


def _record(staged: Staged) -> dict[str, Any]:
    """Describe a record, and its versions but for who brought them."""
    versions, dropped = versions_of(staged)
    told = [(one.revision, one.what, one.changes) for one in versions]
    return {**asdict(staged), "history": [told, dropped]}


def staged_records(integration_id: str, table: str) -> list[Staged]:
    """Read a table of the intermediate database, by key."""
    return sorted(wiring.records().all_of(integration_id, table), key=lambda one: one.key)


def pending_changes(integration_id: str, table: str) -> list[tuple[str, str]]:
    """List the (key, kind) of changes that wait for the next run."""
    batches = wiring.records().pending(integration_id, table, 1_000)
    return sorted((change.key, change.kind) for batch in batches for change in batch.changes)


@dataclass(frozen=True, slots=True)
class Counted(Counters):
    """A table's counters, with its tallies by period."""

    periods: dict[str, Tally] = field(default_factory=dict)


def recounted(integration_id: str, table: str) -> Counted:
    """Count a table's records and pending changes one by one: what its counters must say."""
    staged = staged_records(integration_id, table)
    return Counted(
        records=sum(one.live for one in staged),
        bytes=sum(one.size for one in staged),
        pending=sum(kind == APPLY for _, kind in pending_changes(integration_id, table)),
        rejected=sum(one.rejection is not None for one in staged),
        periods=_tallied(integration_id, table, staged),
    )


def _tallied(integration_id: str, table: str, staged: list[Staged]) -> dict[str, Tally]:
    """Count by period; what waits in which month is taken from the batches that left it."""
    found: list[dict[str, Tally]] = []
    for one in staged:
        period, amount = tallies.measured(table, one.data)
        if one.live:
            found.append({period: Tally(1, amount, applied=1, applied_amount=amount)})
        if one.rejection:
            found.append({tallies.refused_in(one): Tally(rejected=1)})
    found += [
        {period: Tally(0, tallies.NONE, one.pending, 0, -one.records, -one.amount)}
        for batch in wiring.records().pending(integration_id, table, 1_000)
        for period, one in batch.gain.items()
    ]
    return tallies.joined(found)


def held_by_crm(integration_id: str, table: str) -> dict[str, Tally]:
    """Count the CRM's documents of a table by period."""
    wanted = [(table, one.key, one.place) for one in staged_records(integration_id, table)]
    held = wiring.crm().documents(integration_id, wanted).values()
    found = (tallies.measured(table, json.dumps(one["data"])) for one in held)
    return tallies.joined({period: Tally(applied=1, applied_amount=amount)} for period, amount in found)


def counters(integration_id: str, table: str) -> Counted:
    """Read a table's counters as everybody does, without the time of the last delivery."""
    found = wiring.records().counters(integration_id).get(table, Counters())
    periods = wiring.records().tallies(integration_id).get(table, {})
    return Counted(found.records, found.bytes, found.pending, found.rejected, None, periods)


def unapplied(integration_id: str, table: str) -> list[str]:
    """List keys that the CRM does not hold as the intermediate database does."""
    staged = staged_records(integration_id, table)
    wanted = [(table, one.key, one.place) for one in staged]
    held = wiring.crm().documents(integration_id, wanted)
    return [one.key for one in staged if _differs(one, held.get((table, one.key)))]


def _differs(staged: Staged, held: dict[str, Any] | None) -> bool:
    if not staged.live:
        return held is not None
    return held is None or held["revision"] != staged.revision


def _documents(integration_id: str, table: str, staged: list[Staged]) -> list[Any]:
    """Read the table's documents by key, and whatever else lies where its documents do."""
    by_key = wiring.crm().documents(integration_id, [(table, one.key, one.place) for one in staged])
    listed = [(key, document["data"], document["revision"]) for (_, key), document in by_key.items()]
    all_there = wiring.crm().all_of(integration_id, table)
    return [sorted(listed, key=repr), sorted(all_there, key=repr)]


def _documents_of_clients(integration_id: str, staged: list[Staged]) -> dict[str, list[Any]]:
    """Read what lies beside each client that any record is, or names."""
    places = {one.place for one in staged if one.place}
    places |= {f"{one.table}|{one.key}" for one in staged if one.table in customers.KINDS}
    return wiring.crm().of_clients(integration_id, sorted(places))


def _customers(integration_id: str) -> list[dict[str, Any]]:
    found = []
    for bucket in range(keys.BUCKETS):
        page, more = wiring.crm().page(integration_id, bucket, None, 1_000)
        assert more is None, "the world is small"
        found += [customers.to_json(one) for one in page]
    return sorted(found, key=lambda one: (one["kind"], one["code"]))


def _counts(found: Counters) -> dict[str, Any]:
    return asdict(replace(found, last_received_at=None))


def _runs(integration_id: str) -> list[Run]:
    found, more = wiring.runs().latest(integration_id, status=None, limit=200, before=None)
    assert more is None, "the world is small"
    return sorted(found, key=lambda run: (run.started_at, run.run_id))


def _run(run: Run) -> dict[str, Any]:
    lines = wiring.run_log().read(run.integration_id, run.run_id, after=0, limit=1_000)
    return {
        "trigger": run.trigger,
        "status": run.status,
        "failure": run.failure,
        "hops": run.hop,
        "stages": [(one.name, one.status, one.processed, one.rejected) for one in run.stages],
        "log": list(lines),
    }


def _comparable(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(one, names) for key, one in value.items() if key not in _LEFT_OUT}
    if isinstance(value, list | tuple):
        return [_comparable(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value
