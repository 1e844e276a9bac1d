"""`make run`: the product's main job on the local AWS, from an empty machine to a finished nightly sync.

Starts the local AWS, deploys the stack, lets the demo ERP push two years of data through the HTTP API (or,
with TYPE=view, offer them as views of a database), sets the schedule a minute ahead and waits for EventBridge
Scheduler to fire it. Then it proves, record by record, that nothing was left behind. Run again, it finds
all that done.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import boto3

from infra import stack
from infra.local import proof, summary
from infra.local.aws import PORT, REGION, LocalAws, LocalAwsError, directory
from infra.local.client import Api, ApiError
from infra.local.erp.data import Dataset, Size, generate
from infra.local.erp.push import PushRefusedError, Totals, push
from infra.local.screen import Screen
from infra.local.tenants import TIMEZONE, Tenants, prepare
from infra.local.unpacked import unpacked
from infra.local.views import VIEWS_FOLDER, OfferError, offer, sqlite_address

SEED = 1
LEAD_SECONDS = 10  # from setting the schedule to the earliest minute it may name
LATE_SECONDS = 180  # a run that has not begun this long after its minute will not come
PATIENCE_SECONDS: dict[Size, int] = {"tiny": 300, "small": 900, "medium": 3_600, "large": 4 * 3_600}


class DemoError(RuntimeError):
    """The demo cannot go on; the message says what to do."""


@dataclass
class Demo:
    """One run of the demo: what it needs of its surroundings."""

    local: LocalAws
    size: Size
    screen: Screen
    kind: str = "api"
    dsn: str = ""

    def run(self) -> int:
        """Do everything that is not done yet; return the process's exit code."""
        tenants = self._deploy()
        data = self._data()
        if self.kind == "view":
            offer(self.screen, tenants, data, self.dsn or sqlite_address(self.local.directory))
        else:
            self._push(tenants, data)
        run = self._scheduled_run(tenants)
        if self.kind == "view":
            self._check(tenants, data)
        report = proof.prove(self.screen, tenants, data, self.kind)
        summary.show(self.screen, tenants, run, data)
        proof.show(self.screen, report)
        return 0 if run["status"] in ("success", "partial") else 1

    def _deploy(self) -> Tenants:
        started = self.local.start()
        self.screen.done(f"Local AWS {'started' if started else 'is running'}: {self.local.endpoint_url}")
        os.environ.update(self.local.environment)
        target, outputs = self._deployed()
        about = {
            "aws_endpoint_url": self.local.endpoint_url,
            "region": REGION,
            "stack_name": target.stack_name,
        }
        self.screen.done(f"Stack {target.stack_name} deployed: {outputs['ApiUrl']}")
        return prepare(self.local.directory / "stack.json", outputs, about, self.kind)

    def _deployed(self) -> tuple[stack.Target, dict[str, str]]:
        """Deploy so that links in alerts lead to the local page, whose address the first time tells."""
        self.screen.note("Packaging and deploying the stack ...")
        kept = self.local.directory / "stack.json"
        page = f"{json.loads(kept.read_text())['api_url']}/app/" if kept.exists() else ""
        while True:
            folder = str(self.local.directory / VIEWS_FOLDER)
            parameters = {"PageUrl": page, "ViewSqliteFolder": folder}
            target = stack.Target("local", boto3.Session(), parameters=parameters, packed=unpacked)
            outputs = stack.deploy(target)
            found = f"{outputs['ApiUrl']}/app/"
            if found == page:
                return target, outputs
            page = found

    def _data(self) -> Dataset:
        """Generate the demo ERP's data; another day's `make run` goes on with the first day's."""
        kept = self.local.directory / "demo.json"
        known = json.loads(kept.read_text()) if kept.exists() else {}
        held = (known.get("size", self.size), known.get("kind", "api" if known else self.kind))
        if held != (self.size, self.kind):
            raise DemoError(
                f"The stack holds the {held[0]} demo of type {held[1]}. Use it: make run SIZE={held[0]} "
                f"TYPE={held[1]}, or start anew: make clean && make run SIZE={self.size} TYPE={self.kind}"
            )
        today = known.get("today") or datetime.now(ZoneInfo(TIMEZONE)).date().isoformat()
        kept.write_text(json.dumps({"size": self.size, "kind": self.kind, "today": today}))
        return generate(self.size, SEED, today=date.fromisoformat(today))

    def _push(self, tenants: Tenants, data: Dataset) -> None:
        if summary.differences(tenants, data):
            self._push_all(tenants, data)
        self._check(tenants, data)

    def _check(self, tenants: Tenants, data: Dataset) -> None:
        """Make sure that the tables hold what the ERP has; of its views, no row was ever refused."""
        if found := summary.differences(tenants, data, refused=self.kind == "api"):
            raise DemoError("The tables do not hold what the ERP has:\n  " + "\n  ".join(found))
        stored = sum(counts.live for counts in data.expected.tables.values())
        self.screen.done(f"The 12 tables hold {stored:,} records, just as the ERP has them")

    def _push_all(self, tenants: Tenants, data: Dataset) -> None:
        total = sum(len(records) for _, records in data.deliveries)
        begun = time.monotonic()

        def progress(totals: Totals) -> None:
            self.screen.progress("The ERP pushes its data", totals.counts["received"], total)

        url, key = tenants.stack["api_url"], tenants.stack["erp_key"]
        totals = push(data.deliveries, url, key, on_progress=progress)
        seconds = time.monotonic() - begun
        self.screen.done(
            f"The ERP pushed {totals.counts['received']:,} records in {totals.requests} requests, "
            f"{seconds:.0f} s ({totals.counts['received'] / seconds:,.0f} records/s)"
        )
        said = ", ".join(f"{totals.counts[name]:,} {name}" for name in summary.OUTCOMES)
        self.screen.line(f"    {said}")

    def _scheduled_run(self, tenants: Tenants) -> dict[str, Any]:
        """Return the finished run that the scheduler fired; set the schedule if none has been fired yet."""
        api, path = tenants.admin, tenants.path
        for run in api.items(f"{path}/runs"):
            if run["trigger"] == "schedule" and run["status"] in ("success", "partial"):
                self.screen.done(f"The scheduled sync {run['run_id']} ran before")
                return dict(run)
        minute = _next_minute(datetime.now(UTC))
        local = minute.astimezone(ZoneInfo(TIMEZONE))
        schedule = {"time": f"{local:%H:%M}", "timezone": TIMEZONE}
        changed = api.patch(path, {"active": True, "scheduled": True, "schedule": schedule})
        self.screen.done(f"The sync is scheduled daily at {local:%H:%M} {TIMEZONE}: {changed['next_run_at']}")
        return self._watched(api, path, self._fired(api, path, minute))

    def _fired(self, api: Api, path: str, minute: datetime) -> str:
        """Wait until EventBridge Scheduler has started the run of that minute; return its id."""
        while True:
            for run in api.get(f"{path}/runs?limit=10")["items"]:
                if run["trigger"] == "schedule" and run["started_at"] >= minute.strftime("%Y-%m-%dT%H:%M"):
                    self.screen.done(
                        f"EventBridge Scheduler fired at {run['started_at']}: run {run['run_id']}"
                    )
                    return str(run["run_id"])
            left = (minute - datetime.now(UTC)).total_seconds()
            if left < -LATE_SECONDS:
                raise DemoError(
                    f"EventBridge Scheduler has not fired the run of {minute:%H:%M} UTC. "
                    f"Look at {self.local.directory / 'aws.log'}"
                )
            self.screen.note(f"Waiting for EventBridge Scheduler to fire, in {max(0, left):.0f} s ...")
            time.sleep(1)

    def _watched(self, api: Api, path: str, run_id: str) -> dict[str, Any]:
        """Show the run's progress until it ends; return it."""
        deadline = time.monotonic() + PATIENCE_SECONDS[self.size]
        while time.monotonic() < deadline:
            run: dict[str, Any] = api.get(f"{path}/runs/{run_id}")
            if run["status"] != "running":
                self.screen.done(f"The run ended: {run['status']}, {run['duration_seconds']:.1f} s")
                return run
            stage = next((one["name"] for one in run["stages"] if one["status"] == "running"), "waiting")
            self.screen.progress(f"The sync runs: {stage}", round(run["progress"] * 100), 100)
            time.sleep(1)
        raise DemoError(f"The run {run_id} is still on after {PATIENCE_SECONDS[self.size]} s")


def _next_minute(now: datetime) -> datetime:
    """Return the first full minute that the scheduler will not miss."""
    return (now + timedelta(seconds=LEAD_SECONDS + 60)).replace(second=0, microsecond=0)


def main() -> int:
    """Run `make run`; PORT, SIZE, TYPE and VIEW_DSN come from the environment."""
    asked, kind = os.environ.get("SIZE", "small"), os.environ.get("TYPE", "api")
    sizes: tuple[Size, ...] = get_args(Size)
    size = next((one for one in sizes if one == asked), None)
    if size is None:
        print(f"SIZE is one of {', '.join(sizes)}, not {asked}", file=sys.stderr)
        return 2
    if kind not in ("api", "view"):
        print(f"TYPE is api or view, not {kind}", file=sys.stderr)
        return 2
    port = int(os.environ.get("PORT") or PORT)
    try:
        dsn = os.environ.get("VIEW_DSN", "")
        return Demo(LocalAws(directory(), port), size, Screen(sys.stdout), kind, dsn).run()
    except (DemoError, OfferError, LocalAwsError, stack.StackError, ApiError, PushRefusedError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
