"""Packages of the npm registry, each verified against the checksum of the one that was reviewed."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

ROOT = PurePosixPath("package")
"""Where npm puts a package's files in its archive."""


class PackageError(RuntimeError):
    """A package cannot be fetched, or is another than the one reviewed; the message says what to do."""


def download(package: str, integrity: str, into: Path) -> Path:
    """Fetch the archive of "name@version"; raise PackageError unless its SHA-512 is `integrity`."""
    npm = shutil.which("npm")
    if not npm:
        raise PackageError(f"{package} needs npm. On Debian and Ubuntu: apt-get install npm")
    command = [npm, "pack", package, "--silent", "--pack-destination", str(into)]
    done = subprocess.run(command, cwd=into, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackageError(f"npm pack {package} failed: {done.stderr.strip() or done.stdout.strip()}")
    archive = into / done.stdout.strip().splitlines()[-1]
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != integrity:
        raise PackageError(f"{package} is not the file that was reviewed: its SHA-512 is {found}")
    return archive


def unpack(archive: Path, target: Path, wanted: Callable[[PurePosixPath], PurePosixPath | None]) -> None:
    """Unpack the files of an archive for which `wanted` names a place in `target`."""
    with tarfile.open(archive) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if ".." in path.parts or path.parts[:1] != ROOT.parts:
                continue
            place, content = wanted(path.relative_to(ROOT)), tar.extractfile(member)
            if place and content:
                file = target / place
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("wb") as out:
                    shutil.copyfileobj(content, out)
