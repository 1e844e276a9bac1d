"""Full snapshots: jobs of which each table has one present one, and the keys that each has met.

The keys of a request are an object in S3, and an item that says so. Both are written before the snapshot
is looked at once more and found open; committing closes it before the items are read. So a request that
was answered well is in the comparison, and deliveries side by side never write the same item.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import DoesNotExist, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from ..domain.errors import Busy
from ..domain.snapshots import ITEM_LIFE, Snapshot
from . import bulk, connection, keys
from .bulk import Item, number
from .jobs import Jobs
from .models import OnboardingJobItem, SnapshotClaimItem
from .seen_keys import Met, SeenKeys

if TYPE_CHECKING:
    from .files import Files


_AWAITED: Final = "~"
"""Begins the names of what is still to come; no request's or upload's name does."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Keys noted, those sent twice twice; records without a key; and uploads that are not done yet."""

    met: int
    keyless: int
    awaited: int


class Overtaken(Exception):
    """Somebody else changed the snapshot meanwhile: read it again."""


class Snapshots(Jobs[Snapshot]):
    """Snapshots of every integration."""

    def __init__(self, table_name: str, files: "Files") -> None:
        super().__init__(table_name, OnboardingJobItem, Snapshot, pk=keys.snapshots, sk=keys.snapshot)
        connection.bind(SnapshotClaimItem, table_name)
        self._table, self._files = table_name, files

    def present(self, integration_id: str, table: str) -> Snapshot | None:
        """Find a table's latest snapshot."""
        try:
            claim = SnapshotClaimItem.get(
                keys.snapshots(integration_id), keys.snapshot_claim(table), consistent_read=True
            )
        except DoesNotExist:
            return None
        return self.find(integration_id, claim.snapshot_id)

    def begin(self, snapshot: Snapshot, before: Snapshot | None, ended: Snapshot | None) -> None:
        """Make a snapshot its table's present one; raises Overtaken unless `before` still is that.

        `ended`: how the one before is left, if that changes with it.
        """
        item = self.new_item(snapshot, "", _expiry(snapshot))
        item.open, item.lease_until = False, None
        claim = SnapshotClaimItem(
            item.pk,
            keys.snapshot_claim(snapshot.table),
            snapshot_id=snapshot.job_id,
            expires_at=_expiry(snapshot),
        )
        free: Condition = SnapshotClaimItem.pk.does_not_exist()
        if before:
            free = SnapshotClaimItem.snapshot_id == before.job_id
        try:
            with TransactWrite(connection=connection.shared()) as transaction:
                transaction.save(item, condition=OnboardingJobItem.pk.does_not_exist())
                transaction.save(claim, condition=free)
                if before and ended:
                    place = self._key(before.integration_id, before.job_id)
                    transaction.update(place, *self._turning(ended, before))
        except TransactWriteError as error:
            if not error.cancellation_reasons:
                raise
            raise Overtaken() from error

    def turn(self, now: Snapshot, before: Snapshot, grace_until: str | None) -> None:
        """Change a snapshot that nobody works on; raises Overtaken unless it is as `before` still.

        `grace_until`: it is work from now on, whose first message is taken to be under way until then.
        """
        actions, condition = self._turning(now, before, grace_until)
        try:
            self._key(now.integration_id, now.job_id).update(actions=actions, condition=condition)
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                raise Overtaken() from error
            raise

    def _turning(self, now: Snapshot, before: Snapshot, grace_until: str | None = None) -> tuple[Any, Any]:
        model = OnboardingJobItem
        actions: list[Any] = [model.job.set(self._dump(now)), model.hop.set(now.hop), model.attempts.set(0)]
        if grace_until:
            actions += [model.open.set(True), model.lease_until.set(grace_until), model.owner.remove()]
        return actions, (model.hop == before.hop) & (model.open == False)  # noqa: E712

    def note(self, snapshot: Snapshot, name: str, met: list[str], keyless: int) -> None:
        """Keep the keys of one request; the same name again replaces them. Raises Busy."""
        item: Item = {
            **bulk.key(keys.snapshot_keys(snapshot.integration_id, snapshot.job_id), name),
            "met": number(len(met)),
            "keyless": number(keyless),
            "expires_at": number(_expiry(snapshot)),
        }
        try:
            self._seen(snapshot).save(name, met)
            bulk.write_many(self._table, [item])
        except (BotoCoreError, ClientError) as error:
            raise Busy("snapshot_keys_unsaved") from error

    def expect(self, snapshot: Snapshot, name: str) -> None:
        """Write down that keys are still to come under names that begin with this one."""
        pk = keys.snapshot_keys(snapshot.integration_id, snapshot.job_id)
        expires = number(_expiry(snapshot))
        bulk.write_many(self._table, [{**bulk.key(pk, _AWAITED + name), "expires_at": expires}])

    def arrived(self, snapshot: Snapshot, name: str) -> None:
        """Write down that all of them have come, or will not."""
        pk = keys.snapshot_keys(snapshot.integration_id, snapshot.job_id)
        bulk.write_many(self._table, deletes=[(pk, _AWAITED + name)])

    def noted(self, snapshot: Snapshot) -> Noted:
        """Count what was noted so far."""
        items = list(self._items(snapshot))
        awaited = sum(one["sk"]["S"].startswith(_AWAITED) for one in items)
        met, keyless = (
            sum(int(one[name]["N"]) for one in items if name in one) for name in ("met", "keyless")
        )
        return Noted(met, keyless, awaited)

    def met(self, snapshot: Snapshot) -> Met:
        """Read all keys noted."""
        return self._seen(snapshot).load(self._names(snapshot))

    def forget(self, snapshot: Snapshot) -> None:
        """Forget the keys of a snapshot that has ended."""
        names = self._names(snapshot)
        self._seen(snapshot).clear(names)
        pk = keys.snapshot_keys(snapshot.integration_id, snapshot.job_id)
        bulk.write_many(self._table, deletes=[(pk, name) for name in names])

    def _names(self, snapshot: Snapshot) -> list[str]:
        found = [one["sk"]["S"] for one in self._items(snapshot)]
        return [name for name in found if not name.startswith(_AWAITED)]

    def _items(self, snapshot: Snapshot) -> Iterator[Item]:
        yield from bulk.query(self._table, keys.snapshot_keys(snapshot.integration_id, snapshot.job_id))

    def _seen(self, snapshot: Snapshot) -> SeenKeys:
        return SeenKeys(self._files, f"snapshots/{snapshot.integration_id}/{snapshot.job_id}")


def _expiry(snapshot: Snapshot) -> int:
    moment: datetime = snapshot.requested_at + ITEM_LIFE
    return int(moment.timestamp())
