"""The app in this process, over a real DynamoDB engine; queue, scheduler and secrets are hand-written fakes.

A `World` has one tenant with an integration, its ERP key, and users of each role. Time is the world's own
and moves only when told to.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from chalice.test import Client

from chalicelib import export_wiring, onboarding_wiring, view_wiring, wiring
from chalicelib.adapters import functions, queue, secrets, topics
from chalicelib.settings import settings
from chalicelib.storage import bodies, connection, files
from tests.support.bodies import FakeBodies, FakeFiles
from tests.support.environment import environment_of
from tests.support.fakes import FakeFunction, FakeQueue, FakeScheduler, FakeSecrets
from tests.support.topics import FakeTopics

ROOT = Path(__file__).parents[2]
JWT_SECRET = "a shared secret that is long enough for HS256"


@dataclass
class Clock:
    """The time of the world: real until frozen or moved."""

    offset: timedelta = timedelta()
    frozen: datetime | None = None

    def now(self) -> datetime:
        return (self.frozen or datetime.now(UTC)) + self.offset

    def advance(self, **delta: float) -> None:
        self.offset += timedelta(**delta)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class World:
    """Everything a test needs to act as the ERP, the people and the clockwork."""

    client: Client
    queue: FakeQueue
    scheduler: FakeScheduler
    clock: Clock
    bodies: FakeBodies = field(default_factory=FakeBodies)
    files: FakeFiles = field(default_factory=FakeFiles)
    exports_queue: FakeQueue = field(default_factory=FakeQueue)
    views_queue: FakeQueue = field(default_factory=FakeQueue)
    onboarding_queue: FakeQueue = field(default_factory=FakeQueue)
    proofs_queue: FakeQueue = field(default_factory=FakeQueue)
    topics: FakeTopics = field(default_factory=FakeTopics)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    tenant_id: str = "tenant-a"
    integration_id: str = ""
    erp_key: str = ""

    def token(self, role: str, tenant_id: str | None = None, **claims: Any) -> str:
        """Sign a user's token."""
        content = {
            "sub": f"{role}-1",
            "tenant_id": tenant_id or self.tenant_id,
            "role": role,
            "exp": time.time() + 3_600,
            **claims,
        }
        return jwt.encode(content, JWT_SECRET, "HS256")

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Call the API; a body that is not bytes is sent as JSON."""
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        if token:
            all_headers["Authorization"] = f"Bearer {token}"
        response = self.client.http.request(method, path, headers=all_headers, body=sent)
        return Answer(
            response.status_code, json.loads(response.body) if response.body else None, dict(response.headers)
        )

    def as_user(self, role: str, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Call below this world's integration as one of its users."""
        return self.call(
            method, f"/v1/integrations/{self.integration_id}{path}", body, token=self.token(role), **options
        )

    def push(self, table: str, records: list[Any], **options: Any) -> Answer:
        """Deliver records as the ERP."""
        return self.call("POST", f"/v1/erp/{table}", {"records": records}, token=self.erp_key, **options)

    def new_integration(self, tenant_id: str | None = None, **settings_: Any) -> tuple[str, str]:
        """Create an integration with a key; answers (integration_id, ERP key)."""
        body = {"name": "Distribuidora Teste", **settings_}
        created = self.call("POST", "/v1/integrations", body, token=self.token("operator", tenant_id))
        assert created.status == 201, created.body
        new_id = created.body["integration_id"]
        key = self.call(
            "POST",
            f"/v1/integrations/{new_id}/keys",
            {"name": "ERP"},
            token=self.token("admin", tenant_id),
        )
        assert key.status == 201, key.body
        return new_id, key.body["key"]

    def start_run(self) -> str:
        """Start a run by hand; answers its id."""
        started = self.as_user("admin", "POST", "/runs", {})
        assert started.status == 202, started.body
        return str(started.body["run_id"])

    def work_off(self, limit: int = 1_000) -> None:
        """Deliver queued messages, one after the other, until none is left."""
        for number in range(limit):
            if not self.work_off_one(number):
                return
        raise AssertionError(f"the run has not ended after {limit} slices")

    def work_off_one(self, number: int = 0) -> bool:
        """Deliver one message, if there is any."""
        if self.views_queue.messages:
            view_wiring.extracting_runs().advance(self.views_queue.messages.popleft(), f"reader-{number}")
        elif self.queue.messages:
            wiring.sync_runs().advance(self.queue.messages.popleft(), f"worker-{number}")
        else:
            return False
        return True

    def work_off_exports(self) -> None:
        """Deliver the exports queue's messages, one after the other, until none is left."""
        for number in range(1_000):
            if not self.exports_queue.messages:
                return
            export_wiring.export_chain().advance(self.exports_queue.messages.popleft(), f"exporter-{number}")
        raise AssertionError("the export has not ended")

    def work_off_onboarding(self) -> None:
        """Deliver the messages of the onboarding's queues, one after the other, until none is left."""
        for number in range(1_000):
            waiting = self.onboarding_queue.messages or self.proofs_queue.messages
            if not waiting:
                return
            message = waiting.popleft()
            onboarding_wiring.chain(message["kind"]).advance(message, f"onboarder-{number}")
        raise AssertionError("the onboarding's jobs have not ended")

    def run(self) -> dict[str, Any]:
        """Start a run, work it off, and read it."""
        run_id = self.start_run()
        self.work_off()
        return dict(self.as_user("viewer", "GET", f"/runs/{run_id}").body)

    def listed(self, path: str) -> list[Any]:
        """Read a whole list, page by page."""
        found: list[Any] = []
        cursor = ""
        while True:
            joint = "&" if "?" in path else "?"
            page = self.as_user("viewer", "GET", f"{path}{joint}limit=200{cursor}").body
            found += page["items"]
            if not page["next_cursor"] or not page["items"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"


def forget_wiring() -> None:
    """Let the next use read the environment again."""
    settings.cache_clear()
    modules = [
        module for name, module in sys.modules.items() if re.fullmatch(r"chalicelib\.(\w+_)?wiring", name)
    ]
    for one in (one for module in modules for one in vars(module).values()):
        if hasattr(one, "cache_clear"):
            one.cache_clear()
    connection.shared.cache_clear()


def build_world(
    monkeypatch: pytest.MonkeyPatch, endpoint_url: str, tables: dict[str, str], **environment: str
) -> Iterator[World]:
    """Point the app at an engine and its tables, and give it fakes for everything else."""
    variables = {**environment_of(endpoint_url, tables), **environment}
    saved = dict(os.environ)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    forget_wiring()
    fake_scheduler, fake_bodies, fake_files, clock = FakeScheduler(), FakeBodies(), FakeFiles(), Clock()
    fake_topics, fake_secrets = FakeTopics(), FakeSecrets()
    monkeypatch.setattr(bodies, "Bodies", lambda bucket: fake_bodies)
    monkeypatch.setattr(files, "Files", lambda bucket: fake_files)
    queues = {name: FakeQueue() for name in ("queue", "exports", "views", "onboarding", "proofs")}
    monkeypatch.setattr(queue, "Queue", queues.__getitem__)
    monkeypatch.setattr(topics, "Topics", lambda prefix, mailbox: fake_topics)
    monkeypatch.setattr(wiring, "scheduler", lambda: fake_scheduler)
    monkeypatch.setattr(wiring, "now", clock.now)
    monkeypatch.setattr(secrets, "secret", lambda name: JWT_SECRET if name == "jwt" else f"secret {name}")
    monkeypatch.setattr(secrets, "present_secret", fake_secrets.present)
    monkeypatch.setattr(secrets, "store_secret", fake_secrets.store)
    from app import app

    with Client(app) as client:
        monkeypatch.setattr(functions, "Function", lambda name: FakeFunction(client, name))
        world = World(
            client,
            queues["queue"],
            fake_scheduler,
            clock,
            fake_bodies,
            fake_files,
            exports_queue=queues["exports"],
            views_queue=queues["views"],
            onboarding_queue=queues["onboarding"],
            proofs_queue=queues["proofs"],
            topics=fake_topics,
            secrets=fake_secrets,
        )
        world.integration_id, world.erp_key = world.new_integration()
        yield world
    os.environ.clear()
    os.environ.update(saved)
    forget_wiring()
