"""Exports of the request log. A slice claims an export with a lease; each save is conditional on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from pynamodb.exceptions import DeleteError, DoesNotExist, TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from ..domain import values
from ..domain.audit import AuditEntry
from ..domain.errors import Busy
from ..domain.exports import ITEM_LIFE, OPEN, Export
from ..domain.runs import LeaseHeld, LeaseLost
from . import audit, connection, keys
from .models import AuditItem, ExportClaimItem, ExportItem
from .run_items import after

_JSON: TypeAdapter[Export] = TypeAdapter(Export)
_ATTEMPTS = 5


class Exports:
    """Exports of every integration; audit entries are written in the same transaction."""

    def __init__(self, table_name: str, audit_table: str) -> None:
        for model in (ExportItem, ExportClaimItem):
            connection.bind(model, table_name)
        connection.bind(AuditItem, audit_table)

    def begin(
        self, export: Export, grace_until: str, entry_of: Callable[[Export], AuditEntry | None]
    ) -> Export:
        """Begin an export, or find the one that is being made of the very same.

        Its audit entry is written with it, or not at all. Until `grace_until` its message is taken to be
        under way. Raises Busy when others keep winning.
        """
        pk = keys.exports(export.integration_id)
        claim = ExportClaimItem(
            pk,
            keys.export_claim(export.likeness()),
            export_id=export.export_id,
            expires_at=_expiry(export),
        )
        for _ in range(_ATTEMPTS):
            before = self._claimed(pk, claim.sk)
            current = self.find(export.integration_id, before) if before else None
            if current and current.status in OPEN:
                if entry := entry_of(current):
                    audit.item_of(entry).save()
                return current
            free = ExportClaimItem.export_id == before if before else ExportClaimItem.pk.does_not_exist()
            try:
                with TransactWrite(connection=connection.shared()) as transaction:
                    transaction.save(_item(export, grace_until), condition=ExportItem.pk.does_not_exist())
                    transaction.save(claim, condition=free)
                    if entry := entry_of(export):
                        transaction.save(audit.item_of(entry))
            except TransactWriteError as error:
                if not error.cancellation_reasons:
                    raise
                continue
            return export
        raise Busy()

    def _claimed(self, pk: str, sk: str) -> str | None:
        try:
            return ExportClaimItem.get(pk, sk, consistent_read=True).export_id
        except DoesNotExist:
            return None

    def find(self, integration_id: str, export_id: str) -> Export | None:
        """Read an export."""
        item = self._item(integration_id, export_id)
        return _load(item) if item else None

    def revive(self, export: Export, now: datetime, grace_until: Callable[[datetime], str]) -> bool:
        """Take up an unfinished export that nobody works on and no message is under way for.

        Answers True to one of many who ask at once: it sends the message again.
        """
        item = ExportItem(keys.exports(export.integration_id), keys.export(export.export_id))
        found = self._item(export.integration_id, export.export_id)
        moment = values.instant_text(now)
        if found is None or not found.open or (found.lease_until or "") >= moment:
            return False
        try:
            item.update(
                actions=[ExportItem.lease_until.set(grace_until(now)), ExportItem.owner.remove()],
                condition=(ExportItem.hop == export.hop) & (ExportItem.lease_until < moment),
            )
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _item(self, integration_id: str, export_id: str) -> ExportItem | None:
        try:
            return ExportItem.get(keys.exports(integration_id), keys.export(export_id), consistent_read=True)
        except DoesNotExist:
            return None

    def claim(
        self, integration_id: str, export_id: str, owner: str, hop: int, now: datetime, lease: int
    ) -> Export:
        """Take an export over for one slice, for `lease` seconds.

        Raises LeaseHeld when somebody may still be working on it, LeaseLost when the message is old.
        """
        item = ExportItem(keys.exports(integration_id), keys.export(export_id))
        free = ExportItem.owner.does_not_exist() | (ExportItem.lease_until < values.instant_text(now))
        try:
            item.update(
                actions=[
                    ExportItem.owner.set(owner),
                    ExportItem.lease_until.set(after(now, lease)),
                    ExportItem.attempts.add(1),
                ],
                condition=(ExportItem.hop == hop) & (ExportItem.open == True) & free,  # noqa: E712
            )
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            found = self._item(integration_id, export_id)
            held = found is not None and found.open and int(found.hop) <= hop
            raise (LeaseHeld if held else LeaseLost)(export_id) from error
        return _load(item)

    def save(self, export: Export, owner: str, now: datetime, lease: int) -> None:
        """Save where the export stands and renew the lease; raises LeaseLost."""
        self._update(
            export,
            owner,
            [ExportItem.lease_until.set(after(now, lease)), ExportItem.attempts.set(0)],
        )

    def release(self, export: Export, owner: str, *, grace_until: str) -> None:
        """End a slice: the message numbered `export.hop` goes on from here.

        Until `grace_until` (canonical instant text) that message is taken to be under way.
        """
        self._update(
            export,
            owner,
            [
                ExportItem.hop.set(export.hop),
                ExportItem.owner.remove(),
                ExportItem.lease_until.set(grace_until),
                ExportItem.attempts.set(export.attempts),
            ],
        )

    def finish(self, export: Export, owner: str) -> None:
        """Write how an export ended, and let the next one of its likeness begin; raises LeaseLost."""
        self._update(
            export,
            owner,
            [ExportItem.open.set(False), ExportItem.owner.remove(), ExportItem.lease_until.remove()],
        )
        claim = ExportClaimItem(keys.exports(export.integration_id), keys.export_claim(export.likeness()))
        try:
            claim.delete(condition=ExportClaimItem.export_id == export.export_id)
        except DeleteError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    def _update(self, export: Export, owner: str, actions: list[Any]) -> None:
        item = ExportItem(keys.exports(export.integration_id), keys.export(export.export_id))
        try:
            item.update(
                actions=[ExportItem.export.set(_dump(export)), *actions],
                condition=ExportItem.owner == owner,
            )
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                raise LeaseLost(export.export_id) from error
            raise


def _item(export: Export, grace_until: str) -> ExportItem:
    return ExportItem(
        keys.exports(export.integration_id),
        keys.export(export.export_id),
        export=_dump(export),
        hop=export.hop,
        open=True,
        lease_until=grace_until,
        expires_at=_expiry(export),
    )


def _expiry(export: Export) -> int:
    return int((export.requested_at + ITEM_LIFE).timestamp())


def _dump(export: Export) -> str:
    return _JSON.dump_json(export).decode()


def _load(item: ExportItem) -> Export:
    export = _JSON.validate_json(item.export)
    return replace(export, attempts=int(item.attempts or 0), hop=int(item.hop))
