"""Incidents to read, and notices to send: an outbox that is emptied at least once, in order."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.expressions.update import Action

from ..domain import incidents
from ..domain.incidents import Incident, Notice
from ..domain.values import instant_text
from . import bulk, connection, keys
from .models import IncidentItem, NoticeItem

OUTBOX_INDEX: Final = "outbox-index"
MESSAGES_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Message:
    """What was told of an incident; `sent_at` and `subject` are None while it waits to be sent.

    withdrawn  it was never sent: the trouble was over before it could be
    """

    notice: Notice
    sent_at: str | None
    subject: str | None
    withdrawn: bool = False


class Alerts:
    """Incidents and notices of every integration."""

    def __init__(self, table_name: str) -> None:
        self._table = table_name
        for model in (IncidentItem, NoticeItem):
            connection.bind(model, table_name)

    def find(self, integration_id: str, incident_id: str) -> Incident | None:
        """Read one incident; consistent."""
        try:
            item = IncidentItem.get(
                keys.alerts(integration_id), keys.incident(incident_id), consistent_read=True
            )
        except DoesNotExist:
            return None
        return incidents.from_json(json.loads(item.incident))

    def latest(
        self, integration_id: str, *, open_only: bool | None, limit: int, before: str | None
    ) -> tuple[list[Incident], str | None]:
        """List incidents, newest first, behind the one named `before`; also the name to go on behind."""
        pk = keys.alerts(integration_id)
        condition = None
        if open_only is not None:
            expires = IncidentItem.expires_at
            condition = expires.does_not_exist() if open_only else expires.exists()
        found = IncidentItem.query(
            pk,
            IncidentItem.sk.startswith(keys.INCIDENT_PREFIX),
            filter_condition=condition,
            scan_index_forward=False,
            limit=limit,
            last_evaluated_key={"pk": {"S": pk}, "sk": {"S": keys.incident(before)}} if before else None,
            consistent_read=True,
        )
        listed = [incidents.from_json(json.loads(item.incident)) for item in found]
        end = found.last_evaluated_key
        more = end["sk"]["S"].removeprefix(keys.INCIDENT_PREFIX) if end and len(listed) == limit else None
        return listed, more

    def messages(self, listed: Iterable[Incident]) -> dict[str, list[Message]]:
        """Read what was told of incidents, in order: incident → messages; 100 messages a call.

        Of one with many reminders, the first message and the last ones.
        """
        wanted = [
            (keys.alerts(one.integration_id), keys.notice(f"{one.incident_id}-{number:04d}"))
            for one in listed
            for number in (*range(1, 2), *range(max(2, one.told + 2 - MESSAGES_SHOWN), one.told + 1))
        ]
        found: dict[str, list[Message]] = {}
        for item in sorted(bulk.get_many(self._table, wanted), key=lambda one: one["sk"]["S"]):
            sent_at, subject = (item.get(name, {}).get("S") for name in ("sent_at", "subject"))
            message = Message(_notice(item), sent_at, subject, "withdrawn" in item)
            found.setdefault(message.notice.incident.incident_id, []).append(message)
        return found

    def waiting(self, limit: int) -> list[Notice]:
        """List notices that are not sent, in order; one query a shard, in parallel, at most `limit` each."""

        def ask(number: int) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = connection.client().query(
                TableName=self._table,
                IndexName=OUTBOX_INDEX,
                KeyConditionExpression="out_shard = :shard",
                ExpressionAttributeValues={":shard": {"S": keys.outbox_shard(number)}},
                Limit=limit,
            )["Items"]
            return found

        shards = connection.parallel(ask, range(keys.BUCKETS))
        return [_notice(item) for items in shards for item in items]

    def claim(self, notice: Notice, now: datetime, seconds: int) -> bool:
        """Take on the sending of a notice for so long; False when it is sent, or somebody else is at it."""
        free = NoticeItem.claimed_until.does_not_exist() | (NoticeItem.claimed_until < instant_text(now))
        until = instant_text(now + timedelta(seconds=seconds))
        try:
            _item(notice).update(
                actions=[NoticeItem.claimed_until.set(until)],
                condition=NoticeItem.out_shard.exists() & free,
            )
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def release(self, notice: Notice) -> None:
        """Give a notice back that could not be sent: the next watchdog tries again."""
        _item(notice).update(
            actions=[NoticeItem.claimed_until.remove()], condition=NoticeItem.out_shard.exists()
        )

    def withdraw(self, notice: Notice) -> None:
        """Take a notice out of the outbox that is not to be sent any more; it stays in the history."""
        self._settle(notice, [NoticeItem.withdrawn.set(True)])

    def sent(self, notice: Notice, subject: str, now: datetime) -> None:
        """Take a notice out of the outbox that was sent; it stays in the history."""
        at = instant_text(now)
        self._settle(notice, [NoticeItem.sent_at.set(at), NoticeItem.subject.set(subject)])

    def _settle(self, notice: Notice, actions: list[Action]) -> None:
        leaving: list[Action] = [
            one.remove() for one in (NoticeItem.out_shard, NoticeItem.out_at, NoticeItem.claimed_until)
        ]
        _item(notice).update(actions=[*leaving, *actions])


def _item(notice: Notice) -> NoticeItem:
    return NoticeItem(keys.alerts(notice.incident.integration_id), keys.notice(notice.message_id))


def _notice(item: bulk.Item) -> Notice:
    return incidents.notice_from_json(json.loads(item["notice"]["S"]))
