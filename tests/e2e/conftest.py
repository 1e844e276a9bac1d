"""One deployed stack for the session, on a port and a directory of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.package import ROOT
from tests.support.ports import free_port
from tests.support.stack import Stack, deployed


@pytest.fixture(scope="session")
def local_aws_possible() -> None:
    """Skip where no local AWS can run."""
    if not (ROOT / ".local" / "aws-venv" / "bin" / "python").exists():
        pytest.skip("the local AWS is not installed: make environments")
    if sys.platform != "linux":
        pytest.skip("killing workers needs Linux's /proc")


@pytest.fixture(scope="session")
def stack(local_aws_possible: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The app, deployed by its own template."""
    directory: Path = tmp_path_factory.mktemp("aws")
    yield from deployed(directory, free_port())
