"""Composition root of alerts, beside `wiring` and built on it."""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from . import wiring
from .settings import settings

if TYPE_CHECKING:
    from .adapters.topics import Topics
    from .services.alerts import AlertDesk
    from .services.recipients import RecipientDesk
    from .services.watchdog import Watchdog
    from .storage.alerts import Alerts
    from .storage.watches import Watches


def hour() -> timedelta:
    """The hour that limits, reminders and lead times count in."""
    return timedelta(seconds=settings().hour_seconds)


@cache
def watches() -> "Watches":
    """The watchdog's memory."""
    from .storage.watches import Watches

    return Watches(settings().integrations_table, settings().alerts_table)


@cache
def alerts() -> "Alerts":
    """Incidents, and notices to send."""
    from .storage.alerts import Alerts

    return Alerts(settings().alerts_table)


@cache
def topics() -> "Topics":
    """The integrations' topics."""
    from .adapters import topics

    return topics.Topics(settings().alerts_topic_prefix, settings().alerts_mailbox_arn)


@cache
def alert_desk() -> "AlertDesk":
    """What people do with alerts."""
    from .services.alerts import AlertDesk

    return AlertDesk(watches(), alerts(), wiring.runs(), wiring.now, hour())


@cache
def recipient_desk() -> "RecipientDesk":
    """Who gets alerts."""
    from .services.recipients import RecipientDesk
    from .storage.recipients import Recipients

    return RecipientDesk(Recipients(settings().alerts_table), topics(), wiring.now)


@cache
def watchdog() -> "Watchdog":
    """Look at what is due, and have people told."""
    from .domain.working_days import is_working_day
    from .i18n.texts import text
    from .services.alert_mail import AlertWriter
    from .services.alert_sender import AlertSender
    from .services.listening import Listener
    from .services.watchdog import Watchdog
    from .storage import connection

    one = settings()
    listener = Listener(wiring.request_log(), wiring.background, is_working_day, one.request_retention_days)
    writer = AlertWriter(text, one.page_url, hour())
    sender = AlertSender(alerts(), topics(), writer, connection.parallel, wiring.now)
    return Watchdog(watches(), wiring.runs(), listener, sender, connection.parallel, wiring.now, hour())
