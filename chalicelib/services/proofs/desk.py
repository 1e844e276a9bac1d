"""What people do with proofs: ask for one, see where it stands, read findings, compare two, get the file."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ...domain.completeness import STATUSES
from ...domain.errors import Conflict, NotFound
from ...domain.integrations import Integration
from ...domain.jobs import new_job_id
from ...domain.proofs import XLSX_NAME, Finding, Proof
from ...domain.schedule import zone
from ..access import User
from ..job_chain import JobChain
from .parts import Result, findings_of, unpacked
from .worker import BOOK, RESULT

if TYPE_CHECKING:
    from ...storage.files import Files
    from ...storage.proofs import Proofs

LATEST: Final = 20


@dataclass(frozen=True, slots=True)
class ProofDesk:
    """The API's use cases."""

    proofs: "Proofs"
    chain: JobChain[Proof]
    files: "Files"

    def request(self, integration: Integration, user: User, language: str, now: datetime) -> Proof:
        """Begin a proof; raises Conflict while one is being made."""
        for one in self.proofs.latest(integration.integration_id, limit=1, before=None):
            if one.open:
                self.chain.drive(one)
                raise Conflict("proof_under_way", proof_id=one.job_id)
        proof = Proof(
            job_id=new_job_id(now),
            tenant_id=integration.tenant_id,
            integration_id=integration.integration_id,
            requested_by=user.user_id,
            requested_at=now,
            language=language,
            phase="ask" if integration.reads_views else "walk",
        )
        self.proofs.begin(proof, self.chain.grace_until())
        self.chain.send(proof)
        return proof

    def find(self, integration_id: str, proof_id: str) -> Proof:
        """Read a proof; one whose message was lost is driven on. Raises NotFound."""
        proof = self.proofs.find(integration_id, proof_id) if len(proof_id) <= 100 else None
        if proof is None:
            raise NotFound("proof_not_found", proof_id=proof_id[:100])
        self.chain.drive(proof)
        return proof

    def result(self, proof: Proof) -> Result:
        """Read what a finished proof came to; raises Conflict while it is not finished."""
        if proof.status != "done":
            raise Conflict("proof_unfinished", proof_id=proof.job_id)
        return Result(unpacked(self.files.get(proof.object_name(RESULT))))

    def certificate(self, integration_id: str) -> Proof | None:
        """Find the newest finished proof, if it is one that nothing was left behind."""
        for one in self.proofs.latest(integration_id, limit=LATEST, before=None):
            if one.status == "done":
                return one if one.certificate else None
        return None

    def findings(
        self,
        proof: Proof,
        *,
        table: str | None,
        kind: str | None,
        period: str | None,
        position: tuple[int, int],
        limit: int,
    ) -> tuple[list[tuple[str, Finding]], tuple[int, int] | None]:
        """Read findings behind a position (piece, place in it); also where to go on."""
        found: list[tuple[str, Finding]] = []
        first, behind = position
        pieces = list(self.result(proof).pieces(table, kind))
        for number in range(first, len(pieces)):
            name, _, piece = pieces[number]
            for place, one in enumerate(findings_of(self.files, proof, piece)):
                if number == first and place < behind:
                    continue
                if len(found) == limit:
                    return found, (number, place)
                if period in (None, one.period):
                    found.append((name, one))
        return found, None

    def compared(self, proof: Proof, earlier: Proof) -> list[dict[str, Any]]:
        """List the months that two proofs see differently, by table."""
        before, after = _cells(self.result(earlier)), _cells(self.result(proof))
        items = []
        for place in sorted({*before, *after}, key=lambda one: (one[0], one[1] or "")):
            one, other = before.get(place), after.get(place)
            if one != other:
                change = _change(one, other)
                items.append({"table": place[0], "month": place[1], "before": one, "after": other} | change)
        return items

    def link(self, integration: Integration, proof: Proof) -> tuple[str | None, str]:
        """Mint a fresh link to the workbook, and name the file."""
        local = (proof.finished_at or proof.requested_at).astimezone(zone(integration.schedule.timezone))
        name = f"{XLSX_NAME[proof.language]}-{local:%Y-%m-%d}.xlsx"
        return (self.files.link(proof.object_name(BOOK), name) if proof.status == "done" else None), name


def _cells(result: Result) -> dict[tuple[str, str | None], dict[str, Any]]:
    return {
        (table, month["month"]): {
            "count": month["intermediate"]["count"],
            "sum": month["intermediate"]["sum"],
            "erp_count": month["erp"]["count"] if month["erp"] else None,
            "crm_count": month["crm"]["count"],
            "rejected": month["rejected"],
            "status": month["status"],
        }
        for table, own in result.tables.items()
        for month in own["months"]
    }


def _change(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    """Tell whether it got better or worse, and by how many records."""
    old, new = (STATUSES.index(one["status"]) if one else 0 for one in (before, after))
    change = "better" if new < old else "worse" if new > old else "changed"
    counts = [one["count"] if one else 0 for one in (before, after)]
    return {"change": change, "records": counts[1] - counts[0]}
