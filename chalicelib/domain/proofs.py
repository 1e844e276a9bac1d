"""A proof of completeness: every record walked, compared with what the ERP says and with the CRM."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Literal, get_args

from .completeness import Verdict
from .jobs import Job
from .tables import NAMES

Kind = Literal[
    "missing_key",
    "rejected",
    "stale",
    "pending",
    "extra_key",
    "other_month",
    "month_differs",
    "listed_twice",
    "duplicate",
    "orphan",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""What a proof may find, the worst first.

missing_key    the ERP lists the key, and we do not have it
rejected       it came and was refused; it lies in quarantine with its reasons
stale          the ERP has a newer version than we have
pending        the CRM does not have it as the intermediate database does
extra_key      we have it, and the ERP does not list it
other_month    the ERP lists it in another month than the one of its date
month_differs  a month's count, sum or named keys differ by more than the keys above explain
listed_twice   the ERP lists the key more than once
duplicate      several records are one and the same under different keys
orphan         its parent never came
"""
HARMLESS: Final = frozenset({"duplicate", "orphan"})
"""Faults of the ERP's own data: they are told, and prove nothing to be missing."""
Phase = Literal["ask", "walk", "judge", "write"]
_SHARES: Final[dict[Phase, tuple[float, float]]] = {
    "ask": (0.0, 0.3),
    "walk": (0.3, 0.9),
    "judge": (0.9, 0.97),
    "write": (0.97, 0.99),
}
"""Where each phase begins and ends on the progress bar."""
CHUNK: Final = 500
"""Findings of a stored piece."""
XLSX_NAME: Final = {"pt-BR": "certificado-completude", "en": "completeness-report"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found; `params` fill the text of its kind, `details` are shown as they are."""

    kind: Kind
    period: str
    key: str | None
    params: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> list[Any]:
        """Write it so that it can be kept."""
        return [self.kind, self.period, self.key, self.params, self.details]


def finding_from_json(kept: list[Any]) -> Finding:
    """Read what `to_json` wrote."""
    return Finding(*kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof(Job):
    """A proof and where it stands.

    phase      what is done next
    place      in that phase: the table's number, and the partition's within it
    asked      where the asking of a view stands (see `services.proofs.asking_views`)
    baseline   each table's counters when it began, to tell whether data changed while it was walked
    findings   how many there are, by kind
    """

    language: str
    phase: Phase = "walk"
    place: tuple[int, int] = (0, 0)
    asked: dict[str, Any] = field(default_factory=dict)
    baseline: dict[str, list[Any]] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    verdict: Verdict | None = None
    digest: str = ""
    records: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    file_bytes: int = 0

    @property
    def status(self) -> str:
        """Tell how it stands, in the words of the API."""
        if not self.open:
            return "error" if self.failed else "done"
        return "queued" if self.hop == 0 and not self.baseline else "running"

    @property
    def certificate(self) -> bool:
        """Tell whether it proves that nothing was left behind."""
        return self.status == "done" and self.verdict == "complete"

    def progress(self, partitions: int) -> float:
        """Share of the work done, 0 to 1."""
        if self.status == "done":
            return 1.0
        table, partition = self.place
        share = (table + partition / partitions) / len(NAMES)
        begin, end = _SHARES[self.phase]
        if self.phase == "walk" and not self.asked:
            begin = 0.0
        return round(begin + (end - begin) * min(share, 1.0), 4)

    def object_name(self, name: str) -> str:
        """Name a piece of the result, which is kept for good."""
        return f"proofs/{self.integration_id}/{self.job_id}/{name}"

    def work_name(self, name: str) -> str:
        """Name a piece that only the work needs."""
        return f"work/{self.integration_id}/{self.job_id}/{name}"


_MODULUS: Final = 2**256


def fingerprint(table: str, key: str, data: str) -> int:
    """Give a record's part of the digest: sums of these do not depend on the order."""
    return int.from_bytes(sha256(f"{table}\0{key}\0{data}".encode()).digest(), "big")


def added(one: int, other: int) -> int:
    """Add up parts of digests."""
    return (one + other) % _MODULUS


def digest_of(parts: Mapping[str, int]) -> str:
    """Give the digest of an integration's data from its tables' sums."""
    lines = "".join(f"{table} {parts[table]:064x}\n" for table in sorted(parts))
    return sha256(lines.encode()).hexdigest()
