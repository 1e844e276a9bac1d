"""Alerts and their recipients."""

from ...domain import alert_settings, incidents, recipients
from .kinds import (
    FLAG,
    INSTANT,
    NUMBER,
    OPEN,
    TEXT,
    WHOLE,
    Schema,
    changes,
    described,
    maybe,
    one_of,
    several,
)


def schemas() -> dict[str, Schema]:
    """Build the schemas of alerts, recipients, and what is sent about them."""
    snooze = {**WHOLE, "minimum": 1, "maximum": incidents.MAX_SNOOZE_HOURS}
    return {
        "Alert": described(
            alert_id=TEXT,
            kind=one_of(*incidents.KINDS),
            status=one_of(*incidents.STATUSES),
            since={**INSTANT, "description": "When the trouble began: the last success, for instance"},
            opened_at=INSTANT,
            closed_at=maybe(INSTANT),
            recovered=maybe({**FLAG, "description": "false: closed by a change of settings"}),
            downtime_seconds=maybe(NUMBER),
            missed_runs=maybe({**WHOLE, "description": "Scheduled syncs without success"}),
            owner=one_of(*incidents.OWNERS),
            acknowledged_at=maybe(INSTANT),
            acknowledged_by=maybe(TEXT),
            snoozed_until=maybe(INSTANT),
            next_reminder_at=maybe(INSTANT),
            details={**OPEN, "description": "What it is about, by kind"},
            messages=several(_message()),
        ),
        "Acknowledgement": changes(
            snooze_hours=maybe({**snooze, "description": "Left out: no reminders until it is over"})
        ),
        "Recipient": described(
            recipient_id=TEXT,
            email=TEXT,
            state=one_of(*recipients.STATES),
            unsubscribe_needs_authentication=maybe(FLAG),
            added_at=INSTANT,
            added_by=TEXT,
        ),
        "NewRecipient": described(email={**TEXT, "format": "email"}),
        "Confirmation": described(
            token={**TEXT, "description": "The link of the confirmation mail, or its Token"}
        ),
    }


def _message() -> Schema:
    return described(
        message_id=TEXT,
        event=one_of(*incidents.EVENTS),
        at=INSTANT,
        sent_at=maybe({**INSTANT, "description": "null while it waits to be sent"}),
        subject=maybe(TEXT),
        withdrawn={**FLAG, "description": "Never sent: the trouble was over before it could be"},
    )


def settings_schema() -> Schema:
    """Describe what may be decided about alerts."""
    hours = {**WHOLE, "minimum": 1, "maximum": alert_settings.MAX_HOURS}
    return changes(
        language=one_of(*alert_settings.LANGUAGES),
        reminder_hours=hours,
        partial_is_success=FLAG,
        run_errors=FLAG,
        erp_silent=FLAG,
        dead_letters=FLAG,
    )
