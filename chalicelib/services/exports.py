"""Ask for an export of the request log, and see where it stands."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..domain import values
from ..domain.audit import Act, AuditEntry
from ..domain.errors import Forbidden, Invalid, NotFound
from ..domain.exports import Export, parse_masked
from ..domain.history import parse_period, parse_tables
from ..domain.integrations import Integration
from ..domain.jobs import new_job_id
from ..domain.schedule import zone
from .access import User
from .job_chain import JobChain

if TYPE_CHECKING:
    from ..storage.audit import Audit
    from ..storage.exports import Exports
    from ..storage.files import Files

_FIELDS = {"from", "to", "tables", "masked"}


@dataclass(frozen=True, slots=True)
class ExportRequests:
    """What the API does with exports; `now` tells the time."""

    exports: "Exports"
    audit: "Audit"
    files: "Files"
    chain: JobChain[Export]
    retention_days: int
    now: Callable[[], datetime]

    def request(self, integration: Integration, user: User, body: Any, language: str) -> Export:
        """Begin an export, or join the one that is being made of the very same; raises Invalid."""
        if not isinstance(body, dict):
            raise Invalid("body_not_object")
        if unknown := sorted(body.keys() - _FIELDS):
            raise Invalid("export_field_unknown", name=unknown[0][:100], known=", ".join(sorted(_FIELDS)))
        now = self.now()
        local = zone(integration.schedule.timezone)
        period = parse_period(
            body.get("from"), body.get("to"), now=now, zone=local, retention_days=self.retention_days
        )
        export = Export(
            job_id=new_job_id(now),
            tenant_id=integration.tenant_id,
            integration_id=integration.integration_id,
            period=period,
            tables=parse_tables(body.get("tables")),
            language=language,
            masked=parse_masked(body.get("masked"), sees_personal_data=user.sees_personal_data),
            requested_by=user.user_id,
            requested_at=now,
        )
        begun = self.exports.begin(
            export, self.chain.grace_until(), lambda one: self._entry(one, user, "export_requested")
        )
        if begun.export_id == export.export_id:
            self.chain.send(begun)
        else:
            self.chain.drive(begun)
        return begun

    def find(self, integration_id: str, user: User, export_id: str) -> Export:
        """Read an export; one whose message was lost is driven on. Raises NotFound or Forbidden."""
        export = self.exports.find(integration_id, export_id) if len(export_id) <= 100 else None
        if export is None:
            raise NotFound("export_not_found", export_id=export_id[:100])
        if not export.masked and not user.sees_personal_data:
            raise Forbidden("export_unmasked")
        self.chain.drive(export)
        return export

    def link(self, export: Export, user: User, local_name: str) -> str | None:
        """Mint a fresh link to a finished file; None when it is not there (any more)."""
        if export.status != "done" or export.expired(self.now()):
            return None
        if self.files.size(export.object_name()) is None:
            return None
        if entry := self._entry(export, user, "export_link"):
            self.audit.add(entry)
        return self.files.link(export.object_name(), local_name)

    def _entry(self, export: Export, user: User, act: Act) -> AuditEntry | None:
        """Write down who is given personal data; nothing for a masked export."""
        if export.masked:
            return None
        what = {
            "export_id": export.export_id,
            "from": values.instant_text(export.period.since),
            "to": values.instant_text(export.period.until),
            "tables": list(export.tables),
        }
        return audit_entry(export.integration_id, user, act, what, self.now())


def audit_entry(integration_id: str, user: User, act: Act, what: dict[str, Any], now: datetime) -> AuditEntry:
    """Write down that somebody was given personal data."""
    at = values.instant_text(now)
    return AuditEntry(secrets.token_hex(6), integration_id, at, user.user_id, user.role, act, what)
