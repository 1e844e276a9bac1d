"""Composition root: the only place that picks adapters. Imports stand inside functions, so that a
function of the product loads only what it uses."""

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from .settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    from .adapters.scheduler import Scheduler
    from .services.access import Access
    from .services.lost_runs import LostRuns
    from .services.run_parts import RunParts
    from .services.run_starts import RunStarts
    from .services.sync_runs import SyncRuns
    from .storage.audit import Audit
    from .storage.bodies import Bodies
    from .storage.crm import Crm
    from .storage.files import Files
    from .storage.integrations import ErpKeys, Integrations
    from .storage.overview import Overview
    from .storage.records import Records
    from .storage.request_marks import RequestMarks
    from .storage.requests import RequestLog
    from .storage.run_log import RunLog
    from .storage.runs import Runs

Answer = TypeVar("Answer")


def now() -> datetime:
    """Tell the time, in UTC; the one clock of the product."""
    return datetime.now(UTC)


@cache
def integrations() -> "Integrations":
    """Integrations and their settings."""
    from .storage.integrations import Integrations

    return Integrations(settings().integrations_table)


@cache
def erp_keys() -> "ErpKeys":
    """Keys of the ERPs."""
    from .storage.integrations import ErpKeys

    return ErpKeys(settings().integrations_table)


@cache
def records() -> "Records":
    """The intermediate database."""
    from .storage.records import Records

    return Records(settings().records_table)


@cache
def crm() -> "Crm":
    """The CRM's data."""
    from .storage.crm import Crm

    return Crm(settings().crm_table)


@cache
def runs() -> "Runs":
    """Runs, their state and their logs."""
    from .storage.runs import Runs

    return Runs(settings().runs_table, settings().integrations_table)


@cache
def overview() -> "Overview":
    """Integrations together with their runs' state."""
    from .storage.overview import Overview

    return Overview(settings().integrations_table, settings().runs_table)


@cache
def bodies() -> "Bodies":
    """Large bodies in S3."""
    from .storage.bodies import Bodies

    return Bodies(settings().bucket)


@cache
def request_log() -> "RequestLog":
    """The request log."""
    from .storage.requests import RequestLog

    return RequestLog(settings().requests_table, bodies(), settings().request_retention_days)


@cache
def request_marks() -> "RequestMarks":
    """Which keys each request named."""
    from .storage.request_marks import RequestMarks

    return RequestMarks(settings().requests_table)


@cache
def files() -> "Files":
    """Files for people."""
    from .storage.files import Files

    return Files(settings().bucket)


@cache
def scheduler() -> "Scheduler":
    """EventBridge Scheduler."""
    from .adapters.scheduler import Scheduler

    one = settings()
    return Scheduler(
        one.schedule_group,
        one.schedule_target_arn,
        one.schedule_role_arn,
        one.schedule_dlq_arn,
        one.schedule_timezones,
    )


@cache
def access() -> "Access":
    """Who may do what."""
    from .adapters.secrets import secret
    from .services.access import Access, TokenRules

    one = settings()
    rules = TokenRules(one.jwks_url, one.jwt_issuer, one.jwt_audience)
    return Access(
        erp_keys(), rules, lambda: secret(one.jwt_secret_id), lambda: secret(one.key_pepper_secret_id), now
    )


@cache
def run_log() -> "RunLog":
    """Logs of runs."""
    from .storage.run_log import RunLog

    return RunLog(settings().runs_table)


@cache
def run_parts() -> "RunParts":
    """What the use cases around runs have in common."""
    from .adapters.queue import Queue
    from .services.run_parts import Clockwork, RunParts

    one = settings()
    return RunParts(
        integrations=integrations(),
        runs=runs(),
        log=run_log(),
        records=records(),
        crm=crm(),
        queue=Queue(one.runs_queue_url),
        views_queue=Queue(one.views_queue_url),
        clockwork=Clockwork(one.slice_seconds, one.lease_seconds),
        now=now,
    )


@cache
def run_starts() -> "RunStarts":
    """Begin and cancel runs."""
    from .services.run_starts import RunStarts

    return RunStarts(run_parts())


@cache
def sync_runs() -> "SyncRuns":
    """Advance runs."""
    from .services.sync_runs import SyncRuns

    return SyncRuns(run_parts(), run_starts())


@cache
def lost_runs() -> "LostRuns":
    """Look after lost runs."""
    from .services.lost_runs import LostRuns

    return LostRuns(run_parts())


@cache
def audit() -> "Audit":
    """The audit list."""
    from .storage.audit import Audit

    return Audit(settings().audit_table)


def background(job: "Callable[[], Answer]") -> "Future[Answer]":
    """Run a job beside the request; the caller waits for it before the answer leaves."""
    from .storage import connection

    return connection.pool().submit(job)


@cache
def idempotency_store() -> "DynamoDBPersistenceLayer":
    """Where Powertools keeps idempotency keys; over the shared client."""
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    from .storage import connection

    return DynamoDBPersistenceLayer(table_name=settings().idempotency_table, boto3_client=connection.client())
