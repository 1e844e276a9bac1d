"""What the watchdog knows of an integration, and what it does next: pure rules, no calls.

`decide` compares what is wrong now with the incidents that are open. Only changes give notices, so it may
be asked as often as one likes, early or late: asked twice about the same facts, it has nothing new to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from . import incidents, silence, values
from .incidents import Event, Incident, Notice
from .integrations import Integration
from .run_outcomes import EndedRun, Outcomes
from .schedule import runs_between
from .troubles import QUIET_QUEUES, Facts, Silence, Trouble, troubles

LISTEN_AGAIN_HOURS: Final = 0.25
"""While a table is silent, it is listened to so often."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of an integration between two looks.

    open     incidents that are not over
    checked  the run before which the ERP was last listened to
    heard    what was learned of the ERP's habits: day → tables
    """

    open: tuple[Incident, ...] = ()
    checked: str | None = None
    heard: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def told_stale(self) -> bool:
        """Whether people were told that there was no success in time, and not yet that this is over."""
        return any(one.kind == "stale" for one in self.open)


def tells_freshness(watch: Watch, facts: Facts) -> bool:
    """Whether what people were told of the freshness is what it is now."""
    told = {one.cause for one in watch.open if one.kind == "stale"}
    return told == {one.cause for one in troubles(facts) if one.kind == "stale"}


class Overtaken(Exception):
    """The integration has changed since it was read: look again."""


@dataclass(frozen=True, slots=True)
class Watched:
    """An integration and what is remembered of it; `revision` guards what is decided on it."""

    integration: Integration
    watch: Watch
    revision: int
    dead_letters: Mapping[str, str] = field(default_factory=dict)

    def facts(self, outcomes: Outcomes, now: datetime, hour: timedelta) -> Facts:
        """Put together what a judgement rests on."""
        return Facts(self.integration, outcomes, now, self.dead_letters, hour=hour)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to remember, what to write of incidents, what to tell, and when to look again (None: never)."""

    watch: Watch
    changed: tuple[Incident, ...] = ()
    notices: tuple[Notice, ...] = ()
    due_at: datetime | None = None


def decide(watch: Watch, facts: Facts) -> Decision:
    """Open, worsen, bring to mind and close incidents, and say when to look again."""
    facts = replace(facts, silence=facts.silence or _as_before(watch))
    found = {one.cause: one for one in troubles(facts)}
    known = {one.cause: one for one in watch.open}
    steps = [_step(known.get(cause), found.get(cause), facts) for cause in {**known, **found}]
    stay = tuple(incident for incident, _ in steps if incident.open)
    changed = tuple(incident for incident, _ in steps if incident != known.get(incident.cause))
    notices = tuple(
        Notice(event, incident.told, values.instant_text(facts.now), incident, background(facts))
        for incident, event in steps
        if event
    )
    after = replace(watch, open=stay)
    return Decision(after, changed, notices, _next_look(after, facts))


def _as_before(watch: Watch) -> Silence | None:
    """What the ERP was found to be silent about, when nobody listens this time."""
    for one in watch.open:
        if one.kind == "erp_silent":
            told = one.facts
            return Silence(tuple(told["tables"]), one.since, told["anything_came"], told["refused"])
    return None


def _step(known: Incident | None, trouble: Trouble | None, facts: Facts) -> tuple[Incident, Event | None]:
    """Move one cause's incident; answers it, and the event that people are told of, if any."""
    if known is None:
        assert trouble is not None, "a cause is known or found"
        return _told(_opened(trouble, facts), facts), "opened"
    if trouble is None:
        return _closed(known, facts)
    updated = replace(known, facts={**known.facts, **trouble.facts}, owner=trouble.owner)
    if trouble.kind == "erp_silent" and set(trouble.facts["tables"]) - set(known.facts["tables"]):
        return _told(updated, facts), "worsened"
    if updated.remind_at and updated.remind_at <= values.instant_text(facts.now):
        return _told(replace(updated, snoozed_until=None), facts), "reminder"
    return updated, None


