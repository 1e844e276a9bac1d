"""The lines that tell a run's story."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ..domain.runs import Run
from . import bulk, connection, keys
from .models import LogLineItem


class RunLog:
    """Log lines of every run, in the runs table; `retention_days` is their life."""

    def __init__(self, table_name: str, retention_days: int = 400) -> None:
        self._table, self._retention = table_name, retention_days
        connection.bind(LogLineItem, table_name)

    def write(self, run: Run, lines: Iterable[dict[str, Any]], now: datetime) -> None:
        """Write log lines under their numbers; a repeated slice writes the same ones again."""
        pk = keys.run_log(run.integration_id, run.run_id)
        expires = int(now.timestamp()) + self._retention * 86_400
        puts = []
        for line in lines:
            item = LogLineItem(
                pk,
                f"{line['number']:08d}",
                line=json.dumps(line, ensure_ascii=False, separators=(",", ":")),
                expires_at=expires,
            )
            puts.append(item.serialize())
        bulk.write_many(self._table, puts)

    def all(self, integration_id: str, run_id: str, upto: int) -> Iterator[dict[str, Any]]:
        """Read all log lines in order, up to line number `upto`."""
        for item in bulk.query(self._table, keys.run_log(integration_id, run_id)):
            line: dict[str, Any] = json.loads(item["line"]["S"])
            if line["number"] > upto:
                return
            yield line

    def read(self, integration_id: str, run_id: str, *, after: int, limit: int) -> Iterator[dict[str, Any]]:
        """Read log lines in order, behind line number `after`."""
        found = LogLineItem.query(
            keys.run_log(integration_id, run_id), LogLineItem.sk > f"{after:08d}", limit=limit
        )
        for item in found:
            line: dict[str, Any] = json.loads(item.line)
            yield line
