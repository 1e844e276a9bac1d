"""The certificate of completeness as a workbook: summary, months, findings, keys to send again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ..domain.control_totals import month_of
from ..domain.proofs import KINDS, Finding, Proof
from .history import Texts
from .rows import Kind
from .shell import DATE_FORMATS, Summary
from .workbooks import Part, workbook_of

Columns = tuple[tuple[str, Kind, float], ...]
RESEND: Final = frozenset({"missing_key", "rejected", "stale"})
"""Kinds of findings that go away when the ERP sends the record (again, corrected)."""
_MONTHS: Final[Columns] = (
    ("table", "label", 16),
    ("month", "label", 10),
    ("status", "label", 24),
    ("erp_count", "number", 14),
    ("here_count", "number", 14),
    ("crm_count", "number", 14),
    ("difference", "number", 14),
    ("erp_sum", "label", 20),
    ("here_sum", "label", 20),
    ("crm_sum", "label", 20),
    ("sum_difference", "label", 20),
    ("pending", "number", 12),
    ("rejected", "number", 12),
    ("listed_keys", "number", 16),
)
_FINDINGS: Final[Columns] = (
    ("kind", "label", 28),
    ("table", "label", 16),
    ("month", "label", 10),
    ("key", "text", 32),
    ("message", "text", 100),
)
_AGAIN: Final[Columns] = (
    ("table", "label", 16),
    ("month", "label", 10),
    ("key", "text", 32),
    ("kind", "label", 28),
)
_TOTALS: Final = ("erp_count", "here_count", "crm_count", "pending", "rejected", "missing", "extra")
Said = Callable[..., str]


@dataclass(frozen=True, slots=True)
class ProofBook:
    """Writes the workbook; `told` writes a finding's sentence."""

    texts: Texts
    told: Callable[[Finding, str], str]

    def __call__(
        self, proof: Proof, tables: dict[str, Any], about: dict[str, Any], found: Iterable[Any]
    ) -> bytes:
        """Write it; `found` are (table, finding), of which there may be many."""

        def said(code: str, **params: str) -> str:
            return self.texts(code, params, proof.language)

        again: list[tuple[Any, ...]] = []
        parts = [
            self._part(said, "proof_sheet_months", _MONTHS, _months(tables, said)),
            self._part(said, "proof_sheet_findings", _FINDINGS, self._findings(proof, found, said, again)),
            self._part(said, "proof_sheet_again", _AGAIN, again),
        ]
        summary = Summary(
            said("sheet_summary"),
            said("proof_title"),
            _facts(proof, about, said),
            [said("proof_note_months"), said("proof_note_digest"), said("proof_note_again")],
            _totals(tables, said),
        )
        return workbook_of(parts, summary, DATE_FORMATS[proof.language])

    def _part(self, said: Said, sheet: str, columns: Columns, rows: Iterable[Any]) -> Part:
        titles = [said(f"proof_column_{name}") for name, _, _ in columns]
        widths, kinds = [width for *_, width in columns], [kind for _, kind, _ in columns]
        return Part(said(sheet), titles, widths, kinds, rows)

    def _findings(
        self, proof: Proof, found: Iterable[tuple[str, Finding]], said: Said, again: list[tuple[Any, ...]]
    ) -> Iterator[tuple[Any, ...]]:
        """Write findings; those that are to be sent again are put aside for a sheet of their own."""
        for table, one in found:
            month, kind = month_of(one.period), said(f"finding_kind_{one.kind}")
            if one.kind in RESEND:
                again.append((table, month, one.key, kind))
            yield kind, table, month, one.key, self.told(one, proof.language)


def _months(tables: dict[str, Any], said: Said) -> Iterator[tuple[Any, ...]]:
    for table, own in tables.items():
        for month in own["months"]:
            erp = month["erp"] or {}
            yield (
                table,
                month["month"],
                said(f"completeness_{month['status']}"),
                erp.get("count"),
                month["intermediate"]["count"],
                month["crm"]["count"],
                month["difference"] if month["erp"] else None,
                erp.get("sum"),
                month["intermediate"]["sum"] if own["amount_field"] else None,
                month["crm"]["sum"] if own["amount_field"] else None,
                month["sum_difference"],
                month["pending"],
                month["rejected"],
                erp.get("listed_keys"),
            )


def _facts(proof: Proof, about: dict[str, Any], said: Said) -> list[tuple[str, Any]]:
    local: ZoneInfo = about["zone"]

    def shown(moment: datetime) -> datetime:
        return moment.astimezone(local).replace(tzinfo=None)

    facts: list[tuple[str, Any]] = [
        (said("proof_verdict"), said(f"verdict_{proof.verdict}")),
        (said("summary_integration"), about["integration"]),
        (said("proof_integration_id"), about["integration_id"]),
        (said("proof_erp"), about["erp"] or "-"),
        (said("proof_requested_at"), shown(proof.requested_at)),
        (said("proof_finished_at"), shown(proof.finished_at or proof.requested_at)),
        (said("summary_timezone"), local.key),
        (said("proof_requested_by"), proof.requested_by),
        (said("proof_id"), proof.job_id),
        (said("proof_digest"), proof.digest),
        (said("proof_records"), proof.records),
    ]
    facts += [
        (said(f"finding_kind_{kind}"), proof.findings[kind]) for kind in KINDS if proof.findings.get(kind)
    ]
    if proof.changed:
        facts.append((said("proof_changed"), ", ".join(proof.changed)))
    return facts


def _totals(tables: dict[str, Any], said: Said) -> list[list[Any]]:
    titles = [said(f"proof_column_{name}") for name in _TOTALS]
    header = [said("column_table"), said("summary_description"), *titles]
    lines = []
    for table, own in tables.items():
        totals = own["totals"]
        counts = [totals[side]["count"] or 0 for side in ("erp", "intermediate", "crm")]
        rest = [totals[name] for name in ("pending", "rejected", "missing", "extra")]
        lines.append([table, said(f"table_{table}"), *counts, *rest])
    sums = [sum(line[at] for line in lines) for at in range(2, len(header))]
    return [header, *lines, [said("summary_total"), "", *sums]]
