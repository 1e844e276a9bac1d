"""The log of a run: on screen, and as a file."""

from datetime import timedelta
from typing import Any, Final

from chalice.app import Blueprint

from .. import export_wiring, wiring
from ..domain import runs as domain
from ..domain.errors import FieldIssue, Invalid
from ..domain.exports import LINK_SECONDS
from ..domain.schedule import zone
from ..domain.values import instant_text
from ..i18n.texts import text
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor
from .runs import RUNS, find_run

bp = Blueprint(__name__)
FORMATS: Final = ("xlsx", "txt")


@endpoint(
    bp,
    "GET",
    RUNS + "/{run_id}/log",
    caller="viewer",
    tag="Runs",
    summary="Read a run's log",
    query=("limit", "cursor"),
    answers={200: "LogLineList"},
)
def log(call: Call, integration_id: str, run_id: str) -> dict[str, Any]:
    """Read log lines in the caller's language; the cursor also works for lines yet to come."""
    run = find_run(call, integration_id, run_id)
    size, position = limit(call), cursor(call, int)
    after = position[0] if position else 0
    written = wiring.run_log().read(run.integration_id, run_id, after=after, limit=size)
    # Lines of a step under way may yet change: a worker that dies makes the next one repeat it.
    lines = [line for line in written if line["number"] <= run.log_lines]
    more = len(lines) == size or run.status == domain.RUNNING
    reached = lines[-1]["number"] if lines else after
    return listed([_line(call, line) for line in lines], next_cursor(reached) if more else None)


@endpoint(
    bp,
    "POST",
    RUNS + "/{run_id}/log/download",
    caller="viewer",
    tag="Runs",
    summary="Get a run's log as a file",
    body="LogDownload",
    answers={200: "Link"},
)
def download(call: Call, integration_id: str, run_id: str) -> dict[str, Any]:
    """Make the file and mint a link to it; the log of a run that is on ends where the run stands."""
    integration, run = call.integration(integration_id), find_run(call, integration_id, run_id)
    body = call.body()
    wanted = body.get("format") if isinstance(body, dict) else None
    if wanted not in FORMATS:
        choices = ", ".join(FORMATS)
        raise Invalid(
            "format_invalid",
            choices=choices,
            fields=[FieldIssue("format", "format_invalid", {"choices": choices})],
        )
    written = wiring.run_log().all(run.integration_id, run.run_id, run.log_lines)
    lines = (_line(call, line) for line in written)
    url, filename = export_wiring.log_files().offer(
        run, lines, wanted, zone(integration.schedule.timezone), call.caller, call.language
    )
    return {
        "url": url,
        "url_expires_at": instant_text(wiring.now() + timedelta(seconds=LINK_SECONDS)),
        "filename": filename,
        "lines": run.log_lines,
        "masked": not call.caller.sees_personal_data,
    }


def _line(call: Call, line: dict[str, Any]) -> dict[str, Any]:
    language = call.language
    details, params = dict(line["details"]), line["params"]
    if "issues" in details:
        details["issues"] = [
            {"field": name, "code": code, "message": text(code, issue_params, language)}
            for name, code, issue_params in details["issues"]
        ]
        said = "; ".join(f"{one['field'] or '*'}: {one['message']}" for one in details["issues"])
        params = {**params, "issues": said}
    return {
        "number": line["number"],
        "at": line["at"],
        "level": line["level"],
        "stage": line["stage"],
        "code": line["code"],
        "message": call.seen(text(line["code"], params, language)),
        "details": call.seen(details),
    }
