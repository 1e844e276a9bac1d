"""Make a function's zip small and quick to start: leave out what never runs, add byte code."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

# botocore describes some 400 services: half of the zip and of the time to unpack it. These stay.
AWS_SERVICES = frozenset(
    {"dynamodb", "kms", "lambda", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm", "sts"}
)
# One date for every entry: the same content gives the same zip, hence the same key and "nothing to update".
ZIP_DATE = (2020, 1, 1, 0, 0, 0)


def slim(source: Path, target: Path) -> None:
    """Write the dependencies in `source` that can matter at run time, and their byte code, to `target`."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        names = [name for name in old.namelist() if _runs(name) and name != "app.py"]
        _write(new, _entries(old, sorted(names)))


def add_app(source: Path, target: Path) -> None:
    """Append the app's own files in `source`, and their byte code, to the zip of dependencies `target`."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "a") as new:
        known = set(new.namelist())
        names = [name for name in old.namelist() if _runs(name) and name not in known]
        _write(new, _entries(old, sorted(names)))


def _runs(name: str) -> bool:
    """Say whether an entry of the zip can matter at run time."""
    parts = name.split("/")
    if name.endswith(("/", ".dist-info/RECORD")) or "__pycache__" in parts:
        return False
    if parts[:2] in (["botocore", "data"], ["boto3", "data"]) and len(parts) > 3:
        return parts[2] in AWS_SERVICES
    return True


def _entries(archive: zipfile.ZipFile, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        yield name, archive.read(name)


def _write(archive: zipfile.ZipFile, entries: Iterable[tuple[str, bytes]]) -> None:
    """Write entries, and behind each module its byte code."""
    with tempfile.TemporaryDirectory() as scratch:
        written = list(entries)
        compiled = _compiled(Path(scratch), [one for one in written if one[0].endswith(".py")])
        for name, content in written:
            _add(archive, name, content)
            if name in compiled and compiled[name].exists():
                folder, slash, module = name.rpartition("/")
                tag = sys.implementation.cache_tag
                pyc = f"{folder}{slash}__pycache__/{module.removesuffix('.py')}.{tag}.pyc"
                _add(archive, pyc, compiled[name].read_bytes())


# Unchecked: the date of a file that was unpacked from a zip says nothing about its byte code. What cannot be
# compiled is a package's own template, or a file for another Python: never imported.
_COMPILE: Final = """\
import json, py_compile, sys

mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for name, source, target in json.load(sys.stdin):
    try:
        py_compile.compile(source, target, dfile=name, doraise=True, invalidation_mode=mode)
    except py_compile.PyCompileError:
        pass
"""


def _compiled(scratch: Path, modules: list[tuple[str, bytes]]) -> dict[str, Path]:
    """Compile modules: Lambda's disk is read-only, so otherwise every cold start would do it again.

    In a process of its own: byte code depends a little on what its maker has in memory, and equal sources
    have to make equal zips.
    """
    jobs = []
    for number, (name, content) in enumerate(modules):
        source, target = scratch / f"{number}.py", scratch / f"{number}.pyc"
        source.write_bytes(content)
        jobs.append((name, str(source), str(target)))
    command = [sys.executable, "-S", "-c", _COMPILE]
    subprocess.run(command, input=json.dumps(jobs).encode(), env={"PYTHONHASHSEED": "0"}, check=True)
    return {name: Path(target) for name, _, target in jobs}


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, ZIP_DATE)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content, compresslevel=6)
