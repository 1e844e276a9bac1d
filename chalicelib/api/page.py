"""The page "Dados ERP" and its assets; nobody signs in here: the page brings its token to the API."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from chalice.app import Blueprint, Response

from ..domain.errors import NotFound
from .answers import BytesResponse, takes_gzip
from .edge import PUBLIC, Call, endpoint

bp = Blueprint(__name__)
_WEB = Path(__file__).parents[1] / "web"
_INDEX: Final = "index.html"
KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FRAME_ANCESTORS: Final = "'none'"
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": FRAME_ANCESTORS,
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
POLICY: Final = "; ".join(f"{name} {value}" for name, value in _POLICY.items())


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent: plain, and packed for those who take gzip."""

    kind: str
    plain: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class Site:
    """The page's files. `version` is a hash of them all, and part of every asset's address.

    One version for all lets modules import each other by plain relative names.
    """

    version: str
    index: str
    assets: dict[str, File]


@endpoint(
    bp,
    "GET",
    "/app",
    caller=PUBLIC,
    tag="Page",
    summary="Open the page",
    answers={200: "text/html"},
)
def index(call: Call) -> Response:
    """Answer the page; it is found with and without a slash at its end, so relative links follow."""
    site = _site()
    etag = f'W/"{site.version}"'
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY, "ETag": etag}
    if etag in (call.request.headers.get("if-none-match") or ""):
        return BytesResponse(b"", {**_common(call), "Content-Type": KINDS[".html"], **headers}, 304)
    folder = "" if call.path.endswith("/") else "app/"
    return _answer(call, _file(_INDEX, _linked(site.index, f"{folder}assets/{site.version}")), headers)


@endpoint(
    bp,
    "GET",
    "/app/assets/{version}/{name}",
    caller=PUBLIC,
    tag="Page",
    summary="Read a file of the page",
    answers={200: "*/*"},
)
def asset(call: Call, version: str, name: str) -> Response:
    """Answer an asset of the present version; any other is absent, for caches keep what they get."""
    site = _site()
    found = site.assets.get(name) if version == site.version else None
    if found is None:
        raise NotFound()
    return _answer(call, found, {"Cache-Control": "public, max-age=31536000, immutable"})


def _answer(call: Call, file: File, headers: dict[str, str]) -> Response:
    packed = takes_gzip(call)
    encoding = {"Content-Encoding": "gzip"} if packed else {}
    body = file.packed if packed else file.plain
    return BytesResponse(
        body, {**_common(call), "Content-Type": file.kind, "Vary": "Accept-Encoding", **encoding, **headers}
    )


def _common(call: Call) -> dict[str, str]:
    return {
        "X-Request-Id": call.request_id,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


@cache
def _site() -> Site:
    """Read the page's files, once."""
    found = {path.name: path.read_bytes() for path in sorted(_WEB.iterdir()) if path.suffix in KINDS}
    digest = hashlib.sha256()
    for name, content in found.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    index_html = found.pop(_INDEX).decode()
    assets = {name: _file(name, content) for name, content in found.items()}
    return Site(digest.hexdigest()[:16], index_html, assets)


@cache
def _linked(html: str, assets: str) -> bytes:
    return html.replace("{assets}", assets).encode()


@cache
def _file(name: str, content: bytes) -> File:
    return File(KINDS[Path(name).suffix], content, gzip.compress(content, mtime=0))
