"""The demo's proof of completeness: the ERP declares what it has, and every record is compared."""

from __future__ import annotations

import time
from typing import Any

from infra.local.client import Api
from infra.local.erp.data import Dataset
from infra.local.erp.declaring import declarations
from infra.local.screen import Screen
from infra.local.tenants import Tenants

PATIENCE_SECONDS = 1_800
PART_KEYS = 20_000


def prove(screen: Screen, tenants: Tenants, data: Dataset, kind: str) -> dict[str, Any]:
    """Return the newest proof; make one if there is none. An ERP that is read needs to declare nothing."""
    api, path = tenants.admin, f"{tenants.path}/completeness"
    for known in api.get(f"{path}/reports?limit=1")["items"]:
        if known["status"] == "done":
            return dict(known)
    if kind == "api":
        _declare(screen, tenants, data)
    report_id = api.post(f"{path}/report", {})["report_id"]
    report = _ended(screen, api, f"{path}/reports/{report_id}")
    if report["status"] == "done":
        screen.done(f"{report['records']:,} records were compared, one by one: {report['verdict']}")
    else:
        screen.done(f"The comparison failed: {report['error']['message']}")
    return report


def _declare(screen: Screen, tenants: Tenants, data: Dataset) -> None:
    erp = Api(tenants.stack["api_url"], tenants.stack["erp_key"])
    told = 0
    for one in declarations(data.ledger):
        screen.note(f"The ERP declares what it has: {one.table} ...")
        erp.put(f"/v1/erp/{one.table}/control-totals", {"totals": one.totals})
        for month, keys in one.keys.items():
            parts = [keys[at : at + PART_KEYS] for at in range(0, len(keys), PART_KEYS)]
            for number, part in enumerate(parts, 1):
                listed = {"month": month, "keys": part, "part": number, "parts": len(parts)}
                erp.put(f"/v1/erp/{one.table}/control-keys", listed)
            told += len(keys)
    screen.done(f"The ERP declared {told:,} records, by table and month")


def _ended(screen: Screen, api: Api, path: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        report: dict[str, Any] = api.get(path)
        if report["status"] in ("done", "error") or time.monotonic() > deadline:
            return report
        screen.progress("Every record is compared", round(report["progress"] * 100), 100)
        time.sleep(1)


def show(screen: Screen, report: dict[str, Any]) -> None:
    """Print what the proof came to."""
    rows = [[kind, f"{number:,}"] for kind, number in report["findings"].items()]
    screen.table(["Completeness", "found"], [*rows, [str(report["verdict"]), ""]])
