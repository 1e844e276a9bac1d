"""What ERPs and people do with uploads: ask for one, and see where they stand."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from ...domain.errors import Conflict, NotFound
from ...domain.jobs import new_job_id
from ...domain.runs import Failure, LeaseHeld, LeaseLost
from ...domain.upload_requests import FileFacts
from ...domain.uploads import MAX_OPEN, BulkUpload
from ..access import User
from ..exports import audit_entry
from ..job_chain import JobChain
from .snapshot_notes import SnapshotNotes

if TYPE_CHECKING:
    from ...storage.audit import Audit
    from ...storage.files import Files
    from ...storage.uploads import Uploads

_LOOKED_AT: Final = 200
"""Among so many of the newest uploads those that are open are looked for."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks: a user, or an ERP by its key."""

    tenant_id: str
    integration_id: str
    name: str
    role: str = "erp"
    key_id: str | None = None
    key_name: str | None = None


@dataclass(frozen=True, slots=True)
class UploadDesk:
    """What the API does with uploads; `now` tells the time."""

    uploads: "Uploads"
    chain: JobChain[BulkUpload]
    files: "Files"
    audit: "Audit"
    snapshots: SnapshotNotes
    now: Callable[[], datetime]

    def request(self, facts: FileFacts, asker: Asker, *, reads_views: bool) -> BulkUpload:
        """Begin an upload; raises Conflict, or NotFound when there is no such snapshot."""
        if reads_views:
            raise Conflict("integration_reads_views")
        newest = self.uploads.latest(asker.integration_id, limit=_LOOKED_AT, before=None)
        if sum(self._settled(one).open for one in newest) >= MAX_OPEN:
            raise Conflict("uploads_open", limit=MAX_OPEN)
        now = self.now()
        upload = BulkUpload(
            job_id=new_job_id(now),
            tenant_id=asker.tenant_id,
            integration_id=asker.integration_id,
            requested_by=asker.name,
            requested_at=now,
            role=asker.role,
            key_id=asker.key_id,
            key_name=asker.key_name,
            table=facts.table,
            format=facts.format,
            size=facts.size,
            sha256=facts.sha256,
            filename=facts.filename,
            encoding=facts.encoding,
            delimiter=facts.delimiter,
            decimal=facts.decimal,
            snapshot_id=facts.snapshot_id,
        )
        self.snapshots.expect(upload)
        self.uploads.begin(upload)
        return upload

    def find(self, integration_id: str, upload_id: str) -> BulkUpload:
        """Read an upload; one whose event or message was lost is driven on. Raises NotFound."""
        upload = self.uploads.find(integration_id, upload_id) if len(upload_id) <= 100 else None
        if upload is None:
            raise NotFound("upload_not_found", upload_id=upload_id[:100])
        upload = self._settled(upload)
        if upload.open and (upload.phase != "waiting" or self.files.found(upload.object_name())):
            self.chain.drive(upload)
        return upload

    def latest(self, integration_id: str, limit: int, before: str | None) -> list[BulkUpload]:
        """List uploads, newest first, behind the one with the id `before`."""
        return [self._settled(one) for one in self.uploads.latest(integration_id, limit=limit, before=before)]

    def file_link(self, upload: BulkUpload) -> tuple[str, dict[str, str]] | None:
        """Mint the link that the file is sent to, and the headers to send; None when it is too late."""
        seconds = int((upload.link_until - self.now()).total_seconds())
        if upload.status != "waiting" or seconds < 1:
            return None
        return self.files.upload_link(upload.object_name(), upload.size, upload.sha256, seconds)

    def rejected_link(self, upload: BulkUpload, user: User | None, language: str) -> str | None:
        """Mint a fresh link to the rejected lines, and write down which user was given personal data."""
        name = upload.rejected_object()
        if not upload.has_rejected_file(self.now()) or self.files.size(name) is None:
            return None
        if user:
            what = {"upload_id": upload.job_id, "table": upload.table, "rows": upload.rejected}
            self.audit.add(audit_entry(upload.integration_id, user, "upload_rejects_link", what, self.now()))
        return self.files.link(name, upload.rejected_name(language))

    def _settled(self, upload: BulkUpload) -> BulkUpload:
        """End an upload whose file was never sent."""
        now = self.now()
        if not upload.unsent(now) or self.files.found(upload.object_name()):
            return upload
        owner = f"unsent-{token_hex(6)}"
        try:
            upload = self.uploads.claim(
                upload.integration_id, upload.job_id, owner, 0, now, self.chain.clockwork.lease_seconds
            )
            ended = replace(upload, failure=Failure("upload_not_sent"), finished_at=now)
            self.uploads.finish(ended, owner)
        except (LeaseHeld, LeaseLost):  # its file came at the last moment, or somebody else has ended it
            return self.uploads.find(upload.integration_id, upload.job_id) or upload
        return ended
