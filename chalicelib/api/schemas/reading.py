"""Runs, their logs, the analysis's outcome, keys, and the service itself."""

from ...domain import runs
from ...domain.abc_curve import CLASSES
from .kinds import (
    DAY,
    DECIMAL,
    FLAG,
    INSTANT,
    NUMBER,
    OPEN,
    TEXT,
    WHOLE,
    Schema,
    described,
    maybe,
    one_of,
    several,
)


def schemas() -> dict[str, Schema]:
    """Build the schemas of what people read."""
    return {**_runs(), **_customers(), **_keys(), **_service()}


def _runs() -> dict[str, Schema]:
    stage = described(
        name=one_of(*runs.STAGES),
        status=one_of("pending", "running", "done", "error", "cancelled"),
        processed=WHOLE,
        rejected=WHOLE,
        seconds=NUMBER,
    )
    return {
        "Run": described(
            run_id=TEXT,
            trigger=one_of("schedule", "manual"),
            status=one_of("running", "success", "partial", "error", "cancelled"),
            started_at=INSTANT,
            finished_at=maybe(INSTANT),
            duration_seconds=maybe(NUMBER),
            progress={**NUMBER, "minimum": 0, "maximum": 1},
            expected_end_at=maybe({**INSTANT, "description": "From the durations of past runs"}),
            as_of=DAY,
            stage=TEXT,
            cancel_requested=FLAG,
            stages=several(stage),
            error=maybe(described(code=TEXT, stage=TEXT, message=TEXT)),
        ),
        "LogLine": described(
            number=WHOLE,
            at=INSTANT,
            level=one_of("info", "warning", "error"),
            stage=TEXT,
            code=TEXT,
            message=TEXT,
            details=OPEN,
        ),
    }


def _customers() -> dict[str, Schema]:
    abc_class = one_of(*CLASSES)
    reasons = several(described(code=TEXT, message=TEXT))
    listed: dict[str, Schema] = {
        "kind": one_of("empresa", "contato"),
        "codigo": TEXT,
        "name": maybe(TEXT),
        "revenue": DECIMAL,
        "abc_class": abc_class,
        "category": maybe(TEXT),
        "portfolio": maybe(TEXT),
        "portfolio_code": maybe(TEXT),
        "active": FLAG,
        "orphan": {**FLAG, "description": "It has documents, and its own record has not arrived"},
    }
    return {
        "ListedCustomer": described(**listed),
        "Customer": described(
            **listed,
            uf=maybe(TEXT),
            segmento=maybe(TEXT),
            vendedor_codigo=maybe(TEXT),
            revenue_by_month=several(described(month=TEXT, revenue=DECIMAL)),
            purchases=WHOLE,
            first_purchase=maybe(DAY),
            last_purchase=maybe(DAY),
            overdue_balance=DECIMAL,
            previous_abc_class=maybe(abc_class),
            why=described(abc_class=reasons, category=reasons, portfolio=reasons),
        ),
        "AbcCurve": _curve(abc_class),
    }


def _curve(abc_class: Schema) -> Schema:
    return described(
        run_id=TEXT,
        as_of=DAY,
        window_months=WHOLE,
        window_start=DAY,
        totals=described(
            customers=WHOLE, revenue=DECIMAL, classified_customers=WHOLE, classified_revenue=DECIMAL
        ),
        classes=several(
            described(
                **{"class": abc_class},
                customers=WHOLE,
                customers_share=DECIMAL,
                revenue=DECIMAL,
                revenue_share=DECIMAL,
            )
        ),
        curve={**several(described(customers_share=DECIMAL, revenue_share=DECIMAL)), "maxItems": 200},
        movements=several(
            described(
                customer=TEXT,
                name=maybe(TEXT),
                **{"from": abc_class},
                to=abc_class,
                reason=TEXT,
                reason_code=TEXT,
            )
        ),
    )


def _keys() -> dict[str, Schema]:
    key = {
        "key_id": TEXT,
        "name": TEXT,
        "created_at": INSTANT,
        "created_by": TEXT,
        "revoked_at": maybe(INSTANT),
    }
    return {
        "Key": described(**key),
        "NewKey": described(name={**TEXT, "minLength": 1, "maxLength": 80}),
        "CreatedKey": described(**key, key={**TEXT, "description": "Shown this once"}),
    }


def _service() -> dict[str, Schema]:
    return {"Health": described(status=TEXT, time=INSTANT), "OpenApi": OPEN}
