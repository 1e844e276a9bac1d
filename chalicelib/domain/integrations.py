"""An integration: one tenant's connection to one ERP, with everything people may configure about it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

from pydantic_core import PydanticCustomError

from . import abc_curve, alert_settings, categories, deployments, portfolios, values
from .abc_curve import Cuts
from .alert_settings import AlertSettings
from .categories import DEFAULT_RULES, CategoryRules
from .errors import FieldIssue, Invalid
from .portfolios import PortfolioSettings
from .schedule import Schedule, next_run_at, next_runs, parse_schedule
from .setting_fields import whole

TYPES: Final = ("api", "view")
DEPLOYMENT_STATUSES: Final = ("pending", "in_progress", "completed")
MAX_HOURS: Final = 720
MAX_WINDOW_MONTHS: Final = 60
MAX_RULE_TEXT: Final = 4_000


@dataclass(frozen=True, slots=True)
class Integration:
    """Settings and identity; `version` grows with each change of settings, never with a run.

    deployment_reason     why the deployment counts as completed without a certificate
    deployment_report_id  the certificate of completeness with which it was completed
    armed_at  when the freshness clock started: the integration became active and scheduled, or got another
              schedule while it was not late
    """

    integration_id: str
    tenant_id: str
    name: str
    integration_type: str = "api"
    erp_name: str = ""
    erp_version: str = ""
    deployment_status: str = "pending"
    deployment_reason: str = ""
    deployment_report_id: str | None = None
    active: bool = False
    scheduled: bool = False
    schedule: Schedule = field(default_factory=lambda: Schedule("00:00", "America/Sao_Paulo"))
    business_rule: str = ""
    max_hours_without_success: int = 24
    abc_cuts: Cuts = field(default_factory=Cuts)
    abc_window_months: int = 24
    category_rules: CategoryRules = DEFAULT_RULES
    portfolio_settings: PortfolioSettings = field(default_factory=PortfolioSettings)
    alert_settings: AlertSettings = field(default_factory=AlertSettings)
    version: int = 1
    created_at: str = ""
    armed_at: str | None = None

    @property
    def armed(self) -> bool:
        """Whether runs are expected to start by themselves."""
        return self.active and self.scheduled

    @property
    def reads_views(self) -> bool:
        """Whether the data is read from the ERP's views; otherwise the ERP sends it."""
        return self.integration_type == "view"

    def next_run_at(self, now: datetime) -> datetime | None:
        """Tell when the next run is due; None when none is."""
        return next_run_at(self.schedule, now) if self.armed else None

    def next_runs(self, now: datetime, n: int) -> list[datetime]:
        """List the next `n` runs, earliest first; none when none is due."""
        return next_runs(self.schedule, now, n) if self.armed else []


def _text(limit: int, required: bool) -> Any:
    def read(value: object) -> str:
        found = values.required_text(value) if required else values.text(value)
        if len(found) > limit:
            raise PydanticCustomError("text_too_long", "", {"length": str(len(found)), "limit": str(limit)})
        return found

    return read


def _one_of(choices: tuple[str, ...]) -> Any:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise PydanticCustomError("not_a_choice", "", {"choices": ", ".join(choices)})
        return value

    return read


_READERS: Final[Mapping[str, Any]] = {
    "name": _text(120, True),
    "erp_name": _text(120, False),
    "erp_version": _text(60, False),
    "business_rule": _text(MAX_RULE_TEXT, False),
    "deployment_status": _one_of(DEPLOYMENT_STATUSES),
    "deployment_reason": deployments.reason,
    "active": values.boolean,
    "scheduled": values.boolean,
    "max_hours_without_success": whole(1, MAX_HOURS),
    "abc_window_months": whole(1, MAX_WINDOW_MONTHS),
    "schedule": parse_schedule,
    "abc_cuts": abc_curve.parse_cuts,
    "category_rules": categories.parse_rules,
    "portfolio_settings": portfolios.parse_settings,
    "alert_settings": alert_settings.parse_settings,
}
CHANGEABLE: Final = tuple(_READERS)
"""What a PATCH may name."""


