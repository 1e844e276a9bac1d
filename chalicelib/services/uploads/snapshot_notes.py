"""Uploads that are part of a full snapshot: it waits for them, and the keys of their lines count as met."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.errors import ProductError
from ...domain.uploads import BulkUpload
from ..job_chain import JobFailed
from ..snapshots import SnapshotDesk


@dataclass(frozen=True, slots=True)
class SnapshotNotes:
    """Tells the snapshot that an upload names, if any."""

    desk: SnapshotDesk

    def expect(self, upload: BulkUpload) -> None:
        """Let the snapshot wait for the upload; raises NotFound, or Conflict when it takes no records."""
        if upload.snapshot_id is not None:
            snapshot = self.desk.accept(upload.integration_id, upload.table, upload.snapshot_id)
            self.desk.expect(snapshot, upload.job_id)

    def met(self, upload: BulkUpload, batch: int, keys: Sequence[str | None]) -> None:
        """Note a batch; a line without a usable key may be any record. Raises JobFailed.

        Should the snapshot be over, the upload is too: it could not be told any more what it had.
        """
        if upload.snapshot_id is None:
            return
        met = [key for key in keys if key is not None]
        try:
            snapshot = self.desk.accept(upload.integration_id, upload.table, upload.snapshot_id)
            self.desk.note(snapshot, f"{upload.job_id}-{batch:06}", met, len(keys) - len(met))
        except ProductError as error:
            if error.status >= 500:
                raise
            raise JobFailed(error.code, **error.params) from error

    def arrived(self, upload: BulkUpload) -> None:
        """Let the snapshot wait no longer for an upload that is whole.

        For one that failed it goes on waiting: which records it had, nobody knows, so that somebody has to
        agree to what is deleted.
        """
        if upload.snapshot_id is not None:
            try:
                found = self.desk.find(upload.integration_id, upload.table, upload.snapshot_id)
            except ProductError:
                return  # it is gone
            self.desk.arrived(found, upload.job_id)
