"""Validation of one delivered record: canonical data, or every issue with field and reason."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, create_model
from pydantic_core import PydanticCustomError

from . import documents, values
from .errors import FieldIssue
from .nesting import too_deep
from .tables import DELETED, KEY_SEPARATOR, TABLES, UPDATED_AT, Field, Table, join_key

MAX_RECORD_BYTES = 256 * 1024
MAX_KEY_BYTES = 900
MAX_ISSUES = 50
ACCESS_KEY_LENGTH = 44
STATES = frozenset(
    "AC AL AM AP BA CE DF ES EX GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO".split()  # noqa: SIM905
)
FIELD_NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,100}")


@dataclass(frozen=True, slots=True)
class ValidRecord:
    """A record that may be stored: `data` is canonical, `encoded` its JSON with sorted keys."""

    key: str
    data: dict[str, Any]
    encoded: str
    updated_at: str | None
    deleted: bool
    warnings: tuple[FieldIssue, ...]


@dataclass(frozen=True, slots=True)
class InvalidRecord:
    """A record that may not be stored; `key` is None when it has no usable key."""

    key: str | None
    issues: tuple[FieldIssue, ...]


def validate(table: Table, record: object) -> ValidRecord | InvalidRecord:
    """Check one record against its table; never raises for bad data."""
    if not isinstance(record, dict):
        return InvalidRecord(None, (FieldIssue("", "record_not_object"),))
    if too_deep(record):
        return InvalidRecord(key_of(table, record), (FieldIssue("", "record_too_deep"),))
    deleted = record.get(DELETED) is True
    if problems := _name_issues(table, record, deleted):
        return _invalid(key_of(table, record), problems)
    model = _deletion_model(table.name) if deleted else _model(table.name)
    try:
        data = _present(model.model_validate(record))
        if data.get(DELETED) is False:
            del data[DELETED]
    except ValidationError as error:
        return _invalid(key_of(table, record), _issues(error))
    if problems := _record_issues(table, data, deleted):
        return _invalid(key_of(table, record), problems)
    return _encode(table, record, data, deleted)


def _present(model: BaseModel) -> dict[str, Any]:
    """Give the fields that are there, unknown ones last; `model_dump` would copy them all, for its price."""
    return {name: one for name, one in (vars(model) | (model.model_extra or {})).items() if one is not None}


def _invalid(key: str | None, issues: list[FieldIssue]) -> InvalidRecord:
    """Refuse a record with its first MAX_ISSUES issues: they are kept beside it, in one item."""
    return InvalidRecord(key, tuple(issues[:MAX_ISSUES]))


def _encode(
    table: Table, record: dict[str, Any], data: dict[str, Any], deleted: bool
) -> ValidRecord | InvalidRecord:
    key = join_key(table, data)
    unknown = [name for name in data if name not in _known(table.name)]
    if problems := [issue for name in unknown if (issue := _unknown_issue(name, data[name]))]:
        return _invalid(key, problems)
    encoded = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    if len(encoded) * 4 > MAX_RECORD_BYTES and len(encoded.encode()) > MAX_RECORD_BYTES:
        return InvalidRecord(key, (FieldIssue("", "record_too_large", {"limit_kb": "256"}),))
    warnings = () if deleted else tuple(_warnings(record, data, unknown))
    return ValidRecord(key, data, encoded, data.get(UPDATED_AT), deleted, warnings)


@cache
def _known(table_name: str) -> frozenset[str]:
    return frozenset((*(field.name for field in TABLES[table_name].fields), UPDATED_AT, DELETED))


def _parser(field: Field) -> Callable[[object], object]:
    if field.kind == "choice":
        return _choice(field.choices)
    if field.kind == "text":
        return values.required_text if field.required else values.text
    parsers: dict[str, Callable[[object], object]] = {
        "number_or_text": values.number_or_text,
        "decimal": values.decimal,
        "integer": values.integer,
        "date": values.calendar_date,
        "instant": values.instant,
        "boolean": values.boolean,
    }
    return parsers[field.kind]


def _choice(choices: tuple[str, ...]) -> Callable[[object], object]:
    def parse(value: object) -> object:
        if value not in choices:
            raise PydanticCustomError("not_a_choice", "", {"choices": ", ".join(choices)})
        return value

    return parse


def _annotation(parse: Callable[[object], object], required: bool) -> Any:
    def optional(value: object) -> object:
        return None if value is None else parse(value)

    def mandatory(value: object) -> object:
        if value is None:
            raise PydanticCustomError("missing", "")
        return parse(value)

    return Annotated[Any, PlainValidator(mandatory if required else optional)]


@cache
def _model(table_name: str) -> type[BaseModel]:
    return _build(f"{table_name}_record", TABLES[table_name].fields)


@cache
def _deletion_model(table_name: str) -> type[BaseModel]:
    """A deletion needs its key only; whatever else it carries is not looked at."""
    return _build(f"{table_name}_deletion", tuple(f for f in TABLES[table_name].fields if f.key), "ignore")


def _build(name: str, fields: tuple[Field, ...], extra: Any = "allow") -> type[BaseModel]:
    definitions: dict[str, Any] = {
        field.name: (_annotation(_parser(field), field.required), ... if field.required else None)
        for field in fields
    }
    definitions[UPDATED_AT] = (_annotation(values.instant, False), None)
    definitions[DELETED] = (_annotation(values.boolean, False), None)
    return create_model(name, __config__=ConfigDict(extra=extra, protected_namespaces=()), **definitions)


def _issues(error: ValidationError) -> list[FieldIssue]:
    found = []
    for problem in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in problem["loc"])
        context = {key: str(value) for key, value in problem.get("ctx", {}).items()}
        found.append(FieldIssue(name[:200], problem["type"], context))
    return found


def _record_issues(table: Table, data: dict[str, Any], deleted: bool) -> list[FieldIssue]:
    """Rules over more than one field: the shape of keys, the client, the access key's length."""
    issues = []
    for name in table.key_fields:
        if KEY_SEPARATOR in str(data[name]) and len(table.key_fields) > 1:
            issues.append(FieldIssue(name, "key_has_separator"))
        elif not str(data[name]).isprintable():
            issues.append(FieldIssue(name, "key_not_printable"))
    if len(join_key(table, data).encode()) > MAX_KEY_BYTES:
        issues.append(FieldIssue(table.key_fields[0], "key_too_long", {"limit": str(MAX_KEY_BYTES)}))
    if deleted:
        return issues
    issues += [
        FieldIssue(parent.fields[0], "key_too_long", {"limit": str(MAX_KEY_BYTES)})
        for parent in table.parents
        if sum(len(str(data.get(name, "")).encode()) for name in parent.fields) > MAX_KEY_BYTES
    ]
    if table.has_client and not (data.get("empresa_codigo") or data.get("contato_codigo")):
        issues.append(FieldIssue("empresa_codigo", "client_missing"))
    access_key = data.get("chave_acesso")
    if table.name == "nota" and access_key and len(access_key) != ACCESS_KEY_LENGTH:
        issues.append(FieldIssue("chave_acesso", "access_key_length", {"length": str(len(access_key))}))
    return issues