def parse_changes(body: object, also: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Validate settings as sent; raises Invalid listing every field that is wrong."""
    if not isinstance(body, dict):
        raise Invalid("body_not_object")
    readers = {**_READERS, **(also or {})}
    parsed: dict[str, Any] = {}
    issues: list[FieldIssue] = []
    for name, raw in body.items():
        reader = readers.get(name)
        if reader is None:
            issues.append(FieldIssue(name[:100], "setting_unknown", {"name": name[:100]}))
            continue
        try:
            parsed[name] = reader(raw)
        except Invalid as error:
            issues += error.fields
        except PydanticCustomError as error:
            context = {key: str(value) for key, value in (error.context or {}).items()}
            issues.append(FieldIssue(name, error.type, context))
    if issues:
        raise Invalid("invalid_setting", fields=issues)
    return parsed


def create(body: object, *, integration_id: str, tenant_id: str, now: datetime) -> Integration:
    """Build a new integration from what an operator sent; `name` is required.

    It is active, and scheduled if a schedule was given, unless the body says otherwise.
    """
    also = {"integration_type": _one_of(TYPES)}
    parsed = parse_changes(body, also)
    if "name" not in parsed:
        raise Invalid("invalid_setting", fields=[FieldIssue("name", "missing")])
    blank = Integration(
        integration_id,
        tenant_id,
        "",
        active=True,
        scheduled="schedule" in parsed,
        created_at=values.instant_text(now),
    )
    return replace(deployments.proved(blank, _changed(blank, parsed, now), lambda: None), version=1)


def change(
    integration: Integration,
    parsed: Mapping[str, Any],
    now: datetime,
    *,
    late: bool = False,
    certify: Callable[[], str | None] = lambda: None,
) -> Integration:
    """Apply validated changes; the same settings again leave the version as it is.

    Another schedule starts the freshness clock anew, since the next run may be up to a day further away,
    but not while the integration is `late`: that would make it look fresh.
    """
    changed = deployments.proved(integration, _changed(integration, parsed, now), certify)
    if changed.armed_at and changed.schedule != integration.schedule and not late:
        changed = replace(changed, armed_at=values.instant_text(now))
    return integration if changed == integration else replace(changed, version=integration.version + 1)


def _changed(integration: Integration, parsed: Mapping[str, Any], now: datetime) -> Integration:
    changed = replace(integration, **parsed)
    if "alert_settings" in parsed:
        merged = alert_settings.merged(integration.alert_settings, parsed["alert_settings"])
        changed = replace(changed, alert_settings=merged)
    if not changed.armed:
        return replace(changed, armed_at=None)
    if integration.armed_at is None:
        return replace(changed, armed_at=values.instant_text(now))
    return changed


def to_json(integration: Integration) -> dict[str, Any]:
    """Give the settings as JSON values, as they are stored and shown."""
    document = {one.name: getattr(integration, one.name) for one in fields(Integration)}
    return {
        **document,
        "schedule": {"time": integration.schedule.time, "timezone": integration.schedule.timezone},
        "abc_cuts": {"a": format(integration.abc_cuts.a, "f"), "b": format(integration.abc_cuts.b, "f")},
        "category_rules": categories.dump_rules(integration.category_rules),
        "portfolio_settings": portfolios.dump_settings(integration.portfolio_settings),
        "alert_settings": alert_settings.dump_settings(integration.alert_settings),
    }


def from_json(document: Mapping[str, Any]) -> Integration:
    """Read what `to_json` wrote."""
    known = {one.name for one in fields(Integration)}
    return Integration(
        **{
            **{name: value for name, value in document.items() if name in known},
            "schedule": Schedule(**document["schedule"]),
            "abc_cuts": abc_curve.parse_cuts(document["abc_cuts"]),
            "category_rules": categories.parse_rules(document["category_rules"]),
            "portfolio_settings": portfolios.parse_settings(document["portfolio_settings"]),
            "alert_settings": alert_settings.parse_settings(document.get("alert_settings", {})),
        }
    )


ID = re.compile(r"[a-z0-9]{12}")
"""Integration ids: 12 lower-case letters and digits, so that they fit into keys and paths unescaped."""