def _opened(trouble: Trouble, facts: Facts) -> Incident:
    integration, opened_at = facts.integration, values.instant_text(facts.now)
    return Incident(
        incident_id=incidents.incident_id(
            integration.integration_id, trouble.cause, trouble.since, opened_at
        ),
        tenant_id=integration.tenant_id,
        integration_id=integration.integration_id,
        cause=trouble.cause,
        kind=trouble.kind,
        since=trouble.since,
        opened_at=opened_at,
        owner=trouble.owner,
        facts=trouble.facts,
        remind_at=opened_at,
    )


def _told(incident: Incident, facts: Facts) -> Incident:
    """Count a notice; the next reminder lies ahead of it, unless there is to be none."""
    rhythm = facts.integration.alert_settings.reminder_hours * facts.hour
    following = values.instant_text(facts.now + rhythm) if incident.remind_at else None
    if incident.snoozed_until:
        following = incident.snoozed_until
    return replace(incident, told=incident.told + 1, remind_at=following)


def _closed(known: Incident, facts: Facts) -> tuple[Incident, Event]:
    """Close an incident: by a success or because data came, else by a change of settings."""
    settings, integration = facts.integration.alert_settings, facts.integration
    success = facts.success if known.kind == "stale" else facts.outcomes.success
    success = success if success and success.at > known.since else None
    if known.kind == "erp_silent":
        recovered = integration.armed and settings.erp_silent
    elif known.facts.get("queue") in QUIET_QUEUES:
        recovered = integration.active and settings.dead_letters
    else:
        recovered = success is not None
    ended = success.at if success and recovered else values.instant_text(facts.now)
    over = replace(
        known,
        told=known.told + 1,
        closed_at=ended,
        recovered=recovered,
        missed_runs=_missed_runs(known, success, facts),
        remind_at=None,
        snoozed_until=None,
    )
    return over, "recovered" if recovered else "closed"


def _missed_runs(known: Incident, success: EndedRun | None, facts: Facts) -> int:
    """Count the scheduled times without a success: from the last one to the run that brought the next.

    A scheduled run's own time lies before its start, within the same minute or, if it had to wait, earlier:
    its id names the time.
    """
    until = facts.now
    if success:
        until = _scheduled_time(success) or datetime.fromisoformat(success.started_at)
    since = datetime.fromisoformat(known.facts.get("clock_from") or known.since)
    return runs_between(facts.integration.schedule, since, until) if facts.integration.scheduled else 0


def _scheduled_time(run: EndedRun) -> datetime | None:
    if not run.run_id.endswith("Z-s"):
        return None
    return datetime.strptime(run.run_id.removesuffix("-s"), "%Y%m%dT%H%M%S%z")


def _next_look(watch: Watch, facts: Facts) -> datetime | None:
    """Tell when anything can change by the mere passing of time."""
    moments = [datetime.fromisoformat(one.remind_at) for one in watch.open if one.remind_at]
    fresh = facts.freshness
    if fresh.deadline_at and fresh.state != "overdue":
        moments.append(fresh.deadline_at)
    for one in watch.open:
        if one.kind == "erp_silent":
            moments.append(facts.now + LISTEN_AGAIN_HOURS * facts.hour)
        if one.kind == "dead_letters" and "quiet_at" in one.facts:
            moments.append(datetime.fromisoformat(one.facts["quiet_at"]))
    if listens(facts.integration):
        moments.append(
            silence.next_check(facts.integration.schedule, facts.now, watch.checked, facts.hour)[0]
        )
    return min(moments, default=None)


def listens(integration: Integration) -> bool:
    """Whether the ERP of this integration is expected to deliver by itself, and we are to notice if not."""
    return (
        integration.armed and integration.integration_type == "api" and integration.alert_settings.erp_silent
    )


def background(facts: Facts) -> dict[str, Any]:
    """Collect what a message says beside its incident."""
    integration, outcomes = facts.integration, facts.outcomes
    success = outcomes.success_that_counts(integration.alert_settings.partial_is_success)
    error = outcomes.error
    upcoming = integration.next_run_at(facts.now)
    return {
        "name": integration.name,
        "language": integration.alert_settings.language,
        "timezone": integration.schedule.timezone,
        "max_hours": integration.max_hours_without_success,
        "reminder_hours": integration.alert_settings.reminder_hours,
        "last_success_at": success.at if success else None,
        "last_error": {"at": error.at, "code": error.code, "params": error.params} if error else None,
        "next_run_at": values.instant_text(upcoming) if upcoming else None,
    }
