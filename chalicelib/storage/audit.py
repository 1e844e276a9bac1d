"""The audit list, in a table of its own: entries are added, never changed."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

from ..domain.audit import LIFE_DAYS, AuditEntry
from . import connection, keys
from .models import AuditItem


class Audit:
    """Audit entries of every integration."""

    def __init__(self, table_name: str) -> None:
        connection.bind(AuditItem, table_name)

    def add(self, entry: AuditEntry) -> None:
        """Add an entry; one that is there already stays as it is."""
        item_of(entry).save()

    def latest(self, integration_id: str, *, limit: int, before: str | None) -> Iterator[AuditEntry]:
        """List entries, newest first, behind the one named `before` (its `position`)."""
        found = AuditItem.query(
            keys.audit(integration_id),
            AuditItem.sk < before if before else None,
            scan_index_forward=False,
            limit=limit,
            consistent_read=True,
        )
        for item in found:
            yield AuditEntry(**json.loads(item.entry))


def position(entry: AuditEntry) -> str:
    """Tell where an entry stands in its list."""
    return f"{entry.at}#{entry.entry_id}"


def item_of(entry: AuditEntry) -> AuditItem:
    """Shape an entry's item."""
    ends = datetime.fromisoformat(entry.at) + timedelta(days=LIFE_DAYS)
    return AuditItem(
        keys.audit(entry.integration_id),
        position(entry),
        entry=json.dumps(asdict(entry), ensure_ascii=False, separators=(",", ":")),
        expires_at=int(ends.timestamp()),
    )
