"""Share the tests out among processes: a file stays together, and so do all that have one stack in common.

Those wait more than they compute, so they go first, each in a process of its own, and the others run beside
them. Whoever looks at a running stack counts seconds, so the others stand back when both want to compute.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

E2E, BROWSER = "tests/e2e/", "tests/browser/"
FIRST = (E2E, BROWSER)
OWN_STACK = f"{E2E}test_demo.py"
STANDING_BACK = 10
LOOKING = 5
"""Those who only look at a stack have more patience than those who kill what works in it."""


def group(nodeid: str) -> str:
    """Name what a test has to stay together with."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in FIRST if file.startswith(folder) and file != OWN_STACK), file)


def patience(nodeid: str) -> int:
    """Tell how far a test stands back when others want to compute as well (the system's nice value)."""
    if not nodeid.startswith(FIRST):
        return STANDING_BACK
    return 0 if group(nodeid) == E2E else LOOKING


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a test by its argument instead of by bytes: what was packed a second later has other ones.

    Every process collects for itself, and all have to come to the same names.
    """
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest, and of that first what may not stand back."""
    items.sort(key=lambda item: patience(item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a worker stand back, and with it what it starts; nobody can step forward again."""
    if hasattr(item.config, "workerinput"):
        wanted = max(patience(item.nodeid), os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, 0, wanted)
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole groups. xdist's own groups rest on what pytest 9.2 has no more: a node's `_nodeid`."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = group
    return scheduler
