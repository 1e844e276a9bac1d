"""Create, change and describe integrations; their schedule follows their settings."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..domain import freshness, integrations, runs
from ..domain.counters import Counters
from ..domain.errors import Busy, NotFound, Stale
from ..domain.integrations import Integration
from ..domain.runs import Run, State
from ..domain.watch import Watched

if TYPE_CHECKING:
    from ..storage.integrations import Integrations
    from ..storage.overview import Overview

UPCOMING: Final = 5
"""So many of the next runs are announced."""
_ATTEMPTS = 5
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


class ScheduleKeeper(Protocol):
    """Keeps the scheduler as the settings say."""

    def put(self, integration: Integration, now: datetime) -> None: ...


class TopicMaker(Protocol):
    """Makes the topic of an integration's alerts."""

    def make(self, integration_id: str) -> None: ...


def find_integration(store: "Integrations", tenant_id: str, integration_id: str) -> Integration:
    """Find an integration of the tenant; raises NotFound, for another tenant's as well."""
    found = store.find(tenant_id, integration_id) if integrations.ID.fullmatch(integration_id) else None
    if found is None:
        raise NotFound("integration_not_found", integration_id=integration_id[:100])
    return found


def find_overview(store: "Overview", tenant_id: str, integration_id: str) -> tuple[Watched, State]:
    """Find an integration and its runs' state in one call; raises NotFound like `find_integration`."""
    found = store.find(tenant_id, integration_id) if integrations.ID.fullmatch(integration_id) else None
    if found is None:
        raise NotFound("integration_not_found", integration_id=integration_id[:100])
    return found


def create_integration(
    store: "Integrations",
    scheduler: ScheduleKeeper,
    topics: TopicMaker,
    tenant_id: str,
    body: object,
    now: datetime,
) -> Integration:
    """Create an integration, its schedule and its topic; raises Invalid.

    Schedule and topic come first: should we die in between, the one starts runs of an integration that
    does not exist, which start nothing; the other way round, a night would be missed.
    """
    new_id = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    created = integrations.create(body, integration_id=new_id, tenant_id=tenant_id, now=now)
    scheduler.put(created, now)
    topics.make(new_id)
    store.add(created, now)
    return created


def change_integration(
    store: "Integrations",
    scheduler: ScheduleKeeper,
    integration: Integration,
    body: object,
    expected_version: int | None,
    now: datetime,
    *,
    late: bool,
    certify: Callable[[], str | None],
) -> Integration:
    """Change settings and make the schedule follow; raises Invalid, or Stale when somebody was faster.

    Raises Conflict when the deployment is to be completed without proof or reason (see `deployments`).

    The schedule is written again even when nothing changed or the version is stale, so that a change
    that died half-way is repaired by repeating it. `late`: there was no success in time.
    """
    if expected_version is not None and expected_version != integration.version:
        _follow(store, scheduler, integration, now)
        raise Stale()
    parsed = integrations.parse_changes(body)
    changed = integrations.change(integration, parsed, now, late=late, certify=certify)
    if changed != integration:
        store.replace(changed, integration.version, now)
    _follow(store, scheduler, changed, now)
    return changed


def _follow(
    store: "Integrations", scheduler: ScheduleKeeper, integration: Integration, now: datetime
) -> None:
    """Write the schedule; again, should the settings have moved on meanwhile.

    Whoever writes the schedule last reads the settings after that, so it ends as the last change says.
    """
    for _ in range(_ATTEMPTS):
        scheduler.put(integration, now)
        latest = store.find(integration.tenant_id, integration.integration_id)
        if latest is None or latest == integration:
            return
        integration = latest
    raise Busy()


def describe(
    watched: Watched, state: State, counters: dict[str, Counters], now: datetime, hour: timedelta
) -> dict[str, Any]:
    """Describe an integration as Informações Gerais shows it, its freshness as people were told."""
    integration = watched.integration
    facts = watched.facts(state.outcomes, now, hour)
    fresh = freshness.as_told(facts.freshness, watched.watch.told_stale())
    settings = integrations.to_json(replace(integration, armed_at=None))
    del settings["armed_at"]
    return {
        **settings,
        "next_run_at": iso(integration.next_run_at(now)),
        "next_runs": [iso(at) for at in integration.next_runs(now, UPCOMING)],
        "average_duration_seconds": runs.average(list(state.durations)),
        "database_size_bytes": sum(one.bytes for one in counters.values()),
        "last_success_at": iso(moment(facts.success.at if facts.success else None)),
        "freshness": {"state": fresh.state, "deadline_at": iso(fresh.deadline_at)},
        "open_alerts": len(watched.watch.open),
        "current_run": run_json(state.run) if state.run else None,
    }


def run_json(run: Run) -> dict[str, Any]:
    """Describe a run, without its failure's text, which the edge writes in the caller's language."""
    return {
        "run_id": run.run_id,
        "trigger": run.trigger,
        "status": run.status,
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at),
        "duration_seconds": run.duration_seconds,
        "progress": run.progress,
        "expected_end_at": iso(run.expected_end_at),
        "as_of": run.as_of,
        "stage": run.stage,
        "cancel_requested": run.cancel_requested,
        "stages": [stage.to_json() for stage in run.stages],
        "error": None,
    }


def moment(text: str | None) -> datetime | None:
    """Read a canonical instant."""
    return datetime.fromisoformat(text) if text else None


def iso(at: datetime | None) -> str | None:
    """Write an instant as the API does: ISO 8601, UTC, `Z`, milliseconds."""
    if at is None:
        return None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
