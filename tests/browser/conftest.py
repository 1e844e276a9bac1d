"""A real browser before a real stack; every test that changes something has an integration of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.support import browsing
from tests.support.browsing import CHANGEABLE, Visitor, launched, new_context, returning, visitor
from tests.support.ports import free_port
from tests.support.shop import Integration, Shop, furnished
from tests.support.stack import Stack, deployed, impossible

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def crm_port() -> int:
    """Where a CRM may be that shows the page in a frame."""
    return free_port()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, crm_port: int) -> Iterator[Stack]:
    """The app, deployed by its own template."""
    if lack := impossible() or browsing.missing():
        pytest.skip(lack)
    directory: Path = tmp_path_factory.mktemp("aws")
    parameters = {"CrmOrigin": f"http://127.0.0.1:{crm_port}", "ViewSqliteFolder": str(directory)}
    yield from deployed(directory, free_port(), **parameters)


@pytest.fixture(scope="session")
def browser(stack: Stack) -> Iterator[Browser]:
    """Start Chromium, once."""
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def shop(stack: Stack) -> Shop:
    """A tenant with one integration in which everything can be seen, and nothing changed."""
    return Shop(stack)


@pytest.fixture(scope="session")
def aurora(shop: Shop) -> Integration:
    """That integration."""
    return furnished(shop)


@pytest.fixture(scope="session")
def used_browser(browser: Browser) -> Iterator[BrowserContext]:
    """Start a browser for all who do not need one of their own: it keeps the page's assets."""
    found = new_context(browser)
    yield found
    found.close()


@pytest.fixture
def visit(browser: Browser, used_browser: BrowserContext, stack: Stack) -> Iterator[Visit]:
    """Let somebody open the page at an integration: `visit(integration, role="viewer", tab="abc", ...)`.

    `fresh` is for those who look at what the first visit loads.
    """
    with ExitStack() as all_visitors:

        def open_page(
            integration: Integration,
            role: str = "admin",
            settings: dict[str, Any] | None = None,
            fresh: bool = False,
            **named: str,
        ) -> Visitor:
            address = f"{stack.outputs['ApiUrl']}/app/"
            wanted = settings or {}
            found = all_visitors.enter_context(
                visitor(browser, address, **wanted)
                if fresh or not CHANGEABLE.issuperset(wanted)
                else returning(used_browser, address, **wanted)
            )
            token = integration.shop.token(role)
            return found.open(token, integration=integration.integration_id, **named)

        yield open_page
