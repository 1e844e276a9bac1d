"""Write a proof down as a workbook: summary, months, findings, keys to send again."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from ...domain.integrations import Integration
from ...domain.proofs import Finding, Proof
from .parts import ProofParts, Result, findings_of


def about(integration: Integration, local: ZoneInfo) -> dict[str, Any]:
    """Tell what the proof is of."""
    return {
        "integration": integration.name,
        "integration_id": integration.integration_id,
        "tenant_id": integration.tenant_id,
        "erp": " ".join(one for one in (integration.erp_name, integration.erp_version) if one),
        "zone": local,
    }


def write(parts: ProofParts, proof: Proof, result: Result, told: dict[str, Any]) -> bytes:
    """Write the workbook."""
    return parts.book(proof, result.tables, told, _findings(parts, proof, result))


def _findings(parts: ProofParts, proof: Proof, result: Result) -> Iterator[tuple[str, Finding]]:
    for table, _, name in result.pieces():
        for finding in findings_of(parts.files, proof, name):
            yield table, finding
