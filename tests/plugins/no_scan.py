"""Fail the session when anything in it reads a whole DynamoDB table: the product's cost must follow change.

Every botocore call of the process is looked at before it is sent, whichever client makes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.client import BaseClient

_BY_KEY = re.compile(r"\bwhere\b.*\bpk\b\"?\s*(=|in\b)", re.IGNORECASE | re.DOTALL)
_STATEMENTS = ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")


class ScannedError(AssertionError):
    """A call would have read a whole table."""


def offence(operation: str, parameters: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a DynamoDB call, or return None."""
    if operation == "Scan":
        return f"Scan of {parameters.get('TableName')}"
    if operation in _STATEMENTS:
        listed = parameters.get("Statements") or parameters.get("TransactStatements") or [parameters]
        for one in listed:
            statement = str(one.get("Statement"))
            if statement.lstrip()[:6].upper() == "SELECT" and not _BY_KEY.search(statement):
                return f"{operation} without a key: {statement}"
    return None


class NoScan:
    """Refuses scans, and keeps them, since the code under test may swallow the error."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._test = "collection"
        self._sent = BaseClient._make_api_call  # type: ignore[attr-defined]

    def watch(self) -> None:
        """Look at every call from now on."""
        guard, sent = self, self._sent

        def make_api_call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            wrong = (
                offence(operation, parameters)
                if client.meta.service_model.service_name == "dynamodb"
                else None
            )
            if wrong:
                guard.found.append(f"{guard._test}: {wrong}")
                raise ScannedError(wrong)
            return sent(client, operation, parameters)

        BaseClient._make_api_call = make_api_call  # type: ignore[attr-defined]

    def stop(self) -> None:
        """Let calls through again."""
        BaseClient._make_api_call = self._sent  # type: ignore[attr-defined]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._test = item.nodeid

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["scans"] = self.found
        if self.found and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker found, when tests run in several processes."""
        self.found += getattr(node, "workeroutput", {}).get("scans", [])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.found:
            terminalreporter.section("whole tables were read", red=True)
            for line in self.found:
                terminalreporter.line(line)


def pytest_configure(config: pytest.Config) -> None:
    guard = NoScan()
    guard.watch()
    config.pluginmanager.register(guard, "no_scan guard")


def pytest_unconfigure(config: pytest.Config) -> None:
    guard = config.pluginmanager.get_plugin("no_scan guard")
    assert isinstance(guard, NoScan)
    guard.stop()
