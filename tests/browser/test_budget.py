"""What a visit costs: calls of the API and bytes, counted by the browser."""

import pytest

from tests.browser.conftest import Visit
from tests.support.shop import Integration
from tests.support.stack import until

FIRST_LOAD_BYTES = 150_000
TABS = {
    "general": "Informações Gerais",
    "history": "Histórico",
    "onboarding": "Implantação",
    "abc": "Curva ABC",
    "alerts": "Alertas e acesso",
}


@pytest.mark.parametrize("tab", TABS)
def test_the_first_load_is_small_and_takes_few_calls(visit: Visit, aurora: Integration, tab: str) -> None:
    seen = visit(aurora, tab=tab, fresh=True)
    assert len(seen.calls()) <= 3, seen.calls()
    assert seen.bytes_received() < FIRST_LOAD_BYTES
    assert len(seen.asked) == len(set(seen.asked)), "nothing is asked for twice"


def proved(aurora: Integration) -> str:
    """Let a proof be made; answers its id."""
    made: str = aurora.shop.api().post(f"{aurora.path}/completeness/report", {})["report_id"]
    path = f"/completeness/reports/{made}"
    return until(lambda: made if aurora.get(path)["status"] == "done" else None, 60, "no proof was made")


@pytest.mark.parametrize("what", ["run", "request", "customer", "trace", "cell", "rejected", "report"])
def test_a_deep_link_takes_at_most_four_calls(visit: Visit, aurora: Integration, what: str) -> None:
    named = {
        "run": aurora.get("/runs")["items"][0]["run_id"],
        "request": aurora.get("/requests")["items"][0]["request_id"],
        "customer": "empresa/000001",
        "trace": "empresa/000001",
        "cell": "nota/2026-10",
        "rejected": "vendedor",
        "report": proved(aurora),
    }
    seen = visit(aurora, fresh=True, **{what: named[what]})
    assert len(seen.calls()) <= 4, seen.calls()
    assert seen.bytes_received() < FIRST_LOAD_BYTES


def test_a_tab_takes_at_most_two_calls(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora)
    for _ in range(2):
        for tab in ("history", "onboarding", "abc", "alerts", "general"):
            seen.forget()
            seen.tab(TABS[tab])
            assert 1 <= len(seen.calls()) <= 2, (tab, seen.calls())


def test_a_second_visit_loads_no_asset_again(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, fresh=True)
    first = seen.bytes_received()
    seen.forget()
    seen.reload()
    assert seen.bytes_received() < first / 3
    assert len(seen.calls()) == 2


def test_an_idle_page_asks_for_nothing_but_once_a_minute(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora)
    seen.forget()
    seen.page.wait_for_timeout(6_000)
    assert seen.calls() == []
