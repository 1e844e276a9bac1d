"""One entry of the request log: what an ERP asked and what we answered."""

import re
from dataclasses import dataclass, field

REDACTED = "•••"
SECRET_HEADERS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-api-key", "x-amz-security-token"}
)
_ERP_KEY = re.compile(r"erp_\w+-\w+_\w+")
NO_TABLE = "-"
NO_INTEGRATION = "-"


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """Written before the work; `status` stays None when the work crashed ("sem resposta").

    at           canonical instant text
    table        one of the 12, or "-" when the request named none of them
    duration_ms  from the handler's start to the answer, milliseconds
    """

    request_id: str
    integration_id: str
    table: str
    at: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    key_id: str | None = None
    key_name: str | None = None
    status: int | None = None
    code: str | None = None
    duration_ms: int | None = None
    request_bytes: int = 0
    response_bytes: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def redact(headers: dict[str, str]) -> dict[str, str]:
    """Copy headers with the values of secret ones hidden, and ERP keys wherever they were put."""
    return {
        name: REDACTED if name.lower() in SECRET_HEADERS else _ERP_KEY.sub(REDACTED, value)[:2_000]
        for name, value in headers.items()
    }
