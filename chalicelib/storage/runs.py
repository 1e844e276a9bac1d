"""Runs: the one that is on, and the history.

An integration's STATE item is what runs compete for. A run begins by a transaction on it, a slice
claims it with a lease, and each save is conditional on that lease's owner: a worker that lost its
lease cannot write any more.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pynamodb.exceptions import DoesNotExist, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from ..domain import values
from ..domain.errors import Conflict
from ..domain.runs import AlreadyBegun, LeaseHeld, LeaseLost, Run, State
from . import bulk, connection, keys
from .models import IntegrationItem, RunItem, RunStateItem
from .run_ends import write_end
from .run_items import CONDITION_FAILED, after, cancelled, dump, history, load, state_of

WATCHED = "RUNNING"
WATCH_INDEX = "watch-index"


class Runs:
    """Runs of every integration, in one DynamoDB table."""

    def __init__(self, table_name: str, integrations_table: str) -> None:
        self._table = table_name
        connection.bind(IntegrationItem, integrations_table)
        for model in (RunItem, RunStateItem):
            connection.bind(model, table_name)

    def state(self, integration_id: str) -> State:
        """Read what the integration's runs share; consistent."""
        try:
            return state_of(RunStateItem.get(keys.runs(integration_id), keys.STATE, consistent_read=True))
        except DoesNotExist:
            return State()

    def states(self, integration_ids: Iterable[str]) -> dict[str, State]:
        """Read the states of several integrations, 100 a call; one without runs is left out."""
        found = bulk.get_many(self._table, ((keys.runs(one), keys.STATE) for one in integration_ids))
        return {
            keys.integration_of_runs(item["pk"]["S"]): state_of(RunStateItem.from_raw_data(item))
            for item in found
        }

    def begin(self, run: Run, now: datetime, grace_seconds: int) -> None:
        """Begin a run if none is on.

        Raises AlreadyBegun when this run exists already, Conflict when another one is on.
        """
        pk = keys.runs(run.integration_id)
        try:
            with TransactWrite(connection=connection.shared()) as transaction:
                transaction.save(history(run), condition=RunItem.pk.does_not_exist())
                transaction.update(
                    RunStateItem(pk, keys.STATE),
                    actions=[
                        RunStateItem.run_id.set(run.run_id),
                        RunStateItem.run.set(dump(run)),
                        RunStateItem.hop.set(run.hop),
                        RunStateItem.redrives.set(0),
                        RunStateItem.attempts.set(0),
                        RunStateItem.watch_pk.set(WATCHED),
                        RunStateItem.watch_at.set(after(now, grace_seconds)),
                    ],
                    condition=RunStateItem.run_id.does_not_exist(),
                )
        except TransactWriteError as error:
            on_history, *_ = cancelled(error)
            if on_history == CONDITION_FAILED:
                raise AlreadyBegun(run.run_id) from error
            other = self.state(run.integration_id).run
            raise Conflict("run_in_progress", run_id=other.run_id if other else "") from error

    def claim(self, run_id: str, integration_id: str, owner: str, hop: int, now: datetime, lease: int) -> Run:
        """Take the run over for one slice, for `lease` seconds.

        Raises LeaseHeld when somebody may still be working on it, LeaseLost when the message is old.
        """
        until = after(now, lease)
        free = RunStateItem.owner.does_not_exist() | (RunStateItem.lease_until < values.instant_text(now))
        try:
            item = RunStateItem(keys.runs(integration_id), keys.STATE)
            item.update(
                actions=[
                    RunStateItem.owner.set(owner),
                    RunStateItem.lease_until.set(until),
                    RunStateItem.attempts.add(1),
                    RunStateItem.watch_at.set(until),
                ],
                condition=(RunStateItem.run_id == run_id) & (RunStateItem.hop == hop) & free,
            )
        except UpdateError as error:
            raise self._why_not(integration_id, run_id, hop, error) from error
        found = state_of(item).run
        if found is None:
            raise LeaseLost(run_id)
        return found

    def _why_not(self, integration_id: str, run_id: str, hop: int, error: UpdateError) -> Exception:
        if error.cause_response_code != "ConditionalCheckFailedException":
            return error
        state = self.state(integration_id)
        if state.run is None or state.run.run_id != run_id or state.run.hop > hop:
            return LeaseLost(run_id)
        return LeaseHeld(run_id)

    def save(self, run: Run, owner: str, now: datetime, lease: int) -> bool:
        """Save where the run stands and renew the lease; answers whether somebody asked to cancel.

        Raises LeaseLost when the lease went to somebody else.
        """
        until = after(now, lease)
        item = self._update(
            run,
            [
                RunStateItem.run.set(dump(run)),
                RunStateItem.lease_until.set(until),
                RunStateItem.redrives.set(0),
                RunStateItem.attempts.set(0),
                RunStateItem.watch_at.set(until),
            ],
            RunStateItem.owner == owner,
        )
        return bool(item.cancel)

    def release(self, run: Run, owner: str, now: datetime, grace_seconds: int) -> None:
        """End a slice: the next message, numbered `run.hop`, goes on from here."""
        self._update(
            run,
            [
                RunStateItem.run.set(dump(run)),
                RunStateItem.hop.set(run.hop),
                RunStateItem.owner.remove(),
                RunStateItem.lease_until.remove(),
                RunStateItem.redrives.set(run.redrives),
                RunStateItem.attempts.set(run.attempts),
                RunStateItem.watch_at.set(after(now, grace_seconds)),
            ],
            RunStateItem.owner == owner,
        )

    def _update(self, run: Run, actions: list[Any], condition: Condition) -> RunStateItem:
        item = RunStateItem(keys.runs(run.integration_id), keys.STATE)
        try:
            item.update(actions=actions, condition=(RunStateItem.run_id == run.run_id) & condition)
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                raise LeaseLost(run.run_id) from error
            raise
        return item

    def finish(self, run: Run, owner: str) -> None:
        """Write the run's end into the history and free the integration, all or nothing.

        The watchdog is told to look at it. Raises LeaseLost when the lease went to somebody else.
        """
        write_end(run, owner, self.state(run.integration_id))

    def request_cancel(self, integration_id: str, run_id: str) -> bool:
        """Ask the run to stop at its next step; False when it is not on."""
        try:
            RunStateItem(keys.runs(integration_id), keys.STATE).update(
                actions=[RunStateItem.cancel.set(True)], condition=RunStateItem.run_id == run_id
            )
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def find(self, integration_id: str, run_id: str) -> Run | None:
        """Read a run; the one that is on is read where it stands now."""
        wanted = [
            (keys.runs(integration_id), keys.STATE),
            (keys.runs(integration_id), keys.run(run_id)),
        ]
        found = {item["sk"]["S"]: item for item in bulk.get_many(self._table, wanted)}
        state = found.get(keys.STATE, {})
        if state.get("run_id", {}).get("S") == run_id:
            current = load(state["run"]["S"])
            return replace(current, cancel_requested=bool(state.get("cancel", {}).get("BOOL")))
        item = found.get(keys.run(run_id))
        return load(item["run"]["S"]) if item else None

    def latest(
        self, integration_id: str, *, status: str | None, limit: int, before: str | None
    ) -> tuple[list[Run], str | None]:
        """List runs, newest first, behind the run `before`; also the id to go on behind, if any."""
        pk = keys.runs(integration_id)
        last = {"pk": {"S": pk}, "sk": {"S": keys.run(before)}} if before else None
        found = RunItem.query(
            pk,
            RunItem.sk.startswith(keys.RUN_PREFIX),
            filter_condition=RunItem.status == status if status else None,
            scan_index_forward=False,
            limit=limit,
            last_evaluated_key=last,
            consistent_read=True,
        )
        listed = [load(item.run) for item in found]
        end = found.last_evaluated_key
        more = end["sk"]["S"].removeprefix(keys.RUN_PREFIX) if end and len(listed) == limit else None
        return listed, more

    def vanished(self, now: datetime, limit: int = 100) -> list[str]:
        """List integrations whose run's lease or grace ran out: one query of the sparse index."""
        answer = connection.client().query(
            TableName=self._table,
            IndexName=WATCH_INDEX,
            KeyConditionExpression="watch_pk = :on AND watch_at < :now",
            ExpressionAttributeValues={":on": {"S": WATCHED}, ":now": {"S": values.instant_text(now)}},
            Limit=limit,
        )
        return [keys.integration_of_runs(item["pk"]["S"]) for item in answer["Items"]]

    def redrive(self, integration_id: str, run: Run, now: datetime, grace_seconds: int) -> int:
        """Note that a vanished run is driven on once more; answers how often that has happened.

        Raises LeaseLost when it has moved on meanwhile, or another watchman was faster.
        """
        item = self._update(
            run,
            [
                RunStateItem.redrives.add(1),
                RunStateItem.watch_at.set(after(now, grace_seconds)),
            ],
            (RunStateItem.hop == run.hop) & (RunStateItem.watch_at < values.instant_text(now)),
        )
        return int(item.redrives or 0)
