"""axe-core looks at a page for violations of WCAG 2.2 AA."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from infra.npm import download, unpack
from infra.package import ROOT

AXE: Final = "axe-core@4.14.1"
AXE_INTEGRITY: Final = (
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)
WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")


def violations(page: Page) -> list[str]:
    """Look for violations; answers each rule with where it is broken."""
    page.evaluate(_script())
    options = {"runOnly": {"type": "tag", "values": list(WCAG)}, "resultTypes": ["violations"]}
    found = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@cache
def _script() -> str:
    """Read axe-core, fetched and verified on first use."""
    kept = ROOT / ".local" / AXE.replace("@", "-")
    if not kept.exists():
        kept.mkdir(parents=True)
        archive = download(AXE, AXE_INTEGRITY, kept)
        unpack(archive, kept, lambda path: path if path.name == "axe.min.js" else None)
    return Path(kept / "axe.min.js").read_text()
