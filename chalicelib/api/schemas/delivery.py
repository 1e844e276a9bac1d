"""What ERPs send and are answered; records come from the tables themselves."""

from ...domain.tables import DELETED, TABLES, UPDATED_AT, Field, Table
from .kinds import (
    ANYTHING,
    DAY,
    FLAG,
    INSTANT,
    OPEN,
    TEXT,
    WHOLE,
    Schema,
    described,
    maybe,
    one_of,
    ref,
    several,
)


def schemas() -> dict[str, Schema]:
    """Build the schemas of deliveries, and of a record of each table."""
    counts = dict.fromkeys(("received", "created", "updated", "unchanged", "deleted", "rejected"), WHOLE)
    issues = several(ref("FieldError"))
    receipt = described(request_id=TEXT, table=TEXT, **counts, errors=issues, warnings=issues)
    receipt["properties"]["omitted"] = {**WHOLE, "description": "Errors and warnings that found no room"}
    return {
        **{f"record_{table.name}": record(table) for table in TABLES.values()},
        "Delivery": {
            **described(records={**several(ANYTHING), "maxItems": 1_000}),
            "description": "Records of the table in the path: see the schemas record_*",
        },
        "Receipt": receipt,
        "StoredRecord": described(
            table=TEXT,
            key=TEXT,
            record=maybe(OPEN),
            deleted=FLAG,
            received_at=INSTANT,
            request_id=TEXT,
            revision=WHOLE,
            state=one_of("pending", "applied", "rejected"),
            state_since=INSTANT,
            applied_at=maybe(INSTANT),
            applied_run_id=maybe(TEXT),
        ),
    }


def record(table: Table) -> Schema:
    """Describe a record of a table, as an ERP sends it; unknown fields are kept, with a warning."""
    properties = {field.name: _field(field) for field in table.fields}
    properties[UPDATED_AT] = {
        **INSTANT,
        "description": "When the ERP changed it; an older one never overwrites",
    }
    properties[DELETED] = {**FLAG, "description": "true deletes the record; only its key is looked at"}
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": [field.name for field in table.fields if field.key],
        "x-key": list(table.key_fields),
        "if": {"not": {"properties": {DELETED: {"const": True}}, "required": [DELETED]}},
        "then": {"required": [field.name for field in table.fields if field.required]},
    }
    if table.has_client:
        client = [{"required": [f"{kind}_codigo"]} for kind in ("empresa", "contato")]
        schema["then"]["anyOf"] = client
    return schema


def _field(field: Field) -> Schema:
    kinds: dict[str, Schema] = {
        "text": {**TEXT, "maxLength": 4_000},
        "number_or_text": {"type": ["string", "integer"]},
        "decimal": {"type": ["string", "number"], "examples": ["1234.50"]},
        "integer": {"type": ["integer", "string"]},
        "date": DAY,
        "instant": INSTANT,
        "boolean": FLAG,
        "choice": one_of(*field.choices) if field.choices else TEXT,
    }
    return kinds[field.kind] if field.required else maybe(kinds[field.kind])
