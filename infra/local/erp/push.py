"""Push deliveries through the real HTTP API, as an ERP does: with its key, retries and gzip."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import urllib3

from infra.local.erp.tables import Delivery, Record, key_of

# 409 is the answer while an earlier attempt with the same Idempotency-Key is still being worked on.
_RETRIED = frozenset({409, 429, 500, 502, 503, 504})
_COUNTS = ("received", "created", "updated", "unchanged", "deleted", "rejected")


class PushRefusedError(Exception):
    """The API refused a whole delivery: carries its table, the status and the body's beginning."""

    def __init__(self, table: str, status: int, body: str) -> None:
        super().__init__(f"{table}: HTTP {status}: {body[:500]}")
        self.table, self.status, self.body = table, status, body


@dataclass
class Totals:
    """Sums of the answers so far; `errors` and `warnings` count (table, field)."""

    requests: int = 0
    retries: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    tables: dict[str, Counter[str]] = field(default_factory=dict)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    warnings: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, answer: dict[str, Any], retries: int) -> None:
        """Add the answer to one delivery."""
        table = answer["table"]
        counts = {name: int(answer[name]) for name in _COUNTS}
        self.requests += 1
        self.retries += retries
        self.counts.update(counts)
        self.tables.setdefault(table, Counter()).update(counts)
        self.errors.update((table, str(error.get("field"))) for error in answer["errors"])
        self.warnings.update((table, str(warning.get("field"))) for warning in answer["warnings"])


def push(
    deliveries: Iterable[Delivery],
    api_url: str,
    key: str,
    *,
    concurrency: int = 2,
    on_progress: Callable[[Totals], None] = lambda totals: None,
    retry: urllib3.Retry | None = None,
) -> Totals:
    """Push every delivery in order, a few at once, and return the totals.

    Two deliveries that share a record's key are never under way together, so its versions stay in
    order. Raises PushRefusedError when the API refuses a delivery, or does not recover in time.
    """
    totals = Totals()
    connections = urllib3.PoolManager(maxsize=concurrency, retries=retry or patient_retry())
    under_way: dict[Future[tuple[dict[str, Any], int]], set[str]] = {}

    def collect() -> None:
        for done in wait(under_way, return_when=FIRST_COMPLETED).done:
            del under_way[done]
            totals.add(*done.result())
            on_progress(totals)

    with connections, ThreadPoolExecutor(concurrency) as workers:
        for number, (table, records) in enumerate(deliveries):
            keys = {f"{table}/{name}" for record in records if (name := key_of(table, record))}
            while len(under_way) >= concurrency or any(keys & others for others in under_way.values()):
                collect()
            url = f"{api_url}/v1/erp/{table}"
            body, headers = encode_body(records, ndjson=number % 4 == 1, compressed=number % 3 == 0)
            headers |= {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4())}
            under_way[workers.submit(_send, connections, url, body, headers)] = keys
        while under_way:
            collect()
    return totals


def patient_retry() -> urllib3.Retry:
    """Retry about a minute on overload, server errors and lost connections; Retry-After is honoured."""
    return urllib3.Retry(
        total=10,
        status_forcelist=_RETRIED,
        allowed_methods={"POST"},
        backoff_factor=0.25,
        backoff_max=10,
        backoff_jitter=0.25,
        raise_on_status=False,
    )


def encode_body(records: list[Record], *, ndjson: bool, compressed: bool) -> tuple[bytes, dict[str, str]]:
    """Write the records as JSON or NDJSON, gzipped or not, with the headers that say so."""
    if ndjson:
        text = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    else:
        text = json.dumps({"records": records}, ensure_ascii=False)
    headers = {"Content-Type": "application/x-ndjson" if ndjson else "application/json"}
    if not compressed:
        return text.encode(), headers
    return gzip.compress(text.encode(), compresslevel=6, mtime=0), {**headers, "Content-Encoding": "gzip"}


def _send(
    connections: urllib3.PoolManager, url: str, body: bytes, headers: dict[str, str]
) -> tuple[dict[str, Any], int]:
    """Post one delivery; return the answer and how often it was repeated."""
    table = url.rsplit("/", 1)[-1]
    timeout = urllib3.Timeout(connect=5, read=60)
    try:
        response = connections.request("POST", url, body=body, headers=headers, timeout=timeout)
    except urllib3.exceptions.HTTPError as error:
        raise PushRefusedError(table, 0, str(error)) from error
    if response.status != 200:
        raise PushRefusedError(table, response.status, response.data.decode(errors="replace"))
    answer: dict[str, Any] = response.json()
    return answer, len(response.retries.history) if response.retries else 0
