"""Composition root of exports, beside `wiring` and built on it."""

from functools import cache
from typing import TYPE_CHECKING

from . import wiring
from .settings import settings

if TYPE_CHECKING:
    from .services.export_job import ExportJob
    from .services.exports import ExportRequests
    from .services.log_files import LogFiles
    from .services.run_parts import Clockwork, SliceQueue
    from .storage.audit import Audit
    from .storage.exports import Exports


@cache
def audit() -> "Audit":
    """The audit list."""
    from .storage.audit import Audit

    return Audit(settings().audit_table)


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
        audit=audit(),
        files=wiring.files(),
        queue=_queue(),
        clockwork=_clockwork(),
        retention_days=settings().request_retention_days,
        now=wiring.now,
    )


@cache
def export_job() -> "ExportJob":
    """Build exports."""
    from .excel.history_shell import HistoryBook
    from .i18n.texts import text
    from .services.export_job import ExportJob

    return ExportJob(
        integrations=wiring.integrations(),
        log=wiring.request_log(),
        exports=exports(),
        files=wiring.files(),
        queue=_queue(),
        book=HistoryBook(text),
        background=wiring.background,
        clockwork=_clockwork(),
        now=wiring.now,
    )


@cache
def log_files() -> "LogFiles":
    """Logs of runs as files."""
    from .excel.log_book import LogBook
    from .i18n.texts import text
    from .services.log_files import LogFiles

    return LogFiles(wiring.files(), audit(), LogBook(text), text, wiring.now)


def _queue() -> "SliceQueue":
    from .adapters import queue

    return queue.Queue(settings().exports_queue_url)


def _clockwork() -> "Clockwork":
    from .services.run_parts import Clockwork

    return Clockwork(settings().slice_seconds, settings().lease_seconds)
