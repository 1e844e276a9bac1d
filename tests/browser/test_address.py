"""Who may see the page, what its address names, and what is shown when there is nothing to show."""

import time

import jwt
import pytest
from playwright.sync_api import Browser, Route, expect

from chalicelib.services import access
from infra.local.tenants import sign
from tests.browser.conftest import Visit
from tests.support.browsing import visitor
from tests.support.shop import Integration, Shop
from tests.support.stack import Stack

TABS = (
    ("Histórico", "history"),
    ("Implantação", "onboarding"),
    ("Curva ABC", "abc"),
    ("Alertas e acesso", "alerts"),
)


def test_the_token_leaves_the_address_at_once_and_is_sent_to_the_api_alone(
    visit: Visit, aurora: Integration
) -> None:
    seen = visit(aurora, "viewer")
    token = aurora.shop.token("viewer")
    assert "token" not in seen.named()
    assert not [one for one in seen.asked if token in one]
    assert seen.page.evaluate("JSON.stringify(localStorage)").find(token) == -1
    assert seen.page.evaluate("document.cookie") == ""
    origins = {one.split()[1].split("/_aws")[0] for one in seen.asked if "about:" not in one}
    assert origins == {aurora.shop.stack.outputs["ApiUrl"].split("/_aws")[0]}
    seen.reload()
    assert seen.settled().field("erp_name") == "ERP Aurora"


def test_every_tab_has_an_address_and_back_leads_back(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora)
    for label, name in TABS:
        seen.tab(label)
        assert seen.named() == {"integration": aurora.integration_id, "tab": name}
        expect(seen.page).to_have_title(f"Distribuidora Aurora · {label} · Dados ERP")
    seen.page.go_back()
    expect(seen.page.get_by_role("tab", name="Curva ABC")).to_have_attribute("aria-selected", "true")
    seen.reload()
    expect(seen.settled().page.get_by_role("tab", name="Curva ABC")).to_have_attribute(
        "aria-selected", "true"
    )
    seen.card("Clientes").locator("button.link").first.click()
    expect(seen.drawer()).to_be_visible()
    seen.page.go_back()
    expect(seen.drawer()).to_have_count(0)


def test_an_address_without_an_integration_shows_the_first(
    browser: Browser, shop: Shop, aurora: Integration
) -> None:
    with visitor(browser, f"{shop.stack.outputs['ApiUrl']}/app/") as seen:
        seen.open(shop.token("viewer"))
        listed = shop.api("viewer").get("/v1/integrations")["items"]
        assert seen.named()["integration"] == listed[0]["integration_id"]


def test_one_of_several_integrations_is_chosen(visit: Visit, aurora: Integration, shop: Shop) -> None:
    other = shop.integration("Filial Sul", erp_name="ERP do Sul")
    seen = visit(aurora)
    choice = seen.page.get_by_label("Integração", exact=True)
    choice.select_option("Filial Sul · ERP do Sul")
    seen.settled()
    assert seen.named()["integration"] == other.integration_id
    assert seen.field("erp_name") == "ERP do Sul"
    expect(seen.page.get_by_role("heading", name="Nunca executada")).to_be_visible()


def test_another_tenant_s_integration_does_not_exist(
    browser: Browser, stack: Stack, aurora: Integration
) -> None:
    other = Shop(stack, "outra-empresa").integration("Outra")
    with visitor(browser, f"{stack.outputs['ApiUrl']}/app/") as seen:
        seen.open(other.shop.token(), integration=aurora.integration_id)
        expect(seen.page.get_by_role("heading", name="Esta integração não existe")).to_be_visible()
        assert "Aurora" not in seen.page.content()
        seen.button("Mostrar Outra").click()
        expect(seen.page.get_by_role("heading", name="Nunca executada")).to_be_visible()


def test_a_tenant_without_integrations_is_told_what_happens_next(browser: Browser, stack: Stack) -> None:
    with visitor(browser, f"{stack.outputs['ApiUrl']}/app/") as seen:
        seen.open(sign(stack.secret, "sem-integracao", "viewer"))
        expect(seen.page.get_by_role("heading", name="Nenhuma integração ainda")).to_be_visible()


