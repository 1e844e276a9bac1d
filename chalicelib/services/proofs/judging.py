"""Judge a table that was walked: its months against the ERP's totals, doubled rows, doubled keys."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ...domain import completeness
from ...domain.completeness import Cell, TableState
from ...domain.control_totals import month_of
from ...domain.money import text as money_text
from ...domain.proofs import KINDS, Finding, Proof, added
from ..completeness import table_json, with_lists
from .parts import FindingPieces, ProofParts, Walked, packed, together, unpacked, walked_from_json
from .walking import marks_name, unit_name

if TYPE_CHECKING:
    from ...storage.controls import ListedKeys

SHOWN_TWINS: Final = 20


def judge(parts: ProofParts, proof: Proof, table: str) -> None:
    """Judge one table and keep what it came to; repeated, it writes the same again."""
    partitions = range(parts.records.partitions)
    units = [_unit(parts, proof, table, partition) for partition in partitions]
    walked = together(units)
    own = Walked()
    pieces = FindingPieces(parts.files, proof, table, len(partitions), own)
    listed = parts.controls.listed(proof.integration_id, table).get(table, {})
    state = _state(parts, proof, table, walked, listed)
    for finding in (*_doubled(parts, proof, table), *_listed_twice(listed), *_months(state, walked, listed)):
        pieces.add(finding)
    pieces.close()
    result = table_json(state, listed)
    result |= {
        "digest": f"{_digest(walked):064x}",
        "found": together([walked, own]).found,
        "pieces": _pieces([*units, own]),
        "records": sum(tally.records for tally in walked.periods.values()),
    }
    parts.files.put(proof.work_name(result_name(table)), packed(result))


def result_name(table: str) -> str:
    """Name where a table's judgement waits for the others."""
    return f"result-{table}"


def _unit(parts: ProofParts, proof: Proof, table: str, partition: int) -> Walked:
    return walked_from_json(unpacked(parts.files.get(proof.work_name(unit_name(table, partition)))))


def _digest(walked: Walked) -> int:
    total = 0
    for part in walked.digests.values():
        total = added(total, part)
    return total


def _pieces(units: list[Walked]) -> dict[str, list[list[int]]]:
    found: dict[str, list[list[int]]] = {}
    for partition, unit in enumerate(units):
        for kind, count in unit.chunks.items():
            found.setdefault(kind, []).append([partition, count])
    return {kind: found[kind] for kind in KINDS if kind in found}


def _state(
    parts: ProofParts, proof: Proof, table: str, walked: Walked, listed: "dict[str, ListedKeys]"
) -> TableState:
    declared = parts.controls.totals(proof.integration_id, table)
    totals = with_lists(declared, {table: listed}, proof.requested_at)
    own = totals.get(table, {})
    named = {(table, key) for total in own.values() for key in total.keys}
    there = parts.records.existing(proof.integration_id, named, consistent=True) if named else set()
    absent = {key for _, key in named - there}
    return completeness.compare(table, own, walked.periods, absent)


def _doubled(parts: ProofParts, proof: Proof, table: str) -> Iterator[Finding]:
    """Find records with a common mark; each group is told once, under its first key."""
    lines: list[str] = []
    for partition in range(parts.records.partitions):
        lines += unpacked(parts.files.get(proof.work_name(marks_name(table, partition))))
    counted = Counter(line.partition("\t")[0] for line in lines)
    groups: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        mark, period, key = line.split("\t", 2)
        if counted[mark] > 1:
            groups.setdefault(mark, []).append((key, period))
    told: set[tuple[str, ...]] = set()
    for members in sorted(sorted(group) for group in groups.values()):
        keys = tuple(key for key, _ in members)
        if keys not in told:  # one pair may have several marks in common
            told.add(keys)
            params = {"others": ", ".join(keys[1 : 1 + SHOWN_TWINS]), "records": str(len(keys))}
            yield Finding("duplicate", members[0][1], keys[0], params, {"keys": list(keys[:1_000])})


def _listed_twice(listed: "dict[str, ListedKeys]") -> Iterator[Finding]:
    for period, one in sorted(listed.items()):
        for key in dict.fromkeys(key for part in sorted(one.repeated) for key in one.repeated[part]):
            yield Finding("listed_twice", period, key, {"month": month_of(period) or ""})


def _months(state: TableState, walked: Walked, listed: "dict[str, ListedKeys]") -> Iterator[Finding]:
    """Find months that differ by more than the keys that were named explain."""
    for cell in state.cells:
        if cell.total and not _explained(cell, walked, listed.get(cell.period)):
            yield Finding("month_differs", cell.period, None, _difference(cell))


def _explained(cell: Cell, walked: Walked, listed: "ListedKeys | None") -> bool:
    assert cell.total is not None, "the caller looked"
    named = sum(walked.found.get(kind, {}).get(cell.period, 0) for kind in _KEYED)
    if listed is None or not listed.complete:
        return cell.status not in ("missing", "extra", "different")
    repeats = sum(len(keys) for keys in listed.repeated.values())
    if cell.total.count not in (listed.count, listed.count + repeats):
        return False
    moved = bool(cell.amount_difference or cell.difference or cell.absent)
    return not moved or named > 0 or repeats > 0


_KEYED: Final = ("missing_key", "rejected", "stale", "extra_key", "other_month")


def _difference(cell: Cell) -> dict[str, str]:
    assert cell.total is not None, "the caller looked"
    erp_sum, ours = cell.total.amount, cell.tally.amount
    return {
        "month": month_of(cell.period) or "",
        "erp": str(cell.total.count),
        "here": str(cell.tally.records),
        "erp_sum": "-" if erp_sum is None else money_text(erp_sum),
        "here_sum": money_text(ours),
        "absent": ", ".join(cell.absent) or "-",
    }


def result_of(parts: ProofParts, proof: Proof, table: str) -> dict[str, Any]:
    """Read what judging a table came to."""
    result: dict[str, Any] = unpacked(parts.files.get(proof.work_name(result_name(table))))
    return result
