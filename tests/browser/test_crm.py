"""The CRM that shows the page in a frame: a page of another origin, which signs people in by message."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.support.shop import Integration

CRM_PAGE: Final = """<!doctype html><title>CRM</title><iframe id="erp" width="1200" height="800"></iframe>
<button onclick="window.opened = window.open(erp.src)">Abrir</button>
<script>
window.heard = [];
addEventListener("message", (event) => heard.push([event.data.type, event.origin]));
</script>"""


@pytest.fixture
def crm(crm_port: int) -> Iterator[str]:
    """Serve the CRM's page; answers its origin."""

    class Crm(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = CRM_PAGE.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", crm_port), Crm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{crm_port}"
    server.shutdown()
    server.server_close()


def framed(page: Page, address: str) -> Frame:
    """Show an address in the CRM's frame and wait until it listens."""
    page.evaluate("address => { document.getElementById('erp').src = address }", address)
    page.wait_for_function("() => window.heard.length > 0")
    found = page.frames[1]
    assert found.url.startswith(address)
    return found


def message(page: Page, **said: str) -> None:
    page.evaluate(
        "said => document.getElementById('erp').contentWindow.postMessage(said, '*')",
        {"type": "integration-history:sign-in", **said},
    )


def test_the_crm_signs_in_by_message_and_is_told_when_the_token_is_no_longer_taken(
    browser: Browser, crm: str, aurora: Integration
) -> None:
    address = f"{aurora.shop.stack.outputs['ApiUrl']}/app/"
    page = browser.new_page(locale="pt-BR")
    page.goto(crm)
    inside = framed(page, address)
    expect(inside.get_by_role("heading", name="Entre pelo CRM")).to_be_visible()
    message(page, token="expired.or.wrong", integration=aurora.integration_id)
    expect(inside.get_by_role("heading", name="Seu acesso expirou")).to_be_visible()
    message(page, token=aurora.shop.token("viewer"), integration=aurora.integration_id)
    expect(inside.locator("[data-field=erp_name] dd")).to_have_text("ERP Aurora")
    origin = address.split("/_aws", maxsplit=1)[0]
    assert page.evaluate("heard") == [
        ["integration-history:ready", origin],
        ["integration-history:signed-out", origin],
    ]
    assert "token" not in inside.url
    page.close()


def test_nobody_else_may_frame_the_page_or_sign_in(browser: Browser, crm: str, aurora: Integration) -> None:
    address = f"{aurora.shop.stack.outputs['ApiUrl']}/app/"
    page = browser.new_page(locale="pt-BR")
    page.goto(crm.replace("127.0.0.1", "localhost"))  # the same machine, and another origin
    with page.expect_console_message(lambda one: "frame-ancestors" in one.text):
        page.evaluate("address => { document.getElementById('erp').src = address }", address)
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Abrir").click()
    other = popup.value
    expect(other.get_by_role("heading", name="Entre pelo CRM")).to_be_visible()
    said = {"type": "integration-history:sign-in", "token": aurora.shop.token("viewer")}
    page.evaluate("said => window.opened.postMessage(said, '*')", said)
    other.wait_for_timeout(1_000)
    expect(other.get_by_role("heading", name="Entre pelo CRM")).to_be_visible()
    other.close()
    page.close()
