"""One deployed stack for the session, on a port and a directory of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.stack import Stack, deployed, impossible


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The app, deployed by its own template."""
    if lack := impossible():
        pytest.skip(lack)
    directory: Path = tmp_path_factory.mktemp("aws")
    yield from deployed(directory, free_port())
