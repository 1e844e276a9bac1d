"""Findings of proofs, as people read them."""

from ..domain.proofs import Finding
from .texts import text


def told(finding: Finding, language: str) -> str:
    """Write a finding's sentence; of a refused record its reasons, field by field."""
    if finding.kind == "rejected":
        reasons = "; ".join(
            f"{field}: {text(code, params, language)}" if field else text(code, params, language)
            for field, code, params in finding.details["issues"]
        )
        return text("finding_rejected", {"reasons": reasons}, language)
    params = dict(finding.params)
    if state := params.get("state"):
        return text(f"finding_pending_{state}", params, language)
    return text(f"finding_{finding.kind}", params, language)