def _name_issues(table: Table, record: dict[str, Any], deleted: bool) -> list[FieldIssue]:
    """Find names that came twice, and names that cannot be stored (of a deletion only its key is)."""
    looked_at = [name for name in record if not deleted or name in _known(table.name)]
    known, repeated = _known(table.name), values.repeated(record)
    odd = [name for name in looked_at if name not in known and not FIELD_NAME.fullmatch(name)]
    return [
        *(FieldIssue(ascii(name)[1:-1][:100], "bad_field_name") for name in odd),
        *(FieldIssue(name, "repeated_field") for name in looked_at if name in repeated and name not in odd),
    ]


def _unknown_issue(name: str, value: object) -> FieldIssue | None:
    """Unknown fields are kept whatever they hold, as long as it can be written as JSON text."""
    try:
        json.dumps(value, ensure_ascii=False, default=_exact).encode()
    except UnicodeEncodeError:
        return FieldIssue(name, "lone_surrogate", {"character": "U+D800–U+DFFF"})
    except ValueError as error:
        return FieldIssue(name, "not_a_number", {"value": str(error)})
    return None


def _exact(value: object) -> str:
    if isinstance(value, values.NotANumber):
        raise ValueError(value.literal)
    return str(value)


def _warnings(record: Mapping[str, Any], data: Mapping[str, Any], unknown: list[str]) -> list[FieldIssue]:
    found = [FieldIssue(name, "unknown_field") for name in unknown[:MAX_ISSUES]]
    known = {name: data[name] for name in ("cnpj", "cpf", "uf") if name in data and name not in unknown}
    if known.get("cnpj") and not documents.cnpj_ok(known["cnpj"]):
        found.append(FieldIssue("cnpj", "cnpj_check_digits"))
    if known.get("cpf") and not documents.cpf_ok(known["cpf"]):
        found.append(FieldIssue("cpf", "cpf_check_digits"))
    if known.get("uf") and known["uf"] not in STATES:
        found.append(FieldIssue("uf", "unknown_state"))
    if record.get(UPDATED_AT) is not None and not values.has_offset(record[UPDATED_AT]):
        found.append(FieldIssue(UPDATED_AT, "instant_without_offset"))
    return found


def key_of(table: Table, record: object) -> str | None:
    """Name a record, valid or not, by its key; None unless every part of the key is itself valid."""
    if not isinstance(record, dict):
        return None
    try:
        parts = {
            field.name: _parser(field)(record[field.name])
            for field in table.fields
            if field.key and record.get(field.name) is not None and field.name not in values.repeated(record)
        }
    except PydanticCustomError:
        return None
    if len(parts) < len(table.key_fields) or _record_issues(table, dict(parts), deleted=True):
        return None
    return join_key(table, dict(parts))
