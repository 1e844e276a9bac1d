"""Composition root of bulk uploads, beside `wiring` and built on it."""

from functools import cache
from typing import TYPE_CHECKING

from . import onboarding_wiring, wiring
from .settings import settings

if TYPE_CHECKING:
    from .domain.uploads import BulkUpload
    from .services.job_chain import JobChain
    from .services.uploads.desk import UploadDesk
    from .services.uploads.job import UploadWorker
    from .services.uploads.snapshot_notes import SnapshotNotes
    from .storage.uploads import Uploads


@cache
def uploads() -> "Uploads":
    """Bulk uploads."""
    from .storage.uploads import Uploads

    return Uploads(settings().onboarding_table)


def desk() -> "UploadDesk":
    """What ERPs and people do with uploads."""
    from .services.uploads.desk import UploadDesk

    return UploadDesk(uploads(), _chain(None), wiring.files(), wiring.audit(), _snapshots(), wiring.now)


def chain() -> "JobChain[BulkUpload]":
    """Uploads as jobs, with what works on them."""
    return _chain(worker())


def _chain(doing: "UploadWorker | None") -> "JobChain[BulkUpload]":
    from .domain.uploads import KIND
    from .services.job_chain import JobChain

    return JobChain(
        kind=KIND,
        jobs=uploads(),
        queue=onboarding_wiring.queue(),
        clockwork=onboarding_wiring.clockwork(),
        now=wiring.now,
        worker=doing,
    )


@cache
def worker() -> "UploadWorker":
    """What works on uploads."""
    from .i18n.issues import rendered
    from .i18n.reasons import DEFAULT_LANGUAGE
    from .services.uploads.checking import Checking
    from .services.uploads.importing import Importing
    from .services.uploads.job import UploadWorker
    from .services.uploads.rejects import Joining
    from .storage.rewriting import Unread

    files = wiring.files()
    return UploadWorker(
        integrations=wiring.integrations(),
        files=files,
        checking=Checking(files, wiring.background),
        importing=Importing(
            records=wiring.records(),
            unread=Unread(wiring.records()),
            log=wiring.request_log(),
            files=files,
            beside=wiring.background,
            rendered=lambda issues: rendered(issues, DEFAULT_LANGUAGE),
            met=_snapshots().met,
        ),
        joining=Joining(files),
        snapshots=_snapshots(),
    )


@cache
def _snapshots() -> "SnapshotNotes":
    from .services.uploads.snapshot_notes import SnapshotNotes

    return SnapshotNotes(onboarding_wiring.snapshot_desk())
