"""Work on a proof, step by step: ask the views, walk each partition, judge each table, write it down."""

from dataclasses import dataclass, replace
from typing import Any, Final

from ...domain import completeness
from ...domain.completeness import Verdict
from ...domain.proofs import HARMLESS, Phase, Proof, digest_of
from ...domain.schedule import zone
from ...domain.tables import NAMES
from ..job_chain import JobFailed, Turn
from .judging import judge, result_name, result_of
from .parts import ProofParts, Result, packed
from .walking import marks_name, unit_name, walk
from .writing import about, write

RESULT: Final = "result.json.gz"
BOOK: Final = "certificate.xlsx"


@dataclass(frozen=True, slots=True)
class ProofWorker:
    """The worker of the chain of proofs."""

    parts: ProofParts

    def work(self, job: Proof, turn: Turn[Proof]) -> Proof:
        """Do one step after the other until the turn is over or the proof is done."""
        proof = job
        if not proof.baseline:
            proof = replace(proof, baseline=self._baseline(proof))
            turn.save(proof)
        try:
            while proof.open:
                proof = self._step(proof)
                if turn.over or not proof.open:
                    return proof
                turn.save(proof)
            return proof
        finally:
            if self.parts.views:
                self.parts.views.close()

    def tidy(self, job: Proof) -> None:
        """Forget the pieces that only the work needed."""
        partitions = range(self.parts.records.partitions)
        names = [result_name(table) for table in NAMES]
        for table in NAMES:
            names += [marks_name(table, one) for one in partitions]
            names += [unit_name(table, one) for one in partitions]
        self.parts.files.delete([job.work_name(name) for name in names])

    def _step(self, proof: Proof) -> Proof:
        table, partition = proof.place
        if proof.phase == "ask":
            return self._ask(proof)
        if proof.phase == "walk":
            walk(self.parts, proof, NAMES[table], partition)
            return _next(proof, "judge", self.parts.records.partitions)
        if proof.phase == "judge":
            judge(self.parts, proof, NAMES[table])
            return _next(proof, "write", 1)
        return self._write(proof)

    def _ask(self, proof: Proof) -> Proof:
        if self.parts.views is None:
            raise JobFailed("proof_views_unreachable")
        asked: Proof = self.parts.views.step(proof)
        return asked if asked.phase == "ask" else replace(asked, baseline=self._baseline(proof))

    def _baseline(self, proof: Proof) -> dict[str, list[Any]]:
        found = self.parts.records.counters(proof.integration_id)
        return {"": [], **{table: [one.records, one.bytes, one.rejected] for table, one in found.items()}}

    def _write(self, proof: Proof) -> Proof:
        """Put the tables together, judge the whole, and write the workbook."""
        result = Result({table: result_of(self.parts, proof, table) for table in NAMES})
        now = self._baseline(proof)
        changed = [name for name in NAMES if now.get(name) != proof.baseline.get(name)]
        findings: dict[str, int] = {}
        for own in result.tables.values():
            for kind, periods in own["found"].items():
                findings[kind] = findings.get(kind, 0) + sum(periods.values())
        judged = replace(
            proof,
            changed=tuple(changed),
            findings=findings,
            verdict=_verdict(result, findings, changed),
            digest=digest_of({table: int(own["digest"], 16) for table, own in result.tables.items()}),
            records=sum(own["records"] for own in result.tables.values()),
            finished_at=self.parts.now(),
        )
        self.parts.files.put(judged.object_name(RESULT), packed(result.tables))
        integration = self.parts.integrations.find(proof.tenant_id, proof.integration_id)
        if integration is None:
            raise JobFailed("run_integration_gone")
        told = about(integration, zone(integration.schedule.timezone))
        book = write(self.parts, judged, result, told)
        self.parts.files.put(judged.object_name(BOOK), book)
        return replace(judged, file_bytes=len(book))


def _next(proof: Proof, phase: Phase, partitions: int) -> Proof:
    """Move on to the next partition, table or phase."""
    table, partition = proof.place
    if partition + 1 < partitions:
        return replace(proof, place=(table, partition + 1))
    if table + 1 < len(NAMES):
        return replace(proof, place=(table + 1, 0))
    return replace(proof, place=(0, 0), phase=phase)


def _verdict(result: Result, findings: dict[str, int], changed: list[str]) -> Verdict:
    """Judge the whole: nothing may be wrong, everything has to be declared, and nothing may have moved."""
    if findings.keys() - HARMLESS:
        return "incomplete"
    found = completeness.verdict(own["status"] for own in result.tables.values())
    return "unproven" if found == "complete" and changed else found
