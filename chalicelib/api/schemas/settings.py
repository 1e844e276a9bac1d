"""An integration and its settings; rules for categories and portfolios come from their own models."""

from typing import Any, Final

from ...domain import categories, deployments, integrations, portfolios
from ...domain.tables import TABLES
from ...services.settings import UPCOMING
from .alerts import settings_schema
from .kinds import (
    DECIMAL,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    changes,
    described,
    maybe,
    one_of,
    ref,
    several,
)

_UPCOMING: Final[Schema] = {**several(INSTANT), "maxItems": UPCOMING}


def schemas() -> dict[str, Schema]:
    """Build the schemas of integrations and their tables."""
    settings = _settings()
    kind = {"integration_type": one_of(*integrations.TYPES)}
    return {
        "Integration": described(
            integration_id=TEXT,
            tenant_id=TEXT,
            **settings,
            **kind,
            deployment_report_id=maybe({**TEXT, "description": "The certificate that completed it"}),
            version=WHOLE,
            created_at=INSTANT,
            next_run_at=maybe({**INSTANT, "description": "null when not active or not scheduled"}),
            next_runs={**_UPCOMING, "description": "Empty when not active or not scheduled"},
            average_duration_seconds=maybe(NUMBER),
            database_size_bytes=WHOLE,
            last_success_at=maybe(INSTANT),
            freshness=described(
                state=one_of("ok", "warning", "overdue", "not_armed"), deadline_at=maybe(INSTANT)
            ),
            open_alerts={**WHOLE, "description": "Troubles that are not over"},
            current_run=maybe(ref("Run")),
        ),
        "SchedulePreview": described(time=TEXT, timezone=TEXT, next_runs=_UPCOMING),
        "IntegrationChanges": changes(**settings),
        "NewIntegration": {**changes(**settings, **kind), "required": ["name"]},
        "TableCounts": described(
            table=one_of(*TABLES),
            description=TEXT,
            records=WHOLE,
            bytes=WHOLE,
            pending=WHOLE,
            rejected=WHOLE,
            last_received_at=maybe(INSTANT),
        ),
    }


def _settings() -> dict[str, Schema]:
    """Describe what may be changed."""
    return {
        "name": {**TEXT, "minLength": 1, "maxLength": 120},
        "erp_name": {**TEXT, "maxLength": 120},
        "erp_version": {**TEXT, "maxLength": 60},
        "deployment_status": {
            **one_of(*integrations.DEPLOYMENT_STATUSES),
            "description": "completed needs a certificate of completeness, or a deployment_reason",
        },
        "deployment_reason": {
            **TEXT,
            "maxLength": deployments.MAX_REASON,
            "description": "Why it is completed without a certificate; recorded",
        },
        "active": FLAG,
        "scheduled": FLAG,
        "schedule": described(
            time={**TEXT, "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
            timezone={**TEXT, "examples": ["America/Sao_Paulo"]},
        ),
        "business_rule": {**TEXT, "maxLength": integrations.MAX_RULE_TEXT},
        "max_hours_without_success": {**WHOLE, "minimum": 1, "maximum": integrations.MAX_HOURS},
        "abc_cuts": {**described(a=DECIMAL, b=DECIMAL), "description": "Where A and B end, in percent"},
        "abc_window_months": {**WHOLE, "minimum": 1, "maximum": integrations.MAX_WINDOW_MONTHS},
        "category_rules": inlined(categories.CategoryRules.model_json_schema(mode="serialization")),
        "alert_settings": settings_schema(),
        "portfolio_settings": inlined(portfolios.PortfolioSettings.model_json_schema(mode="serialization")),
    }


_PYDANTIC_ONLY: Final = ("title", "default", "properties")


def inlined(schema: Schema) -> Schema:
    """Put pydantic's definitions where they are used: here every schema has a name of its own."""
    definitions = schema.pop("$defs", {})

    def walk(part: Any) -> Any:
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name in definitions:
                return walk(definitions[name])
            named = {name: walk(one) for name, one in part.get("properties", {}).items()}
            rest = {name: walk(one) for name, one in part.items() if name not in _PYDANTIC_ONLY}
            return {**rest, **({"properties": named} if named else {})}
        return [walk(one) for one in part] if isinstance(part, list) else part

    found: Schema = walk(schema)
    return found
