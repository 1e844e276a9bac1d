"""A run of the nightly sync: identity, stages, progress, and how its end is judged."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from .errors import FieldIssue, Invalid
from .run_outcomes import Outcomes
from .tables import NAMES

STAGES: Final = ("extract", "load", "analyse", "update", "categorise", "finish")
RUNNING: Final = "running"
MAX_HOPS: Final = 5_000
MAX_FAILURES: Final = 5
"""A step that fails so often in a row ends its run: its cause does not go away."""
MAX_ATTEMPTS: Final = 12
"""So many workers in a row that vanish without a single saved step end their run."""
KEPT_DURATIONS: Final = 30
Status = Literal["running", "success", "partial", "error", "cancelled"]
ENDS: Final = ("success", "partial", "error", "cancelled")
Trigger = Literal["schedule", "manual"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage's account; `seconds` of work, without the waiting between slices."""

    name: str
    status: str = "pending"
    processed: int = 0
    rejected: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Give the stage as the API shows it."""
        return {
            "name": self.name,
            "status": self.status,
            "processed": self.processed,
            "rejected": self.rejected,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run ended in error: a code of the catalogue, its parameters, and the stage."""

    code: str
    params: dict[str, str] = field(default_factory=dict)
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run and where it stands.

    as_of       the analysis's date in the integration's time zone ("YYYY-MM-DD")
    cutoff      canonical instant: changes received later wait for the next run
    cursor      where the current stage stands; the stage alone knows its shape
    total       units of work expected, for the progress; 0 when unknown
    log_lines   lines written so far: the next line's number
    allowed_deletions  tables whose vanished records may be deleted, however many they are
    """

    run_id: str
    tenant_id: str
    integration_id: str
    trigger: Trigger
    started_at: datetime
    as_of: str
    cutoff: str
    status: Status = "running"
    finished_at: datetime | None = None
    stages: tuple[Stage, ...] = tuple(Stage(name) for name in STAGES)
    stage: str = STAGES[0]
    cursor: dict[str, Any] = field(default_factory=dict)
    expected_end_at: datetime | None = None
    total: int = 0
    log_lines: int = 0
    cancel_requested: bool = False
    failure: Failure | None = None
    hop: int = 0
    redrives: int = 0
    attempts: int = 0
    reads_views: bool = False
    allowed_deletions: tuple[str, ...] = ()

    @property
    def extracts(self) -> bool:
        """Whether the ERP's views are being read, which only the extracting function can do."""
        return self.reads_views and self.stage == "extract"

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from start to end; None while running."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None

    @property
    def progress(self) -> float:
        """Share of the work done, 0 to 1: stages count alike, load by its changes."""
        if self.status != RUNNING:
            return 1.0 if self.status in ("success", "partial") else self._reached()
        return min(self._reached(), 0.99)

    def _reached(self) -> float:
        weights = {**_WEIGHTS, "extract": _VIEWS_WEIGHT} if self.reads_views else _WEIGHTS
        done: float = sum(weights[stage.name] for stage in self.stages if stage.status == "done")
        current = next(stage for stage in self.stages if stage.name == self.stage)
        if current.status != "done" and self.stage == "load" and self.total:
            done += weights["load"] * min(1.0, current.processed / self.total)
        if self.extracts and self.cursor.get("of"):
            done += _VIEWS_WEIGHT * (1 - len(self.cursor["tables"]) / self.cursor["of"])
        return round(done / sum(weights.values()), 4)

    def with_stage(self, name: str, **changes: Any) -> "Run":
        """Copy with one stage's account changed."""
        stages = tuple(replace(one, **changes) if one.name == name else one for one in self.stages)
        return replace(self, stages=stages)


_VIEWS_WEIGHT: Final = 60
_WEIGHTS: Final = {"extract": 5, "load": 60, "analyse": 20, "update": 7, "categorise": 7, "finish": 1}


def next_stage(name: str) -> str | None:
    """Name the stage after this one; None after the last."""
    position = STAGES.index(name) + 1
    return STAGES[position] if position < len(STAGES) else None


def outcome(run: Run) -> Status:
    """Judge a run that went through all its stages: partial when any record was rejected."""
    return "partial" if any(stage.rejected for stage in run.stages) else "success"


def average(durations: list[float]) -> float | None:
    """Average the durations of the last successful runs, seconds."""
    return round(sum(durations) / len(durations), 3) if durations else None


def expected_end(started_at: datetime, durations: list[float]) -> datetime | None:
    """Expect a run to take as long as the last successful ones did on average."""
    usual = average(durations)
    return started_at + timedelta(seconds=usual) if usual is not None else None


def scheduled_id(minute: datetime) -> str:
    """Name the run of a scheduled time: every delivery of the same event gives the same id."""
    return f"{minute:%Y%m%dT%H%M}00Z-s"


def manual_id(now: datetime, suffix: str) -> str:
    """Name a run started by hand; sorts by time among the others, to the millisecond."""
    return f"{now:%Y%m%dT%H%M%S}Z-m{now.microsecond // 1000:03}{suffix}"


def parse_allowed_deletions(raw: object) -> tuple[str, ...]:
    """Read the tables whose vanished records somebody has looked at and agrees to delete; raises Invalid."""
    if raw is None:
        return ()
    if not isinstance(raw, list) or any(name not in NAMES for name in raw):
        params = {"choices": ", ".join(NAMES)}
        raise Invalid("invalid_setting", fields=[FieldIssue("allow_deletions", "not_a_choice", params)])
    return tuple(dict.fromkeys(raw))


class LeaseLost(Exception):
    """Another worker owns the run by now, or it has ended: stop without writing."""


class LeaseHeld(Exception):
    """Another worker is at it, or its lease has not run out yet: try the message again later."""


class AlreadyBegun(Exception):
    """This very run was begun before: the event was delivered again."""


@dataclass(frozen=True, slots=True)
class State:
    """What an integration's runs share: the run that is on, past durations, what runs have come to."""

    run: Run | None = None
    durations: tuple[float, ...] = ()
    outcomes: Outcomes = field(default_factory=Outcomes)
    owner: str | None = None
    lease_until: str | None = None
