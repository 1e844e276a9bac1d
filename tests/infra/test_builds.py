"""A build belongs to exactly the sources it was made of, and is made once."""

import shutil
import zipfile
from pathlib import Path

import pytest

from infra import package
from infra.package import ROOT, Package, build


@pytest.fixture(scope="module")
def packaged() -> Package:
    """The package of these sources."""
    return build()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The same sources in another place."""
    root = tmp_path / "elsewhere"
    root.mkdir()
    for name in ("app.py", "requirements.txt", "requirements-views.txt"):
        shutil.copy(ROOT / name, root / name)
    for name in ("chalicelib", ".chalice", "infra"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def new_builds(folder: Path) -> Path:
    """Make a folder for builds that knows the requirements' parts: a download is no test's matter."""
    folder.mkdir()
    for name in package.REQUIREMENTS:
        known = package._dependencies(ROOT, ROOT / ".local" / "build", name)
        shutil.copy(known, folder / known.name)
    return folder


def test_the_same_sources_make_the_same_zip_wherever_they_are(
    packaged: Package, copy: Path, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        again = build(copy, new_builds(tmp_path / folder))
        assert again.template == packaged.template
        assert again.common.digest == packaged.common.digest
        assert again.views.digest == packaged.views.digest


def test_an_unchanged_project_is_not_packaged_again(
    packaged: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(package, "_build_app")
    assert build() == packaged


def test_a_changed_text_is_another_build(packaged: Package, tmp_path: Path) -> None:
    sources = package._sources(ROOT)
    assert packaged.common.path.parent.name == f"app-{package._digest(sources)}"
    changed = tmp_path / "errors.json"
    changed.write_text("{}")
    assert package._digest({**sources, "chalicelib/i18n/errors.json": changed}) != package._digest(sources)


def test_what_is_edited_while_it_is_packaged_is_packaged_again(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_build = package._build_app
    edits: list[str] = []

    def edited_meanwhile(root: Path, target: Path, dependencies: dict[str, Path]) -> None:
        really_build(root, target, dependencies)
        if not edits:
            edits.append("# edited")
            with (root / "app.py").open("a") as file:
                file.write(edits[0])

    monkeypatch.setattr(package, "_build_app", edited_meanwhile)
    builds = new_builds(tmp_path / "builds")
    made = build(copy, builds)
    with zipfile.ZipFile(made.common.path) as archive:
        assert archive.read("app.py").endswith(b"# edited")
    assert [one for one in builds.iterdir() if one.is_dir()] == [made.common.path.parent]
