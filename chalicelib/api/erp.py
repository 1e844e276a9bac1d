"""What ERPs call: deliver records, and look one up. Every request goes into the request log."""

from typing import Any

from chalice.app import Blueprint, Response

from .. import wiring
from ..domain.errors import Conflict, NotFound
from ..i18n.issues import rendered
from ..services.access import Erp
from ..services.ingestion import keys_named
from ..services.logged import Logged
from ..services.records import look_up
from .delivery import Delivery, delivery_of
from .edge import ERP, Call, endpoint, raw_body, respond
from .erp_calls import erp_call, other_methods
from .idempotency import once
from .logged import Worked, complete
from .receipts import counts_of, receipt_json, take
from .record_paths import key_of, table_of
from .snapshots import noting

bp = Blueprint(__name__)


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

    def work(erp: Erp, entry: Logged) -> Worked:
        found = table_of(table)
        if erp.reads_only:
            raise Conflict("integration_reads_views")
        body = raw_body(call.request)
        headers = call.request.headers

        def read() -> Delivery:
            return delivery_of(body, headers.get("content-type"), headers.get("content-encoding"))

        def taken() -> tuple[dict[str, Any], dict[str, int]]:
            sent = read()
            noted = noting(call, erp, found, sent)
            receipt = take(call, entry, found, sent.records, noted)
            return receipt_json(receipt, call.language), counts_of(receipt)

        key = headers.get("idempotency-key")
        if key is None:
            return 200, *taken()

        def keep(answer: dict[str, Any], counts: dict[str, int]) -> None:
            complete(entry, call, respond(call, (200, answer)), counts)

        # The same body sent into another snapshot is another delivery.
        whole = body + (headers.get("snapshot-id") or "").encode("utf-8", "surrogatepass")
        answer, counts, replayed = once(erp.integration_id, table, key, whole, call, taken, keep)
        if replayed:
            call.headers["Idempotent-Replayed"] = "true"
            entry.named = keys_named(found, read().records)
        return 200, answer, counts

    return erp_call(call, table, work)


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

    def work(erp: Erp, entry: Logged) -> Worked:
        found = table_of(table)
        wanted = key_of(key)
        stored = look_up(wiring.records(), wiring.crm(), erp.integration_id, found, wanted)
        if stored is None:
            raise NotFound("record_not_found", table=table, key=wanted)
        if issues := stored.pop("issues"):
            stored["errors"] = rendered(issues, call.language)
        return 200, stored, {}

    return erp_call(call, table, work)


other_methods(bp, "/v1/erp/{table}", "GET HEAD PUT PATCH DELETE", "POST", "use_post")
other_methods(bp, "/v1/erp/{table}/{key}", "POST HEAD PUT PATCH DELETE", "GET", "use_get")
