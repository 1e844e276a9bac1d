"""Fields of the settings that a tenant may change: how each is read, and how it is refused.

What the ERP's records share with settings (texts, decimals, whole numbers) is read by `values`.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import ConfigDict, PlainSerializer, PlainValidator, ValidationError
from pydantic_core import PydanticCustomError

from . import values
from .errors import FieldIssue, Invalid
from .reasons import reason
from .validation import STATES

MAX_LABEL: Final = 60
SHAPE: Final = ConfigDict(frozen=True, extra="forbid")


class InvalidSetting(Invalid, ValueError):
    """A setting was refused; `fields` say which and why."""

    default_code = "invalid_setting"

    def __init__(self, issues: Iterable[FieldIssue]) -> None:
        super().__init__(fields=list(issues))


def refused(field: str, code: str, /, **params: str) -> InvalidSetting:
    """Build the error for one refused field."""
    why = reason(code, **params)
    return InvalidSetting([FieldIssue(field, why.code, dict(why.params))])


def refusal(code: str, /, **params: str) -> PydanticCustomError:
    """Build the error that a pydantic validator raises to refuse a field."""
    why = reason(code, **params)
    return PydanticCustomError(why.code, "", dict(why.params))


def invalid_setting(error: ValidationError, under: str) -> InvalidSetting:
    """Turn pydantic's findings into ours; fields are dotted paths ("category_rules.rules.0.when.uf.1")."""
    issues = []
    errors = error.errors(include_url=False, include_input=False)
    for found in errors:
        if found["type"] == "too_short" and any(_inside(other["loc"], found["loc"]) for other in errors):
            continue  # pydantic counts the good items only: the list is not empty, its items are wrong
        path = ".".join(str(part) for part in (under, *found["loc"]) if part != "[key]")
        code, params = _translated(found["type"], found["loc"], found.get("ctx", {}))
        issues.append(FieldIssue(path[:200], code, params))
    return InvalidSetting(issues)


def whole(low: int, high: int) -> Callable[[object], int]:
    """Build a reader of whole numbers from `low` to `high`."""

    def read(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise PydanticCustomError("whole_number_range", "", {"low": str(low), "high": str(high)})
        return value

    return read


def only(body: object, name: str) -> Any:
    """Read the one field that a body may have; None when it is left out. Raises Invalid for any other."""
    if not isinstance(body, dict):
        raise Invalid("body_not_object")
    unknown = [str(one)[:100] for one in body if one != name]
    if unknown:
        issues = [FieldIssue(one, "setting_unknown", {"name": one}) for one in unknown]
        raise Invalid("invalid_setting", fields=issues)
    return body.get(name)


def _inside(loc: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(loc) > len(other) and loc[: len(other)] == other


def _translated(kind: str, loc: tuple[int | str, ...], ctx: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Map pydantic's own codes; ours pass through."""
    if kind == "extra_forbidden":
        return "setting_unknown", {"name": str(loc[-1])[:100]}
    if kind == "literal_error":
        return "not_a_choice", {"choices": str(ctx["expected"]).replace(" or ", ", ").replace("'", "")}
    if kind == "too_short":
        return "setting_empty_list", {}
    if kind == "too_long":
        return "setting_too_many", {"count": str(ctx["actual_length"]), "limit": str(ctx["max_length"])}
    if kind.endswith("_type"):
        return "setting_wrong_type", {}
    return kind, {name: str(value) for name, value in ctx.items()}


def _label(value: object) -> str:
    """Accept a text that is not blank, at most 60 characters, without spaces around it."""
    label = values.required_text(value).strip()
    if len(label) > MAX_LABEL:
        raise PydanticCustomError("text_too_long", "", {"length": str(len(label)), "limit": str(MAX_LABEL)})
    return label


def _state(value: object) -> str:
    """Accept a Brazilian state, or EX (abroad), in either case."""
    code = values.required_text(value).strip().upper()
    if code not in STATES:
        raise refusal("state_unknown", value=code[:20])
    return code


def _amount(value: object) -> Decimal:
    return Decimal(values.decimal(value))


Text = Annotated[str, PlainValidator(values.required_text, json_schema_input_type=str)]
Label = Annotated[str, PlainValidator(_label, json_schema_input_type=str)]
Code = Annotated[str, PlainValidator(values.number_or_text, json_schema_input_type=str)]
State = Annotated[str, PlainValidator(_state, json_schema_input_type=str)]
Whole = Annotated[int, PlainValidator(values.integer, json_schema_input_type=int)]
Amount = Annotated[
    Decimal,
    PlainValidator(_amount, json_schema_input_type=str),
    PlainSerializer(str, return_type=str, when_used="json"),
]
Flag = Annotated[bool, PlainValidator(values.boolean, json_schema_input_type=bool)]
