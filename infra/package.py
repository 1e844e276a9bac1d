"""Package the app: Chalice's SAM template merged with ours, and zips that bring everything they import.

Two zips: the functions that read ERPs' views carry database drivers, which would only slow the others' start.

Chalice downloads every wheel again whenever a line of the app changes. So it packages twice: the requirements
with an empty app, kept until they change, and the app without requirements, in under a second.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.slim import add_app, slim

ROOT = Path(__file__).resolve().parent.parent
# The functions run on the processor that packages, so that the local AWS can run them too.
ARCHITECTURE = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"
KEPT_BUILDS = 4
REQUIREMENTS = {"common": ("requirements.txt",), "views": ("requirements.txt", "requirements-views.txt")}
"""What each zip has to bring."""
EMPTY_APP = """\
from chalice import Chalice

app = Chalice(app_name="dependencies")


@app.lambda_function()
def nothing(event, context):
    pass
"""
EMPTY_CONFIG = {"version": "2.0", "app_name": "dependencies"}


READ_VIEWS = frozenset({"ExtractViews", "CheckViews", "ProveCompleteness"})


@dataclass(frozen=True)
class Archive:
    """A zip of functions, and its SHA-256."""

    path: Path
    digest: str

    @property
    def key(self) -> str:
        """Its name in the bucket of packages."""
        return f"packages/{self.digest}.zip"


@dataclass(frozen=True)
class Package:
    """A packaged app: the template, every CodeUri still a local path; `views` is the zip of READ_VIEWS."""

    template: dict[str, Any]
    common: Archive
    views: Archive

    def archive_of(self, function: str) -> Archive:
        """Choose a function's zip, by its logical id."""
        return self.views if function in READ_VIEWS else self.common


def build(root: Path = ROOT, builds: Path | None = None) -> Package:
    """Package the app under `root`, or return the earlier build of the very same sources."""
    builds = builds or root / ".local" / "build"
    builds.mkdir(parents=True, exist_ok=True)
    with _locked(builds / "lock"):
        target = _built(root, builds)
        os.utime(target)
        _forget_old(builds)
        template = json.loads((target / "template.json").read_text())
        return Package(template, *(_archive(target / f"{name}.zip") for name in REQUIREMENTS))


def _archive(path: Path) -> Archive:
    return Archive(path, hashlib.sha256(path.read_bytes()).hexdigest())


def _built(root: Path, builds: Path) -> Path:
    """Return the folder of these sources' build; sources that change meanwhile are packaged again."""
    while True:
        digest = _digest(_sources(root))
        target = builds / f"app-{digest}"
        if target.exists():
            return target
        _build_app(root, target, {name: _dependencies(root, builds, name) for name in REQUIREMENTS})
        if _digest(_sources(root)) != digest:
            shutil.rmtree(target)


def _sources(root: Path) -> dict[str, Path]:
    """Return the files the package is made of, by name."""
    requirements = {file for files in REQUIREMENTS.values() for file in files}
    singles = ("app.py", *sorted(requirements), ".chalice/config.json", "infra/resources.yaml")
    found = {name: root / name for name in singles}
    for folder in ("chalicelib", ".chalice/policies"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                found[str(path.relative_to(root))] = path
    return found


def _digest(files: dict[str, Path]) -> str:
    """Hash names and contents, and what else decides the outcome: the interpreter and the packaging code."""
    here = Path(__file__).parent
    files = {**files, "package": here / "package.py", "slim": here / "slim.py"}
    digest = hashlib.sha256(f"{sys.version} {ARCHITECTURE}".encode())
    for name, path in sorted(files.items()):
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:20]


def _dependencies(root: Path, builds: Path, name: str) -> Path:
    """Return the zip of everything that an archive requires, built by Chalice once per content of that."""
    files = {file: root / file for file in REQUIREMENTS[name]}
    target = builds / f"dependencies-{name}-{_digest(files)}.zip"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=builds) as scratch:
            project = Path(scratch)
            (project / "app.py").write_text(EMPTY_APP)
            required = "\n".join(file.read_text() for file in files.values())
            (project / "requirements.txt").write_text(required)
            _run_chalice(project, EMPTY_CONFIG, project / "out")
            slim(project / "out" / "deployment.zip", project / "slim.zip")
            (project / "slim.zip").rename(target)
    os.utime(target)
    return target


def _build_app(root: Path, target: Path, dependencies: dict[str, Path]) -> None:
    """Package the app without requirements, add it to `dependencies`; write template and zips to `target`."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        project, made = Path(scratch) / "project", Path(scratch) / "made"
        project.mkdir()
        made.mkdir()
        for name in ("app.py", "chalicelib"):
            (project / name).symlink_to(root / name)
        (project / ".chalice").mkdir()
        (project / ".chalice" / "policies").symlink_to(root / ".chalice" / "policies")
        config = json.loads((root / ".chalice" / "config.json").read_text())
        _run_chalice(project, config, project / "out", root / "infra" / "resources.yaml")
        template = yaml.safe_load((project / "out" / "sam.yaml").read_text())
        (made / "template.json").write_text(json.dumps(template, separators=(",", ":")))
        for name, required in dependencies.items():
            shutil.copy(required, made / f"{name}.zip")
            add_app(project / "out" / "deployment.zip", made / f"{name}.zip")
        made.rename(target)


def _run_chalice(project: Path, config: dict[str, Any], out: Path, merge: Path | None = None) -> None:
    """Run `chalice package` in `project`; raise RuntimeError with what it printed if it fails."""
    (project / ".chalice").mkdir(exist_ok=True)
    config = {**config, "lambda_architecture": ARCHITECTURE}
    (project / ".chalice" / "config.json").write_text(json.dumps(config))
    command = [sys.executable, "-c", "from chalice.cli import main; main()", "--project-dir", str(project)]
    command += ["package", "--stage", "app", *(["--merge-template", str(merge)] if merge else []), str(out)]
    # The region only picks the domain names of its partition.
    env = {"AWS_DEFAULT_REGION": "us-east-1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"chalice package failed:\n{done.stdout}{done.stderr}")


def _forget_old(builds: Path) -> None:
    for kind in ("app-*", *(f"dependencies-{name}-*" for name in REQUIREMENTS)):
        for path in sorted(builds.glob(kind), key=lambda p: p.stat().st_mtime)[:-KEPT_BUILDS]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes: tests may package while somebody deploys."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
