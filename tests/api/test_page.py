"""How the page "Dados ERP" is served: to anybody, cached by content, under a strict policy."""

import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib.api import page
from chalicelib.storage.files import Files
from tests.support.environment import environment_of
from tests.support.html import Links
from tests.support.tables import VARIABLES
from tests.support.world import ROOT, forget_wiring

WEB = ROOT / "chalicelib" / "web"
FILES = sorted(path.relative_to(WEB).as_posix() for path in WEB.rglob("*") if path.suffix in page.KINDS)
CRM = "https://crm.example"
Get = Callable[..., HTTPResponse]


@pytest.fixture
def get(monkeypatch: pytest.MonkeyPatch) -> Iterator[Get]:
    """Ask the app in this process; nothing but the page is there to answer."""
    monkeypatch.chdir(ROOT)
    for name, value in environment_of("http://127.0.0.1:9", {one: one for one in VARIABLES.values()}).items():
        monkeypatch.setenv(name, value)
    forget_wiring()
    from app import app

    with Client(app) as client:
        yield lambda path, **headers: client.http.request(
            "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
    page._site.cache_clear()
    forget_wiring()


def links(get: Get, path: str = "/app/") -> list[str]:
    """List the addresses of what the page loads, as a browser resolves them."""
    return [urljoin(path, link) for link in Links(get(path).body.decode()).loaded]


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "application/json"])
def test_anybody_gets_the_page_as_html(get: Get, accept: str | None) -> None:
    answer = get("/app/", **({"Accept": accept} if accept else {}))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.body.startswith(b"<!doctype html>")


def test_the_page_may_load_nothing_but_what_the_api_serves(get: Get) -> None:
    headers = get("/app/").headers
    policy = dict(one.split(" ", 1) for one in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "img")} == {"'self'"}


def test_the_page_may_send_files_to_where_upload_links_lead_and_to_nobody_else(get: Get) -> None:
    headers = get("/app/").headers
    policy = dict(one.split(" ", 1) for one in headers["Content-Security-Policy"].split("; "))
    me, bucket = policy["connect-src"].split(" ")
    assert me == "'self'"
    assert Files("bucket").link("uploads/integration/upload", "x").startswith(bucket)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/app", "/app/"])
def test_everything_it_links_is_there_with_and_without_a_slash_at_the_end(get: Get, path: str) -> None:
    assert not any(link.startswith("/") for link in Links(get(path).body.decode()).loaded)
    root = page._site().version
    for address in links(get, path):
        answer = get(address)
        name = address.partition(f"{root}/")[2]
        assert (answer.status_code, answer.body) == (200, (WEB / name).read_bytes())
        assert answer.headers["Content-Type"] == page.KINDS[Path(address).suffix]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_assets_are_kept_for_ever_and_the_page_is_asked_for_again(get: Get) -> None:
    assert get(links(get)[0]).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    first = get("/app/")
    assert first.headers["Cache-Control"] == "no-cache"
    again = get("/app/", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.body) == (304, b"")
    assert get("/app/", If_None_Match='W/"another"').status_code == 200


@pytest.mark.parametrize("name", [name for name in FILES if name != "index.html"])
def test_every_file_is_served_under_its_own_name_and_kind(get: Get, name: str) -> None:
    answer = get(f"/app/assets/{page._site().version}/{name}")
    assert (answer.status_code, answer.body) == (200, (WEB / name).read_bytes())
    assert answer.headers["Content-Type"] == page.KINDS[Path(name).suffix]


def test_only_the_crm_that_the_stack_names_may_hold_the_page_in_a_frame(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = get("/app/")
    assert b'name="crm-origin" content=""' in before.body
    monkeypatch.setenv("CRM_ORIGIN", CRM)
    forget_wiring()
    after = get("/app/", If_None_Match=before.headers["ETag"])
    assert after.status_code == 200
    assert f"; frame-ancestors {CRM}" in after.headers["Content-Security-Policy"]
    assert f'name="crm-origin" content="{CRM}"'.encode() in after.body
    assert get("/app/", If_None_Match=after.headers["ETag"]).status_code == 304


@pytest.mark.parametrize("changed", FILES[::7])
def test_a_changed_file_has_a_new_address(
    get: Get, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: str
) -> None:
    before = links(get)
    monkeypatch.setattr(page, "_WEB", shutil.copytree(WEB, tmp_path / "web"))
    page._site.cache_clear()
    assert links(get) == before
    file = tmp_path / "web" / changed
    file.write_bytes(file.read_bytes()[:-1] + b" ")
    page._site.cache_clear()
    assert set(links(get)).isdisjoint(before)
    assert get(before[0]).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "none.js",
        "general/none.js",
        "vendor/vendor.json",
        "index.html",
        "..%2Findex.html",
        "%2E%2E",
        "page.py",
    ],
)
def test_an_unknown_asset_is_a_problem_that_no_cache_keeps(get: Get, name: str) -> None:
    folder = links(get)[0].rpartition("/")[0]
    answer = get(f"{folder}/{name}", Accept_Language="en")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json_body["detail"] == "The resource does not exist."


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br;q=1.0, GZIP;q=0.8", True),
        ("*", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.00, *", False),
        ("x-gzip2", False),
    ],
)
def test_files_are_packed_for_those_who_take_gzip(get: Get, accepted: str, packed: bool) -> None:
    for path in ("/app/", links(get)[-1]):
        answer = get(path, Accept_Encoding=accepted)
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert (answer.headers.get("Content-Encoding") == "gzip") is packed
        body = gzip.decompress(answer.body) if packed else answer.body
        assert body == get(path).body


def test_the_first_load_is_small(get: Get) -> None:
    sent = [get(path, Accept_Encoding="gzip").body for path in ("/app/", *links(get))]
    assert sum(map(len, sent)) < 33_000  # the first tab and its chart come on top: see tests/browser


def described(path: str) -> Any:
    from chalicelib.api.openapi import document

    return document()["paths"][path]["get"]


def test_the_api_s_description_tells_what_kind_of_files_these_are(get: Get) -> None:
    assert get("/app/").status_code == 200
    assert described("/app")["responses"]["200"]["content"].keys() == {"text/html"}
    assert described("/app")["security"] == []
    for asset in ("/app/assets/{version}/{name}", "/app/assets/{version}/{folder}/{name}"):
        assert described(asset)["responses"].keys() == {"200", "404", "default"}
