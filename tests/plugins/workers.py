"""Share the tests out among processes: a file stays together, and so do all that have one stack in common.

Those wait more than they compute, so they go first and the others run beside them.
"""

from __future__ import annotations

import pytest

FIRST = ("tests/e2e/", "tests/browser/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name each test's group; without several processes nothing changes."""
    if config.getoption("dist", "no") == "no" and not hasattr(config, "workerinput"):
        return
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
    for item in items:
        file = item.nodeid.partition("::")[0]
        folder = next((one for one in FIRST if file.startswith(one)), None)
        item.add_marker(pytest.mark.xdist_group(folder or file))
