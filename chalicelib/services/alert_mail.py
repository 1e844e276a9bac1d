"""Write an alert as a person reads it: what, since when, whose it is, and what to do. Plain text.

SNS takes a subject of one line, ASCII, under 100 characters; the body may be anything.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from ..domain.incidents import Incident, Mail, Notice
from ..domain.personal_data import mask_value

MAX_SUBJECT: Final = 99
MAX_NAME: Final = 40


class Texts(Protocol):
    """Writes a text of the catalogue in a language."""

    def __call__(self, code: str, params: dict[str, str], language: str) -> str: ...


@dataclass(frozen=True, slots=True)
class AlertWriter:
    """Writes messages; `page_url` is where the page is, without a fragment, `hour` the length of an hour."""

    text: Texts
    page_url: str
    hour: timedelta

    def __call__(self, notice: Notice) -> Mail:
        """Write a notice's message; the same notice gives the same message."""
        incident, language = notice.incident, str(notice.background["language"])
        letter = _Letter(self, notice, language)
        name = letter.name
        mark = self.text(f"alert_mark_{notice.event}", {}, language)
        shown = name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 3]}..."
        return Mail(
            message_id=notice.message_id,
            subject=subject_line(f"{mark} {shown}: {letter.headline(short=True)}"),
            body="\n".join(letter.lines()) + "\n",
            attributes={
                "message_id": notice.message_id,
                "alert_id": incident.incident_id,
                "kind": incident.kind,
                "event": notice.event,
                "owner": incident.owner,
                "tenant_id": incident.tenant_id,
                "integration_id": incident.integration_id,
                "since": incident.since,
                "at": notice.at,
            },
        )


def bare_mail(notice: Notice) -> Mail:
    """Say the least that people need, of a notice that cannot be written out."""
    incident = notice.incident
    named = {
        "message_id": notice.message_id,
        "alert_id": incident.incident_id,
        "kind": incident.kind,
        "event": notice.event,
        "integration_id": incident.integration_id,
        "since": incident.since,
        "at": notice.at,
    }
    body = "".join(f"{name}: {value}\n" for name, value in named.items())
    return Mail(
        notice.message_id,
        subject_line(f"{incident.kind} {notice.event} {incident.integration_id}"),
        body,
        named,
    )


def subject_line(text: str) -> str:
    """Make one line of ASCII under 100 characters: accents go, what else is not ASCII becomes "?"."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    ascii_only = "".join(one if " " <= one <= "~" else " " if one.isspace() else "?" for one in plain)
    line = " ".join(ascii_only.split())
    return line if len(line) <= MAX_SUBJECT else f"{line[: MAX_SUBJECT - 3].rstrip()}..."


@dataclass(frozen=True, slots=True)
class _Letter:
    """One message in the making."""

    writer: AlertWriter
    notice: Notice
    language: str

    @property
    def incident(self) -> Incident:
        return self.notice.incident

    @property
    def name(self) -> str:
        return " ".join(str(self.notice.background["name"]).split())

    def say(self, code: str, **params: str) -> str:
        return self.writer.text(code, params, self.language)

    def headline(self, *, short: bool = False) -> str:
        """Say what happened: in a few words for the subject, in a sentence for the body."""
        incident, told = self.incident, self.incident.facts
        ending = {"recovered": "recovered", "closed": "closed"}.get(self.notice.event, "open")
        code = f"alert_{'subject' if short else 'what'}_{incident.kind}_{ending}"
        ended = incident.closed_at or self.notice.at
        return self.say(
            code,
            name=self.name,
            duration=self._duration(_moment(ended) - _moment(incident.since)),
            hours=str(self.notice.background["max_hours"]),
            stage=str(told.get("params", {}).get("stage", "")),
            count=str(told.get("count", 1)),
            tables=", ".join(told.get("tables", [])),
            queue=self.say(f"alert_queue_{told['queue']}") if "queue" in told else "",
        )

    def lines(self) -> Iterator[str]:
        """Write the body."""
        incident, about = self.incident, self.notice.background
        yield self.headline()
        if self.notice.event == "reminder":
            yield self.say("alert_reminder", number=str(incident.told - 1))
        yield ""
        for label, value in self._facts():
            yield f"{self.say(f'alert_label_{label}')}: {value}"
        if incident.open:
            yield ""
            yield self.say(f"alert_advice_{incident.kind}_{incident.owner}")
        yield ""
        yield f"{self.say('alert_label_page')}: {self._link()}"
        yield ""
        yield self.say("alert_foot", alert_id=incident.incident_id, message_id=self.notice.message_id)
        if incident.open:
            yield self.say("alert_foot_open", hours=str(about["reminder_hours"]))

    def _facts(self) -> Iterator[tuple[str, str]]:
        incident, about = self.incident, self.notice.background
        yield "integration", f"{self.name} ({incident.integration_id})"
        yield "since", self._local(incident.since)
        if incident.closed_at:
            yield "until", self._local(incident.closed_at)
            yield "duration", self._duration(_moment(incident.closed_at) - _moment(incident.since))
            yield "missed_runs", str(incident.missed_runs or 0)
        never = self.say("alert_never")
        yield "last_success", self._local(about["last_success_at"]) if about["last_success_at"] else never
        error = about["last_error"]
        yield "last_error", self._error(error) if error else self.say("alert_no_error")
        if incident.open:
            yield "owner", self.say(f"alert_owner_{incident.owner}")
        upcoming = about["next_run_at"]
        yield "next_run", self._local(upcoming) if upcoming else self.say("alert_not_scheduled")

    def _error(self, error: dict[str, Any]) -> str:
        told = mask_value(self.writer.text(error["code"], error["params"], self.language))
        table = error["params"].get("table")
        where = f" [{self.say('alert_in_table', table=table)}]" if table else ""
        return f"{self._local(error['at'])}{where}: {told}"

    def _local(self, at: str) -> str:
        """Write an instant on the integration's own clocks."""
        zone = str(self.notice.background["timezone"])
        shape = "%Y-%m-%d %H:%M" if self.language == "en" else "%d/%m/%Y %H:%M"
        return f"{_moment(at).astimezone(ZoneInfo(zone)).strftime(shape)} ({zone})"

    def _duration(self, lasted: timedelta) -> str:
        """Write a duration in its two largest units."""
        minutes = max(0, int(lasted / self.writer.hour * 60))
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24) if hours >= 48 else (0, hours)
        parts = [(days, "d"), (hours, "h"), (0 if days else minutes, "min")]
        return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"

    def _link(self) -> str:
        named = {"integration": self.incident.integration_id, "alert": self.incident.incident_id}
        return f"{self.writer.page_url}#{urlencode(named)}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
