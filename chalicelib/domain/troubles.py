"""What can be wrong with an integration, since when, and whose it probably is to put right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from . import values
from .freshness import HOUR, Freshness, evaluate, wound_at
from .incidents import Kind, Owner
from .integrations import Integration
from .run_outcomes import EndedRun, Outcomes

QUIET_HOURS: Final = 24
"""A dead letter of a quiet queue is old news after so long without another."""
QUIET_QUEUES: Final = ("exports", "onboarding")
"""Queues of which no run tells that they work again."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What listening to the ERP gave: tables that are silent since an instant.

    anything_came  whether any table received data since then
    refused        requests of the ERP that were refused as a whole since then
    """

    tables: tuple[str, ...]
    since: str
    anything_came: bool = True
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a judgement rests on.

    dead_letters  queue → canonical instant of the latest message that could not be worked on
    silence       None when nobody listened to the ERP this time
    hour          an hour of the limits, reminders and lead times
    """

    integration: Integration
    outcomes: Outcomes
    now: datetime
    dead_letters: Mapping[str, str] = field(default_factory=dict)
    silence: Silence | None = None
    hour: timedelta = HOUR

    @property
    def success(self) -> EndedRun | None:
        """The last success that counts for this integration."""
        return self.outcomes.success_that_counts(self.integration.alert_settings.partial_is_success)

    @property
    def clock_from(self) -> datetime:
        """Since when a success is waited for."""
        known = self.integration.armed_at or self.integration.created_at
        armed = datetime.fromisoformat(known) if known else self.now
        return wound_at(armed, datetime.fromisoformat(self.success.at) if self.success else None)

    @property
    def freshness(self) -> Freshness:
        """The freshness at this moment, whatever people were told."""
        settings, success = self.integration, self.success
        return evaluate(
            armed_at=datetime.fromisoformat(settings.armed_at) if settings.armed_at else None,
            last_success_at=datetime.fromisoformat(success.at) if success else None,
            max_hours=settings.max_hours_without_success,
            now=self.now,
            hour=self.hour,
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong now; `cause` tells one trouble from another, `facts` are what messages tell of it."""

    cause: str
    kind: Kind
    since: str
    owner: Owner
    facts: dict[str, Any] = field(default_factory=dict)


def troubles(facts: Facts) -> list[Trouble]:
    """List everything that is wrong; nothing is, with an integration that is switched off."""
    if not facts.integration.active:
        return []
    return [*_stale(facts), *_failing(facts), *_silent(facts), *_dead_letters(facts)]


def _stale(facts: Facts) -> Iterator[Trouble]:
    """No success in time."""
    fresh = facts.freshness
    if fresh.state != "overdue" or fresh.deadline_at is None:
        return
    since = values.instant_text(facts.clock_from)
    told = {
        "deadline_at": values.instant_text(fresh.deadline_at),
        "max_hours": facts.integration.max_hours_without_success,
        "clock_from": since,
    }
    yield Trouble(f"stale:{since}", "stale", since, _owner_of_staleness(facts), told)


def _owner_of_staleness(facts: Facts) -> Owner:
    """Rejected records are the data's fault, unreadable views the ERP's; other runs that fail are ours."""
    latest = facts.outcomes.success
    rejecting = latest is not None and latest != facts.success
    failing = facts.outcomes.failing.values()
    if failing:
        return "erp" if all(_of_views(one.last.code) for one in failing) else "us"
    return "data" if rejecting else "us"


def _of_views(code: str) -> bool:
    """Tell whether a run failed because the ERP's views could not be read."""
    return code.startswith("view_")


def _failing(facts: Facts) -> Iterator[Trouble]:
    """Runs ended in error, and none has succeeded since."""
    if not facts.integration.alert_settings.run_errors:
        return
    for cause, failing in facts.outcomes.failing.items():
        told = {
            "code": failing.last.code,
            "params": failing.last.params,
            "run_id": failing.last.run_id,
            "last_at": failing.last.at,
            "count": failing.count,
            "clock_from": values.instant_text(facts.clock_from),
        }
        owner: Owner = "erp" if _of_views(failing.last.code) else "us"
        yield Trouble(f"run_failed:{cause}:{failing.first_at}", "run_failed", failing.first_at, owner, told)


def _silent(facts: Facts) -> Iterator[Trouble]:
    """Tables that usually receive data by now have received none."""
    silence, settings = facts.silence, facts.integration.alert_settings
    if silence is None or not silence.tables or not facts.integration.armed or not settings.erp_silent:
        return
    told = {
        "tables": list(silence.tables),
        "anything_came": silence.anything_came,
        "refused": silence.refused,
    }
    owner: Owner = "erp" if silence.anything_came or silence.refused else "network"
    yield Trouble("erp_silent", "erp_silent", silence.since, owner, told)


def _dead_letters(facts: Facts) -> Iterator[Trouble]:
    """A message could not be worked on: until a later success, or for a day if no run will tell."""
    if not facts.integration.alert_settings.dead_letters:
        return
    success = facts.outcomes.success
    for queue, at in facts.dead_letters.items():
        told: dict[str, Any] = {"queue": queue, "last_at": at}
        if queue in QUIET_QUEUES:
            quiet_at = datetime.fromisoformat(at) + QUIET_HOURS * facts.hour
            if facts.now >= quiet_at:
                continue
            told["quiet_at"] = values.instant_text(quiet_at)
        elif success and success.at > at:
            continue
        yield Trouble(f"dead_letters:{queue}", "dead_letters", at, "us", told)
