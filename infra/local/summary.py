"""The demo's result: counts per table and stage, the ABC curve, and whether they equal the ERP's truth."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from infra.local.erp.data import Dataset
from infra.local.screen import Screen
from infra.local.tenants import Tenants

OUTCOMES = ("created", "updated", "unchanged", "deleted", "rejected")


def differences(tenants: Tenants, data: Dataset, *, refused: bool = True) -> list[str]:
    """Compare each table's counters with what the ERP holds; `refused`: with what it sent in vain, too."""
    found = []
    for one in tenants.admin.get(f"{tenants.path}/tables")["items"]:
        truth = data.expected.tables[one["table"]]
        for what, is_, should in (
            ("records", one["records"], truth.live),
            ("rejected", one["rejected"], truth.rejected + truth.keyless if refused else 0),
        ):
            if is_ != should:
                found.append(f"{one['table']}: {is_:,} {what}, the ERP has {should:,}")
    return found


def show(screen: Screen, tenants: Tenants, run: dict[str, Any], data: Dataset) -> None:
    """Print the summary of the stack as it is now."""
    api, path = tenants.admin, tenants.path
    screen.line()
    _show_tables(screen, api.get(f"{path}/tables")["items"])
    _show_stages(screen, run)
    abc = api.get(f"{path}/abc")
    customers = list(api.items(f"{path}/customers"))
    _show_abc(screen, abc, customers, data)
    _show_counts(screen, "Category", Counter(one["category"] for one in customers))
    integration = api.get(path)
    screen.line(
        f"  Run {run['run_id']}: {run['status']}, {run['duration_seconds']:.1f} s, by {run['trigger']}"
    )
    screen.line(
        f"  Next run {integration['next_run_at']}, database {integration['database_size_bytes']:,} bytes"
    )
    screen.line(f"  Page     {tenants.stack['page_url']}")
    screen.line(f"  API      {tenants.stack['api_url']}/v1/openapi.json")
    screen.line("  Alerts   make mailbox shows the e-mails that were sent")
    screen.line(f"  Keys and tokens are in {tenants.file.relative_to(tenants.file.parents[1])}")


def _show_tables(screen: Screen, tables: list[dict[str, Any]]) -> None:
    counted = ("records", "bytes", "pending", "rejected")
    rows = [[one["table"], *(f"{one[name]:,}" for name in counted)] for one in tables]
    rows.append(["total", *(f"{sum(one[name] for one in tables):,}" for name in counted)])
    screen.table(["Table", *counted], rows)


def _show_stages(screen: Screen, run: dict[str, Any]) -> None:
    rows = [
        [one["name"], one["status"], f"{one['processed']:,}", f"{one['rejected']:,}", f"{one['seconds']:.1f}"]
        for one in run["stages"]
    ]
    screen.table(["Stage", "status", "processed", "rejected", "seconds"], rows)


def _show_abc(screen: Screen, abc: dict[str, Any], customers: list[dict[str, Any]], data: Dataset) -> None:
    rows = [
        [
            one["class"],
            f"{one['customers']:,}",
            f"{Decimal(one['customers_share']):.1%}",
            f"{Decimal(one['revenue']):,.2f}",
            f"{Decimal(one['revenue_share']):.1%}",
        ]
        for one in abc["classes"]
    ]
    screen.table(["Class", "customers", "share", "revenue", "share"], rows)
    truth = data.expected.abc(date.fromisoformat(abc["as_of"]), abc["window_months"])
    revenue = Decimal(abc["totals"]["revenue"])
    same = all(truth.classes.get((one["kind"], one["codigo"])) == one["abc_class"] for one in customers)
    agree = revenue == truth.total and same and len(customers) == len(truth.classes)
    said = (
        "as computed from the ERP's own notas" if agree else f"but the ERP's own notas say {truth.total:,.2f}"
    )
    screen.line(f"  Revenue {revenue:,.2f} and the classes of {len(customers):,} customers: {said}")
    screen.line()


def _show_counts(screen: Screen, name: str, counts: Counter[str]) -> None:
    screen.table([name, "customers"], [[key, f"{number:,}"] for key, number in counts.most_common()])
