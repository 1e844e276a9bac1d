"""Work that is done slice by slice: a slice claims its item with a lease; each save is conditional on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from pynamodb.exceptions import DoesNotExist, UpdateError

from ..domain import values
from ..domain.jobs import Job
from ..domain.runs import LeaseHeld, LeaseLost
from . import connection
from .models import JobItem
from .run_items import after

AnyJob = TypeVar("AnyJob", bound=Job)
Place = Callable[[str], str]


class Jobs(Generic[AnyJob]):
    """Jobs of one kind, a dataclass written as JSON; `pk` of an integration, `sk` of a job's id."""

    def __init__(
        self, table_name: str, model: type[JobItem], kind: type[AnyJob], *, pk: Place, sk: Place
    ) -> None:
        connection.bind(model, table_name)
        self._model, self._json = model, TypeAdapter(kind)
        self._pk, self._sk = pk, sk

    def find(self, integration_id: str, job_id: str) -> AnyJob | None:
        """Read a job."""
        item = self._item(integration_id, job_id)
        return self._load(item) if item else None

    def latest(self, integration_id: str, *, limit: int, before: str | None) -> list[AnyJob]:
        """List jobs, those with the highest ids first, behind the one with the id `before`."""
        first = self._sk("")
        upper = self._sk(before) if before else f"{first}~"
        found = self._model.query(
            self._pk(integration_id),
            self._model.sk.between(first, upper),
            scan_index_forward=False,
            limit=limit + 1,
            consistent_read=True,
        )
        return [self._load(item) for item in found if item.sk != upper][:limit]

    def revive(self, job: AnyJob, now: datetime, grace_until: Callable[[datetime], str]) -> bool:
        """Take up an unfinished job that nobody works on and no message is under way for.

        Answers True to one of many who ask at once: it sends the message again.
        """
        found = self._item(job.integration_id, job.job_id)
        moment = values.instant_text(now)
        if found is None or not found.open or (found.lease_until or "") >= moment:
            return False
        model = self._model
        try:
            self._key(job.integration_id, job.job_id).update(
                actions=[model.lease_until.set(grace_until(now)), model.owner.remove()],
                condition=(model.hop == job.hop) & (model.lease_until < moment),
            )
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def claim(
        self, integration_id: str, job_id: str, owner: str, hop: int, now: datetime, lease: int
    ) -> AnyJob:
        """Take a job over for one slice, for `lease` seconds.

        Raises LeaseHeld when somebody may still be working on it, LeaseLost when the message is old.
        """
        item, model = self._key(integration_id, job_id), self._model
        free = model.owner.does_not_exist() | (model.lease_until < values.instant_text(now))
        try:
            item.update(
                actions=[
                    model.owner.set(owner),
                    model.lease_until.set(after(now, lease)),
                    model.attempts.add(1),
                ],
                condition=(model.hop == hop) & (model.open == True) & free,  # noqa: E712
            )
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            found = self._item(integration_id, job_id)
            held = found is not None and found.open and int(found.hop) <= hop
            raise (LeaseHeld if held else LeaseLost)(job_id) from error
        return self._load(item)

    def save(self, job: AnyJob, owner: str, now: datetime, lease: int) -> None:
        """Save where the job stands and renew the lease; raises LeaseLost."""
        model = self._model
        self._update(job, owner, [model.lease_until.set(after(now, lease)), model.attempts.set(0)])

    def release(self, job: AnyJob, owner: str, *, grace_until: str) -> None:
        """End a slice: the message numbered `job.hop` goes on from here.

        Until `grace_until` (canonical instant text) that message is taken to be under way.
        """
        model = self._model
        self._update(
            job,
            owner,
            [
                model.hop.set(job.hop),
                model.owner.remove(),
                model.lease_until.set(grace_until),
                model.attempts.set(job.attempts),
            ],
        )

    def finish(self, job: AnyJob, owner: str) -> None:
        """Write how a job ended; raises LeaseLost."""
        model = self._model
        self._update(job, owner, [model.open.set(False), model.owner.remove(), model.lease_until.remove()])

    def new_item(self, job: AnyJob, grace_until: str, expires_at: int | None) -> JobItem:
        """Shape a new job's item; until `grace_until` its first message is taken to be under way."""
        return self._model(
            self._pk(job.integration_id),
            self._sk(job.job_id),
            job=self._dump(job),
            hop=job.hop,
            open=True,
            lease_until=grace_until,
            expires_at=expires_at,
        )

    def _update(self, job: AnyJob, owner: str, actions: list[Any]) -> None:
        try:
            self._key(job.integration_id, job.job_id).update(
                actions=[self._model.job.set(self._dump(job)), *actions],
                condition=self._model.owner == owner,
            )
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                raise LeaseLost(job.job_id) from error
            raise

    def _key(self, integration_id: str, job_id: str) -> JobItem:
        return self._model(self._pk(integration_id), self._sk(job_id))

    def _item(self, integration_id: str, job_id: str) -> JobItem | None:
        try:
            return self._model.get(self._pk(integration_id), self._sk(job_id), consistent_read=True)
        except DoesNotExist:
            return None

    def _dump(self, job: AnyJob) -> str:
        return self._json.dump_json(job).decode()

    def _read(self, text: str) -> AnyJob:
        return self._json.validate_json(text)

    def _load(self, item: JobItem) -> AnyJob:
        job: Any = self._read(item.job)
        found: AnyJob = replace(job, attempts=int(item.attempts or 0), hop=int(item.hop))
        return found
