"""Begin runs, by hand or by schedule, and ask them to stop."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from ..domain import runs, values
from ..domain.errors import Conflict, NotFound
from ..domain.integrations import Integration
from ..domain.runs import AlreadyBegun, Run, Trigger
from ..domain.schedule import local_date
from .run_parts import RunParts, pending

WAIT_SECONDS: Final = 60
WAIT_AT_MOST: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RunStarts:
    """The use cases that begin and cancel runs."""

    parts: RunParts

    def begin(
        self, integration: Integration, trigger: Trigger, run_id: str, allowed_deletions: tuple[str, ...] = ()
    ) -> Run:
        """Begin a run and send its first slice on its way.

        Raises Conflict while another run is on, AlreadyBegun when this very one was begun before.
        Should we die between the two, the event's next delivery or the watchman sends the message.
        """
        now = self.parts.now()
        state = self.parts.runs.state(integration.integration_id)
        run = Run(
            run_id=run_id,
            tenant_id=integration.tenant_id,
            integration_id=integration.integration_id,
            trigger=trigger,
            started_at=now,
            as_of=local_date(integration.schedule.timezone, now).isoformat(),
            expected_end_at=runs.expected_end(now, list(state.durations)),
            cutoff=values.instant_text(now),
            total=pending(self.parts, integration.integration_id),
            reads_views=integration.reads_views,
            allowed_deletions=allowed_deletions,
        )
        self.parts.runs.begin(run, now, self.parts.clockwork.grace_seconds)
        self.parts.send(run)
        return run

    def start_scheduled(self, tenant_id: str, integration_id: str, minute: datetime) -> Run | None:
        """Begin the run of a scheduled minute once, however often the event is delivered.

        None when it was begun before, when the integration is gone or switched off, or when another
        run is on: then the run waits for that one's end, for a day at most, when the next night's is due.
        """
        integration = self.parts.integrations.find(tenant_id, integration_id)
        if integration is None or not integration.armed:
            return None
        run_id = runs.scheduled_id(minute)
        try:
            return self.begin(integration, "schedule", run_id)
        except AlreadyBegun:
            return self._resend_if_on(integration_id, run_id)
        except Conflict:
            if self.parts.now() < minute + WAIT_AT_MOST:
                self.parts.queue.send(_waiting(integration, minute), WAIT_SECONDS)
            return None

    def _resend_if_on(self, integration_id: str, run_id: str) -> Run | None:
        """Send the message again if the run is on: the first delivery may have died before sending."""
        state = self.parts.runs.state(integration_id)
        if state.run and state.run.run_id == run_id:
            self.parts.send(state.run)
        return None

    def cancel(self, integration_id: str, run_id: str) -> Run:
        """Ask a run to stop at its next step; raises NotFound, or Conflict when it has ended."""
        run = self.parts.runs.find(integration_id, run_id)
        if run is None:
            raise NotFound("run_not_found", run_id=run_id)
        if run.status != runs.RUNNING or not self.parts.runs.request_cancel(integration_id, run_id):
            raise Conflict("run_has_ended", status=run.status)
        return replace(run, cancel_requested=True)


def scheduled_minute(text: str | None, now: datetime) -> datetime:
    """Read the scheduled time of an event; without one that is valid, take the current minute.

    A scheduler that does not fill in `<aws.scheduler.scheduled-time>` passes it through as it is.
    """
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        found = now
    aware = found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
    return aware.astimezone(now.tzinfo).replace(second=0, microsecond=0)


def _waiting(integration: Integration, minute: datetime) -> dict[str, Any]:
    return {
        "tenant_id": integration.tenant_id,
        "integration_id": integration.integration_id,
        "waiting_since": values.instant_text(minute),
    }
