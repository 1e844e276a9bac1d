"""Settings from the environment: read on first use, never at import, so that tests can set them."""

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between deployments.

    schedule_timezones  "native": the scheduler knows time zones; "utc": it evaluates cron in UTC
    alerts_topic_prefix ARN of the integrations' topics, up to where an integration's id follows
    alerts_mailbox_arn  a queue that gets a copy of every alert; empty: none
    page_url            where links to the page lead, without a fragment
    crm_origin          the CRM's origin, whose pages may hold ours in a frame; empty: nobody may
    view_secret_prefix  names of the secrets that hold connections to ERPs' databases begin with it
    view_forbidden_networks  networks that no connection to a database may lead to (CIDR, commas)
    view_sqlite_folder  where SQLite databases may lie that integrations read; empty: nowhere
    hour_seconds        the length of an hour, for limits, reminders and lead times
    slice_seconds       a slice's time budget; lease_seconds must exceed the worker's timeout
    """

    integrations_table: str
    records_table: str
    requests_table: str
    runs_table: str
    crm_table: str
    idempotency_table: str
    exports_table: str
    audit_table: str
    alerts_table: str
    onboarding_table: str
    aws_region: str
    bucket: str
    runs_queue_url: str
    exports_queue_url: str
    onboarding_queue_url: str
    proofs_queue_url: str
    views_queue_url: str
    schedule_group: str
    schedule_target_arn: str
    schedule_role_arn: str
    schedule_dlq_arn: str
    onboarding_dlq_arn: str
    schedule_timezones: str
    alerts_topic_prefix: str
    alerts_mailbox_arn: str
    page_url: str
    crm_origin: str
    hour_seconds: int
    jwt_secret_id: str
    jwks_url: str
    jwt_issuer: str
    jwt_audience: str
    key_pepper_secret_id: str
    view_secret_prefix: str
    view_forbidden_networks: str
    view_sqlite_folder: str
    check_views_function: str
    slice_seconds: int
    lease_seconds: int
    request_retention_days: int
    stage: str


DEFAULTS = {
    "schedule_timezones": "native",
    "aws_region": "",
    "alerts_mailbox_arn": "",
    "page_url": "",
    "crm_origin": "",
    "hour_seconds": "3600",
    "view_forbidden_networks": "",
    "view_sqlite_folder": "",
    "jwks_url": "",
    "jwt_issuer": "",
    "jwt_audience": "",
    "slice_seconds": "45",
    "lease_seconds": "150",
    "request_retention_days": "15",
    "stage": "dev",
}


@cache
def settings() -> Settings:
    """Read the settings once a process; a missing variable is named in the error."""
    found: dict[str, object] = {}
    for name, kind in Settings.__annotations__.items():
        value = os.environ.get(name.upper(), DEFAULTS.get(name))
        if value is None:
            raise RuntimeError(f"environment variable {name.upper()} is not set")
        found[name] = int(value) if kind is int else value
    return Settings(**found)  # type: ignore[arg-type]
