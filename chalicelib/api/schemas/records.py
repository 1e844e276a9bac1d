"""A record of each of the 12 tables, as ERPs send it: what these schemas refuse, an ingestion refuses.

Not everything that an ingestion refuses can be said here: bytes of keys, decimals of JSON numbers,
characters that cannot be printed.
"""

from typing import Final

from ...domain.tables import DELETED, KEY_SEPARATOR, TABLES, UPDATED_AT, Field, Table
from ...domain.validation import ACCESS_KEY_LENGTH, MAX_KEY_BYTES
from ...domain.values import MAX_INTEGER, MAX_TEXT
from ...i18n.texts import text
from .kinds import FLAG, TEXT, WHOLE, Schema, maybe, one_of

_CONTROL: Final = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f"
_TEXT: Final[Schema] = {**TEXT, "maxLength": MAX_TEXT, "pattern": f"^[^{_CONTROL}]*$"}
_FILLED: Final[Schema] = {**_TEXT, "pattern": rf"^[^{_CONTROL}]*[^{_CONTROL}\s][^{_CONTROL}]*$"}
_WHOLE: Final[Schema] = {**WHOLE, "minimum": 0, "maximum": MAX_INTEGER}
_DECIMAL: Final[Schema] = {
    "type": ["string", "number"],
    "maxLength": 40,
    "pattern": r"^-?0*[0-9]{1,15}(\.[0-9]{1,6}0*)?$",
    "exclusiveMinimum": -(10**15),
    "exclusiveMaximum": 10**15,
    "examples": ["1234.50"],
    "description": "Exact, up to 15 integer digits and 6 decimals; best sent as a string",
}
_DAY: Final[Schema] = {**TEXT, "format": "date", "pattern": "^((19|20|21)[0-9]{2}|2200)-[0-9]{2}-[0-9]{2}$"}
_INSTANT: Final[Schema] = {
    **TEXT,
    "pattern": r"^((19|20|21)[0-9]{2}|2200)-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?"
    "(Z|[+-][0-9]{2}:?[0-9]{2})?$",
    "description": "When the ERP changed it (ISO 8601, else UTC); an older one never overwrites",
}
_KINDS: Final[dict[str, Schema]] = {
    "text": _TEXT,
    "decimal": _DECIMAL,
    "integer": _WHOLE,
    "date": _DAY,
    "boolean": FLAG,
}


def schemas() -> dict[str, Schema]:
    """Build the schema of a record of each table."""
    return {f"record_{table.name}": record(table) for table in TABLES.values()}


def record(table: Table) -> Schema:
    """Describe a record of a table, as an ERP sends it; unknown fields are kept, with a warning."""
    keys = {field.name: _key(table, field) for field in table.fields if field.key}
    return {
        "description": text(f"table_{table.name}", {}),
        "oneOf": [_kept(table, keys), _deleted(keys)],
        "x-key": list(keys),
        "x-parents": [{"table": one.table, "fields": list(one.fields)} for one in table.parents],
    }


def _kept(table: Table, keys: dict[str, Schema]) -> Schema:
    fields = {field.name: _field(field) for field in table.fields if not field.key}
    found: Schema = {
        "title": f"{table.name}: the record as it is now",
        "type": "object",
        "properties": {**keys, **fields, UPDATED_AT: maybe(_INSTANT), DELETED: {"enum": [False, None]}},
        "required": [field.name for field in table.fields if field.required],
    }
    if table.has_client:
        found["anyOf"] = [_client(kind) for kind in ("empresa", "contato")]
    return found


def _deleted(keys: dict[str, Schema]) -> Schema:
    """Describe a deletion: nothing but its key is looked at."""
    properties = {**keys, UPDATED_AT: maybe(_INSTANT), DELETED: {"const": True}}
    return {
        "title": "The record is no more",
        "type": "object",
        "properties": properties,
        "required": [*keys, DELETED],
    }


def _key(table: Table, field: Field) -> Schema:
    """Describe a part of the key: one line; without the separator where there are several parts."""
    if field.kind == "integer":
        return _WHOLE
    odd = r"\u0000-\u001f\u007f" + (KEY_SEPARATOR if len(table.key_fields) > 1 else "")
    one_line = {**TEXT, "maxLength": MAX_KEY_BYTES, "pattern": rf"^[^{odd}]*[^{odd}\s][^{odd}]*$"}
    return {"anyOf": [one_line, _WHOLE]} if field.kind == "number_or_text" else one_line


def _field(field: Field) -> Schema:
    if field.kind == "choice":
        found = one_of(*field.choices)
    elif field.name == "chave_acesso":
        found = {**_TEXT, "pattern": rf"^([^{_CONTROL}]{{{ACCESS_KEY_LENGTH}}})?$"}
    else:
        found = _FILLED if field.required and field.kind == "text" else _KINDS[field.kind]
    return found if field.required else maybe(found)


def _client(kind: str) -> Schema:
    code = {**TEXT, "minLength": 1}
    return {"properties": {f"{kind}_codigo": code}, "required": [f"{kind}_codigo"]}
