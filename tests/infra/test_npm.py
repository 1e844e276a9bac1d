"""Packages of npm are taken only as they were reviewed, and unpacked nowhere but where they belong."""

import io
import shutil
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from infra import npm


def archive(path: Path, **files: bytes) -> Path:
    """Write an archive as npm does, whatever its files are called."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_only_wanted_files_are_unpacked_and_none_outside(tmp_path: Path) -> None:
    files = {
        "package/dist/a.js": b"a",
        "package/b.js": b"b",
        "package/../../escaped.js": b"x",
        "/absolute.js": b"x",
        "other/c.js": b"c",
    }
    target = tmp_path / "target"
    npm.unpack(archive(tmp_path / "it.tgz", **files), target, lambda path: PurePosixPath(path.name))
    assert {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*")} == {
        "a.js": b"a",
        "b.js": b"b",
    }
    assert not (tmp_path / "escaped.js").exists()


def test_what_is_not_wanted_stays_packed(tmp_path: Path) -> None:
    npm.unpack(archive(tmp_path / "it.tgz", **{"package/a": b"a"}), tmp_path / "target", lambda _: None)
    assert not (tmp_path / "target").exists()


def test_another_file_than_the_reviewed_one_is_refused(tmp_path: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("this needs npm")
    with pytest.raises(npm.PackageError, match=r"htm@3\.1\.1 is not the file that was reviewed"):
        npm.download("htm@3.1.1", "AAAA", tmp_path)


def test_without_npm_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(npm.PackageError, match="apt-get install npm"):
        npm.download("htm@3.1.1", "AAAA", tmp_path)
