"""Incidents: something is wrong with an integration from here to there, and people were told of it.

An incident has one cause, and a cause at most one open incident. It is opened, brought to mind now and
then, perhaps acknowledged, and closed; each step that people should know of gives a notice, whose number
within the incident makes it the same notice however often it is written or sent.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from . import values
from .errors import FieldIssue
from .setting_fields import InvalidSetting, only

Kind = Literal["stale", "run_failed", "erp_silent", "dead_letters"]
Event = Literal["opened", "worsened", "reminder", "recovered", "closed"]
Owner = Literal["erp", "network", "data", "us"]
Status = Literal["open", "acknowledged", "snoozed", "resolved"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
EVENTS: Final[tuple[Event, ...]] = get_args(Event)
OWNERS: Final[tuple[Owner, ...]] = get_args(Owner)
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
MAX_SNOOZE_HOURS: Final = 720


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as it stands; times are canonical instants.

    since      when the trouble began, which is earlier than `opened_at`, when it was noticed
    facts      what messages tell of it, by kind
    told       notices given so far
    remind_at  when it is brought to mind again; None once acknowledged without a time
    recovered  whether it closed because things went well again, and not by a change of settings
    """

    incident_id: str
    tenant_id: str
    integration_id: str
    cause: str
    kind: Kind
    since: str
    opened_at: str
    owner: Owner
    facts: dict[str, Any] = field(default_factory=dict)
    told: int = 0
    remind_at: str | None = None
    acknowledged_at: str | None = None
    acknowledged_by: str | None = None
    snoozed_until: str | None = None
    closed_at: str | None = None
    recovered: bool | None = None
    missed_runs: int | None = None

    @property
    def open(self) -> bool:
        """Whether it is not over."""
        return self.closed_at is None

    def status(self, now: datetime) -> Status:
        """Tell where it stands at `now`."""
        if not self.open:
            return "resolved"
        if self.snoozed_until and self.snoozed_until > values.instant_text(now):
            return "snoozed"
        return "acknowledged" if self.acknowledged_at and not self.remind_at else "open"

    @property
    def downtime(self) -> timedelta | None:
        """How long it lasted; None while it is open."""
        if self.closed_at is None:
            return None
        return datetime.fromisoformat(self.closed_at) - datetime.fromisoformat(self.since)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell people: a message is written from it alone, so every copy reads the same.

    incident    as it stood when the notice was given
    background  what the message says beside the incident: last success, last error, next run, settings
    """

    event: Event
    number: int
    at: str
    incident: Incident
    background: dict[str, Any] = field(default_factory=dict)

    @property
    def message_id(self) -> str:
        """Name it: the same notice has the same name."""
        return f"{self.incident.incident_id}-{self.number:04d}"


@dataclass(frozen=True, slots=True)
class Mail:
    """A notice as it is sent: `subject` is one line of ASCII, `attributes` are for programs."""

    message_id: str
    subject: str
    body: str
    attributes: dict[str, str]


def incident_id(integration_id: str, cause: str, since: str, opened_at: str) -> str:
    """Name an incident; names sort by the time of opening."""
    opened = datetime.fromisoformat(opened_at)
    mark = hashlib.sha256(f"{integration_id}|{cause}|{since}|{opened_at}".encode()).hexdigest()[:8]
    return f"{opened:%Y%m%dT%H%M%S}Z-{mark}"


def acknowledged(incident: Incident, user_id: str, until: datetime | None, now: datetime) -> Incident:
    """Note that somebody takes care: no reminders, or none before `until`."""
    ends = values.instant_text(until) if until else None
    return replace(
        incident,
        acknowledged_at=values.instant_text(now),
        acknowledged_by=user_id,
        snoozed_until=ends,
        remind_at=ends,
    )


def parse_snooze(body: object) -> int | None:
    """Read `snooze_hours`, a whole number of hours; None when it is left out. Raises Invalid."""
    hours = only(body, "snooze_hours")
    if hours is None:
        return None
    if type(hours) is not int or not 1 <= hours <= MAX_SNOOZE_HOURS:
        limits = {"low": "1", "high": str(MAX_SNOOZE_HOURS)}
        raise InvalidSetting([FieldIssue("snooze_hours", "whole_number_range", limits)])
    return hours


def to_json(incident: Incident) -> dict[str, Any]:
    """Give an incident as JSON values, without what is not set."""
    return {name: value for name, value in asdict(incident).items() if value not in (None, {})}


def from_json(document: Mapping[str, Any]) -> Incident:
    """Read what `to_json` wrote."""
    return Incident(**document)


def notice_to_json(notice: Notice) -> dict[str, Any]:
    """Give a notice as JSON values."""
    return {**asdict(notice), "incident": to_json(notice.incident)}


def notice_from_json(document: Mapping[str, Any]) -> Notice:
    """Read what `notice_to_json` wrote."""
    return Notice(**{**document, "incident": from_json(document["incident"])})
