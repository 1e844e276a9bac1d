"""A visitor of the page: Debian's Chromium before the running stack, and all that the page asks and says."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Request, expect

from tests.support import axe

CHROMIUMS: Final = ("chromium-headless-shell", "chromium")
"""Debian's, in the order in which they are taken: without windows it needs two thirds of the computing."""
QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=pt-BR",
)
NETWORK: Final = ("Failed to load resource", "net::ERR_")
"""What Chromium writes of answers that are no success; the tests look at what the page makes of them."""


def missing() -> str | None:
    """Say what this machine lacks to browse, or return None."""
    if _chromium():
        return None
    return f"The browser tests need Chromium. On Debian and Ubuntu: apt-get install {CHROMIUMS[0]}"


def _chromium() -> str | None:
    return next((found for name in CHROMIUMS if (found := shutil.which(name))), None)


def launched(playwright: Playwright) -> Browser:
    """Start Chromium."""
    return playwright.chromium.launch(executable_path=_chromium(), args=list(QUIET))


expect.set_options(timeout=15_000)


@dataclass
class Visitor:
    """One person with the page before them."""

    page: Page
    address: str
    asked: list[str] = field(default_factory=list)
    received: list[Request] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    waiting: list[Request] = field(default_factory=list)

    def listen(self) -> None:
        """Note what the page asks for, and whatever goes wrong in it."""
        self.page.on("request", self._begin)
        self.page.on("requestfinished", self._end)
        self.page.on("requestfailed", self._answered)
        # What a page was still waiting for when it was left ends without a word.
        self.page.on("domcontentloaded", lambda _: self.waiting.clear())
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", lambda message: self._hear(message.type, message.text))

    def open(self, token: str | None = None, **named: str) -> Visitor:
        """Open an address of the page; named: integration, tab, run, ..."""
        parts = {**named, **({"token": token} if token else {})}
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}#{urlencode(parts)}")
        return self.settled()

    def reload(self) -> Visitor:
        """Load the page again."""
        self.page.reload()
        return self.settled()

    def settled(self) -> Visitor:
        """Wait until nothing is loading, neither over the network nor on the screen."""
        loading, deadline = self.page.locator(".loading"), time.monotonic() + 20
        quiet = 0
        while quiet < 3:
            self.page.wait_for_timeout(40)
            quiet = 0 if self.waiting or loading.count() else quiet + 1
            assert time.monotonic() < deadline, f"still loading: {self.asked[-3:]}"
        return self

    def calls(self) -> list[str]:
        """List what was asked of the API, without its address."""
        parts = [one.partition("/v1/") for one in self.asked]
        return [f"{before.split()[0]} {path}" for before, found, path in parts if found]

    def bytes_received(self) -> int:
        """Count what came over the network, headers included."""
        sizes = [request.sizes() for request in self.received]
        return sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)

    def forget(self) -> None:
        """Begin to count anew."""
        self.asked.clear()
        self.received.clear()

    def button(self, name: str, within: Locator | None = None, exact: bool = True) -> Locator:
        """Find a button by its name."""
        return (within or self.page).get_by_role("button", name=name, exact=exact)

    def tab(self, name: str) -> Visitor:
        """Go to a tab by its label."""
        self.page.get_by_role("tab", name=name).click()
        return self.settled()

    def card(self, name: str) -> Locator:
        """Find a part of the tab by its title."""
        return self.page.get_by_role("region", name=name, exact=True)

    def drawer(self) -> Locator:
        """Find the open drawer."""
        return self.page.get_by_role("dialog")

    def field(self, name: str) -> str:
        """Read a field by its name in the page's code."""
        return self.page.locator(f"[data-field={name}] dd").first.inner_text().strip()

    def rows(self, within: Locator) -> list[list[str]]:
        """Read a table: its rows' cells."""
        return [
            [cell.strip() for cell in row.locator("th, td").all_inner_texts()]
            for row in within.locator("tbody tr").all()
        ]

    def named(self) -> dict[str, str]:
        """Read what the address names."""
        found: dict[str, str] = self.page.evaluate(
            "Object.fromEntries(new URLSearchParams(location.hash.slice(1)))"
        )
        return found

    def too_wide(self) -> bool:
        """Whether the page has to be scrolled sideways."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide

    def violations(self) -> list[str]:
        """Let axe-core look for violations of WCAG 2.2 AA; answers each rule with where it is broken."""
        return axe.violations(self.page)

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and not any(one in text for one in NETWORK):
            self.trouble.append(text)

    def _begin(self, request: Request) -> None:
        self.asked.append(f"{request.method} {request.url}")
        self.waiting.append(request)

    def _answered(self, request: Request) -> None:
        if request in self.waiting:
            self.waiting.remove(request)

    def _end(self, request: Request) -> None:
        self._answered(request)
        self.received.append(request)


USUAL: Final[dict[str, Any]] = {"viewport": {"width": 1440, "height": 900}, "locale": "pt-BR"}
CHANGEABLE: Final = frozenset({"viewport", "color_scheme", "reduced_motion", "permissions"})
"""What can be set for a page of a browser that is used by one person after the other."""


@contextmanager
def visitor(browser: Browser, address: str, **settings: Any) -> Iterator[Visitor]:
    """Give somebody a fresh browser; fails if the page had errors or broke its own policy."""
    context = new_context(browser, **settings)
    found = Visitor(context.new_page(), address)
    found.listen()
    try:
        yield found
    finally:
        context.close()
    assert found.trouble == []


@contextmanager
def returning(context: BrowserContext, address: str, **settings: Any) -> Iterator[Visitor]:
    """Give somebody a browser in which others have opened the page: its assets are kept, nothing else is.

    `settings` are some of CHANGEABLE; fails like `visitor`.
    """
    page = context.new_page()
    _forget_the_last(page, address)
    context.grant_permissions(settings.get("permissions", []))
    page.set_viewport_size(settings.get("viewport", USUAL["viewport"]))
    page.emulate_media(
        color_scheme=settings.get("color_scheme", "light"),
        reduced_motion=settings.get("reduced_motion", "no-preference"),
    )
    found = Visitor(page, address)
    found.listen()
    try:
        yield found
    finally:
        context.set_offline(False)
        context.clear_permissions()
        for one in context.pages:
            one.close()
    assert found.trouble == []


def new_context(browser: Browser, **settings: Any) -> BrowserContext:
    """Start a browser that knows nothing."""
    context = browser.new_context(**{**USUAL, **settings})
    context.set_default_timeout(20_000)
    return context


def _forget_the_last(page: Page, address: str) -> None:
    page.context.clear_cookies()
    scheme, _, rest = address.partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}"
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
    session.detach()
