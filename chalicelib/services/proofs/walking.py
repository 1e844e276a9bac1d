"""Walk one partition of a table: each record, its document in the CRM, its parents, what the ERP lists."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...domain import tallies, twins
from ...domain.control_keys import ControlKey
from ...domain.control_totals import month_of
from ...domain.proofs import Finding, Proof, fingerprint
from ...domain.staging import Staged
from ...domain.tables import TABLES, parent_keys
from ...domain.tallies import Tally
from .parts import FindingPieces, ProofParts, Walked, packed

KEYLESS: Final = "\x01"
_KNOWN_PARENTS: Final = 200_000


@dataclass(slots=True)
class _Walk:
    """One partition under way; `declared`: what is listed and was not met yet, by key."""

    parts: ProofParts
    proof: Proof
    table: str
    partition: int
    walked: Walked
    pieces: FindingPieces
    declared: dict[str, tuple[str, ControlKey]]
    periods: set[str]
    parents: dict[tuple[str, str], bool] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)

    def page(self, staged: Sequence[Staged]) -> None:
        """Compare one page of records."""
        held = self._held(staged)
        live = [(one, json.loads(one.data)) for one in staged if one.live and _readable(one.data)]
        self._learn_parents(data for _, data in live)
        readable = {one.key: data for one, data in live}
        for one in staged:
            self._record(one, readable.get(one.key), held.get(one.key))

    def _held(self, staged: Sequence[Staged]) -> dict[str, dict[str, Any]]:
        wanted = [(self.table, one.key, one.place) for one in staged if one.data]
        found = self.parts.crm.documents(self.proof.integration_id, wanted)
        return {key: document for (_, key), document in found.items()}

    def _learn_parents(self, many: Iterable[dict[str, Any]]) -> None:
        table = TABLES[self.table]
        if len(self.parents) > _KNOWN_PARENTS:
            self.parents.clear()
        named = {parent for data in many for parent in parent_keys(table, data)} - self.parents.keys()
        records = self.parts.records
        there = records.existing(self.proof.integration_id, named, consistent=True) if named else set()
        self.parents |= {parent: parent in there for parent in named}

    def _record(self, staged: Staged, data: dict[str, Any] | None, held: dict[str, Any] | None) -> None:
        period, amount = tallies.measured(self.table, staged.data)
        if staged.live:
            self.walked.count(period, Tally(records=1, amount=amount))
            self.walked.digest(period, fingerprint(self.table, staged.key, staged.data))
        if held:
            there, sum_there = tallies.measured(self.table, json.dumps(held["data"]))
            self.walked.count(there, Tally(applied=1, applied_amount=sum_there))
        if staged.rejection:
            self._rejected(staged)
        self._applied(staged, period, data, held)
        self._listed(staged, period)
        if data is not None:
            self._orphan(staged, period, data)
            self.marks += [f"{mark}\t{period}\t{staged.key}" for mark in twins.marks(self.table, data)]

    def _rejected(self, staged: Staged) -> None:
        assert staged.rejection is not None, "the caller looked"
        period = tallies.refused_in(staged)
        self.walked.count(period, Tally(rejected=1))
        issues = [[one.field, one.code, _without_value(one.params)] for one in staged.rejection.issues]
        details: dict[str, Any] = {
            "request_id": staged.rejection.request_id,
            "at": staged.rejection.at,
            "issues": issues,
            "stored_as": staged.key,
            "older_version_live": staged.live,
        }
        key = None if staged.key.startswith(KEYLESS) else staged.key
        self.pieces.add(Finding("rejected", period, key, {"reasons": str(len(issues))}, details))

    def _applied(
        self, staged: Staged, period: str, data: dict[str, Any] | None, held: dict[str, Any] | None
    ) -> None:
        """Find what the CRM has otherwise; what a rejection holds back is told as rejected."""
        if staged.live:
            if held is None or held["data"] != data:
                if staged.rejection and held is None:
                    return
                code = "never_applied" if held is None else "older_in_crm"
            else:
                return
        elif held is not None:
            code = "deletion_waits"
        else:
            return
        details = {"received_at": staged.received_at, "request_id": staged.request_id, "state": code}
        self.walked.count(period, Tally(pending=1))
        self.pieces.add(Finding("pending", period, staged.key, {"state": code}, details))

    def _listed(self, staged: Staged, period: str) -> None:
        """Compare with what the ERP lists; whatever is met here is not missing."""
        said, listed = self.declared.get(staged.key, ("", None))
        if not staged.live:
            if listed is not None and staged.rejection:
                del self.declared[staged.key]
            return
        if listed is None:
            if period in self.periods:
                self.pieces.add(Finding("extra_key", period, staged.key, {"month": _shown(period)}))
            return
        del self.declared[staged.key]
        if said != period:
            params = {"month": _shown(said), "here": _shown(period)}
            self.pieces.add(Finding("other_month", said, staged.key, params))
        if listed.updated_at and listed.updated_at > (staged.updated_at or ""):
            params = {"erp": listed.updated_at, "here": staged.updated_at or "-"}
            self.pieces.add(Finding("stale", period, staged.key, params))

    def _orphan(self, staged: Staged, period: str, data: dict[str, Any]) -> None:
        for parent in dict.fromkeys(parent_keys(TABLES[self.table], data)):
            if not self.parents.get(parent, False):
                params = {"parent_table": parent[0], "parent_key": parent[1]}
                self.pieces.add(Finding("orphan", period, staged.key, params, dict(params)))

    def end(self) -> None:
        """Find what is listed and was never met, and keep what the judging needs."""
        for key, (period, listed) in sorted(self.declared.items()):
            params = {"month": _shown(period), **({"erp": listed.updated_at} if listed.updated_at else {})}
            self.pieces.add(Finding("missing_key", period, key, params))
        self.pieces.close()
        put = self.parts.files.put
        put(self.proof.work_name(marks_name(self.table, self.partition)), packed(self.marks))
        put(self.proof.work_name(unit_name(self.table, self.partition)), packed(self.walked.to_json()))


def walk(parts: ProofParts, proof: Proof, table: str, partition: int) -> None:
    """Walk a partition from its beginning to its end; repeated, it writes the same pieces again."""
    declared, periods = _declared(parts, proof, table, partition)
    walked = Walked()
    pieces = FindingPieces(parts.files, proof, table, partition, walked)
    run = _Walk(parts, proof, table, partition, walked, pieces, declared, periods)
    for page in parts.records.pages(proof.integration_id, table, partition):
        run.page(page)
    run.end()


def _declared(
    parts: ProofParts, proof: Proof, table: str, partition: int
) -> tuple[dict[str, tuple[str, ControlKey]], set[str]]:
    """Read the keys of this partition that the ERP lists, and of which periods it lists all."""
    listed = parts.controls.listed(proof.integration_id, table).get(table, {})
    found = {}
    for period, one in listed.items():
        for key in parts.controls.keys_of(proof.integration_id, table, one):
            if parts.records.partition_of(key.key) == partition:
                found[key.key] = (period, key)
    return found, {period for period, one in listed.items() if one.complete}


def marks_name(table: str, partition: int) -> str:
    """Name where a partition's marks of doubled rows are kept."""
    return f"marks-{table}-{partition}"


def unit_name(table: str, partition: int) -> str:
    """Name where a partition's account is kept."""
    return f"unit-{table}-{partition}"


def _readable(data: str) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False


def _without_value(params: dict[str, str]) -> dict[str, str]:
    """Leave out what the field held: it may be personal."""
    return {name: "…" if name == "value" else value for name, value in params.items()}


def _shown(period: str) -> str:
    return month_of(period) or ""
