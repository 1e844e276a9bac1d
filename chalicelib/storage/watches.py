"""What the watchdog remembers of integrations, and which of them it has to look at.

The memory lies in the integration's own item, under a revision: whoever changes settings, ends a run or
acknowledges an incident raises it, so a decision on older facts is refused as a whole.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ..domain import incidents, integrations
from ..domain.incidents import Incident, Notice
from ..domain.values import instant_text
from ..domain.watch import Overtaken, Watch, Watched
from . import alert_items, bulk, connection, keys
from .models import IncidentItem, IntegrationItem, NoticeItem

DUE_INDEX: Final = "due-index"
DEAD_LETTERS: Final = {
    "runs": IntegrationItem.dead_runs,
    "exports": IntegrationItem.dead_exports,
    "onboarding": IntegrationItem.dead_onboarding,
    "schedule": IntegrationItem.dead_schedule,
}
_CONDITION_FAILED: Final = "ConditionalCheckFailedException"
_CONTENDED: Final = frozenset({_CONDITION_FAILED, "TransactionConflictException"})


class Watches:
    """The watchdog's memory of every integration."""

    def __init__(self, integrations_table: str, alerts_table: str) -> None:
        self._table = integrations_table
        connection.bind(IntegrationItem, integrations_table)
        for model in (IncidentItem, NoticeItem):
            connection.bind(model, alerts_table)

    def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """List (tenant, integration) of those that are due, the longest due first in each shard.

        One query a shard, in parallel; at most `limit` a shard.
        """

        def ask(number: int) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = connection.client().query(
                TableName=self._table,
                IndexName=DUE_INDEX,
                KeyConditionExpression="due_shard = :shard AND due_at <= :now",
                ExpressionAttributeValues={
                    ":shard": {"S": keys.due_shard(number)},
                    ":now": {"S": instant_text(now)},
                },
                Limit=limit,
            )["Items"]
            return found

        shards = connection.parallel(ask, range(keys.BUCKETS))
        return [keys.integration_of(item["pk"]["S"], item["sk"]["S"]) for items in shards for item in items]

    def read(self, wanted: Iterable[tuple[str, str]]) -> list[Watched]:
        """Read integrations by (tenant, integration), 100 a call; consistent, absent ones are left out."""
        places = [(keys.tenant(tenant), keys.integration(one)) for tenant, one in wanted]
        return [watched_of(item) for item in bulk.get_many(self._table, places)]

    def move(
        self,
        watched: Watched,
        watch: Watch,
        due_at: datetime | None,
        changed: Iterable[Incident] = (),
        notices: Iterable[Notice] = (),
    ) -> None:
        """Remember, and write incidents and notices, all or nothing; raises Overtaken."""
        integration = watched.integration
        item = _item(integration.tenant_id, integration.integration_id)
        actions = [
            IntegrationItem.watch.set(dump(watch)),
            IntegrationItem.revision.set(watched.revision + 1),
            *_due(integration.integration_id, due_at),
        ]
        condition = IntegrationItem.version.exists() & (
            IntegrationItem.revision == watched.revision
            if watched.revision
            else IntegrationItem.revision.does_not_exist()
        )
        writes = [alert_items.incident_item(one) for one in changed]
        given = [alert_items.notice_item(one) for one in notices]
        try:
            if not writes and not given:
                item.update(actions=actions, condition=condition)
                return
            with TransactWrite(connection=connection.shared()) as transaction:
                transaction.update(item, actions=actions, condition=condition)
                for one in (*writes, *given):
                    transaction.save(one)
        except UpdateError as error:
            if error.cause_response_code in _CONTENDED:
                raise Overtaken(integration.integration_id) from error
            raise
        except TransactWriteError as error:
            if error.cause_response_code == "TransactionCanceledException":
                raise Overtaken(integration.integration_id) from error
            raise

    def note_dead_letter(self, tenant_id: str, integration_id: str, queue: str, at: datetime) -> bool:
        """Note that a message about an integration could not be worked on; False when it does not exist."""
        try:
            _item(tenant_id, integration_id).update(
                actions=[DEAD_LETTERS[queue].set(instant_text(at)), *nudge(integration_id, at)],
                condition=IntegrationItem.version.exists(),
            )
        except UpdateError as error:
            if error.cause_response_code == _CONDITION_FAILED:
                return False
            raise
        return True


def nudge(integration_id: str, now: datetime) -> list[Action]:
    """Write that the watchdog has to look at an integration now, and may not rely on what it read before."""
    return [IntegrationItem.revision.add(1), *_due(integration_id, now)]


def _due(integration_id: str, at: datetime | None) -> list[Action]:
    if at is None:
        return [IntegrationItem.due_shard.remove(), IntegrationItem.due_at.remove()]
    shard = keys.due_shard(keys.bucket(integration_id))
    return [IntegrationItem.due_shard.set(shard), IntegrationItem.due_at.set(instant_text(at))]


def _item(tenant_id: str, integration_id: str) -> IntegrationItem:
    return IntegrationItem(keys.tenant(tenant_id), keys.integration(integration_id))


def watched_of(item: bulk.Item) -> Watched:
    """Read an integration's item."""
    texts = {name: value["S"] for name, value in item.items() if "S" in value}
    return Watched(
        integrations.from_json(json.loads(texts["settings"])),
        load(texts["watch"]) if "watch" in texts else Watch(),
        int(item.get("revision", {"N": "0"})["N"]),
        {queue: texts[name] for queue in DEAD_LETTERS if (name := f"dead_{queue}") in texts},
    )


def dump(watch: Watch) -> str:
    """Write the memory as JSON."""
    document = {
        "open": [incidents.to_json(one) for one in watch.open],
        "checked": watch.checked,
        "heard": {day: sorted(tables) for day, tables in watch.heard.items()},
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> Watch:
    """Read what `dump` wrote."""
    document = json.loads(text)
    return Watch(
        tuple(incidents.from_json(one) for one in document["open"]),
        document["checked"],
        {day: frozenset(tables) for day, tables in document["heard"].items()},
    )
