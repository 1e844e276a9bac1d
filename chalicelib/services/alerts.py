"""Read an integration's alerts, acknowledge them, and note what only others see: dead letters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..domain import incidents, integrations
from ..domain.errors import Busy, Conflict, NotFound
from ..domain.incidents import Incident
from ..domain.runs import State
from ..domain.watch import Overtaken, decide

if TYPE_CHECKING:
    from ..storage.alerts import Alerts, Message
    from ..storage.runs import Runs
    from ..storage.watches import Watches

ATTEMPTS: Final = 5
MAX_TENANT: Final = 200


@dataclass(frozen=True, slots=True)
class AlertDesk:
    """What people do with alerts."""

    watches: "Watches"
    alerts: "Alerts"
    runs: "Runs"
    now: Callable[[], datetime]
    hour: timedelta

    def latest(
        self, integration_id: str, *, open_only: bool | None, limit: int, before: str | None
    ) -> tuple[list[tuple[Incident, "list[Message]"]], str | None]:
        """List incidents, newest first, each with what was told of it; also the id to go on behind."""
        listed, more = self.alerts.latest(integration_id, open_only=open_only, limit=limit, before=before)
        messages = self.alerts.messages(listed)
        return [(one, messages.get(one.incident_id, [])) for one in listed], more

    def find(self, integration_id: str, alert_id: str) -> tuple[Incident, "list[Message]"]:
        """Read one incident with what was told of it; raises NotFound."""
        found = self.alerts.find(integration_id, alert_id)
        if found is None:
            raise NotFound("alert_not_found", alert_id=alert_id)
        return found, self.alerts.messages([found]).get(alert_id, [])

    def acknowledge(
        self, tenant_id: str, integration_id: str, alert_id: str, user_id: str, hours: int | None
    ) -> None:
        """Note that somebody takes care, for so many hours or until it is over.

        Raises NotFound, Conflict when it is over, Busy when others change the integration all the time.
        """
        if self.alerts.find(integration_id, alert_id) is None:
            raise NotFound("alert_not_found", alert_id=alert_id)
        for _ in range(ATTEMPTS):
            found = self.watches.read([(tenant_id, integration_id)])
            known = [one for watched in found for one in watched.watch.open if one.incident_id == alert_id]
            if not known:
                raise Conflict("alert_is_closed", alert_id=alert_id)
            watched, now = found[0], self.now()
            taken = incidents.acknowledged(known[0], user_id, now + hours * self.hour if hours else None, now)
            still = tuple(taken if one.incident_id == alert_id else one for one in watched.watch.open)
            state = self.runs.states([integration_id]).get(integration_id, State())
            decision = decide(
                replace(watched.watch, open=still), watched.facts(state.outcomes, now, self.hour)
            )
            changed = {taken.incident_id: taken} | {one.incident_id: one for one in decision.changed}
            try:
                self.watches.move(
                    watched, decision.watch, decision.due_at, changed.values(), decision.notices
                )
                return
            except Overtaken:
                continue
        raise Busy()


def note_dead_letter(watches: "Watches", queue: str, message: object, now: datetime) -> bool:
    """Note a dead letter with the integration that it is about; False when it names none of ours."""
    named = _subject(message)
    if named is None:
        return False
    return watches.note_dead_letter(*named, queue, now)


def _subject(message: object) -> tuple[str, str] | None:
    """Find tenant and integration in a message, or in an event that Lambda gave up on and wrapped."""
    if not isinstance(message, Mapping):
        return None
    content: Mapping[str, Any] = message
    for part in ("requestPayload", "detail"):
        if isinstance(content.get(part), Mapping):
            content = content[part]
    tenant, integration = content.get("tenant_id"), content.get("integration_id")
    if not (isinstance(tenant, str) and 0 < len(tenant) <= MAX_TENANT and isinstance(integration, str)):
        return None
    if not integrations.ID.fullmatch(integration):
        return None
    return tenant, integration
