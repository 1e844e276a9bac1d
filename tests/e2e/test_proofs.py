"""A proof of completeness on the deployed stack: real queue and links, and workers that are killed."""

import io
import time
import urllib.request
from typing import Any

from openpyxl import load_workbook

from infra.local.client import Api
from tests.support.onboarding import nota, seller
from tests.support.stack import Stack, until

KILLS = 3


def deliver(erp: Api) -> None:
    """Send what an ERP has, but for one nota, and declare all of it."""
    notas = [nota(number, f"2026-{number % 12 + 1:02}-01") for number in range(300)]
    for table, records in (("vendedor", [seller(1)]), ("nota", notas[1:])):
        erp.post(f"/v1/erp/{table}", {"records": records})
    erp.put("/v1/erp/vendedor/control-totals", {"totals": [{"count": 1}]})
    for month in range(1, 13):
        own = [one for one in notas if one["emitida_em"][5:7] == f"{month:02}"]
        name = f"2026-{month:02}"
        total = {"month": name, "count": len(own), "sum": f"{10 * len(own)}.00"}
        erp.put("/v1/erp/nota/control-totals", {"totals": [total]})
        keys = [f"{one['numero']}|1" for one in own]
        erp.put("/v1/erp/nota/control-keys", {"month": name, "keys": keys})


def test_a_proof_whose_workers_are_killed_names_what_is_missing(stack: Stack) -> None:
    integration_id, key = stack.new_integration("proved")
    deliver(Api(stack.outputs["ApiUrl"], key))
    stack.ended(integration_id, stack.start_run(integration_id))
    path = f"/v1/integrations/{integration_id}/completeness"
    [january] = [
        month
        for table in stack.api("viewer").get(path)["tables"]
        for month in table["months"]
        if (table["table"], month["month"]) == ("nota", "2026-01")
    ]
    assert (january["status"], january["difference"]) == ("missing", -1)
    report = stack.api().post(f"{path}/report", {})["report_id"]
    killed = 0
    for _ in range(100):
        time.sleep(0.4)
        if killed == KILLS or state(stack, path, report)["status"] not in ("queued", "running"):
            break
        killed += stack.kill("ProveCompletenessName") > 0
    assert killed > 0
    done = until(lambda: over(stack, path, report), 120, "the proof has not ended")
    assert (done["status"], done["verdict"], done["records"]) == ("done", "incomplete", 300)
    findings = stack.api("viewer").get(f"{path}/reports/{report}/findings?kind=missing_key")["items"]
    assert [(one["month"], one["key"]) for one in findings] == [("2026-01", "0|1")]
    with urllib.request.urlopen(done["url"], timeout=30) as answer:
        book = load_workbook(io.BytesIO(answer.read()))
    assert list(book["Send again"].iter_rows(min_row=2, values_only=True)) == [
        ("nota", "2026-01", "0|1", "Missing")
    ]


def state(stack: Stack, path: str, report: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.api("viewer").get(f"{path}/reports/{report}")
    return found


def over(stack: Stack, path: str, report: str) -> dict[str, Any] | None:
    found = state(stack, path, report)
    return found if found["status"] in ("done", "error") else None
