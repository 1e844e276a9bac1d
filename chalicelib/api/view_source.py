"""The source of a View integration: the ERP's database, its views, and a test of both."""

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from .. import view_wiring
from ..domain.errors import FieldIssue, Invalid
from ..domain.integrations import Integration
from ..domain.tables import TABLES
from ..i18n.texts import text
from .edge import Call, endpoint
from .integrations import etag, expected_version

if TYPE_CHECKING:
    from ..domain.view_source import ViewSource

bp = Blueprint(__name__)
_SOURCE = "/v1/integrations/{integration_id}/view-source"


@endpoint(
    bp,
    "GET",
    _SOURCE,
    caller="viewer",
    tag="View source",
    summary="Read where the views are, and how far they have been read",
    answers={200: "ViewSource"},
)
def show(call: Call, integration_id: str) -> dict[str, Any]:
    """Read the source; `version` 0 means that there is none yet."""
    return _shown(call, call.integration(integration_id))


@endpoint(
    bp,
    "PUT",
    _SOURCE,
    caller="admin",
    tag="View source",
    summary="Say where the views are and what they hold",
    body="NewViewSource",
    answers={200: "ViewSource"},
)
def replace(call: Call, integration_id: str) -> dict[str, Any]:
    """Store the source, if nobody else did since the version in `If-Match`."""
    integration = call.integration(integration_id)
    view_wiring.source_desk().replace(integration, call.body(), expected_version(call))
    return _shown(call, integration)


@endpoint(
    bp,
    "POST",
    _SOURCE + "/test",
    caller="admin",
    tag="View source",
    summary="Connect, and report on every view",
    body="ViewSourceTest",
    answers={200: "ViewSourceReport"},
)
def test(call: Call, integration_id: str) -> dict[str, Any]:
    """Test a source as sent, or else the stored one; `only` names the tables that matter."""
    from ..domain.view_source import to_json

    integration = call.integration(integration_id)
    body = call.body()
    if not isinstance(body, dict):
        raise Invalid("body_not_object")
    names = body.pop("only", None)
    source, connection = view_wiring.source_desk().for_test(integration, body)
    wanted = _wanted(names, source)
    report = view_wiring.check_function().call(
        {
            "tenant_id": integration.tenant_id,
            "integration_id": integration.integration_id,
            "source": to_json(source),
            "connection": connection,
            "tables": wanted,
        }
    )
    return _report(call, source, report)


def _wanted(names: object, source: "ViewSource") -> list[str]:
    known = [name for name in TABLES if name in source.tables]
    if names is None:
        return known
    if not isinstance(names, list) or any(name not in known for name in names):
        params = {"choices": ", ".join(known)}
        raise Invalid("invalid_setting", fields=[FieldIssue("only", "not_a_choice", params)])
    return [name for name in known if name in names]


def _shown(call: Call, integration: Integration) -> dict[str, Any]:
    shown = view_wiring.source_desk().show(integration)
    call.headers["ETag"] = etag(shown["version"])
    return shown


def _report(call: Call, source: "ViewSource", report: dict[str, Any]) -> dict[str, Any]:
    tables = [{**one, "problems": _problems(call, one["problems"])} for one in report["tables"]]
    problems = _problems(call, report["problems"])
    told = [*problems, *(problem for one in tables for problem in one["problems"])]
    return {
        "ok": report["connected"] and not any(one["severity"] == "error" for one in told),
        "connected": report["connected"],
        "engine": source.engine,
        "database": report.get("database"),
        "problems": problems,
        "tables": tables,
    }


def _problems(call: Call, found: list[list[Any]]) -> list[dict[str, str]]:
    """Write problems in the caller's language: what is wrong, where, and what to do."""
    return [
        {
            "severity": severity,
            "code": code,
            "field": field,
            "message": text(code, params, call.language) + _where(call, params),
        }
        for severity, code, field, params in found
    ]


def _where(call: Call, params: dict[str, str]) -> str:
    """Add which column a value's problem is in, and how many of the rows looked at have it."""
    if "of" not in params or "rows" not in params:
        return ""
    return " " + text("view_where", params, call.language)
