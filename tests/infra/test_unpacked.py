"""Packages unpacked for the local AWS."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.local import unpacked as unpacking
from infra.local.unpacked import KEPT, unpacked
from infra.package import Archive

FILES = {
    "app.py": "NAME = 'the app'",
    "library.py": "NAME = 'a library'",
    "chalicelib/__init__.py": "NAME = 'the package'",
    "chalicelib/jobs/__init__.py": "",
    "chalicelib/jobs/job.py": "import library\nfrom .. import NAME\nNAME = f'{NAME} beside {library.NAME}'",
}


def packed(folder: Path, **changed: str) -> Archive:
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w") as package:
        for name, content in {**FILES, **changed}.items():
            package.writestr(name, content)
    return Archive(path, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("app", "the app"),
        ("chalicelib", "the package"),
        ("chalicelib.jobs.job", "the package beside a library"),
    ],
)
def test_what_a_handler_is_named_by_is_found_where_the_package_is_unpacked(
    tmp_path: Path, module: str, name: str
) -> None:
    leading = unpacked(packed(tmp_path), tmp_path / "it's all here")
    with zipfile.ZipFile(leading.path) as zipped:
        zipped.extractall(tmp_path / "code")
    # As a Lambda does it: the function's own folder comes first.
    code = f"import importlib; print(importlib.import_module({module!r}).NAME)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path / "code", capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (name, "")


def test_the_same_package_leads_to_the_same_place_and_is_unpacked_once(tmp_path: Path) -> None:
    first = unpacked(packed(tmp_path), tmp_path / "places")
    [place] = (tmp_path / "places").iterdir()
    (place / "kept").touch()
    assert unpacked(packed(tmp_path), tmp_path / "places") == first
    assert (place / "kept").exists()
    assert first.digest == hashlib.sha256(first.path.read_bytes()).hexdigest()


def test_another_package_leads_to_another_place_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    places = tmp_path / "places"
    packages: list[str] = []
    leading: set[str] = set()
    for number in range(KEPT + 3):
        archive = packed(tmp_path, **{"app.py": f"NAME = {number}"})
        packages.append(archive.digest)
        leading.add(unpacked(archive, places).digest)
    assert len(leading) == KEPT + 3
    assert {one.name for one in places.iterdir()} == set(packages[-KEPT:])
    assert (places / packages[-1] / "app.py").read_text() == f"NAME = {KEPT + 2}"


def test_whoever_is_overtaken_takes_what_the_other_has_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = packed(tmp_path)
    unpack = unpacking._unpack

    def overtaken(zipped: Path, place: Path) -> None:
        unpack(zipped, place)
        unpack(zipped, place)

    monkeypatch.setattr(unpacking, "_unpack", overtaken)
    leading = unpacked(archive, tmp_path / "places")
    assert [one.name for one in (tmp_path / "places").iterdir()] == [archive.digest]
    assert leading.path.exists()
