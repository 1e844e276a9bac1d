"""Hand-written queue, scheduler, secrets, and functions that are called."""

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalice.test import Client

from chalicelib.domain.integrations import Integration


@dataclass
class FakeQueue:
    """Keeps what was sent; delivers on demand, as often as the test wants."""

    messages: deque[dict[str, Any]] = field(default_factory=deque)

    def send(self, message: dict[str, Any], delay_seconds: int = 0) -> None:
        self.messages.append(json.loads(json.dumps(message)))


@dataclass
class FakeScheduler:
    """Remembers each integration's last schedule."""

    schedules: dict[str, Integration] = field(default_factory=dict)

    def put(self, integration: Integration, now: datetime) -> None:
        self.schedules[integration.integration_id] = integration


@dataclass
class FakeSecrets:
    """Keeps connections by their secrets' names."""

    stored: dict[str, str] = field(default_factory=dict)

    def present(self, name: str) -> str | None:
        return self.stored.get(name)

    def store(self, name: str, text: str) -> None:
        self.stored[name] = text


@dataclass
class FakeFunction:
    """Calls another function of the app, in this process, with an event that has been JSON."""

    client: Client
    name: str

    def call(self, event: dict[str, Any]) -> Any:
        answer = self.client.lambda_.invoke(self.name, json.loads(json.dumps(event))).payload
        return json.loads(json.dumps(answer))
