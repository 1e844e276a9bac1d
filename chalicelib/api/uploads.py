"""Bulk uploads: an ERP's, or a person's on the page; asked for, listed, and looked after."""

from datetime import timedelta
from typing import Any

from chalice.app import Blueprint, Response

from .. import upload_wiring, wiring
from ..domain.errors import Forbidden, MethodNotAllowed
from ..domain.exports import LINK_SECONDS
from ..domain.upload_requests import parse
from ..domain.uploads import OUTCOMES, BulkUpload
from ..domain.values import instant_text
from ..i18n.texts import text
from ..services.access import Erp, User
from ..services.logged import Logged
from ..services.uploads.desk import Asker
from .edge import ERP, Call, endpoint
from .erp import show as show_record
from .erp_calls import erp_call
from .logged import Worked
from .paging import cursor, limit, listed, next_cursor
from .record_paths import table_of

bp = Blueprint(__name__)
_MINE = "/v1/integrations/{integration_id}/uploads"
_ASK, _ONE = "/v1/erp/{table}/uploads", "/v1/erp/uploads/{upload_id}"


@endpoint(
    bp,
    "POST",
    _ASK,
    caller=ERP,
    tag="ERP",
    summary="Begin an upload of a file with records of a table, up to 5 GiB",
    body="NewUpload",
    answers={201: "Upload"},
)
def ask_as_erp(call: Call, table: str) -> Response:
    """Give the ERP a link that takes the file."""

    def work(erp: Erp, entry: Logged) -> Worked:
        facts = parse(call.body(), table_of(table).name)
        asker = Asker(
            erp.tenant_id, erp.integration_id, erp.key_name, key_id=erp.key_id, key_name=erp.key_name
        )
        begun = upload_wiring.desk().request(facts, asker, reads_views=erp.reads_only)
        return 201, _shown(call, begun, None), {}

    return erp_call(call, table, work)


@endpoint(
    bp,
    "GET",
    _ONE,
    caller=ERP,
    tag="ERP",
    summary="Read where an upload stands; rejected lines come as a file with a fresh link",
    answers={200: "Upload"},
)
def show_to_erp(call: Call, upload_id: str) -> dict[str, Any]:
    """Read an upload. It is asked often and its links are secret, so it is kept out of the request log."""
    erp = wiring.access().authenticate(call.request.headers.get("authorization"))
    if not isinstance(erp, Erp):
        raise Forbidden("user_cannot_push")
    return _shown(call, upload_wiring.desk().find(erp.integration_id, upload_id), None)


@endpoint(
    bp,
    "GET",
    _ASK,
    caller=ERP,
    tag="ERP",
    summary="Read the record whose key is the word uploads",
    answers={200: "StoredRecord"},
)
def show_record_of_that_name(call: Call, table: str) -> Response:
    """Read a record whose address another one would hide."""
    found: Response = show_record(call, table, "uploads")
    return found


def _other(path: str, methods: str, meant: str) -> None:
    """Answer an ERP that uses another method: the gateway would only say that there is nothing."""

    def refuse_method(call: Call, **arguments: str) -> Response:
        def work(erp: Erp, entry: Logged) -> Worked:
            call.headers["Allow"] = meant
            raise MethodNotAllowed(method=call.request.method)

        return erp_call(call, arguments.get("table", ""), work)

    endpoint(bp, methods, path, caller=ERP, tag="", summary="", answers={})(refuse_method)


_other(_ASK, "HEAD PUT PATCH DELETE", "GET, POST")
_other(_ONE, "POST HEAD PUT PATCH DELETE", "GET")


@endpoint(
    bp,
    "GET",
    _MINE,
    caller="viewer",
    tag="Onboarding",
    summary="List uploads, newest first",
    query=("limit", "cursor"),
    answers={200: "UploadList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List uploads; a link to rejected lines is given one by one."""
    integration = call.integration(integration_id)
    size, position = limit(call), cursor(call, str)
    before = position[0] if position else None
    found = upload_wiring.desk().latest(integration.integration_id, size + 1, before)
    more = next_cursor(found[size - 1].job_id) if len(found) > size else None
    return listed([_shown(call, one, call.caller, links=False) for one in found[:size]], more)


@endpoint(
    bp,
    "POST",
    _MINE,
    caller="admin",
    tag="Onboarding",
    summary="Begin an upload of a file with records of a table, up to 5 GiB",
    body="NewTableUpload",
    answers={201: "Upload"},
)
def ask(call: Call, integration_id: str) -> tuple[int, dict[str, Any]]:
    """Give a person a link that takes the file."""
    integration = call.integration(integration_id)
    user = call.caller
    asker = Asker(integration.tenant_id, integration.integration_id, user.user_id, user.role)
    facts = parse(call.body())
    begun = upload_wiring.desk().request(facts, asker, reads_views=integration.reads_views)
    return 201, _shown(call, begun, user)


@endpoint(
    bp,
    "GET",
    _MINE + "/{upload_id}",
    caller="viewer",
    tag="Onboarding",
    summary="Read where an upload stands; admins get a fresh link to the file of rejected lines",
    answers={200: "Upload"},
)
def show(call: Call, integration_id: str, upload_id: str) -> dict[str, Any]:
    """Read an upload."""
    integration = call.integration(integration_id)
    found = upload_wiring.desk().find(integration.integration_id, upload_id)
    return _shown(call, found, call.caller)


def _shown(call: Call, upload: BulkUpload, user: User | None, *, links: bool = True) -> dict[str, Any]:
    """Describe an upload, to a user or to the ERP."""
    filename, asker = upload.filename, upload.requested_by
    if user:
        filename, asker = call.seen(filename), call.seen(asker)
    may_have = user is None or user.role != "viewer"
    return {
        "upload_id": upload.job_id,
        "table": upload.table,
        "format": upload.format,
        "filename": filename,
        "status": upload.status,
        "upload": _link(upload) if links and may_have else None,
        "bytes": upload.size,
        "lines": upload.lines,
        "received": upload.received,
        **{name: upload.counts.get(name, 0) for name in OUTCOMES},
        "accepted": upload.accepted,
        "warnings": upload.warnings,
        "progress": upload.progress,
        "rejected_file": _rejected(call, upload, user, links=links and may_have),
        "error": _error(call, upload),
        "snapshot_id": upload.snapshot_id,
        "requested_by": asker,
        "requested_at": instant_text(upload.requested_at),
        "started_at": instant_text(upload.started_at) if upload.started_at else None,
        "finished_at": instant_text(upload.finished_at) if upload.finished_at else None,
    }


def _link(upload: BulkUpload) -> dict[str, Any] | None:
    found = upload_wiring.desk().file_link(upload)
    if found is None:
        return None
    url, headers = found
    return {"method": "PUT", "url": url, "headers": headers, "expires_at": instant_text(upload.link_until)}


def _rejected(call: Call, upload: BulkUpload, user: User | None, *, links: bool) -> dict[str, Any] | None:
    """Describe the file of rejected lines; those who may not see personal data get no link to it."""
    if not upload.has_rejected_file(wiring.now()):
        return None
    links = links and (user is None or user.sees_personal_data)
    url = upload_wiring.desk().rejected_link(upload, user, call.language) if links else None
    ends = wiring.now() + timedelta(seconds=LINK_SECONDS)
    return {"url": url, "expires_at": instant_text(ends) if url else None, "rows": upload.rejected}


def _error(call: Call, upload: BulkUpload) -> dict[str, str] | None:
    if upload.status != "failed" or upload.failure is None:
        return None
    code, params = upload.failure.code, upload.failure.params
    return {"code": code, "message": text(code, params, call.language)}
