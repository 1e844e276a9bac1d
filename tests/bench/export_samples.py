"""Requests for the export's benchmark: small deliveries, each a little different."""

import json
from datetime import UTC, datetime
from typing import Final

from chalicelib.domain.request_log import RequestEntry, new_id
from chalicelib.domain.values import instant_text

INTEGRATION: Final = "integration"
UNTIL: Final = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_RECORD: Final = {
    "razao_social": "Comercial de Alimentos & Bebidas Ltda",
    "cidade": "Curitiba",
    "uf": "PR",
    "segmento": "Varejo",
    "limite_credito": "12500.00",
    "atualizado_em": "2026-11-17T03:00:00Z",
}


def bodies(number: int) -> tuple[bytes, bytes]:
    """Write a request's body and its answer, some 500 bytes together."""
    request = {"records": [{"codigo": f"{number:07d}", **_RECORD, "email": f"compras{number}@example.com"}]}
    answer = {
        "request_id": f"{number:032x}",
        "table": "empresa",
        "received": 1,
        "created": number % 2,
        "updated": 1 - number % 2,
        "unchanged": 0,
        "deleted": 0,
        "rejected": 0,
        "errors": [],
        "warnings": [],
    }
    return json.dumps(request, ensure_ascii=False).encode(), json.dumps(answer).encode()


def entry_of(number: int, table: str, at: datetime) -> RequestEntry:
    """Make the entry of a finished request."""
    return RequestEntry(
        request_id=new_id(table, at),
        integration_id=INTEGRATION,
        table=table,
        at=instant_text(at),
        method="POST",
        path=f"/v1/erp/{table}",
        headers={"content-type": "application/json", "user-agent": "ERP/12.1", "accept": "*/*"},
        key_id="k1",
        key_name="ERP",
        status=200,
        duration_ms=20 + number % 100,
        request_bytes=300,
        response_bytes=200,
        counts={
            "received": 1,
            "created": number % 2,
            "updated": 1 - number % 2,
            "unchanged": 0,
            "deleted": 0,
            "rejected": 0,
        },
    )
