"""One request of an ERP and our answer: identity, what is kept of it, and how it is judged."""

import re
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

REDACTED = "•••"
SECRET_HEADERS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-api-key", "x-amz-security-token"}
)
_ERP_KEY = re.compile(r"erp_\w+-\w+_\w+")
NO_TABLE = "-"
NO_INTEGRATION = "-"
API, VIEW, SNAPSHOT, UPLOAD = "api", "view", "snapshot", "upload"
"""How a request came about: somebody sent it, we read a page of a view, a snapshot deleted, or lines of a
file were read."""

# A request's id is a UUID of version 7 (RFC 9562) as 32 hexadecimal digits: milliseconds, then the number
# of its table, then chance. So ids sort by time, and an id alone tells where its request lies.
# The numbers are stored inside ids: append to this list, never reorder it.
_NUMBERED: Final = (
    "contato", "cotacao", "empresa", "empresa_marca", "fatura", "fornecedor",
    "itens_cotacao", "itens_nota", "itens_pedido", "nota", "pedido", "vendedor",
)  # fmt: skip
_NO_TABLE_NUMBER: Final = 15
_DELIVERY: Final = re.compile(
    r"/v1/erp/[a-z_]+/?|/v1/integrations/[^/]+/(records/[a-z_]+|requests/[0-9a-f]{32}/replay)/?"
)
_ID: Final = re.compile(r"[0-9a-f]{12}7[0-9a-f][0-9a-f]{2}[89ab][0-9a-f]{15}")

Situation = Literal["success", "partial", "rejected", "error", "no_response", "in_progress"]
SITUATIONS: Final[tuple[Situation, ...]] = get_args(Situation)
_LONGEST_REQUEST: Final = timedelta(seconds=60)
"""No request is worked on for longer: the gateway gives up after 29 seconds."""
MAX_READABLE_BYTES: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """Written before the work; `status` stays None when the work crashed ("sem resposta").

    at           canonical instant text
    kind         API, VIEW, SNAPSHOT or UPLOAD
    table        one of the 12, or "-" when the request named none of them
    duration_ms  from the handler's start to the answer, milliseconds
    replay_of    the request whose body was taken in again
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
    kind: str = API
    replay_of: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the log keeps a request: its table, and its day (UTC, "YYYY-MM-DD")."""

    table: str
    day: str


def new_id(table: str, at: datetime) -> str:
    """Make the id of a request that came at this moment for this table (or "-")."""
    number = _NUMBERED.index(table) if table in _NUMBERED else _NO_TABLE_NUMBER
    chance = secrets.token_hex(9)
    variant = "89ab"[int(chance[0], 16) % 4]
    return f"{first_id(at)}7{number:x}{chance[1:3]}{variant}{chance[3:18]}"


def first_id(at: datetime) -> str:
    """Give the time part of an id: no request of this moment or later has a smaller id."""
    return f"{(at - _EPOCH) // timedelta(milliseconds=1):012x}"


def place_of(request_id: str) -> Place | None:
    """Tell from an id where its request lies; None when it is no request's id."""
    if not _ID.fullmatch(request_id):
        return None
    number = int(request_id[13], 16)
    if number >= len(_NUMBERED) and number != _NO_TABLE_NUMBER:
        return None
    try:
        at = moment_of(request_id)
    except OverflowError:
        return None
    table = NO_TABLE if number == _NO_TABLE_NUMBER else _NUMBERED[number]
    return Place(table, f"{at:%Y-%m-%d}")


def moment_of(request_id: str) -> datetime:
    """Tell from a request's id when it came, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=int(request_id[:12], 16))


def situation(entry: RequestEntry, now: datetime) -> Situation:
    """Judge a request by its answer: what became of its records, or why there is no answer."""
    if entry.status is None:
        under_way = now - datetime.fromisoformat(entry.at) < _LONGEST_REQUEST
        return "in_progress" if under_way else "no_response"
    if entry.status >= 500:
        return "error"
    if entry.status >= 400:
        return "rejected"
    rejected = entry.counts.get("rejected", 0)
    if not rejected:
        return "success"
    return "rejected" if rejected >= entry.counts.get("received", 0) else "partial"


def replayable(entry: RequestEntry) -> bool:
    """Tell whether a request was a delivery, a correction or a replay: its body can be taken again."""
    sent = entry.kind == API and entry.method == "POST" and entry.table != NO_TABLE
    return sent and _DELIVERY.fullmatch(entry.path) is not None


def kept(entry: RequestEntry, now: datetime, retention_days: int) -> bool:
    """Tell whether the retention still covers a request: the table's own deletion comes late."""
    return now - datetime.fromisoformat(entry.at) < timedelta(days=retention_days)


def readable(body: bytes) -> bytes:
    """Give a body as its sender meant it: gzip is undone, unless it is broken or inflates beyond 10 MB."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    inflater = zlib.decompressobj(wbits=31)
    try:
        plain = inflater.decompress(body, MAX_READABLE_BYTES)
    except zlib.error:
        return body
    return plain if inflater.eof and not inflater.unused_data else body


def redact(headers: dict[str, str]) -> dict[str, str]:
    """Copy headers with the values of secret ones hidden, and ERP keys wherever they were put."""
    return {
        name: REDACTED if name.lower() in SECRET_HEADERS else _ERP_KEY.sub(REDACTED, value)[:2_000]
        for name, value in headers.items()
    }


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
