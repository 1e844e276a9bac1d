"""Hand-written queue and scheduler."""

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
