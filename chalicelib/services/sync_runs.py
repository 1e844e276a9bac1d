"""Advance a run of the nightly sync, slice by slice.

A run is a chain of messages, each worked on for a small time budget. The next message is sent before
the slice is released, so the chain cannot break: if the worker dies in between, its own message comes
back, and a message that is early or late finds another hop number and waits or is dropped.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from ..domain import runs, values
from ..domain.integrations import Integration
from ..domain.runs import Failure, LeaseLost, Run
from ..domain.view_problems import ViewProblem
from .run_parts import RunParts, end, last_failure, numbered, pending
from .run_starts import RunStarts
from .stages import STEPS
from .work import Line, RunFailed, Step, TableFailed, Work

NEXT_SLICE_DELAY: Final = 1


@dataclass(frozen=True, slots=True)
class SyncRuns:
    """The worker's use cases."""

    parts: RunParts
    starts: RunStarts

    def advance(self, message: dict[str, Any], owner: str) -> str:
        """Work on a run for one slice; answers what happened, for the log.

        Raises LeaseHeld when another worker may be at it: the message must come back later.
        """
        if minute := message.get("waiting_since"):
            waited = datetime.fromisoformat(minute)
            begun = self.starts.start_scheduled(message["tenant_id"], message["integration_id"], waited)
            return "begun" if begun else "not begun"
        integration_id, run_id, hop = message["integration_id"], message["run_id"], message["hop"]
        try:
            run = self.parts.runs.claim(
                run_id, integration_id, owner, hop, self.parts.now(), self.parts.clockwork.lease_seconds
            )
        except LeaseLost:
            return "dropped"
        integration = self.parts.integrations.find(run.tenant_id, integration_id)
        try:
            if integration is None:
                return end(self.parts, run, owner, Failure("run_integration_gone", {}, run.stage))
            if hop >= runs.MAX_HOPS:
                return end(
                    self.parts, run, owner, Failure("run_too_many_slices", {"hops": str(hop)}, run.stage)
                )
            if run.attempts > runs.MAX_ATTEMPTS:
                return end(self.parts, run, owner, last_failure(run))
            if not self.parts.can_do(run):
                return self._hand_over(run, owner)
            return self._slice(run, integration, owner)
        except RunFailed as error:
            return self._fail(message, owner, error)
        except LeaseLost:
            return "lease lost"
        finally:
            if self.parts.views:
                self.parts.views.close()

    def _slice(self, run: Run, integration: Integration, owner: str) -> str:
        """Step until the budget is used, the run is cancelled, or the last stage is done."""
        deadline = time.monotonic() + self.parts.clockwork.slice_seconds
        while True:
            if run.cancel_requested:
                return end(self.parts, run, owner, None, "cancelled")
            run, lines = self._step(run, integration)
            self.parts.log.write(run, lines, self.parts.now())
            run = replace(run, log_lines=run.log_lines + len(lines))
            if run.stage == "":
                return self._finish(run, owner)
            if time.monotonic() >= deadline or not self.parts.can_do(run):
                return self._hand_over(run, owner)
            cancel = self.parts.runs.save(run, owner, self.parts.now(), self.parts.clockwork.lease_seconds)
            run = replace(run, cancel_requested=cancel)

    def _step(self, run: Run, integration: Integration) -> tuple[Run, list[dict[str, Any]]]:
        """Do one step of the current stage; answers the run after it (stage "" when all are done)."""
        started = time.monotonic()
        stage = next(one for one in run.stages if one.name == run.stage)
        opening = [Line("stage_started")] if stage.status == "pending" else []
        work = Work(integration, run, self.parts.records, self.parts.crm, self.parts.now(), self.parts.views)
        try:
            step: Step = STEPS[run.stage](work, run.cursor)
        except (LeaseLost, RunFailed):
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
        lines = numbered(run, [*opening, *step.lines], self.parts.now())
        if not done:
            return replace(run, cursor=step.cursor or {}, failure=None), lines
        if run.extracts:
            run = self._extracted(run)
        return replace(run, stage=runs.next_stage(run.stage) or "", cursor={}, failure=None), lines

    def _extracted(self, run: Run) -> Run:
        """Let the run apply what it has read itself, up to this moment: that came after its beginning."""
        return replace(
            run,
            cutoff=values.instant_text(self.parts.now() + timedelta(microseconds=1)),
            total=pending(self.parts, run.integration_id),
        )

    def _hand_over(self, run: Run, owner: str) -> str:
        following = replace(run, hop=run.hop + 1, redrives=0, attempts=0)
        self.parts.send(following, NEXT_SLICE_DELAY)
        self.parts.runs.release(following, owner, self.parts.now(), self.parts.clockwork.grace_seconds)
        return "handed over"

    def _finish(self, run: Run, owner: str) -> str:
        return end(self.parts, replace(run, stage=runs.STAGES[-1]), owner, None, runs.outcome(run))

    def _fail(self, message: dict[str, Any], owner: str, error: RunFailed) -> str:
        """End a run that cannot go on; its state is where the last step that was saved left it."""
        run = self.parts.runs.state(message["integration_id"]).run
        if run is None or run.run_id != message["run_id"]:
            return "dropped"
        return end(self.parts, run, owner, Failure(error.code, error.params, run.stage))

    def note_failure(self, message: dict[str, Any], owner: str, error: "StageFailed") -> None:
        """Keep the cause on the run and give the lease back, so that the next try need not wait.

        A step that failed MAX_FAILURES times in a row ends the run.
        """
        state = self.parts.runs.state(message["integration_id"])
        if state.run is None or state.run.run_id != message["run_id"] or state.owner != owner:
            return
        noted = replace(state.run, failure=error.failure)
        try:
            if noted.attempts >= runs.MAX_FAILURES:
                end(self.parts, noted, owner, error.failure)
            else:
                self.parts.runs.release(noted, owner, self.parts.now(), self.parts.clockwork.grace_seconds)
        except LeaseLost:
            return


class StageFailed(Exception):
    """A step failed for a reason other than its data; the slice will be tried again."""

    def __init__(self, stage: str, error: BaseException) -> None:
        super().__init__(stage, error)
        self.stage, self.table = stage, ""
        if isinstance(error, TableFailed):
            self.table, error = error.table, error.__cause__ or error
        cause = f"{type(error).__name__}: {error}"[:500]
        params = {"stage": stage, "cause": cause, **({"table": self.table} if self.table else {})}
        self.failure = Failure("run_stage_failed", params, stage)
        if isinstance(error, ViewProblem):
            self.failure = Failure(error.code, {"stage": stage, **error.params}, stage)
