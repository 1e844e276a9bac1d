"""Refused records: list them, and settle one that was corrected elsewhere or does not matter."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ..domain.errors import Conflict, NotFound
from ..domain.integrations import Integration
from ..domain.request_log import new_id
from ..domain.staging import APPLY, Change, Staged, Write
from ..domain.tables import TABLES
from ..domain.values import instant_text
from .access import User
from .exports import audit_entry

if TYPE_CHECKING:
    from ..storage.audit import Audit
    from ..storage.records import Records
    from ..storage.refused import Refused
    from ..storage.runs import Runs

_MAX_NAME = 1_300
"""Of the longest key, written as base64."""


class Recovery(Protocol):
    """Counts what a worker that died had written."""

    def recover(self, integration_id: str, table: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Rejections:
    """What people do with refused records; `now` tells the time."""

    records: "Records"
    refused: "Refused"
    runs: "Runs"
    journal: Recovery
    audit: "Audit"
    now: Callable[[], datetime]

    def latest(
        self, integration_id: str, tables: list[str], before: str | None, limit: int
    ) -> tuple[list[Staged], str | None]:
        """List refused records, newest first, of the tables that have any; see `storage.refused`."""
        counted = self.records.counters(integration_id)
        wanted = [
            name
            for name in TABLES
            if (not tables or name in tables) and name in counted and counted[name].rejected
        ]
        return self.refused.latest(integration_id, wanted, before, limit)

    def find(self, integration_id: str, table: str, stored_as: str) -> Staged:
        """Find a refused record by the name that the list gives it; raises NotFound."""
        key = key_named(stored_as)
        found = self.records.read(integration_id, table, [key]).get(key) if key else None
        if found is None or found.rejection is None:
            raise NotFound("rejected_not_found", table=table, stored_as=stored_as[:100])
        return found

    def dismiss(self, integration: Integration, user: User, table: str, stored_as: str) -> Staged:
        """Settle a refusal without a correction; the audit list says who did.

        Raises NotFound, or Conflict while a run reads the integration's views: it alone writes then.
        """
        here = integration.integration_id
        found = self.find(here, table, stored_as)
        if integration.reads_views:
            if run := self.runs.state(here).run:
                raise Conflict("run_in_progress", run_id=run.run_id)
            # What a dead reader left in its journal is told apart by revisions: count it before one changes.
            self.journal.recover(here, table)
        assert found.rejection is not None, "it was found by it"
        what = {"table": table, "key": shown_key(found), "request_id": found.rejection.request_id}
        entry = audit_entry(here, user, "rejected_dismissed", {**what, "stored_as": stored_as}, self.now())
        self.audit.add(entry)
        self.settle(here, table, found)
        return found

    def settle(self, integration_id: str, table: str, refused: Staged) -> None:
        """Forget a refusal, unless it is another one by now; a record behind it is applied again."""
        assert refused.rejection is not None, "it was found by it"
        digest = refused.rejection.digest

        def decide(key: str, stored: Staged | None) -> Write | None:
            if stored is None or stored.rejection is None or stored.rejection.digest != digest:
                return None
            cleared = replace(stored, revision=stored.revision + 1, rejection=None)
            if stored.live:
                # The run may have set this very version aside: it decides again.
                return Write(stored, cleared, (Change(key, APPLY),))
            return Write(stored, replace(cleared, deleted=True))

        now = self.now()
        self.records.rewrite(
            integration_id,
            table,
            [refused.key],
            decide,
            label=new_id(table, now),
            at=instant_text(now),
        )


def name_of(key: str) -> str:
    """Name what lies under a key, so that the name can stand in an address."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_named(name: str) -> str | None:
    """Read what `name_of` wrote; None when it is no such name."""
    if not 0 < len(name) <= _MAX_NAME or not name.isascii():
        return None
    try:
        return base64.urlsafe_b64decode(name.encode() + b"=" * (-len(name) % 4)).decode() or None
    except (binascii.Error, UnicodeDecodeError):
        return None


def shown_key(staged: Staged) -> str | None:
    """Show a refused record's key; None when it had none that could be used."""
    return None if staged.key.startswith("\x01") else staged.key
