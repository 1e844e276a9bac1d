"""What an integration's runs have come to: the last successes, and what has failed since."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import values

if TYPE_CHECKING:
    from .runs import Run

SUCCESSES = ("success", "partial")


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run's end; `started_at` and `at` (its end) are canonical instants, the rest tells of a failure."""

    run_id: str
    started_at: str
    at: str
    code: str = ""
    params: dict[str, str] = field(default_factory=dict)
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Failing:
    """Runs that failed for one cause since the last success: when first, how often, and the last one."""

    first_at: str
    count: int
    last: EndedRun


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What is known of past runs; `failing` is by cause, and empty again after a success.

    success       the last run that went through all stages, rejected records or not
    full_success  the last one without a rejected record
    error         the last one that ended in error, however long ago
    """

    success: EndedRun | None = None
    full_success: EndedRun | None = None
    error: EndedRun | None = None
    failing: Mapping[str, Failing] = field(default_factory=dict)

    def success_that_counts(self, partial_counts: bool) -> EndedRun | None:
        """Choose the success that keeps an integration fresh."""
        return self.success if partial_counts else self.full_success


def after(outcomes: Outcomes, run: "Run") -> Outcomes:
    """Take a run's end into account; a cancelled run is neither success nor failure."""
    if run.finished_at is None:
        return outcomes
    failure = run.failure
    ended = EndedRun(
        run.run_id,
        values.instant_text(run.started_at),
        values.instant_text(run.finished_at),
        failure.code if failure else "",
        dict(failure.params) if failure else {},
        failure.stage if failure else "",
    )
    if run.status in SUCCESSES:
        full = ended if run.status == "success" else outcomes.full_success
        return replace(outcomes, success=ended, full_success=full, failing={})
    if run.status != "error":
        return outcomes
    cause = f"{ended.code}:{ended.stage}"
    before = outcomes.failing.get(cause)
    failing = Failing(before.first_at if before else ended.at, (before.count if before else 0) + 1, ended)
    return replace(outcomes, error=ended, failing={**outcomes.failing, cause: failing})


def to_json(outcomes: Outcomes) -> dict[str, Any]:
    """Give the outcomes as JSON values."""
    return asdict(outcomes)


def from_json(document: Mapping[str, Any]) -> Outcomes:
    """Read what `to_json` wrote."""
    ended = {
        name: EndedRun(**document[name]) if document.get(name) else None
        for name in ("success", "full_success", "error")
    }
    failing = {
        cause: Failing(one["first_at"], one["count"], EndedRun(**one["last"]))
        for cause, one in document.get("failing", {}).items()
    }
    return Outcomes(**ended, failing=failing)
