"""How a run lies in DynamoDB: one JSON text, in its history item and in the state it is worked on from."""

import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from pynamodb.exceptions import TransactWriteError

from ..domain import run_outcomes, values
from ..domain.run_outcomes import Outcomes
from ..domain.runs import Failure, Run, Stage, State
from . import keys
from .models import RunItem, RunStateItem

CONDITION_FAILED = "ConditionalCheckFailed"


def history(run: Run) -> RunItem:
    """Shape the item that stays."""
    return RunItem(keys.runs(run.integration_id), keys.run(run.run_id), status=run.status, run=dump(run))


def state_of(item: RunStateItem) -> State:
    """Read the state that an integration's runs share."""
    run = None
    if item.run:
        run = replace(
            load(item.run),
            cancel_requested=bool(item.cancel),
            redrives=int(item.redrives or 0),
            attempts=int(item.attempts or 0),
        )
    return State(
        run=run,
        durations=tuple(json.loads(item.durations)) if item.durations else (),
        outcomes=run_outcomes.from_json(json.loads(item.outcomes)) if item.outcomes else Outcomes(),
        owner=item.owner,
        lease_until=item.lease_until,
    )


def dump(run: Run) -> str:
    """Write a run as JSON."""
    return json.dumps(asdict(run), ensure_ascii=False, separators=(",", ":"), default=_moment)


def _moment(value: object) -> str:
    assert isinstance(value, datetime), f"a run holds no {type(value).__name__}"
    return values.instant_text(value)


def load(text: str) -> Run:
    """Read what `dump` wrote."""
    document = json.loads(text)
    for name in ("started_at", "finished_at", "expected_end_at"):
        if document.get(name):
            document[name] = datetime.fromisoformat(document[name])
    document["stages"] = tuple(Stage(**stage) for stage in document["stages"])
    if document.get("failure"):
        document["failure"] = Failure(**document["failure"])
    document["allowed_deletions"] = tuple(document.get("allowed_deletions", ()))
    return Run(**document)


WHILE_ON = (
    *(RunStateItem.run_id, RunStateItem.run, RunStateItem.hop, RunStateItem.cancel),
    *(RunStateItem.owner, RunStateItem.lease_until, RunStateItem.redrives, RunStateItem.attempts),
    *(RunStateItem.watch_pk, RunStateItem.watch_at),
)
"""What the state holds only while a run is on."""


def after(now: datetime, seconds: int) -> str:
    """Write the instant that lies `seconds` ahead."""
    return values.instant_text(now + timedelta(seconds=seconds))


def cancelled(error: TransactWriteError) -> list[str | None]:
    """Tell why a transaction on a run's history, its state (and its integration) was cancelled.

    Raises any other error.
    """
    reasons = [reason.code if reason else None for reason in error.cancellation_reasons]
    if len(reasons) < 2:
        raise error
    return reasons
