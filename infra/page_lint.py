"""Format and lint of the page's own files by Biome, a program that comes in a package of the npm registry."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

from infra.npm import download, unpack
from infra.package import ROOT

VERSION = "2.6.8"
# sys.platform and machine → the end of the package's name, and its SHA-512.
PACKAGES = {
    ("linux", "x86_64"): (
        "linux-x64",
        "XIk3pLQT56I6Tti+u0DF8FtSNXjCMTPbxVTzfJ9cS2t1ImVKvrqV5b52GuEaJg6/wuiXvz0sjfb5saB4TPRjzA==",
    ),
    ("linux", "aarch64"): (
        "linux-arm64",
        "0Bjim8lKwnrvXUHoI4k3Tb51BjoiLEwDnovCI8nSzkk6wj3dShiuAjrx6+X0Hjf4ejR1sRZgTQiSDHlpy9vB7w==",
    ),
    ("darwin", "arm64"): (
        "darwin-arm64",
        "DHyj+JnRHcn4YdvpiqgTFZMYKSPELMCfFpNNlEuu1L8DKTGXhzW7raIwdsbo2Ie9nCljQLAQkVWQk/mwM0ueiA==",
    ),
    ("darwin", "x86_64"): (
        "darwin-x64",
        "QWWUPjlA0RnkkgYnFLUHZu+RrDc0FdK0A+wEPA+dENQJwsuSHMH89lspnAw2QUWWc9VHyfluGx1Xmp6Y2GZi8Q==",
    ),
}
BIOME = ROOT / ".local" / f"biome-{VERSION}"
_PROGRAM = PurePosixPath("biome")


def problems(root: Path = ROOT) -> str:
    """Answer what Biome finds, empty when all is well; raise PackageError if it cannot be had."""
    done = subprocess.run(
        [str(fetch()), "check", "--colors=off", "chalicelib/web"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def missing() -> str | None:
    """Say what this machine lacks to lint the page, or return None."""
    if (sys.platform, platform.machine()) not in PACKAGES:
        return f"Biome is not pinned for {sys.platform} on {platform.machine()}: see infra/page_lint.py"
    if not BIOME.exists() and not shutil.which("npm"):
        return "Linting the page needs npm. On Debian and Ubuntu: apt-get install npm"
    return None


def fetch() -> Path:
    """Return the program, fetched and verified on first use."""
    if not BIOME.exists():
        name, integrity = PACKAGES[sys.platform, platform.machine()]
        scratch = BIOME.with_suffix(".new")
        scratch.mkdir(parents=True, exist_ok=True)
        with (scratch / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not BIOME.exists():
                archive = download(f"@biomejs/cli-{name}@{VERSION}", integrity, scratch)
                unpack(archive, scratch, lambda path: path if path == _PROGRAM else None)
                (scratch / _PROGRAM).chmod(0o755)
                os.replace(scratch / _PROGRAM, BIOME)
        shutil.rmtree(scratch, ignore_errors=True)
    return BIOME
