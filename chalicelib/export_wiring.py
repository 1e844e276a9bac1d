"""Composition root of exports, beside `wiring` and built on it."""

from functools import cache
from typing import TYPE_CHECKING, Final

from . import wiring
from .settings import settings

if TYPE_CHECKING:
    from .domain.exports import Export
    from .services.export_job import ExportJob
    from .services.exports import ExportRequests
    from .services.job_chain import JobChain
    from .services.log_files import LogFiles
    from .storage.exports import Exports

KIND: Final = "export"
"""What the messages of exports say."""


@cache
def exports() -> "Exports":
    """Exports of the request log."""
    from .storage.exports import Exports

    return Exports(settings().exports_table, settings().audit_table)


@cache
def export_requests() -> "ExportRequests":
    """Ask for exports."""
    from .services.exports import ExportRequests

    return ExportRequests(
        exports=exports(),
        audit=wiring.audit(),
        files=wiring.files(),
        chain=_chain(None),
        retention_days=settings().request_retention_days,
        now=wiring.now,
    )


def chain(kind: str) -> "JobChain[Export]":
    """Exports with what works on them; raises KeyError for any other kind of job."""
    return {KIND: export_chain}[kind]()


@cache
def export_chain() -> "JobChain[Export]":
    """Exports with their worker."""
    from .excel.history_shell import HistoryBook
    from .i18n.texts import text
    from .services.export_job import ExportJob

    job = ExportJob(
        integrations=wiring.integrations(),
        log=wiring.request_log(),
        files=wiring.files(),
        book=HistoryBook(text),
        background=wiring.background,
        now=wiring.now,
    )
    return _chain(job)


@cache
def log_files() -> "LogFiles":
    """Logs of runs as files."""
    from .excel.log_book import LogBook
    from .i18n.texts import text
    from .services.log_files import LogFiles

    return LogFiles(wiring.files(), wiring.audit(), LogBook(text), text, wiring.now)


def _chain(worker: "ExportJob | None") -> "JobChain[Export]":
    from .adapters import queue
    from .services.job_chain import Endings, JobChain
    from .services.run_parts import Clockwork

    return JobChain(
        kind=KIND,
        jobs=exports(),
        queue=queue.Queue(settings().exports_queue_url),
        clockwork=Clockwork(settings().slice_seconds, settings().lease_seconds),
        now=wiring.now,
        worker=worker,
        endings=Endings("export_failed", "export_worker_lost", "export_too_large"),
    )
