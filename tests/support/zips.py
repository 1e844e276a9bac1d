"""The packaged zips, unpacked and run as Lambda does."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.package import Archive

# Runs in an interpreter that has the standard library and nothing else; answers JSON.
ALONE = """\
import json, sys
sys.path.insert(0, {folder!r})
{code}
files = [getattr(one, "__file__", None) for one in list(sys.modules.values())]
print(json.dumps({{"found": found, "modules": sorted(sys.modules), "files": [one for one in files if one]}}))
"""


def laid_out(one: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack a zip."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(one.path) as archive:
        archive.extractall(folder)
    return folder


def names_in(one: Archive) -> list[str]:
    """List the names in a zip."""
    with zipfile.ZipFile(one.path) as archive:
        return archive.namelist()


def alone(folder: Path, code: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run code beside the unpacked zip, in an interpreter that sees no installed package."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE.format(folder=str(folder), code=code)],
        cwd=folder,
        env={"POWERTOOLS_SERVICE_NAME": "test", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
