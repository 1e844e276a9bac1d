"""What the use cases around runs have in common: what they use, a run's messages, and its end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from ..domain import values
from ..domain.runs import Failure, Run, Status
from .work import CrmSink, Line

if TYPE_CHECKING:
    from ..storage.integrations import Integrations
    from ..storage.records import Records
    from ..storage.run_log import RunLog
    from ..storage.runs import Runs
    from .views.parts import ViewParts


class SliceQueue(Protocol):
    """Where the message of the next slice goes."""

    def send(self, message: dict[str, Any], delay_seconds: int = 0) -> None: ...


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The times a run lives by, in seconds: a slice's budget, its lease, and the watchman's patience."""

    slice_seconds: int
    lease_seconds: int

    @property
    def grace_seconds(self) -> int:
        """How long a message may be under way before the watchman sends another."""
        return self.lease_seconds * 2

    def grace_until(self, now: datetime) -> str:
        """Tell until when a message sent now may be under way (canonical instant text)."""
        return values.instant_text(now + timedelta(seconds=self.grace_seconds))


@dataclass(frozen=True, slots=True)
class RunParts:
    """Everything that runs need; `now` tells the time, `views` is there where the ERP's views can be read."""

    integrations: "Integrations"
    runs: "Runs"
    log: "RunLog"
    records: "Records"
    crm: CrmSink
    queue: SliceQueue
    views_queue: SliceQueue
    clockwork: Clockwork
    now: Callable[[], datetime]
    views: "ViewParts | None" = None

    def send(self, run: Run, delay_seconds: int = 0) -> None:
        """Ask for a run's slice number `hop`, of the function that can do it."""
        queue = self.views_queue if run.extracts else self.queue
        queue.send(slice_message(run), delay_seconds)

    def can_do(self, run: Run) -> bool:
        """Tell whether this function can do the run's present stage."""
        return run.extracts == (self.views is not None)


def slice_message(run: Run) -> dict[str, Any]:
    """Write the message that asks for a run's slice number `hop`."""
    return {
        "tenant_id": run.tenant_id,
        "integration_id": run.integration_id,
        "run_id": run.run_id,
        "hop": run.hop,
    }


def pending(parts: RunParts, integration_id: str) -> int:
    """Count the changes that wait to be applied, over all tables."""
    return sum(max(0, one.pending) for one in parts.records.counters(integration_id).values())


def numbered(run: Run, lines: list[Line], now: datetime) -> list[dict[str, Any]]:
    """Give lines their numbers; a repeated step gives the same ones."""
    return [
        {
            "number": run.log_lines + position + 1,
            "at": values.instant_text(now),
            "level": line.level,
            "stage": run.stage,
            "code": line.code,
            "params": line.params,
            "details": line.details,
        }
        for position, line in enumerate(lines)
    ]


def last_failure(run: Run) -> Failure:
    """Tell why a run that does not get on is given up."""
    return run.failure or Failure("run_worker_lost", {"stage": run.stage}, run.stage)


def end(parts: RunParts, run: Run, owner: str, failure: Failure | None, status: Status = "error") -> str:
    """Write a run's end, with what its log says of it; answers the status. Raises LeaseLost."""
    ended = replace(run, status=status, finished_at=parts.now(), failure=failure)
    if status in ("error", "cancelled"):
        ended = ended.with_stage(run.stage, status=status)
        lines = [Line("run_cancelled", {}, "warning")]
        if failure:
            lines = [Line(failure.code, failure.params, "error")]
        told = numbered(ended, lines, parts.now())
        parts.log.write(ended, told, parts.now())
        ended = replace(ended, log_lines=ended.log_lines + len(told))
    parts.runs.finish(ended, owner)
    return status
