"""The settings of a View integration's source: kept here, its connection string in a secret of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..domain import view_source
from ..domain.errors import Conflict, FieldIssue, Invalid, Stale
from ..domain.integrations import Integration
from ..domain.view_connections import parse_connection
from ..domain.view_source import ViewSource, ViewSourceBody, parse_source

if TYPE_CHECKING:
    from ..storage.view_sources import ViewSources

UNVERIFIABLE: Final = ("mssql",)
"""Engines whose driver encrypts, but takes no authorities to check the server by."""


@dataclass(frozen=True, slots=True)
class SourceDesk:
    """What people do with sources.

    secret_prefix  secrets of an integration are named by this and its id, and may go on behind a slash
    store_secret   creates a secret, or gives it a new value
    sqlite         whether SQLite files are offered
    """

    sources: "ViewSources"
    secret_prefix: str
    store_secret: Callable[[str, str], None]
    sqlite: bool

    def show(self, integration: Integration) -> dict[str, Any]:
        """Describe the source and how far its tables have been read; `version` 0: there is none yet."""
        self._views_only(integration)
        source = self.sources.find(integration.integration_id)
        if source is None:
            return {"version": 0, "tables": {}, "reading": {}}
        reading = self.sources.states(integration.integration_id)
        shown = {name: _reading(state) for name, state in reading.items() if name in source.tables}
        return {**view_source.to_json(source), "reading": shown}

    def replace(self, integration: Integration, body: object, expected: int | None) -> None:
        """Store a source as sent; raises Invalid, or Stale when `expected` is not the present version."""
        self._views_only(integration)
        known = self.sources.find(integration.integration_id)
        version = known.version if known else 0
        if expected is not None and expected != version:
            raise Stale()
        sent = parse_source(body)
        source = self.source_of(integration, sent, known)
        if sent.connection_string:
            self.store_secret(source.connection_secret, sent.connection_string.strip())
        self.sources.save(integration.integration_id, source, version)

    def source_of(
        self, integration: Integration, sent: ViewSourceBody, known: ViewSource | None
    ) -> ViewSource:
        """Build the source; what was sent is checked as far as that goes without the database."""
        if sent.engine == "sqlite" and not self.sqlite:
            raise _refused("engine", "view_engine_not_offered", engine=sent.engine)
        if sent.engine in UNVERIFIABLE and sent.tls == "verify":
            raise _refused("tls", "view_tls_not_offered", engine=sent.engine)
        if sent.connection_string:
            parse_connection(sent.connection_string, sent.engine)
        return ViewSource(
            engine=sent.engine,
            connection_secret=self._secret(integration, sent, known),
            tls=sent.tls,
            timezone=sent.timezone or integration.schedule.timezone,
            statement_timeout_seconds=sent.statement_timeout_seconds,
            tables=sent.tables,
            version=(known.version if known else 0) + 1,
        )

    def _secret(self, integration: Integration, sent: ViewSourceBody, known: ViewSource | None) -> str:
        own = f"{self.secret_prefix}{integration.integration_id}"
        if sent.connection_string:
            return own
        if sent.connection_secret:
            # Anybody else's secret would lead to anybody else's database.
            if sent.connection_secret != own and not sent.connection_secret.startswith(f"{own}/"):
                raise _refused("connection_secret", "view_secret_foreign", name=own)
            return sent.connection_secret
        if known is None:
            raise _refused("connection_string", "view_connection_needed", name=own)
        return known.connection_secret

    def for_test(self, integration: Integration, body: object) -> tuple[ViewSource, str | None]:
        """Choose what to test: a source as sent, or the stored one; also a connection not yet stored."""
        self._views_only(integration)
        known = self.sources.find(integration.integration_id)
        if body:
            sent = parse_source(body)
            return self.source_of(integration, sent, known), sent.connection_string
        if known is None:
            raise Conflict("view_not_set")
        return known, None

    def _views_only(self, integration: Integration) -> None:
        if not integration.reads_views:
            raise Conflict("integration_is_pushed")


def _reading(state: dict[str, Any]) -> dict[str, Any]:
    watermark = state.get("watermark")
    return {
        "read_at": state.get("read_at"),
        "whole_at": state.get("whole_at"),
        "watermark": str(watermark[1]) if watermark else None,
        "run_id": state.get("run_id"),
        "counts": state.get("counts", {}),
        "held": state.get("held"),
    }


def _refused(field: str, code: str, **params: str) -> Invalid:
    return Invalid("invalid_setting", fields=[FieldIssue(f"view_source.{field}", code, params)])
