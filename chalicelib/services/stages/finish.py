"""Stage finish: tidy the counters and sum the run up; the run itself writes its end."""

from typing import Any

from ..work import Line, Step, Work


def step(work: Work, cursor: dict[str, Any]) -> Step:
    """Fold what crashes and races left beside the counters."""
    work.records.fold_leftovers(work.integration_id)
    stages = {stage.name: stage for stage in work.run.stages}
    # What was refused while it was read is told again while it is loaded, as far as it is new.
    read, loaded = stages["extract"].rejected, stages["load"].rejected
    rejected = max(read, loaded) + sum(
        stage.rejected for stage in work.run.stages if stage.name not in ("extract", "load")
    )
    code = "finish_partial" if rejected else "finish_success"
    params = {"applied": str(stages["load"].processed), "rejected": str(rejected)}
    return Step(None, lines=(Line(code, params, "warning" if rejected else "info"),))
