"""What ERPs call: deliver records, and look one up. Every request goes into the request log."""

import json
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from chalice.app import Blueprint, Response

from .. import wiring
from ..domain import values
from ..domain.errors import Conflict, Forbidden, MethodNotAllowed, NotFound
from ..domain.request_log import NO_INTEGRATION, NO_TABLE, RequestEntry, new_id, redact
from ..domain.staging import Outcome
from ..domain.tables import TABLES
from ..i18n.issues import rendered
from ..services.access import Erp, RevokedKey
from ..services.ingestion import Receipt, ingest, keys_named
from ..services.records import look_up
from .delivery import records_of
from .edge import ERP, Call, endpoint, logger, raw_body, refuse, respond
from .idempotency import once
from .record_paths import key_of, table_of

bp = Blueprint(__name__)


@dataclass(slots=True)
class _Logged:
    """The request's entry: written ahead in the background, completed before the answer leaves.

    named  keys that its records are stored under
    """

    entry: RequestEntry
    ahead: "Future[dict[str, Any]] | None" = None
    aside: "Future[None] | None" = None
    named: Collection[str] = ()

    def belongs_to(self, erp: Erp) -> None:
        """Put the entry into the ERP's integration's log."""
        self.entry = replace(
            self.entry, integration_id=erp.integration_id, key_id=erp.key_id, key_name=erp.key_name
        )

    def begin(self, body: bytes) -> None:
        """Start writing ahead; `wait` before the first write of the work."""
        self.ahead = wiring.background(lambda: wiring.request_log().begin(self.entry, body))

    def wait(self) -> None:
        """Make sure that the entry is written."""
        if self.ahead:
            self.ahead.result()

    def complete(self, entry: RequestEntry, answer: bytes) -> None:
        """Write the finished entry and the answer."""
        # Of somebody we do not trust, keep that it happened, but nothing of what they sent.
        ahead = self.ahead.result() if self.ahead else {}
        wiring.request_log().complete(entry, ahead, answer, self.named)

    def beside(self, job: Callable[[], None]) -> None:
        """Do the last of the work while the answer is being written; `end` before it leaves."""
        self.aside = wiring.background(job)

    def end(self) -> None:
        """Wait for the last of the work: should it fail, the next run does it."""
        if self.aside:
            try:
                self.aside.result()
            except Exception:
                logger.exception("tidying up after a delivery failed", request_id=self.entry.request_id)


@endpoint(
    bp,
    "POST",
    "/v1/erp/{table}",
    caller=ERP,
    tag="ERP",
    summary="Deliver up to 1,000 records of a table",
    body="Delivery",
    answers={200: "Receipt"},
)
def deliver(call: Call, table: str) -> Response:
    """Take records into the intermediate database."""

    def work(erp: Erp, logged: _Logged) -> tuple[int, Any, dict[str, int]]:
        found = table_of(table)
        if erp.reads_only:
            raise Conflict("integration_reads_views")
        body = raw_body(call.request)
        headers = call.request.headers

        def read() -> list[Any]:
            return records_of(body, headers.get("content-type"), headers.get("content-encoding"))

        def take() -> tuple[dict[str, Any], dict[str, int]]:
            records = read()
            receipt = ingest(
                wiring.records(),
                erp.integration_id,
                found,
                records,
                request_id=call.request_id,
                now=wiring.now(),
                before_write=logged.wait,
                beside=logged.beside,
            )
            logged.named = receipt.named
            return _receipt_json(receipt, call.language), _counts(receipt)

        key = headers.get("idempotency-key")
        if key is None:
            return 200, *take()

        def keep(answer: dict[str, Any], counts: dict[str, int]) -> None:
            _complete(logged, call, respond(call, (200, answer)), counts)

        answer, counts, replayed = once(erp.integration_id, table, key, body, call, take, keep)
        if replayed:
            call.headers["Idempotent-Replayed"] = "true"
            logged.named = keys_named(found, read())
        return 200, answer, counts

    return _logged(call, table, work)


