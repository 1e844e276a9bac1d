"""Look after runs whose worker or message got lost: drive them on, or end them."""

from dataclasses import dataclass
from typing import Any, Final

from ..domain import values
from ..domain.runs import LeaseHeld, LeaseLost, Run
from .run_parts import RunParts, end, last_failure

MAX_REDRIVES: Final = 3
STILL_WORKING: Final = "still being worked on"
DROPPED: Final = "dropped"


@dataclass(frozen=True, slots=True)
class LostRuns:
    """The watchman's use cases."""

    parts: RunParts

    def fail(self, message: dict[str, Any]) -> str:
        """End a run whose slice failed for good (its message reached the dead-letter queue)."""
        state = self.parts.runs.state(message["integration_id"])
        if state.run is None or state.run.run_id != message["run_id"]:
            return DROPPED
        run = state.run
        if run.hop > message["hop"]:
            return DROPPED
        try:
            return self._give_up(run)
        except LeaseHeld:
            return STILL_WORKING
        except LeaseLost:
            return DROPPED

    def _give_up(self, run: Run) -> str:
        """End a run that nobody works on, with its last failure as the reason.

        Takes the lease like any worker, so that nobody begins to write while its end is written.
        Raises LeaseHeld when somebody may be at it, LeaseLost when it has moved on.
        """
        now = self.parts.now()
        owner = f"given up {values.instant_text(now)}"
        lease = self.parts.clockwork.lease_seconds
        run = self.parts.runs.claim(run.run_id, run.integration_id, owner, run.hop, now, lease)
        return end(self.parts, run, owner, last_failure(run))

    def watch(self) -> dict[str, int]:
        """Drive on runs whose message was lost; end those that do not move any more.

        Raises RuntimeError, once all others are looked after, for runs that cannot be.
        """
        counts = {"redriven": 0, "failed": 0}
        broken: dict[str, Exception] = {}
        for integration_id in self.parts.runs.vanished(self.parts.now()):
            try:
                if outcome := self._watch_one(integration_id):
                    counts[outcome] += 1
            except (LeaseLost, LeaseHeld):
                continue  # the index lags behind: somebody is at it
            except Exception as error:
                broken[integration_id] = error
        if broken:
            raise RuntimeError(f"runs of {', '.join(broken)} cannot be watched") from next(
                iter(broken.values())
            )
        return counts

    def _watch_one(self, integration_id: str) -> str | None:
        run = self.parts.runs.state(integration_id).run
        if run is None:
            return None
        if run.redrives >= MAX_REDRIVES:
            self._give_up(run)
            return "failed"
        self.parts.runs.redrive(integration_id, run, self.parts.now(), self.parts.clockwork.grace_seconds)
        self.parts.send(run)
        return "redriven"
