"""The page's libraries: fetched from npm, verified, and kept in the repository as browsers load them.

`python -m infra.vendor` writes chalicelib/web/vendor/ anew. Nothing is changed in a file but the names that
modules import each other by: a browser needs paths where npm has packages.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from infra.npm import PackageError, download, unpack
from infra.package import ROOT

FOLDER = ROOT / "chalicelib" / "web" / "vendor"
LISTING = "vendor.json"
_IMPORTED = re.compile(rb'(\bfrom\s*)"([\w@/-]+)"')
_SOURCE_MAP = re.compile(rb"\n?//# sourceMappingURL=\S+\s*$")


@dataclass(frozen=True)
class Library:
    """A package of the npm registry, and which of its files the page loads, under which names."""

    name: str
    version: str
    licence: str
    why: str
    integrity: str
    files: dict[str, str]


LIBRARIES = (
    Library(
        "preact",
        "10.29.8",
        "MIT",
        "Draws the page from its state, React's way, in 5 KB",
        "ej2aVZ+vZ8WO7tvlQWRM9N63A0KzF9q4mWJfDUHgYaIofWY9hu74QdnQrjoPMmZi2/nZ5gN0bJCQF49xQqx09Q==",
        {"dist/preact.module.js": "preact.js", "hooks/dist/hooks.module.js": "hooks.js"},
    ),
    Library(
        "htm",
        "3.1.1",
        "Apache-2.0",
        "Markup in template literals, so that nothing has to be built",
        "983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ==",
        {"dist/htm.module.js": "htm.js"},
    ),
    Library(
        "uplot",
        "1.6.32",
        "MIT",
        "Charts; fetched only where one is shown",
        "KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==",
        {"dist/uPlot.esm.js": "uplot.js", "dist/uPlot.min.css": "uplot.css"},
    ),
)
_MODULES = {b"preact": b"./preact.js"}


def write(folder: Path = FOLDER) -> None:
    """Write every library's files and licence, and the listing of them; raise PackageError if one differs."""
    listing = []
    for library in LIBRARIES:
        with tempfile.TemporaryDirectory() as scratch:
            archive = download(f"{library.name}@{library.version}", library.integrity, Path(scratch))
            wanted = {**library.files, "LICENSE": f"{library.name}.LICENSE"}
            unpack(archive, Path(scratch) / "files", partial(_named, wanted))
            found = {
                name: _browsable((Path(scratch) / "files" / name).read_bytes()) for name in wanted.values()
            }
        for name, content in found.items():
            (folder / name).write_bytes(content)
        listing.append(_listed(library, found))
    (folder / LISTING).write_text(json.dumps(listing, indent=2) + "\n")


def _named(names: dict[str, str], path: PurePosixPath) -> PurePosixPath | None:
    return PurePosixPath(names[str(path)]) if str(path) in names else None


def _browsable(content: bytes) -> bytes:
    """Make imports paths, and drop the pointer to a source map that is not served."""

    def path(match: re.Match[bytes]) -> bytes:
        return match[1] + b'"' + _MODULES[match[2]] + b'"'

    return _SOURCE_MAP.sub(b"\n", _IMPORTED.sub(path, content))


def _listed(library: Library, found: dict[str, bytes]) -> dict[str, object]:
    return {
        "name": library.name,
        "version": library.version,
        "licence": library.licence,
        "why": library.why,
        "npm_sha512": library.integrity,
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in found.items()},
    }


def main() -> int:
    """Write the folder."""
    try:
        write()
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
