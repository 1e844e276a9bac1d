"""Packages for the local AWS: unpacked once, and zips of a few lines that lead there.

The local AWS unpacks a function's zip anew for each process that it starts for it, which takes seconds with
five thousand files; a worker that was killed would be missed for longer than its message is hidden. What
runs is the same: every file of the package, in a folder instead of a copy of it.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from infra.package import ROOT, Archive

FOLDER = ROOT / ".local" / "unpacked"
KEPT = 8
STANDING_IN = ("app.py", "chalicelib/__init__.py")
"""What handlers are named by: each name's first part."""
LEADING = '''\
"""Stands in for the package's module of this name, and steps aside for it."""

import importlib
import sys

sys.path.insert(0, {place!r})
del sys.modules[__name__]
importlib.import_module(__name__)
'''


def unpacked(archive: Archive, folder: Path = FOLDER) -> Archive:
    """Unpack a package, unless that is done, and answer the zip that leads to it."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / archive.digest
    if not place.exists():
        _unpack(archive.path, place)
    os.utime(place)
    _forget_old(folder)
    content = _leading(place)
    digest = hashlib.sha256(content).hexdigest()
    zipped = place / f"{digest}.zip"
    zipped.write_bytes(content)
    return Archive(zipped, digest)


def _unpack(zipped: Path, place: Path) -> None:
    """Unpack beside the place and move there, so that nobody meets half of it."""
    beside = Path(tempfile.mkdtemp(dir=place.parent, prefix="under-way-"))
    with zipfile.ZipFile(zipped) as package:
        package.extractall(beside)
    try:
        beside.rename(place)
    except OSError:  # somebody else was faster
        shutil.rmtree(beside)
        if not place.exists():
            raise


def _leading(place: Path) -> bytes:
    """Write the zip: always the same bytes for the same place, for its name is their hash."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        for name in STANDING_IN:
            package.writestr(zipfile.ZipInfo(name), LEADING.format(place=str(place)))
    return written.getvalue()


def _forget_old(folder: Path) -> None:
    """Keep the latest: a stack that still runs may have deployed one of them."""
    places = [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("under-way-")]
    for place in sorted(places, key=lambda one: one.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(place, ignore_errors=True)
