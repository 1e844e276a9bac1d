"""The worker's use case: check a file, import its lines, join what was rejected."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...domain.schedule import zone
from ...domain.upload_problems import FileRefused
from ...domain.uploads import BulkUpload, Phase
from ..job_chain import JobFailed, Turn
from .checking import Checking
from .importing import Importing
from .rejects import Joining
from .snapshot_notes import SnapshotNotes

if TYPE_CHECKING:
    from ...storage.files import Files
    from ...storage.integrations import Integrations


@dataclass(frozen=True, slots=True)
class UploadWorker:
    """Does the work of uploads."""

    integrations: "Integrations"
    files: "Files"
    checking: Checking
    importing: Importing
    joining: Joining
    snapshots: SnapshotNotes

    def work(self, job: BulkUpload, turn: Turn[BulkUpload]) -> BulkUpload:
        """Work until the turn is over or the upload is done; raises JobFailed."""
        integration = self.integrations.find(job.tenant_id, job.integration_id)
        if integration is None:
            raise JobFailed("upload_integration_gone")
        try:
            upload = self._checked(job, turn)
        except FileRefused as refused:
            raise JobFailed(refused.code, **refused.params) from refused
        if self._may(upload, "importing", job, turn):
            upload = self.importing.run(upload, turn, zone(integration.schedule.timezone))
        if self._may(upload, "joining", job, turn):
            upload = self.joining.run(upload, turn)
            if upload.rejects.file_bytes or not upload.rejects.pieces:
                self.snapshots.arrived(upload)
                return replace(upload, finished_at=turn.now())
        return upload

    def _may(self, upload: BulkUpload, phase: Phase, begun: BulkUpload, turn: Turn[BulkUpload]) -> bool:
        """Tell whether to work on a phase now: every turn does a step of what it began with, at least."""
        return upload.phase == phase and (begun.phase == phase or not turn.over)

    def _checked(self, upload: BulkUpload, turn: Turn[BulkUpload]) -> BulkUpload:
        if upload.phase == "waiting":
            upload = replace(self.checking.open(upload), started_at=turn.now())
            turn.save(upload)
        return self.checking.read(upload, turn) if upload.phase == "checking" else upload

    def tidy(self, job: BulkUpload) -> None:
        """Delete the file and its pieces, those included that a lost worker wrote and did not count."""
        pieces = [job.piece_name(number) for number in range(job.pieces + 1)]
        rejected = [job.rejects_name(number) for number in range(job.rejects.pieces + 1)]
        self.files.delete([job.object_name(), *pieces, *rejected])
