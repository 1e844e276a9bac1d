"""Runs of the nightly sync: begin, advance slice by slice, cancel, fail, and watch over lost ones.

A run is a chain of messages, each worked on for a small time budget. The next message is sent before
the slice is released, so the chain cannot break: if the worker dies in between, its own message comes
back, and a message that is early or late finds another hop number and waits or is dropped.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..domain import runs, values
from ..domain.errors import Conflict, NotFound
from ..domain.integrations import Integration
from ..domain.runs import AlreadyBegun, Failure, LeaseLost, Run, Status, Trigger
from ..domain.schedule import local_date
from .stages import STEPS
from .work import CrmSink, Line, Step, Work

if TYPE_CHECKING:
    from ..storage.integrations import Integrations
    from ..storage.records import Records
    from ..storage.runs import Runs

MAX_REDRIVES = 3
NEXT_SLICE_DELAY = 1
STILL_WORKING = "still being worked on"


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


@dataclass(frozen=True, slots=True)
class SyncRuns:
    """The use cases around runs, with what they use."""

    integrations: "Integrations"
    runs: "Runs"
    records: "Records"
    crm: CrmSink
    queue: SliceQueue
    clockwork: Clockwork
    now: Callable[[], datetime]

    def begin(self, integration: Integration, trigger: Trigger, run_id: str) -> Run:
        """Begin a run and send its first slice on its way.

        Raises Conflict while another run is on, AlreadyBegun when this very one was begun before.
        Should we die between the two, the event's next delivery or the watchman sends the message.
        """
        now = self.now()
        state = self.runs.state(integration.integration_id)
        run = Run(
            run_id=run_id,
            tenant_id=integration.tenant_id,
            integration_id=integration.integration_id,
            trigger=trigger,
            started_at=now,
            as_of=local_date(integration.schedule.timezone, now).isoformat(),
            expected_end_at=runs.expected_end(now, list(state.durations)),
            cutoff=values.instant_text(now),
            total=self._pending(integration.integration_id),
        )
        if state.run and state.run.run_id != run_id:
            raise Conflict("run_in_progress", run_id=state.run.run_id)
        self.runs.begin(run, now, self.clockwork.grace_seconds)
        self.queue.send(_message(run))
        return run

    def _pending(self, integration_id: str) -> int:
        return sum(max(0, one.pending) for one in self.records.counters(integration_id).values())

    def start_scheduled(self, tenant_id: str, integration_id: str, minute: datetime) -> Run | None:
        """Begin the run of a scheduled minute once, however often the event is delivered.

        None when the integration is gone or switched off, or when a run is on already.
        """
        integration = self.integrations.find(tenant_id, integration_id)
        if integration is None or not integration.armed:
            return None
        run_id = runs.scheduled_id(minute)
        try:
            return self.begin(integration, "schedule", run_id)
        except AlreadyBegun:
            return self._resend_if_on(integration_id, run_id)
        except Conflict:
            return None

    def _resend_if_on(self, integration_id: str, run_id: str) -> Run | None:
        """Send the message again if the run is on: the first delivery may have died before sending."""
        state = self.runs.state(integration_id)
        if state.run and state.run.run_id == run_id:
            self.queue.send(_message(state.run))
        return None

    def cancel(self, integration_id: str, run_id: str) -> Run:
        """Ask a run to stop at its next step; raises NotFound, or Conflict when it has ended."""
        run = self.runs.find(integration_id, run_id)
        if run is None:
            raise NotFound("run_not_found", run_id=run_id)
        if run.status != runs.RUNNING or not self.runs.request_cancel(integration_id, run_id):
            raise Conflict("run_has_ended", status=run.status)
        return replace(run, cancel_requested=True)

    def advance(self, message: dict[str, Any], owner: str) -> str:
        """Work on a run for one slice; answers what happened, for the log.

        Raises LeaseHeld when another worker may be at it: the message must come back later.
        """
        integration_id, run_id, hop = message["integration_id"], message["run_id"], message["hop"]
        try:
            run = self.runs.claim(
                run_id, integration_id, owner, hop, self.now(), self.clockwork.lease_seconds
            )
        except LeaseLost:
            return "dropped"
        integration = self.integrations.find(run.tenant_id, integration_id)
        try:
            if integration is None:
                return self._end(run, owner, Failure("run_integration_gone", {}, run.stage))
            if hop >= runs.MAX_HOPS:
                return self._end(run, owner, Failure("run_too_many_slices", {"hops": str(hop)}, run.stage))
            return self._slice(run, integration, owner)
        except LeaseLost:
            return "lease lost"

    def _slice(self, run: Run, integration: Integration, owner: str) -> str:
        """Step until the budget is used, the run is cancelled, or the last stage is done."""
        deadline = time.monotonic() + self.clockwork.slice_seconds
        while True:
            if run.cancel_requested:
                return self._end(run, owner, None, "cancelled")
            run, lines = self._step(run, integration)
            self.runs.write_log(run, lines, self.now())
            run = replace(run, log_lines=run.log_lines + len(lines))
            if run.stage == "":
                return self._finish(run, owner)
            if time.monotonic() >= deadline:
                return self._hand_over(run, owner)
            cancel = self.runs.save(run, owner, self.now(), self.clockwork.lease_seconds)
            run = replace(run, cancel_requested=cancel)

    def _step(self, run: Run, integration: Integration) -> tuple[Run, list[dict[str, Any]]]:
        """Do one step of the current stage; answers the run after it (stage "" when all are done)."""
        started = time.monotonic()
        stage = next(one for one in run.stages if one.name == run.stage)
        opening = [Line("stage_started")] if stage.status == "pending" else []
        work = Work(integration, run, self.records, self.crm, self.now())
        try:
            step: Step = STEPS[run.stage](work, run.cursor)
        except LeaseLost:
            raise
        except Exception as error:
            raise StageFailed(run.stage, error) from error
        done = step.cursor is None
        run = run.with_stage(
            run.stage,
            status="done" if done else "running",
            processed=stage.processed + step.processed,
            rejected=stage.rejected + step.rejected,
            seconds=stage.seconds + time.monotonic() - started,
        )
        lines = _numbered(run, [*opening, *step.lines], self.now())
        if not done:
            return replace(run, cursor=step.cursor or {}, failure=None), lines
        return replace(run, stage=runs.next_stage(run.stage) or "", cursor={}, failure=None), lines

    def _hand_over(self, run: Run, owner: str) -> str:
        following = replace(run, hop=run.hop + 1)
        self.queue.send(_message(following), NEXT_SLICE_DELAY)
        self.runs.release(following, owner, self.now(), self.clockwork.grace_seconds)
        return "handed over"

    def _finish(self, run: Run, owner: str) -> str:
        return self._end(replace(run, stage=runs.STAGES[-1]), owner, None, runs.outcome(run))

    def _end(self, run: Run, owner: str | None, failure: Failure | None, status: Status = "error") -> str:
        ended = replace(run, status=status, finished_at=self.now(), failure=failure)
        if status in ("error", "cancelled"):
            ended = ended.with_stage(run.stage, status=status)
            lines = [Line("run_cancelled", {}, "warning")]
            if failure:
                lines = [Line(failure.code, failure.params, "error")]
            numbered = _numbered(ended, lines, self.now())
            self.runs.write_log(ended, numbered, self.now())
            ended = replace(ended, log_lines=ended.log_lines + len(numbered))
        self.runs.finish(ended, owner)
        return status

    def note_failure(self, message: dict[str, Any], owner: str, error: "StageFailed") -> None:
        """Keep the cause on the run and give the lease back, so that the next try need not wait."""
        state = self.runs.state(message["integration_id"])
        if state.run is None or state.run.run_id != message["run_id"] or state.owner != owner:
            return
        failure = Failure("run_stage_failed", {"stage": error.stage, "cause": error.cause}, error.stage)
        noted = replace(state.run, failure=failure)
        try:
            self.runs.release(noted, owner, self.now(), self.clockwork.grace_seconds)
        except LeaseLost:
            return

    def fail(self, message: dict[str, Any]) -> str:
        """End a run whose slice failed for good (its message reached the dead-letter queue)."""
        state = self.runs.state(message["integration_id"])
        if state.run is None or state.run.run_id != message["run_id"]:
            return "dropped"
        run = state.run
        if run.hop > message["hop"]:
            return "dropped"
        failure = run.failure or Failure("run_worker_lost", {"stage": run.stage}, run.stage)
        try:
            return self._end(run, None, failure)
        except LeaseLost:
            return STILL_WORKING

    def watch(self) -> dict[str, int]:
        """Drive on runs whose message was lost; end those that do not move any more."""
        counts = {"redriven": 0, "failed": 0}
        now = self.now()
        for integration_id in self.runs.vanished(now):
            run = self.runs.state(integration_id).run
            if run is None:
                continue
            try:
                if run.redrives >= MAX_REDRIVES:
                    failure = run.failure or Failure("run_worker_lost", {"stage": run.stage}, run.stage)
                    self._end(run, None, failure)
                    counts["failed"] += 1
                else:
                    self.runs.redrive(integration_id, run, now, self.clockwork.grace_seconds)
                    self.queue.send(_message(run))
                    counts["redriven"] += 1
            except LeaseLost:
                continue
        return counts


class StageFailed(Exception):
    """A step failed for a reason other than its data; the slice will be tried again."""

    def __init__(self, stage: str, error: Exception) -> None:
        super().__init__(stage, error)
        self.stage = stage
        self.cause = f"{type(error).__name__}: {error}"[:500]


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


def _message(run: Run) -> dict[str, Any]:
    return {
        "tenant_id": run.tenant_id,
        "integration_id": run.integration_id,
        "run_id": run.run_id,
        "hop": run.hop,
    }


def _numbered(run: Run, lines: list[Line], now: datetime) -> list[dict[str, Any]]:
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
