"""The deployed app on a local AWS of the tests' own: real queues, and workers that can be killed.

Its clockwork is short, so that what takes minutes in production takes seconds here.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import boto3

from infra import stack
from infra.local.aws import REGION, LocalAws
from infra.local.client import Api
from infra.local.tenants import sign
from infra.local.unpacked import unpacked
from infra.package import ROOT
from tests.support.tables import VARIABLES
from tests.support.world import forget_wiring

SHORT = {
    "SliceSeconds": "1",
    "AdvanceRunTimeout": "4",
    "LeaseSeconds": "5",
    "VisibilitySeconds": "6",
    "ScheduleTimezones": "utc",
    "HourSeconds": "6",
    "ViewForbiddenNetworks": "",
}
TENANT = "tenant-a"
Found = TypeVar("Found")


@dataclass
class Stack:
    """A deployed stack and what tests do with it."""

    local: LocalAws
    outputs: dict[str, str]
    secret: str
    integrations: dict[str, str] = field(default_factory=dict)

    def api(self, role: str = "admin", tenant: str = TENANT) -> Api:
        """Call the API as one of a tenant's users."""
        return Api(self.outputs["ApiUrl"], sign(self.secret, tenant, role))

    def client(self, service: str) -> Any:
        """Talk to a service of the local AWS, past the app."""
        return session().client(service, endpoint_url=self.local.endpoint_url)  # type: ignore[call-overload]

    def new_integration(self, name: str, **settings: Any) -> tuple[str, str]:
        """Create an integration; answers its id and its ERP key."""
        created = self.api("operator").post("/v1/integrations", {"name": name, **settings})
        path = f"/v1/integrations/{created['integration_id']}/keys"
        return created["integration_id"], self.api().post(path, {"name": "ERP"})["key"]

    def start_run(self, integration_id: str) -> str:
        """Start a run by hand; answers its id."""
        return str(self.api().post(f"/v1/integrations/{integration_id}/runs", {})["run_id"])

    def run(self, integration_id: str, run_id: str) -> dict[str, Any]:
        """Read a run."""
        found: dict[str, Any] = self.api().get(f"/v1/integrations/{integration_id}/runs/{run_id}")
        return found

    def ended(self, integration_id: str, run_id: str, seconds: float = 120) -> dict[str, Any]:
        """Wait for a run's end; answers the run."""

        def look() -> dict[str, Any] | None:
            run = self.run(integration_id, run_id)
            return run if run["status"] != "running" else None

        return until(look, seconds, f"run {run_id} is still on")

    def workers(self, function: str) -> list[int]:
        """List the processes that a function's code runs in."""
        name = f"AWS_LAMBDA_FUNCTION_NAME={self.outputs[function]}".encode()
        return [pid for pid in _children(self.local) if name in _environment(pid).split(b"\0")]

    def kill(self, function: str) -> int:
        """Kill a function's workers as a power cut would; answers how many."""
        found = self.workers(function)
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return len(found)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Use the product's own storage on this stack's tables, in this process."""
        variables = {variable: self.outputs[logical] for logical, variable in VARIABLES.items()}
        variables |= {"BUCKET": self.outputs["BucketName"], "RUNS_QUEUE_URL": self.outputs["RunsQueueUrl"]}
        variables["EXPORTS_QUEUE_URL"] = self.outputs["ExportsQueueUrl"]
        variables["ONBOARDING_QUEUE_URL"] = self.outputs["OnboardingQueueUrl"]
        variables["PROOFS_QUEUE_URL"] = self.outputs["ProofsQueueUrl"]
        variables["VIEWS_QUEUE_URL"] = self.outputs["ViewsQueueUrl"]
        variables["VIEW_SECRET_PREFIX"] = self.outputs["ViewSecretPrefix"]
        variables["CHECK_VIEWS_FUNCTION"] = self.outputs["CheckViewsName"]
        variables["ALERTS_TOPIC_PREFIX"] = self.outputs["AlertsTopicPrefix"]
        blank = ("SCHEDULE_GROUP", "SCHEDULE_TARGET_ARN", "SCHEDULE_ROLE_ARN", "SCHEDULE_DLQ_ARN")
        variables["ONBOARDING_DLQ_ARN"] = "unused"
        variables |= dict.fromkeys((*blank, "JWT_SECRET_ID", "KEY_PEPPER_SECRET_ID"), "unused")
        with mock.patch.dict(os.environ, {**self.local.environment, **variables}):
            os.environ.pop("AWS_ENDPOINT_URL_DYNAMODB", None)  # it would win over AWS_ENDPOINT_URL
            forget_wiring()
            yield
        forget_wiring()


def impossible() -> str | None:
    """Say why no local AWS can run here, or return None."""
    if not (ROOT / ".local" / "aws-venv" / "bin" / "python").exists():
        return "the local AWS is not installed: make environments"
    return None if sys.platform == "linux" else "killing workers needs Linux's /proc"


def deployed(directory: Path, port: int, **parameters: str) -> Iterator[Stack]:
    """Start a local AWS, deploy with a short clockwork, and stop it in the end."""
    local = LocalAws(directory, port)
    local.start()
    try:
        target = stack.Target(
            "local", session(), local.endpoint_url, {**SHORT, **parameters}, packed=unpacked
        )
        outputs = stack.deploy(target)
        secrets = session().client("secretsmanager", endpoint_url=local.endpoint_url)
        secret = secrets.get_secret_value(SecretId=outputs["JwtSecretId"])["SecretString"]
        yield Stack(local, outputs, secret)
    finally:
        local.stop()


def session() -> boto3.Session:
    """Sign in to a local AWS, which takes any credentials."""
    return boto3.Session("test", "test", region_name=REGION)


def until(look: Callable[[], Found | None], seconds: float, otherwise: str) -> Found:
    """Look again and again until something is found; fails when the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s: {otherwise}")


def _children(local: LocalAws) -> Iterator[int]:
    running = local.running()
    assert running, "the local AWS runs"
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and _parent(entry) == running["pid"]:
            yield int(entry.name)


def _parent(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return None


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
