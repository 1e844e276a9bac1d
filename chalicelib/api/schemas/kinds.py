"""The few kinds of values that schemas are made of (JSON Schema 2020-12)."""

from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
FLAG: Final[Schema] = {"type": "boolean"}
ANYTHING: Final[Schema] = {}
INSTANT: Final[Schema] = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$",
    "description": "ISO 8601, UTC",
}
DAY: Final[Schema] = {"type": "string", "format": "date"}
DECIMAL: Final[Schema] = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["1234.50"]}
OPEN: Final[Schema] = {"type": "object"}


def ref(name: str) -> Schema:
    """Refer to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """Allow null as well."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*values: str) -> Schema:
    """Allow these texts only."""
    return {"type": "string", "enum": list(values)}


def several(schema: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": schema}


def described(**properties: Schema) -> Schema:
    """Describe an object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def changes(**properties: Schema) -> Schema:
    """Describe an object that has any of these and nothing else."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


def page(name: str) -> Schema:
    """Describe one page of a list."""
    return described(items=several(ref(name)), next_cursor=maybe(TEXT))
