"""The page "Dados ERP" and its assets; nobody signs in here: the page brings its token to the API."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from chalice.app import Blueprint, Response

from ..domain.errors import NotFound
from ..settings import settings
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
_NOBODY: Final = "'none'"
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


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
    crm = settings().crm_origin
    etag = f'W/"{site.version}{_digest(crm.encode()) if crm else ""}"'
    policy = {**_POLICY, "connect-src": f"'self' {_uploads()}", "frame-ancestors": crm or _NOBODY}
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "ETag": etag,
    }
    if etag in (call.request.headers.get("if-none-match") or ""):
        return BytesResponse(b"", {**_common(call), "Content-Type": KINDS[".html"], **headers}, 304)
    folder = "" if call.path.endswith("/") else "app/"
    return _answer(call, _file(_INDEX, _linked(site.index, f"{folder}assets/{site.version}", crm)), headers)


def _uploads() -> str:
    """Tell where files are sent: the part of the bucket that presigned upload links lead to."""
    found = settings()
    return f"https://s3.{found.aws_region}.amazonaws.com/{found.bucket}/uploads/"


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
    return _asset(call, version, name)


@endpoint(
    bp,
    "GET",
    "/app/assets/{version}/{folder}/{name}",
    caller=PUBLIC,
    tag="Page",
    summary="Read a file of one of the page's folders",
    answers={200: "*/*"},
)
def asset_in_folder(call: Call, version: str, folder: str, name: str) -> Response:
    """Answer an asset like `asset`: modules of a tab, of a library, ..."""
    return _asset(call, version, f"{folder}/{name}")


def _asset(call: Call, version: str, name: str) -> Response:
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
    paths = sorted(path for path in _WEB.rglob("*") if path.suffix in KINDS)
    found = {path.relative_to(_WEB).as_posix(): path.read_bytes() for path in paths}
    version = _digest(*(f"{name} {len(content)}\n".encode() + content for name, content in found.items()))
    index_html = found.pop(_INDEX).decode()
    assets = {name: _file(name, content) for name, content in found.items()}
    return Site(version, index_html, assets)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


@cache
def _linked(html: str, assets: str, crm_origin: str) -> bytes:
    return html.replace("{assets}", assets).replace("{crm_origin}", crm_origin).encode()


@cache
def _file(name: str, content: bytes) -> File:
    return File(KINDS[Path(name).suffix], content, gzip.compress(content, mtime=0))
