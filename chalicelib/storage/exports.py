"""Exports of the request log: jobs, of which only one is made at a time of the very same."""

from collections.abc import Callable
from datetime import datetime

from pynamodb.exceptions import DeleteError, DoesNotExist, TransactWriteError
from pynamodb.transactions import TransactWrite

from ..domain.audit import AuditEntry
from ..domain.errors import Busy
from ..domain.exports import ITEM_LIFE, Export
from . import audit, connection, keys
from .jobs import Jobs
from .models import AuditItem, ExportClaimItem, ExportItem

_ATTEMPTS = 5
_FORMER = '{"export_id":'
"""How exports began that were written before they were jobs like others; they are kept for ITEM_LIFE."""


class Exports(Jobs[Export]):
    """Exports of every integration; audit entries are written in the same transaction."""

    def __init__(self, table_name: str, audit_table: str) -> None:
        super().__init__(table_name, ExportItem, Export, pk=keys.exports, sk=keys.export)
        connection.bind(ExportClaimItem, table_name)
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
            if current and current.open:
                if entry := entry_of(current):
                    audit.item_of(entry).save()
                return current
            free = ExportClaimItem.export_id == before if before else ExportClaimItem.pk.does_not_exist()
            item = self.new_item(export, grace_until, _expiry(export))
            try:
                with TransactWrite(connection=connection.shared()) as transaction:
                    transaction.save(item, condition=ExportItem.pk.does_not_exist())
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

    def _read(self, text: str) -> Export:
        former = text.startswith(_FORMER)
        return super()._read(f'{{"job_id":{text.removeprefix(_FORMER)}' if former else text)

    def finish(self, export: Export, owner: str) -> None:
        """Write how an export ended, and let the next one of its likeness begin; raises LeaseLost."""
        super().finish(export, owner)
        claim = ExportClaimItem(keys.exports(export.integration_id), keys.export_claim(export.likeness()))
        try:
            claim.delete(condition=ExportClaimItem.export_id == export.export_id)
        except DeleteError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise


def _expiry(export: Export) -> int:
    moment: datetime = export.requested_at + ITEM_LIFE
    return int(moment.timestamp())
