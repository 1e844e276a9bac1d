"""Records as the intermediate database keeps them, for tests of its storage alone."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.deltas import Delta
from chalicelib.domain.staging import APPLY, Change, Staged, Write
from chalicelib.storage.records import Records

TABLE, AT, LATER = "nota", "2026-07-01T12:00:00.000000Z", "2026-07-01T13:00:00.000000Z"
DATA = '{"numero":"1"}'


def staged(key: str, revision: int = 1, **changes: Any) -> Staged:
    """Build a record."""
    blank = Staged(TABLE, key, revision, DATA, None, AT, "request-1")
    return replace(blank, **changes)


def write(key: str, stored: Staged | None = None, **changes: Any) -> Write:
    """Build the write that brings its next revision."""
    revision = (stored.revision if stored else 0) + 1
    return Write(stored, staged(key, revision, **changes), (Change(key, APPLY),))


def commit(records: Records, here: str, *writes: Write, label: str = "request-1", at: str = AT) -> Delta:
    """Write in one transaction."""
    delta, _ = records.commit(here, TABLE, writes, label, at)
    return delta
