"""Share the tests out among processes: a file stays together, and so do all that have one stack in common.

Those wait more than they compute, so they go first and the others run beside them.
"""

from __future__ import annotations

from typing import Any

import pytest

FIRST = ("tests/e2e/test_views.py", "tests/e2e/", "tests/browser/")


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole groups. xdist's own groups rest on what pytest 9.2 has no more: a node's `_nodeid`."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = group
    return scheduler
