"""What ERPs declare of themselves, and how complete what we have of them is."""

from ...domain.completeness import STATUSES, VERDICTS
from ...domain.control_keys import MAX_PARTS
from ...domain.control_totals import MAX_TOTALS
from ...domain.proofs import KINDS
from ...domain.tables import NAMES
from .kinds import (
    DECIMAL,
    FLAG,
    INSTANT,
    NUMBER,
    OPEN,
    TEXT,
    WHOLE,
    Schema,
    changes,
    described,
    maybe,
    one_of,
    ref,
    several,
)

_MONTH: Schema = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}$",
    "description": "Of the date field of cotacao, pedido, nota (their emission) and fatura (when it is due)",
}
MONTH: Schema = {**maybe(_MONTH), "description": "null: tables without a date, which count as a whole"}


def schemas() -> dict[str, Schema]:
    """Build the schemas of declarations and of proofs."""
    return {**_declarations(), **_declared(), **_completeness(), **_reports()}


def _declarations() -> dict[str, Schema]:
    return {
        "NewControlTotals": {
            **described(totals={**several(ref("NewControlTotal")), "maxItems": MAX_TOTALS}),
            "description": "Months that are not named stay as they were declared",
        },
        "NewControlTotal": changes(
            month=MONTH,
            count={**maybe(WHOLE), "description": "Records, deleted ones not among them; null: withdrawn"},
            sum={**maybe(DECIMAL), "description": "Of valor_total; of fatura: of valor"},
            min_key={**maybe(TEXT), "description": "A key that has to be there, parts joined with |"},
            max_key={**maybe(TEXT), "description": "Another one"},
        ),
        "NewControlKeys": {
            **changes(
                month=MONTH,
                keys={**several(_key()), "description": "All keys of the month, or of the part"},
                part={"type": "integer", "minimum": 1, "maximum": MAX_PARTS, "default": 1},
                parts={"type": "integer", "minimum": 1, "maximum": MAX_PARTS, "default": 1},
            ),
            "required": ["keys"],
        },
    }


def _declared() -> dict[str, Schema]:
    return {
        "ControlTotals": described(
            request_id=TEXT, table=TEXT, declared=WHOLE, totals=several(ref("ControlTotal"))
        ),
        "ControlTotal": described(
            month=MONTH,
            count=maybe(WHOLE),
            sum=maybe(DECIMAL),
            min_key=maybe(TEXT),
            max_key=maybe(TEXT),
            listed_keys={**maybe(WHOLE), "description": "How many keys are listed of it"},
            declared_at=maybe(INSTANT),
            source={**one_of("erp", "view"), "description": "Declared by the ERP, or its view was asked"},
        ),
        "ControlKeys": described(
            request_id=TEXT,
            table=TEXT,
            month=MONTH,
            received=WHOLE,
            repeated={**several(TEXT), "description": "Keys that came more than once"},
            keys={**WHOLE, "description": "Listed of the month by now"},
            complete={**FLAG, "description": "All parts have come"},
        ),
    }


def _completeness() -> dict[str, Schema]:
    side = described(count=WHOLE, sum=maybe(DECIMAL))
    told = described(count=maybe(WHOLE), sum=maybe(DECIMAL))
    totals = described(
        erp=told, intermediate=side, crm=side, pending=WHOLE, rejected=WHOLE, missing=WHOLE, extra=WHOLE,
        undeclared={**WHOLE, "description": "Periods with records of which nothing was declared"},
    )  # fmt: skip
    return {
        "Completeness": described(
            as_of=INSTANT,
            verdict=one_of(*VERDICTS),
            verdict_label=TEXT,
            totals=totals,
            tables=several(ref("TableCompleteness")),
        ),
        "TableCompleteness": described(
            table=one_of(*NAMES),
            description=TEXT,
            date_field=maybe(TEXT),
            amount_field=maybe(TEXT),
            status=maybe(one_of(*STATUSES)),
            status_label=TEXT,
            totals=totals,
            months=several(ref("MonthCompleteness")),
        ),
        "MonthCompleteness": described(
            month=MONTH,
            status=one_of(*STATUSES),
            status_label=TEXT,
            erp=maybe(ref("ControlTotal")),
            intermediate=side,
            crm={**side, "description": "As runs have applied them"},
            pending={**WHOLE, "description": "Changes that no run has applied yet"},
            rejected=WHOLE,
            difference={
                **WHOLE,
                "description": "Records that we have more than was declared; less: negative",
            },
            sum_difference=maybe(DECIMAL),
            absent_keys={**several(TEXT), "description": "Declared keys that we do not have"},
        ),
    }


def _reports() -> dict[str, Schema]:
    counts: Schema = {"type": "object", "properties": dict.fromkeys(KINDS, WHOLE)}
    report = {
        "report_id": TEXT,
        "status": one_of("queued", "running", "done", "error"),
        "progress": NUMBER,
        "requested_by": TEXT,
        "requested_at": INSTANT,
        "finished_at": maybe(INSTANT),
        "verdict": maybe(one_of(*VERDICTS)),
        "verdict_label": maybe(TEXT),
        "certificate": {**FLAG, "description": "It proves that nothing was left behind"},
        "digest": maybe({**TEXT, "description": "SHA-256 of all records; equal data, equal digest"}),
        "records": WHOLE,
        "findings": counts,
        "findings_total": WHOLE,
        "harmless": {**several(one_of(*KINDS)), "description": "Kinds that do not make it incomplete"},
        "changed_meanwhile": {**several(TEXT), "description": "Tables that changed while they were compared"},
        "filename": TEXT,
        "file_bytes": maybe(WHOLE),
        "url": maybe({**TEXT, "description": "Of the Excel file"}),
        "url_expires_at": maybe(INSTANT),
        "error": maybe(described(code=TEXT, message=TEXT)),
    }
    table = {"allOf": [ref("TableCompleteness"), described(digest=TEXT, findings=counts, records=WHOLE)]}
    return {
        "Report": described(**report),
        "ReportResult": described(**report, tables=several(table)),
        "Finding": described(
            kind=one_of(*KINDS),
            kind_label=TEXT,
            table=one_of(*NAMES),
            month=MONTH,
            key=maybe({**TEXT, "description": "null: about the month, or a record without a usable key"}),
            message=TEXT,
            details=OPEN,
        ),
        **_comparison(),
    }


def _comparison() -> dict[str, Schema]:
    seen = described(
        count=WHOLE,
        sum=TEXT,
        erp_count=maybe(WHOLE),
        crm_count=WHOLE,
        rejected=WHOLE,
        status=one_of(*STATUSES),
        status_label=TEXT,
    )
    difference = described(
        table=one_of(*NAMES),
        month=MONTH,
        before=maybe(seen),
        after=maybe(seen),
        change=one_of("better", "worse", "changed"),
        records={**WHOLE, "description": "How many more there are"},
    )
    compared = {"report": ref("Report"), "with": ref("Report")}
    return {"ReportComparison": described(**compared, same_data=FLAG, items=several(difference))}


def _key() -> Schema:
    version = changes(key=TEXT, atualizado_em=INSTANT)
    return {"anyOf": [TEXT, WHOLE, {**version, "description": "With the version that the ERP has"}]}
