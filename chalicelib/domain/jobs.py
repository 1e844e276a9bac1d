"""A job: work that outlives one invocation, done slice by slice; each kind adds fields of its own."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Final

from .runs import Failure

MAX_ATTEMPTS: Final = 8
"""So many workers in a row that fail or vanish without a saved step end a job."""

_LETTERS: Final = str.maketrans("0123456789", "ghijkmnpqr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every job has.

    job_id       begins with the moment it was asked for, so that ids sort by time
    hop          number of the slice that comes next
    attempts     workers in a row that took the job up and saved nothing
    finished_at  None while it is open
    failure      why it ended without result; while it is open, why the last try failed
    """

    job_id: str
    tenant_id: str
    integration_id: str
    requested_by: str
    requested_at: datetime
    hop: int = 0
    attempts: int = 0
    finished_at: datetime | None = None
    failure: Failure | None = None

    @property
    def open(self) -> bool:
        """Tell whether there is work left."""
        return self.finished_at is None

    @property
    def failed(self) -> bool:
        """Tell whether it ended without result."""
        return not self.open and self.failure is not None


def new_job_id(now: datetime) -> str:
    """Make the id of a job that is asked for now; nobody can guess it.

    It stands in the paths of requests, where a long row of digits may be taken for a phone number and hidden.
    """
    return f"{now:%Y%m%dT%H%M%S.%f}Z-{token_hex(6).translate(_LETTERS)}"
