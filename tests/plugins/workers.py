"""Share the tests out among processes: a file stays together, and so do all that have one stack in common.

Those wait more than they compute, so they go first, each in a process of its own, and the others run beside
them. Whoever looks at a running stack counts seconds, so the others stand back when both want to compute.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

FIRST = ("tests/e2e/", "tests/browser/")
STANDING_BACK = 10


def group(nodeid: str) -> str:
    """Name what a test has to stay together with."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in FIRST if file.startswith(folder)), file)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a test by its argument instead of by bytes: what was packed a second later has other ones.

    Every process collects for itself, and all have to come to the same names.
    """
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a worker stand back from its first test on that has no stack; what it starts does so as well."""
    in_worker = hasattr(item.config, "workerinput")
    if in_worker and not item.nodeid.startswith(FIRST) and os.getpriority(os.PRIO_PROCESS, 0) < STANDING_BACK:
        os.setpriority(os.PRIO_PROCESS, 0, STANDING_BACK)
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole groups. xdist's own groups rest on what pytest 9.2 has no more: a node's `_nodeid`."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = group
    return scheduler
