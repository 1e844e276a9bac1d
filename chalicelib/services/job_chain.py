"""Advance jobs slice by slice over a queue: whoever dies in between is followed by the next worker.

A slice claims its job with a lease and saves after every step, which renews the lease. It sends the next
slice's message before it lets go, so the chain cannot break; a message that comes twice finds its slice done.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ..domain.jobs import MAX_ATTEMPTS, Job
from ..domain.runs import MAX_HOPS, Failure, LeaseLost
from .run_parts import Clockwork, SliceQueue

if TYPE_CHECKING:
    from ..storage.jobs import Jobs

AnyJob = TypeVar("AnyJob", bound=Job)


class SliceFailed(Exception):
    """A slice failed for a reason of its own; it will be tried again."""


@dataclass(frozen=True, slots=True)
class Endings:
    """Codes of the catalogue for the ends that no worker names: `failed` takes the last try's cause."""

    failed: str = "job_failed"
    worker_lost: str = "job_worker_lost"
    too_long: str = "job_too_long"


class JobFailed(Exception):
    """The job cannot succeed, and trying again would not help: a code of the catalogue and its parameters."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.failure = Failure(code, {name: str(value) for name, value in params.items()})


@dataclass(frozen=True, slots=True)
class Turn(Generic[AnyJob]):
    """One worker's turn at a job: how long it may go on, and where it saves."""

    deadline: float
    save: Callable[[AnyJob], None]
    now: Callable[[], datetime]

    @property
    def over(self) -> bool:
        """Tell whether the turn's time is used up."""
        return time.monotonic() >= self.deadline


class Worker(Protocol[AnyJob]):
    """Does the work of one kind of job."""

    def work(self, job: AnyJob, turn: Turn[AnyJob]) -> AnyJob:
        """Work until the turn is over or the job is done; answers the job as it stands, finished if it is.

        Raises JobFailed when it cannot succeed. What was not saved is done again, so all may be repeated.
        """
        ...

    def tidy(self, job: AnyJob) -> None:
        """Clear away what only the work needed; the job has ended, and this may be repeated."""
        ...


@dataclass(frozen=True, slots=True)
class JobChain(Generic[AnyJob]):
    """Jobs of one kind, their queue and their worker; `kind` is what their messages say."""

    kind: str
    jobs: "Jobs[AnyJob]"
    queue: SliceQueue
    clockwork: Clockwork
    now: Callable[[], datetime]
    worker: Worker[AnyJob] | None = None
    endings: Endings = Endings()

    def send(self, job: AnyJob, delay_seconds: int = 0) -> None:
        """Ask for the job's slice number `hop`."""
        message = {
            "kind": self.kind,
            "tenant_id": job.tenant_id,
            "integration_id": job.integration_id,
            "job_id": job.job_id,
            "hop": job.hop,
        }
        self.queue.send(message, delay_seconds)

    def drive(self, job: AnyJob) -> None:
        """Send the message again that nobody has come for."""
        if job.open and self.jobs.revive(job, self.now(), self.clockwork.grace_until):
            self.send(job)

    def grace_until(self) -> str:
        """Tell until when a message sent now may be under way."""
        return self.clockwork.grace_until(self.now())

    def advance(self, message: dict[str, Any], owner: str) -> str:
        """Work on a job for one slice; answers what happened, for the log.

        Raises LeaseHeld when another worker may be at it: the message must come back later. Raises
        SliceFailed when it has to be tried again.
        """
        lease = self.clockwork.lease_seconds
        try:
            job = self.jobs.claim(
                message["integration_id"], message["job_id"], owner, message["hop"], self.now(), lease
            )
        except LeaseLost:
            return "dropped"
        try:
            return self._slice(job, owner)
        except LeaseLost:
            return "lease lost"
        except Exception as error:
            self._note(job, owner, error)
            raise SliceFailed() from error

    def _slice(self, job: AnyJob, owner: str) -> str:
        assert self.worker is not None, "only functions that have one advance jobs"
        if job.attempts > MAX_ATTEMPTS:
            return self._end(job, owner, job.failure or Failure(self.endings.worker_lost))
        if job.hop >= MAX_HOPS:
            return self._end(job, owner, Failure(self.endings.too_long))
        lease = self.clockwork.lease_seconds
        turn: Turn[AnyJob] = Turn(
            time.monotonic() + self.clockwork.slice_seconds,
            lambda one: self.jobs.save(one, owner, self.now(), lease),
            self.now,
        )
        try:
            done = self.worker.work(replace(job, failure=None), turn)
        except JobFailed as end:
            return self._end(self._saved(job), owner, end.failure)
        if not done.open:
            return self._finish(done, owner)
        following = replace(done, hop=done.hop + 1, attempts=0)
        self.send(following, 1)
        self.jobs.release(following, owner, grace_until=self.grace_until())
        return "handed over"

    def _saved(self, job: AnyJob) -> AnyJob:
        return self.jobs.find(job.integration_id, job.job_id) or job

    def _end(self, job: AnyJob, owner: str, failure: Failure) -> str:
        return self._finish(replace(job, failure=failure, finished_at=self.now()), owner)

    def _finish(self, job: AnyJob, owner: str) -> str:
        assert self.worker is not None, "as above"
        self.jobs.finish(job, owner)
        self.worker.tidy(job)
        return "failed" if job.failed else "done"

    def _note(self, job: AnyJob, owner: str, error: Exception) -> None:
        """Keep the cause, in case no later try gets on; the state stays as it was saved last."""
        cause = f"{type(error).__name__}: {error}"[:300]
        noted = replace(self._saved(job), failure=Failure(self.endings.failed, {"cause": cause}))
        try:
            self.jobs.release(noted, owner, grace_until=self.grace_until())
        except LeaseLost:
            return
