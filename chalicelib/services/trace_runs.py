"""Which run brought each version of a record into the CRM.

The CRM says of the version that it holds which run applied it. No run is remembered for those before: it
was the first one to load after the version had come, unless a newer version had come by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..domain.runs import Run
from ..domain.values import instant_text
from ..domain.versions import Version

if TYPE_CHECKING:
    from ..storage.runs import Runs

RUNS_READ: Final = 100


@dataclass(frozen=True, slots=True)
class Applier:
    """A run that dealt with a version, if any; `certain`: it left its name, so it was this one."""

    revision: int
    what: str = ""
    run_id: str | None = None
    certain: bool = True

    def of_version(self) -> dict[str, Any]:
        """Describe it as a part of the version."""
        return {"run_id": self.run_id, "run_certain": self.certain if self.run_id else None}


@dataclass(frozen=True, slots=True)
class Appliers:
    """The runs that dealt with a record's versions; `of_each` is in the versions' order."""

    of_each: list[Applier]
    known: dict[str, Run] = field(default_factory=dict)

    @classmethod
    def read(
        cls, runs: "Runs", integration_id: str, versions: Sequence[Version], applied: dict[str, Any] | None
    ) -> "Appliers":
        """Find them: a query of the newest runs, and one more call for a run that is older than those."""
        newest, _ = runs.latest(integration_id, status=None, limit=RUNS_READ, before=None)
        found = appliers(versions, applied, newest)
        known = {run.run_id: run for run in newest}
        for run_id in {one.run_id for one in found if one.run_id and one.certain} - known.keys():
            if older := runs.find(integration_id, run_id):
                known[run_id] = older
        return cls(found, known)

    def runs(self) -> list[dict[str, Any]]:
        """Describe each run and what it did, newest first."""
        return [
            {
                "run_id": one.run_id,
                "started_at": _moment(self.known.get(one.run_id)),
                "status": run.status if (run := self.known.get(one.run_id)) else None,
                "what": one.what,
                "revision": one.revision,
                "certain": one.certain,
            }
            for one in self.of_each
            if one.run_id
        ]


def appliers(
    versions: Sequence[Version], applied: dict[str, Any] | None, runs: Sequence[Run]
) -> list[Applier]:
    """Name the run that dealt with each version (newest first), as far as that can be known."""
    loads = sorted((run for run in runs if _loaded(run)), key=lambda run: run.cutoff)
    held = _held(versions, applied)
    newer: Version | None = None
    found: list[Applier] = []
    for version in versions:
        if version.what == "rejected":
            found.append(Applier(version.revision, "rejected", version.set_by if version.by_run else None))
            continue
        found.append(_applier(version, newer, applied, held, loads))
        newer = version
    return found


def _held(versions: Sequence[Version], applied: dict[str, Any] | None) -> Version | None:
    """Find the version that the CRM holds: a refusal on top of it leaves it as it is."""
    if applied is None:
        return None
    taken = (one for one in versions if one.revision <= applied["revision"] and one.what != "rejected")
    return next(taken, None)


def _applier(
    version: Version,
    newer: Version | None,
    applied: dict[str, Any] | None,
    held: Version | None,
    loads: Sequence[Run],
) -> Applier:
    what = "deleted" if version.what == "deleted" else "applied"
    if applied and version is held:
        return Applier(version.revision, what, applied["run_id"])
    waiting = version.revision > applied["revision"] if applied else newer is None and what != "deleted"
    run = next((one for one in loads if one.cutoff >= version.at), None)
    if waiting or run is None or (newer and newer.at <= run.cutoff):
        return Applier(version.revision, what)
    return Applier(version.revision, what, run.run_id, certain=False)


def _loaded(run: Run) -> bool:
    return any(stage.name == "load" and stage.status == "done" for stage in run.stages)


def _moment(run: Run | None) -> str | None:
    return instant_text(run.started_at) if run else None
