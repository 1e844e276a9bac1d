"""Alerts: what people were told of an integration, and who takes care."""

from typing import Any

from chalice.app import Blueprint

from .. import alert_wiring, wiring
from ..domain.errors import Invalid, NotFound
from ..domain.incidents import Incident, parse_snooze
from ..i18n.texts import text
from ..services.settings import iso, moment
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor

bp = Blueprint(__name__)
ALERTS = "/v1/integrations/{integration_id}/alerts"
OPEN, RESOLVED = "open", "resolved"


@endpoint(
    bp,
    "GET",
    ALERTS,
    caller="viewer",
    tag="Alerts",
    summary="List alerts, newest first",
    query=("status", "limit", "cursor"),
    answers={200: "AlertList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List alerts, newest first; `status` open (not resolved) or resolved."""
    integration = call.integration(integration_id)
    status, before = call.query("status"), cursor(call, str)
    if status and status not in (OPEN, RESOLVED):
        raise Invalid("filter_invalid", name="status", choices=f"{OPEN}, {RESOLVED}")
    found, more = alert_wiring.alert_desk().latest(
        integration.integration_id,
        open_only=status == OPEN if status else None,
        limit=limit(call),
        before=before[0] if before else None,
    )
    shown = [_alert(call, incident, messages) for incident, messages in found]
    return listed(shown, next_cursor(more) if more else None)


@endpoint(
    bp,
    "GET",
    ALERTS + "/{alert_id}",
    caller="viewer",
    tag="Alerts",
    summary="Read an alert",
    answers={200: "Alert"},
)
def show(call: Call, integration_id: str, alert_id: str) -> dict[str, Any]:
    """Read one alert."""
    integration = call.integration(integration_id)
    return _one(call, integration.integration_id, alert_id)


@endpoint(
    bp,
    "POST",
    ALERTS + "/{alert_id}/acknowledge",
    caller="admin",
    tag="Alerts",
    summary="Acknowledge an alert: no reminders until it is over, or for some hours",
    body="Acknowledgement",
    answers={200: "Alert"},
)
def acknowledge(call: Call, integration_id: str, alert_id: str) -> dict[str, Any]:
    """Acknowledge an alert, for good or for `snooze_hours`."""
    integration = call.integration(integration_id)
    hours = parse_snooze(call.body())
    alert_wiring.alert_desk().acknowledge(
        integration.tenant_id, integration.integration_id, _id(alert_id), call.caller.user_id, hours
    )
    return _one(call, integration.integration_id, alert_id)


def _one(call: Call, integration_id: str, alert_id: str) -> dict[str, Any]:
    return _alert(call, *alert_wiring.alert_desk().find(integration_id, _id(alert_id)))


def _id(alert_id: str) -> str:
    if len(alert_id) > 100:
        raise NotFound("alert_not_found", alert_id=alert_id[:100])
    return alert_id


def _alert(call: Call, incident: Incident, messages: list[Any]) -> dict[str, Any]:
    downtime = incident.downtime
    return {
        "alert_id": incident.incident_id,
        "kind": incident.kind,
        "status": incident.status(wiring.now()),
        "since": iso(moment(incident.since)),
        "opened_at": iso(moment(incident.opened_at)),
        "closed_at": iso(moment(incident.closed_at)),
        "recovered": incident.recovered,
        "downtime_seconds": downtime.total_seconds() if downtime else None,
        "missed_runs": incident.missed_runs,
        "owner": incident.owner,
        "acknowledged_at": iso(moment(incident.acknowledged_at)),
        "acknowledged_by": call.seen(incident.acknowledged_by),
        "snoozed_until": iso(moment(incident.snoozed_until)),
        "next_reminder_at": iso(moment(incident.remind_at)),
        "details": call.seen(_details(call, incident)),
        "messages": [
            {
                "message_id": one.notice.message_id,
                "event": one.notice.event,
                "at": iso(moment(one.notice.at)),
                "sent_at": iso(moment(one.sent_at)),
                "subject": one.subject,
                "withdrawn": one.withdrawn,
            }
            for one in messages
        ],
    }


def _details(call: Call, incident: Incident) -> dict[str, Any]:
    """Tell what the alert is about, by its kind; an error in the caller's language."""
    facts = incident.facts
    if incident.kind == "stale":
        return {
            "deadline_at": iso(moment(facts["deadline_at"])),
            "max_hours_without_success": facts["max_hours"],
        }
    if incident.kind == "run_failed":
        message = text(facts["code"], facts["params"], call.language)
        table = facts["params"].get("table")
        return {
            "run_id": facts["run_id"],
            "runs": facts["count"],
            "last_at": iso(moment(facts["last_at"])),
            "stage": facts["params"].get("stage"),
            "table": table,
            "message": message,
        }
    if incident.kind == "erp_silent":
        return {"tables": facts["tables"], "refused_requests": facts["refused"]}
    return {"queue": facts["queue"], "last_at": iso(moment(facts["last_at"]))}
