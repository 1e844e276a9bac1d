"""How a run ends: its history, the state it leaves, and the watchdog's attention, in one transaction."""

import json

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ..domain import run_outcomes, runs
from ..domain.runs import LeaseLost, Run, State
from . import bulk, connection, keys
from .models import IntegrationItem, RunStateItem
from .run_items import CONDITION_FAILED, WHILE_ON, cancelled, history
from .watches import nudge

CONTENDED = "TransactionConflict"
_ATTEMPTS = 5


def write_end(run: Run, owner: str, state: State) -> None:
    """Write the end, again while others are in the way; raises LeaseLost when the lease went elsewhere."""
    left = _left(state, run)
    watched = True
    for attempt in range(_ATTEMPTS):
        try:
            _write(run, owner, left, watched)
            return
        except TransactWriteError as error:
            why = cancelled(error)
            if why[1] == CONDITION_FAILED:
                raise LeaseLost(run.run_id) from error
            if watched and why[2] == CONDITION_FAILED:
                watched = False  # the integration is gone: nobody has to look at it
            elif CONTENDED not in why or attempt == _ATTEMPTS - 1:
                raise  # the slice is tried again
            bulk.pause(attempt)


def _write(run: Run, owner: str, left: list[Action], watched: bool) -> None:
    with TransactWrite(connection=connection.shared()) as transaction:
        transaction.save(history(run))
        transaction.update(
            RunStateItem(keys.runs(run.integration_id), keys.STATE),
            actions=left,
            condition=(RunStateItem.run_id == run.run_id) & (RunStateItem.owner == owner),
        )
        if watched:
            transaction.update(
                IntegrationItem(keys.tenant(run.tenant_id), keys.integration(run.integration_id)),
                actions=nudge(run.integration_id, run.finished_at or run.started_at),
                condition=IntegrationItem.version.exists(),
            )


def _left(state: State, run: Run) -> list[Action]:
    """Write what a run's end leaves in the state: outcomes, and durations of successes."""
    outcomes = run_outcomes.to_json(run_outcomes.after(state.outcomes, run))
    written: list[Action] = [attribute.remove() for attribute in WHILE_ON]
    written.append(RunStateItem.outcomes.set(json.dumps(outcomes, ensure_ascii=False)))
    if run.status in run_outcomes.SUCCESSES and run.finished_at:
        kept = (*state.durations, run.duration_seconds)[-runs.KEPT_DURATIONS :]
        written.append(RunStateItem.durations.set(json.dumps(kept)))
    return written
