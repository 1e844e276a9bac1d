"""Composition root of the reading of views, beside `wiring` and built on it."""

import time
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from . import wiring
from .settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .adapters.functions import Function
    from .adapters.views.opening import Rules
    from .domain.view_source import ViewSource
    from .services.sync_runs import SyncRuns
    from .services.view_sources import SourceDesk
    from .services.views.checking import Check
    from .services.views.parts import SourceDatabase, ViewParts
    from .storage.journal import Journal
    from .storage.seen_keys import SeenKeys
    from .storage.view_sources import ViewSources

TEST_SECONDS = 20
TEST_STATEMENT_SECONDS = 6
PAGES_TOGETHER = 3
Answer = TypeVar("Answer")


@cache
def sources() -> "ViewSources":
    """View sources."""
    from .storage.view_sources import ViewSources

    return ViewSources(settings().integrations_table)


@cache
def source_desk() -> "SourceDesk":
    """What people do with sources."""
    from .adapters import secrets
    from .services.view_sources import SourceDesk

    one = settings()
    return SourceDesk(sources(), one.view_secret_prefix, secrets.store_secret, bool(one.view_sqlite_folder))


@cache
def check_function() -> "Function":
    """The function that tests sources: it alone, and the one that extracts, can reach databases."""
    from .adapters import functions

    return functions.Function(settings().check_views_function)


def _rules(longest_seconds: int) -> "Rules":
    from .adapters.views.opening import Rules

    one = settings()
    networks = [network for network in one.view_forbidden_networks.split(",") if network]
    return Rules(networks, one.view_sqlite_folder, longest_seconds)


def open_database(source: "ViewSource") -> "SourceDatabase":
    """Open a source, by its secret as it is now."""
    from .adapters import secrets

    return opened(source, secrets.present_secret(source.connection_secret))


def opened(source: "ViewSource", secret: str | None) -> "SourceDatabase":
    """Open a source for a slice, whose last statement has to end before its worker is ended."""
    from .adapters.views.opening import open_source

    one = settings()
    return open_source(source, secret, _rules(one.lease_seconds - 2 * one.slice_seconds))


def check(source: "ViewSource", connection: str | None) -> "Check":
    """Build a test of a source; `connection`: one that is not stored yet."""
    from .adapters import secrets
    from .adapters.views.opening import open_source
    from .services.views.checking import Check

    secret = connection or secrets.present_secret(source.connection_secret)
    deadline = time.monotonic() + TEST_SECONDS
    database = open_source(source, secret, _rules(TEST_STATEMENT_SECONDS))
    return Check(database, source, lambda: deadline - time.monotonic())


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


@cache
def view_parts() -> "ViewParts":
    """What reading views works with."""
    from .i18n.issues import rendered
    from .i18n.reasons import DEFAULT_LANGUAGE
    from .services.views.parts import ViewParts

    return ViewParts(
        sources=sources(),
        open=open_database,
        journal=_journal,
        seen=_seen,
        log=wiring.request_log(),
        beside=wiring.background,
        together=_together,
        rendered=lambda issues: rendered(issues, DEFAULT_LANGUAGE),
        sleep=sleep,
        patience=settings().slice_seconds,
    )


def _together(jobs: "Sequence[Callable[[], Answer]]", at_once: bool) -> "list[Answer]":
    """Run jobs, each of which keeps the calls' own threads busy."""
    if not at_once or len(jobs) < 2:
        return [job() for job in jobs]
    from concurrent.futures import ThreadPoolExecutor

    from .storage import connection

    with ThreadPoolExecutor(PAGES_TOGETHER, thread_name_prefix="pages") as pool:
        return connection.gather([pool.submit(job) for job in jobs])


def _journal(fresh: bool) -> "Journal":
    from .storage.journal import Journal

    return Journal(settings().records_table, wiring.records(), fresh=fresh)


def _seen(folder: str) -> "SeenKeys":
    from .storage.seen_keys import SeenKeys

    return SeenKeys(wiring.files(), folder)


@cache
def extracting_runs() -> "SyncRuns":
    """Advance runs that read views."""
    from dataclasses import replace

    from .services.sync_runs import SyncRuns

    parts = replace(wiring.run_parts(), views=view_parts())
    return SyncRuns(parts, wiring.run_starts())
