"""Stage analyse: measure the clients whose documents changed, then draw the ABC curve of all.

Cursor: `phase` "expire" (find clients whose metrics changed by the passing of time alone, or are of
another window: `bucket`, `after`), "measure" (`clean`: clients that the last step measured) or "classify";
`measured` so far; `fixed`: the window, and since when clients are newly measured, as of the first step.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from ...domain import abc_curve, money, purchases
from ...domain.customers import Customer, split_place
from ...domain.purchases import Nota, Purchases, Receivable
from ..work import Line, Step, Work
from .paging import customers_page

CLIENTS = 64


def step(work: Work, cursor: dict[str, Any]) -> Step:
    """Do one piece of the current phase, by the window that was set when the stage began."""
    fixed = cursor.get("fixed") or _fixed(work)
    work = replace(work, integration=replace(work.integration, abc_window_months=fixed["window"]))
    done = _PHASES[cursor.get("phase", "expire")](work, {**cursor, "fixed": fixed})
    return replace(done, cursor={**done.cursor, "fixed": fixed}) if done.cursor is not None else done


def _fixed(work: Work) -> dict[str, Any]:
    last = work.crm.curve(work.integration_id)
    return {"window": work.integration.abc_window_months, "since": last["cutoff"] if last else ""}


def _expire(work: Work, cursor: dict[str, Any]) -> Step:
    found, position = customers_page(work, cursor)
    stale = [customer.place for customer in found if _stale(work, customer)]
    work.crm.mark_dirty(work.integration_id, stale)
    return Step({"phase": "expire", **position} if position else {"phase": "measure"})


def _stale(work: Work, customer: Customer) -> bool:
    due = customer.metrics.valid_until
    return (
        customer.window_months != work.integration.abc_window_months
        or customer.measured_on > work.run.as_of
        or (due is not None and due <= work.as_of)
    )


def _measure(work: Work, cursor: dict[str, Any]) -> Step:
    if clean := cursor.get("clean"):
        work.crm.clean(work.integration_id, clean)
    places = work.crm.dirty(work.integration_id, CLIENTS)
    measured = cursor.get("measured", 0)
    if not places:
        return Step({"phase": "classify", "measured": measured})
    known = work.crm.customers(work.integration_id, places)
    own = [(*split_place(place), None) for place in places]
    masters = work.crm.documents(work.integration_id, own)
    documents = work.crm.of_clients(work.integration_id, places)
    kept, gone = [], []
    for place in places:
        master = masters.get(split_place(place), {}).get("data")
        if master is None and not documents[place]:
            gone.append(place)
            continue
        metrics = _metrics(work, documents[place])
        kept.append(_customer(work, place, master, metrics, known.get(place), cursor["fixed"]["since"]))
    work.crm.write_customers(work.integration_id, kept, gone)
    after = {"phase": "measure", "clean": places, "measured": measured + len(places)}
    return Step(after, processed=len(places))


def _metrics(work: Work, documents: Iterable[tuple[str, str, dict[str, Any]]]) -> Purchases:
    notas, receivables = [], []
    for table, key, data in documents:
        if table == "nota":
            notas.append(
                Nota(
                    key=key,
                    issued_on=date.fromisoformat(data["emitida_em"]),
                    status=data["situacao"],
                    kind=data.get("tipo", "venda"),
                    total=Decimal(data["valor_total"]),
                    seller=data.get("vendedor_codigo"),
                )
            )
        elif table == "fatura":
            receivables.append(Receivable(date.fromisoformat(data["vence_em"]), Decimal(data["saldo"])))
    return purchases.measure(
        notas, receivables, as_of=work.as_of, window_months=work.integration.abc_window_months
    )


def _customer(
    work: Work,
    place: str,
    master: dict[str, Any] | None,
    metrics: Purchases,
    known: Customer | None,
    since: str,
) -> Customer:
    kind, code = split_place(place)
    base = known or Customer(kind, code)
    data = master or {}
    # A run that ended before it gave classes has measured too: what was before it is what was classified.
    first_time = base.measured_run != work.run.run_id and base.measured_at <= since
    return replace(
        base,
        name=data.get("razao_social") or data.get("nome"),
        uf=data.get("uf"),
        segmento=data.get("segmento"),
        seller=data.get("vendedor_codigo"),
        active=data.get("ativo", True),
        orphan=master is None,
        metrics=metrics,
        measured_on=work.run.as_of,
        window_months=work.integration.abc_window_months,
        measured_run=work.run.run_id,
        measured_at=work.run.cutoff,
        prior_revenue=money.text(base.metrics.revenue) if first_time else base.prior_revenue,
        prior_purchases=base.metrics.purchases if first_time else base.prior_purchases,
    )


def _classify(work: Work, cursor: dict[str, Any]) -> Step:
    curve = abc_curve.classify(work.crm.revenues(work.integration_id), work.integration.abc_cuts)
    last = work.crm.curve(work.integration_id)
    start = purchases.months_before(work.as_of, work.integration.abc_window_months)
    work.crm.save_curve(
        work.integration_id,
        work.run.run_id,
        {
            "run_id": work.run.run_id,
            "as_of": work.run.as_of,
            "window_months": work.integration.abc_window_months,
            "window_start": start.isoformat(),
            "cutoff": work.run.cutoff,
            "since": cursor["fixed"]["since"],
            "boundaries": curve.boundaries.to_json(),
            "before": last["boundaries"] if last else None,
            **curve.to_json(),
        },
    )
    params = {
        line.abc_class if line.abc_class != "-" else "none": str(line.customers) for line in curve.classes
    }
    return Step(
        None,
        lines=(
            Line("analyse_measured", {"clients": str(cursor.get("measured", 0))}),
            Line("analyse_curve", {"new_revenue": money.text(curve.revenue), **params}),
        ),
    )


_PHASES = {"expire": _expire, "measure": _measure, "classify": _classify}
