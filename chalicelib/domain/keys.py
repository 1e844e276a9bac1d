"""Keys with which ERPs push."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErpKey:
    """An ERP's key as stored: only a keyed hash of its secret."""

    key_id: str
    integration_id: str
    tenant_id: str
    name: str
    secret_hash: str
    created_at: str
    created_by: str
    revoked_at: str | None = None
