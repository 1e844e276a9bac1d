"""Composition root of the onboarding, beside `wiring`: jobs by the kind their messages name."""

from functools import cache
from typing import TYPE_CHECKING, Any

from . import wiring
from .settings import settings

if TYPE_CHECKING:
    from .domain.proofs import Proof
    from .domain.snapshots import Snapshot
    from .services.job_chain import JobChain, Worker
    from .services.proofs.asking_views import Asking
    from .services.proofs.desk import ProofDesk
    from .services.proofs.worker import ProofWorker
    from .services.rejections import Rejections
    from .services.run_parts import Clockwork, SliceQueue
    from .services.snapshots import SnapshotDesk
    from .storage.controls import Controls
    from .storage.proofs import Proofs
    from .storage.snapshots import Snapshots


def chain(kind: str) -> "JobChain[Any]":
    """Find the jobs of a kind, with what works on them; raises KeyError."""
    from . import upload_wiring

    kinds: dict[str, Any] = {
        "upload": upload_wiring.chain,
        "snapshot": snapshot_chain,
        "proof": proofs_at_work,
    }
    found: JobChain[Any] = kinds[kind]()
    return found


@cache
def controls() -> "Controls":
    """What ERPs say they have."""
    from .storage.controls import Controls

    return Controls(settings().onboarding_table, wiring.files())


@cache
def proofs() -> "Proofs":
    """Proofs of completeness."""
    from .storage.proofs import Proofs

    return Proofs(settings().onboarding_table)


def _proof_chain(worker: "ProofWorker | None") -> "JobChain[Proof]":
    from .adapters import queue
    from .services.job_chain import JobChain

    sent = queue.Queue(settings().proofs_queue_url)
    return JobChain("proof", proofs(), sent, clockwork(), wiring.now, worker)


@cache
def proof_desk() -> "ProofDesk":
    """What people do with proofs."""
    from .services.proofs.desk import ProofDesk

    return ProofDesk(proofs(), _proof_chain(None), wiring.files())


@cache
def proofs_at_work() -> "JobChain[Proof]":
    """Proofs with their worker."""
    from .excel.proof_book import ProofBook
    from .i18n.findings import told
    from .i18n.texts import text
    from .services.proofs.parts import ProofParts
    from .services.proofs.worker import ProofWorker

    parts = ProofParts(
        integrations=wiring.integrations(),
        records=wiring.records(),
        crm=wiring.crm(),
        controls=controls(),
        files=wiring.files(),
        now=wiring.now,
        book=ProofBook(text, told),
        views=_asking(),
    )
    return _proof_chain(ProofWorker(parts))


def _asking() -> "Asking":
    from . import view_wiring
    from .services.proofs.asking_views import Asking

    return Asking(view_wiring.sources(), wiring.records(), controls(), view_wiring.open_database, wiring.now)


def queue() -> "SliceQueue":
    """Where slices of the onboarding's jobs are asked for."""
    from .adapters import queue

    return queue.Queue(settings().onboarding_queue_url)


def clockwork() -> "Clockwork":
    """The times the jobs live by."""
    from .services.run_parts import Clockwork

    return Clockwork(settings().slice_seconds, settings().lease_seconds)


@cache
def rejections() -> "Rejections":
    """What people do with refused records."""
    from .services.rejections import Rejections
    from .storage.journal import Journal
    from .storage.refused import Refused

    table, records = settings().records_table, wiring.records()
    return Rejections(
        records=records,
        refused=Refused(table, records),
        runs=wiring.runs(),
        journal=Journal(table, records),
        audit=wiring.audit(),
        now=wiring.now,
    )


@cache
def snapshots() -> "Snapshots":
    """Full snapshots."""
    from .storage.snapshots import Snapshots

    return Snapshots(settings().onboarding_table, wiring.files())


@cache
def snapshot_desk() -> "SnapshotDesk":
    """What ERPs and people do with snapshots."""
    from .services.snapshots import SnapshotDesk
    from .storage.snapshots import Overtaken

    return SnapshotDesk(snapshots(), _snapshot_chain(), Overtaken)


@cache
def snapshot_chain() -> "JobChain[Snapshot]":
    """Commit snapshots."""
    from .services.snapshot_job import SnapshotJob

    worker = SnapshotJob(snapshots(), wiring.records(), wiring.request_log(), wiring.background)
    return _snapshot_chain(worker)


def _snapshot_chain(worker: "Worker[Snapshot] | None" = None) -> "JobChain[Snapshot]":
    from .services.job_chain import JobChain

    return JobChain("snapshot", snapshots(), queue(), clockwork(), wiring.now, worker)
