"""The requests that named a record, changed or not, and what became of it in each."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..domain.request_log import first_id, moment_of, situation
from ..domain.values import instant_text
from ..domain.versions import Version

if TYPE_CHECKING:
    from ..storage.requests import Logged, RequestLog
    from .trace import TraceParts

SHOWN: Final = 100
QUERIES: Final = 28
ANSWERS_IN_S3: Final = 15
"""Large answers lie in files, each of which is a call: only so many are read for their outcome."""
_TELLING: Final = frozenset({"older_version", "nothing_to_delete", "row_repeated"})


def requests_of(
    parts: "TraceParts",
    integration_id: str,
    table: str,
    key: str,
    versions: Sequence[Version],
    dropped: int,
) -> dict[str, Any]:
    """List the newest requests of the retention that named a key, those that died included."""
    now = parts.now()
    oldest = now - timedelta(days=parts.retention_days)
    days = [f"{now - timedelta(days=back):%Y-%m-%d}" for back in range(parts.retention_days + 1)]
    naming = parts.marks.naming(integration_id, table, key, days, QUERIES)
    # Who died before the answer left no marks, but wrote the record: its version names the request.
    by_version = {one.request_id: one for one in reversed(versions) if one.request_id}
    first = first_id(oldest)
    wanted = sorted({one for one in (*naming.request_ids, *by_version) if one >= first}, reverse=True)
    logged = {one.entry.request_id: one for one in parts.log.find_all(integration_id, wanted[:SHOWN])}
    shown = [logged[one] for one in wanted[:SHOWN] if one in logged]
    answers = _answers(parts.log, [one for one in shown if one.entry.request_id not in by_version])
    since = versions[-1].at if dropped and versions else ""
    return {
        "requests": [
            _request(one, by_version.get(one.entry.request_id), answers, key, since, now) for one in shown
        ],
        "requests_more": len(wanted) > SHOWN or naming.unread_before is not None,
        "requests_since": instant_text(moment_of(naming.unread_before) if naming.unread_before else oldest),
    }


def _answers(log: "RequestLog", many: list["Logged"]) -> dict[str, bytes]:
    """Read answers whose record made no version; not more than so many of the large ones."""
    large = [one for one in many if log.in_file(one, "response")]
    left_out = {one.entry.request_id for one in large[ANSWERS_IN_S3:]}
    wanted = [one for one in many if one.entry.request_id not in left_out]
    bodies = log.bodies(wanted, ["response"])
    return {one.entry.request_id: body for one, [body] in zip(wanted, bodies, strict=True)}


def _request(
    logged: "Logged",
    version: Version | None,
    answers: dict[str, bytes],
    key: str,
    since: str,
    now: datetime,
) -> dict[str, Any]:
    entry = logged.entry
    if entry.status is None:
        outcome, code = str(situation(entry, now)), None
    elif version:
        outcome, code = version.what, entry.code
    elif entry.request_id not in answers:
        outcome, code = "unknown", entry.code
    else:
        outcome, code = _outcome(entry.request_id, answers[entry.request_id], key)
        if outcome == "unchanged" and entry.at < since:
            outcome = "accepted"  # whether it changed the record is no longer known
    return {
        "request_id": entry.request_id,
        "at": entry.at,
        "kind": entry.kind,
        "outcome": outcome,
        "status": entry.status,
        "code": code,
    }


def _outcome(request_id: str, body: bytes, key: str) -> tuple[str, str | None]:
    """Read from an answer what became of a record that got no new version."""
    try:
        answer = json.loads(body)
    except ValueError:
        return "unknown", None
    if answer.get("request_id") != request_id:
        return "replayed", None
    if key.startswith("\x01"):
        return "rejected", None
    issue = next((one for one in answer.get("errors", ()) if one.get("key") == key), None)
    if issue:
        return "rejected", issue["code"]
    told = (one for one in answer.get("warnings", ()) if one.get("key") == key)
    code = next((one["code"] for one in told if one["code"] in _TELLING), None)
    by_key = dict(one for one in answer.get("results", ()) if one[0] is not None)
    return by_key.get(key, "unchanged"), code
