"""What a proof works with, and the pieces in which its findings are kept."""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ...domain import tallies
from ...domain.proofs import CHUNK, Finding, Proof, added, finding_from_json
from ...domain.tallies import Tally

if TYPE_CHECKING:
    from ...storage.controls import Controls
    from ...storage.crm import Crm
    from ...storage.files import Files
    from ...storage.integrations import Integrations
    from ...storage.records import Records
    from .asking_views import Asking


class ProofBook(Protocol):
    """The certificate's workbook."""

    def __call__(
        self, proof: Proof, tables: dict[str, Any], about: dict[str, Any], found: Iterable[Any]
    ) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ProofParts:
    """The stores that are compared; `views`: asks the ERP's views, where they can be reached."""

    integrations: "Integrations"
    records: "Records"
    crm: "Crm"
    controls: "Controls"
    files: "Files"
    now: Callable[[], datetime]
    book: ProofBook
    views: "Asking | None" = None


@dataclass(slots=True)
class Walked:
    """What was found in a partition, or in several: tallies and digests by period, findings counted."""

    periods: dict[str, Tally] = field(default_factory=dict)
    digests: dict[str, int] = field(default_factory=dict)
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    """Findings by kind and period."""
    chunks: dict[str, int] = field(default_factory=dict)
    """Pieces of findings by kind, of this partition."""

    def count(self, period: str, tally: Tally) -> None:
        """Add to a period's tally."""
        self.periods[period] = self.periods[period] + tally if period in self.periods else tally

    def digest(self, period: str, part: int) -> None:
        """Add a record to a period's digest."""
        self.digests[period] = added(self.digests.get(period, 0), part)

    def note(self, finding: Finding) -> None:
        """Count a finding."""
        own = self.found.setdefault(finding.kind, {})
        own[finding.period] = own.get(finding.period, 0) + 1

    def to_json(self) -> dict[str, Any]:
        """Write it so that it can be kept."""
        return {
            "periods": tallies.to_json(self.periods),
            "digests": {period: f"{one:x}" for period, one in self.digests.items()},
            "found": self.found,
            "chunks": self.chunks,
        }


def walked_from_json(kept: dict[str, Any]) -> Walked:
    """Read what `to_json` wrote."""
    digests = {period: int(one, 16) for period, one in kept["digests"].items()}
    return Walked(tallies.from_json(kept["periods"]), digests, kept["found"], kept["chunks"])


def together(many: Iterable[Walked]) -> Walked:
    """Add partitions up; their pieces stay where they are."""
    total = Walked()
    for one in many:
        for period, tally in one.periods.items():
            total.count(period, tally)
        for period, part in one.digests.items():
            total.digest(period, part)
        for kind, periods in one.found.items():
            own = total.found.setdefault(kind, {})
            for period, count in periods.items():
                own[period] = own.get(period, 0) + count
    return total


@dataclass(slots=True)
class FindingPieces:
    """Keeps the findings of one partition in pieces, by kind; written again, a piece replaces itself."""

    files: "Files"
    proof: Proof
    table: str
    partition: int
    walked: Walked
    waiting: dict[str, list[Finding]] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Keep a finding."""
        self.walked.note(finding)
        own = self.waiting.setdefault(finding.kind, [])
        own.append(finding)
        if len(own) >= CHUNK:
            self._store(finding.kind)

    def close(self) -> None:
        """Store what waits."""
        for kind in list(self.waiting):
            self._store(kind)

    def _store(self, kind: str) -> None:
        if not self.waiting[kind]:
            return
        number = self.walked.chunks.get(kind, 0)
        name = piece_name(self.table, kind, self.partition, number)
        self.files.put(self.proof.object_name(name), packed([one.to_json() for one in self.waiting[kind]]))
        self.walked.chunks[kind] = number + 1
        self.waiting[kind] = []


def piece_name(table: str, kind: str, partition: int, number: int) -> str:
    """Name a piece of findings."""
    return f"findings/{table}/{kind}/{partition}-{number:06}.json.gz"


def packed(content: Any) -> bytes:
    """Pack JSON."""
    return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def unpacked(content: bytes) -> Any:
    """Read what `packed` wrote."""
    return json.loads(gzip.decompress(content))


@dataclass(frozen=True, slots=True)
class Result:
    """What a proof came to, table by table; kept for good beside its findings.

    tables  of each: periods as completeness shows them, digest, and pieces of findings
    """

    tables: dict[str, dict[str, Any]]

    def pieces(self, table: str | None = None, kind: str | None = None) -> Iterator[tuple[str, str, str]]:
        """List the pieces of findings as (table, kind, name), in order."""
        for name, own in self.tables.items():
            if table not in (None, name):
                continue
            for found, partitions in own["pieces"].items():
                if kind in (None, found):
                    for partition, count in partitions:
                        for number in range(count):
                            yield name, found, piece_name(name, found, partition, number)


def findings_of(files: "Files", proof: Proof, name: str) -> list[Finding]:
    """Read a piece of findings."""
    return [finding_from_json(one) for one in unpacked(files.get(proof.object_name(name)))]
