"""Whatever an ERP or an admin may write: it is shown as text, whole, and nothing falls apart."""

from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.shop import Integration, Shop, sale
from tests.support.stack import Stack

MARKUP: Final = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
LONG: Final = "SemEspaços" * 11
VIEWPORTS: Final = [{"width": 360, "height": 780}, {"width": 1440, "height": 900}]


@pytest.fixture(scope="module")
def hostile(stack: Stack) -> Integration:
    """An integration whose every text is markup, or has no place to break."""
    shop = Shop(stack, "hostil")
    shop.integration("Outra")
    found = shop.integration(
        LONG, erp_name=MARKUP, erp_version=LONG[:60], business_rule=f"{MARKUP}\n{LONG}" * 5
    )
    found.push("vendedor", {"codigo": "1", "nome": MARKUP}, {"codigo": "2", "nome": LONG * 5})
    found.push("empresa", {"codigo": "1", "razao_social": MARKUP, "vendedor_codigo": "1"})
    found.push("empresa", {"codigo": LONG, "razao_social": LONG * 5, "vendedor_codigo": "2", "uf": "SP"})
    found.push("nota", sale("1", "1", "999999999999.99", "2026-10-01"), sale("2", LONG, "0.01", "2026-10-01"))
    found.push("vendedor", {"codigo": MARKUP})
    assert found.run()["status"] == "partial"
    shop.api().post(found.path + "/keys", {"name": MARKUP[:80]})
    shop.api().post(found.path + "/alert-recipients", {"email": f"{'a' * 60}@{'b' * 60}.com.br"})
    return found


@pytest.mark.parametrize("viewport", VIEWPORTS, ids=["360px", "1440px"])
@pytest.mark.parametrize("tab", ["general", "history", "onboarding", "abc", "alerts"])
def test_no_tab_runs_it_or_gets_too_wide(
    visit: Visit, hostile: Integration, tab: str, viewport: dict[str, int]
) -> None:
    seen = visit(hostile, settings={"viewport": viewport}, tab=tab)
    if tab == "alerts":
        seen.page.get_by_text("Mostrar as chaves").click()
        seen.settled()
    assert not seen.too_wide()
    assert "owned" not in seen.page.title()
    assert seen.page.locator("#app img, #app script").count() == 0
    assert seen.violations() == []


@pytest.mark.parametrize("viewport", VIEWPORTS, ids=["360px", "1440px"])
@pytest.mark.parametrize("what", ["run", "request", "customer"])
def test_no_drawer_runs_it_or_gets_too_wide(
    visit: Visit, hostile: Integration, what: str, viewport: dict[str, int]
) -> None:
    named = {
        "run": hostile.get("/runs")["items"][0]["run_id"],
        "request": hostile.get("/requests?table=vendedor")["items"][0]["request_id"],
        "customer": f"empresa/{LONG}",
    }
    seen = visit(hostile, settings={"viewport": viewport}, **{what: named[what]})
    drawer = seen.drawer()
    expect(drawer).to_contain_text(LONG if what == "customer" else "<img src=x")
    assert not drawer.evaluate("one => one.scrollWidth > one.clientWidth")
    assert "owned" not in seen.page.title()


def test_it_is_shown_as_it_is(visit: Visit, hostile: Integration) -> None:
    seen = visit(hostile)
    assert seen.field("erp_name") == MARKUP
    assert seen.field("business_rule").startswith(f"{MARKUP}\n{LONG}")
    seen.tab("Curva ABC")
    expect(seen.card("Clientes").get_by_role("button", name=MARKUP, exact=True)).to_be_visible()


def test_words_of_the_address_are_only_looked_for(visit: Visit, hostile: Integration) -> None:
    seen = visit(hostile, "viewer", request="../../keys")
    expect(seen.drawer().get_by_role("alert")).to_be_visible()
    assert not [call for call in seen.calls() if call.endswith("/keys")]
    for named in ({"run": MARKUP}, {"customer": "nada"}, {"alert": "%00"}, {"export": "../x"}):
        seen.open(integration=hostile.integration_id, **named)
        expect(seen.page.get_by_role("alert").first).to_be_visible()
        assert "owned" not in seen.page.title()