@endpoint(
    bp,
    "GET",
    "/v1/erp/{table}/{key}",
    caller=ERP,
    tag="ERP",
    summary="Read a record as stored, and whether the CRM has it",
    answers={200: "StoredRecord"},
)
def show(call: Call, table: str, key: str) -> Response:
    """Look one record up by its key, percent-encoded, composite keys joined with `|`."""

    def work(erp: Erp, logged: _Logged) -> tuple[int, Any, dict[str, int]]:
        found = table_of(table)
        wanted = key_of(key)
        stored = look_up(wiring.records(), wiring.crm(), erp.integration_id, found, wanted)
        if stored is None:
            raise NotFound("record_not_found", table=table, key=wanted)
        if issues := stored.pop("issues"):
            stored["errors"] = rendered(issues, call.language)
        return 200, stored, {}

    return _logged(call, table, work)


def _other(path: str, methods: str, meant: str) -> None:
    """Answer an ERP that uses another method: the gateway would only say that there is nothing."""

    def refuse_method(call: Call, table: str, key: str = "") -> Response:
        def work(erp: Erp, logged: _Logged) -> tuple[int, Any, dict[str, int]]:
            call.headers["Allow"] = meant
            raise MethodNotAllowed(f"use_{meant.lower()}", method=call.request.method)

        return _logged(call, table, work)

    endpoint(bp, methods, path, caller=ERP, tag="", summary="", answers={})(refuse_method)


_other("/v1/erp/{table}", "GET HEAD PUT PATCH DELETE", "POST")
_other("/v1/erp/{table}/{key}", "POST HEAD PUT PATCH DELETE", "GET")


def _logged(
    call: Call, table: str, work: Callable[[Erp, _Logged], tuple[int, Any, dict[str, int]]]
) -> Response:
    """Authenticate, write ahead, work, answer, and complete the entry, whatever happens."""
    call.request_id = new_id(table, call.started)
    logged = _Logged(_entry(call, table, values.instant_text(call.started)))
    counts: dict[str, int] = {}
    try:
        erp = _erp(call, logged)
        logged.begin(raw_body(call.request))
        status, body, counts = work(erp, logged)
        answer = respond(call, (status, body))
    except Exception as error:
        answer = refuse(call, error)
    _complete(logged, call, answer, counts)
    logged.end()
    return answer


def _complete(logged: _Logged, call: Call, answer: Response, counts: dict[str, int]) -> None:
    content = answer.body.encode()
    code = None if answer.status_code < 400 else json.loads(answer.body)["code"]
    elapsed = wiring.now() - call.started
    entry = replace(
        logged.entry,
        status=answer.status_code,
        code=code,
        duration_ms=round(elapsed.total_seconds() * 1000),
        response_bytes=len(content),
        counts=counts,
    )
    logged.complete(entry, content)


def _entry(call: Call, table: str, at: str) -> RequestEntry:
    request = call.request
    return RequestEntry(
        request_id=call.request_id,
        integration_id=NO_INTEGRATION,
        table=table if table in TABLES else NO_TABLE,
        at=at,
        method=request.method,
        path=call.path[:1_000],
        headers=redact(dict(request.headers)),
        request_bytes=len(raw_body(request)),
    )


def _erp(call: Call, logged: _Logged) -> Erp:
    """Authenticate; a revoked key still tells in whose log its refusal belongs."""
    try:
        found = wiring.access().authenticate(call.request.headers.get("authorization"))
    except RevokedKey as error:
        logged.belongs_to(error.erp)
        raise
    if not isinstance(found, Erp):
        raise Forbidden("user_cannot_push")
    logged.belongs_to(found)
    return found


def _receipt_json(receipt: Receipt, language: str) -> dict[str, Any]:
    return {
        "request_id": receipt.request_id,
        "table": receipt.table,
        "received": receipt.received,
        **{outcome.value: receipt.counts[outcome] for outcome in Outcome},
        "errors": rendered(receipt.errors, language),
        "warnings": rendered(receipt.warnings, language),
        **({"omitted": receipt.omitted} if receipt.omitted else {}),
    }


def _counts(receipt: Receipt) -> dict[str, int]:
    return {"received": receipt.received, **{one.value: number for one, number in receipt.counts.items()}}