@pytest.mark.parametrize("kind", ["none", "expired", "garbage", "forged"])
def test_who_is_not_signed_in_is_shown_the_way(
    browser: Browser, stack: Stack, aurora: Integration, kind: str
) -> None:
    long_ago = int(time.time()) - 10 * access.LEEWAY_SECONDS
    claims = {"sub": "x", "tenant_id": aurora.shop.tenant, "role": "admin", "exp": long_ago}
    token = {
        "none": None,
        "expired": jwt.encode(claims, stack.secret, "HS256"),
        "garbage": "não.é.um token",
        "forged": jwt.encode(
            {**claims, "exp": int(time.time()) + 600}, "another secret that is long enough", "HS256"
        ),
    }[kind]
    with visitor(browser, f"{stack.outputs['ApiUrl']}/app/") as seen:
        seen.open(token, integration=aurora.integration_id)
        title = "Entre pelo CRM" if kind == "none" else "Seu acesso expirou"
        expect(seen.page.get_by_role("heading", name=title)).to_be_visible()
        expect(seen.page.locator("main")).to_contain_text("Configurações CRM → Integração → Dados ERP")
        assert seen.page.evaluate("sessionStorage.length") == 0


def test_a_token_that_expires_while_the_page_is_open_ends_the_visit(
    browser: Browser, stack: Stack, aurora: Integration
) -> None:
    left = 6 - access.LEEWAY_SECONDS
    claims = {"sub": "x", "tenant_id": aurora.shop.tenant, "role": "viewer", "exp": int(time.time()) + left}
    with visitor(browser, f"{stack.outputs['ApiUrl']}/app/") as seen:
        seen.open(jwt.encode(claims, stack.secret, "HS256"), integration=aurora.integration_id)
        assert seen.field("erp_name") == "ERP Aurora"
        seen.page.wait_for_timeout(7_000)
        seen.page.get_by_role("tab", name="Histórico").click()
        expect(seen.page.get_by_role("heading", name="Seu acesso expirou")).to_be_visible()
        seen.open(aurora.shop.token("viewer"), integration=aurora.integration_id)
        assert seen.field("erp_name") == "ERP Aurora"


def test_a_new_address_with_a_token_signs_in_without_loading_the_page_again(
    browser: Browser, stack: Stack, aurora: Integration
) -> None:
    with visitor(browser, f"{stack.outputs['ApiUrl']}/app/") as seen:
        seen.open()
        expect(seen.page.get_by_role("heading", name="Entre pelo CRM")).to_be_visible()
        fragment = f"integration={aurora.integration_id}&token={aurora.shop.token('viewer')}"
        seen.page.evaluate(f"location.hash = {fragment!r}")
        assert seen.settled().field("erp_name") == "ERP Aurora"
        assert "token" not in seen.named()


def test_a_late_refusal_of_an_old_token_does_not_end_the_visit_of_a_new_one(
    browser: Browser, stack: Stack, aurora: Integration
) -> None:
    left = 6 - access.LEEWAY_SECONDS
    claims = {"sub": "x", "tenant_id": aurora.shop.tenant, "role": "viewer", "exp": int(time.time()) + left}
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    with visitor(browser, f"{stack.outputs['ApiUrl']}/app/") as seen:
        seen.open(jwt.encode(claims, stack.secret, "HS256"), integration=aurora.integration_id)
        seen.page.route(f"**{aurora.path}", hold_the_first)
        seen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # look again
        seen.page.wait_for_timeout(500)
        assert len(held) == 1
        fragment = f"integration={aurora.integration_id}&token={aurora.shop.token('viewer')}"
        seen.page.evaluate(f"location.hash = {fragment!r}")
        seen.page.wait_for_timeout(7_000)
        with seen.page.expect_response(lambda one: one.status == 401):
            held[0].continue_()
        seen.page.wait_for_timeout(500)
        assert seen.field("erp_name") == "ERP Aurora"
