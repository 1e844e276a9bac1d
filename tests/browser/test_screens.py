"""Pictures of every tab, state and width, to be looked at; README's are among them.

They are put into .local/screens. README's lie in pictures/ beside this file, one window high; to renew them:
`RENEW_PICTURES=1 make test ARGS=tests/browser/test_screens.py`.
"""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from infra.package import ROOT
from tests.browser.conftest import Visit
from tests.support.browsing import Visitor
from tests.support.shop import MONTHS, NIGHTLY, Integration, Shop, furnished, sale
from tests.support.stack import Stack, until

FOLDER: Final = ROOT / ".local" / "screens"
PICTURES: Final = Path(__file__).parent / "pictures"
WIDTHS: Final = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 360, "height": 780}}
TABS: Final = ("general", "history", "onboarding", "abc", "alerts")
DRAWERS: Final = ("run", "request", "customer", "alert", "trace", "cell", "rejected")


@pytest.fixture(scope="module")
def showcase(stack: Stack) -> Integration:
    """An integration of a tenant of its own, with some more nights behind it, and one alert."""
    shop = Shop(stack, "boa-vista")
    found = furnished(shop)
    for night in range(5):
        found.push(
            "empresa",
            *({"codigo": f"N{night}-{at}", "razao_social": f"Nova {at}"} for at in range(40 * night)),
        )
        found.run()
    for at in range(4):
        found.push("nota", sale(f"n{at}", f"{9 + at:06}", f"{20000 - 6000 * at}.00", "2026-11-20"))
    for table in ("cotacao", "pedido", "fatura"):
        found.push(table, *(paper(table, month) for month in MONTHS))
    found.run()
    found.patch(max_hours_without_success=1)
    until(lambda: found if found.get()["open_alerts"] else None, 30, "no alert was raised")
    found.patch(max_hours_without_success=720, name="Distribuidora Boa Vista")
    declare_most(found)
    return found


def paper(table: str, month: str) -> dict[str, str]:
    """Write a document of a month."""
    known = {"numero": month, "empresa_codigo": "000001"}
    if table == "fatura":
        return {**known, "parcela": "1", "vence_em": f"{month}-20", "valor": "90.00", "saldo": "90.00"}
    day = {"cotacao": "emitida_em", "pedido": "emitido_em"}[table]
    return {**known, day: f"{month}-10", "situacao": "aberta", "valor_total": "90.00"}


def declare_most(found: Integration) -> None:
    """Let the ERP declare what has arrived of most months, and some that has not."""
    for table in found.get("/completeness")["tables"]:
        totals = [
            {
                "month": month["month"],
                "count": month["intermediate"]["count"],
                **({"sum": month["intermediate"]["sum"]} if table["amount_field"] else {}),
            }
            for month in table["months"]
        ]
        if table["table"] in ("nota", "cotacao"):
            totals[3]["count"] += 3
            totals[5]["sum"] = "1.00"
            del totals[1]
        if totals:
            found.declare(table["table"], *totals)


def keep(seen: Visitor, name: str) -> None:
    """Take the picture, and see that there is something on it."""
    assert seen.page.locator(".loading, .failed").count() == 0
    drawer = seen.drawer().count() > 0
    picture = seen.page.screenshot(full_page=not drawer, animations="disabled")
    assert len(picture) > 10_000
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(picture)
    if "RENEW_PICTURES" in os.environ and (PICTURES / f"{name}.png").exists():
        seen.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("tab", TABS)
def test_every_tab(visit: Visit, showcase: Integration, tab: str, width: str, scheme: str) -> None:
    settings: dict[str, Any] = {"viewport": WIDTHS[width], "color_scheme": scheme}
    seen = visit(showcase, settings=settings, tab=tab)
    seen.page.wait_for_timeout(300)  # charts draw themselves on the next frame
    keep(seen, f"{tab}-{width}-{scheme}")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("what", DRAWERS)
def test_every_drawer(visit: Visit, showcase: Integration, what: str, width: str) -> None:
    partial = next(one for one in showcase.get("/runs")["items"] if one["status"] == "partial")
    named = {
        "run": partial["run_id"],
        "request": showcase.get("/requests?table=contato")["items"][0]["request_id"],
        "customer": "empresa/000001",
        "alert": showcase.get("/alerts")["items"][0]["alert_id"],
        "trace": "empresa/000001",
        "cell": "nota",
        "rejected": f"vendedor/{showcase.get('/rejected')['items'][0]['stored_as']}",
    }
    seen = visit(showcase, settings={"viewport": WIDTHS[width]}, **{what: named[what]})
    expect(seen.drawer()).to_be_visible()
    seen.page.wait_for_timeout(300)
    keep(seen, f"{what}-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_on_the_screen_and_on_paper(visit: Visit, showcase: Integration, width: str) -> None:
    seen = visit(showcase, settings={"viewport": WIDTHS[width]}, tab="onboarding")
    seen.button("Gerar certificado de completude").click()
    expect(seen.page.get_by_role("heading", name="Conferência de completude")).to_be_visible(timeout=60_000)
    seen.settled()
    keep(seen, f"report-{width}")
    seen.page.emulate_media(media="print")
    keep(seen, f"report-print-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_state(visit: Visit, shop: Shop, width: str) -> None:
    settings: dict[str, Any] = {"viewport": WIDTHS[width]}
    one = shop.integration(f"Estados {width}", scheduled=True, schedule=NIGHTLY, max_hours_without_success=1)
    seen = visit(one, settings=settings)
    keep(seen, f"state-unproven-{width}")
    seen.button("Editar").click()
    expect(seen.drawer().locator("ol li").first).to_be_visible()
    keep(seen, f"edit-{width}")
    seen.page.keyboard.press("Escape")
    one.push("empresa", *({"codigo": str(at), "razao_social": f"Loja {at}"} for at in range(600)))
    seen.button("Sincronizar agora").click()
    expect(seen.page.get_by_role("heading", name="Sincronizando agora")).to_be_visible()
    keep(seen, f"state-running-{width}")
    expect(seen.page.get_by_role("heading", name="Em dia")).to_be_visible(timeout=60_000)
    keep(seen, f"state-fresh-{width}")
    seen.page.wait_for_timeout(6_500)
    seen.reload()
    expect(seen.settled().page.get_by_role("heading", name="Desatualizada desde")).to_be_visible()
    keep(seen, f"state-stale-{width}")
    seen.page.context.set_offline(True)
    seen.page.get_by_role("tab", name="Alertas e acesso").click()
    seen.page.wait_for_timeout(500)
    seen.page.context.set_offline(False)
