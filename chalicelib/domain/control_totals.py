"""Control totals: what the ERP says it has, by table and month. Completeness is judged against them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from pydantic_core import PydanticCustomError

from . import values
from .errors import FieldIssue, Invalid
from .tables import Table
from .tallies import UNDATED, measure_of
from .validation import MAX_KEY_BYTES

Source = Literal["erp", "view"]
"""Who said so: the ERP by a call, or its view, which was asked."""
MAX_TOTALS: Final = 600
"""Of one call: fifty years of months."""
_MONTH: Final = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", re.ASCII)
_FIELDS: Final = ("month", "count", "sum", "min_key", "max_key")


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """What the ERP has of a table in one period.

    amount             sum of the table's amount field; None: not said
    min_key, max_key   keys that have to be there; in which order they are first and last is the ERP's affair
    """

    period: str
    count: int
    amount: Decimal | None
    min_key: str | None
    max_key: str | None
    at: datetime
    source: Source = "erp"

    @property
    def keys(self) -> list[str]:
        """List the keys that it names."""
        return [key for key in dict.fromkeys((self.min_key, self.max_key)) if key is not None]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One call's totals, and the periods of which nothing is said any more."""

    totals: tuple[ControlTotal, ...]
    withdrawn: tuple[str, ...]


def parse(table: Table, body: object, now: datetime) -> Declaration:
    """Read a declaration; raises Invalid with every issue: which total, which field, what to do."""
    listed = body.get("totals") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise Invalid("control_totals_shape")
    if len(listed) > MAX_TOTALS:
        raise Invalid("control_totals_too_many", count=len(listed), limit=MAX_TOTALS)
    issues: list[FieldIssue] = []
    totals: dict[str, ControlTotal | None] = {}
    for index, one in enumerate(listed):
        reader = _Reader(table, index, one, issues)
        period, total = reader.read(now)
        if period in totals:
            reader.refuse("month", "control_month_repeated")
        totals[period] = total
    if issues:
        raise Invalid("control_totals_invalid", fields=issues)
    return Declaration(
        tuple(total for total in totals.values() if total),
        tuple(period for period, total in totals.items() if total is None),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one total, and notes what is wrong with it."""

    table: Table
    index: int
    raw: object
    issues: list[FieldIssue]

    def refuse(self, field: str, code: str, /, **params: str) -> None:
        self.issues.append(FieldIssue(field, code, params, self.index))

    def read(self, now: datetime) -> tuple[str, ControlTotal | None]:
        if not isinstance(self.raw, dict):
            self.refuse("", "record_not_object")
            return f"#{self.index}", None
        for name in sorted(map(str, self.raw.keys() - set(_FIELDS))):
            self.refuse(name[:100], "control_field_unknown", known=", ".join(_FIELDS))
        raw: Mapping[str, Any] = self.raw
        period = self._period(raw.get("month"))
        if "count" in raw and raw["count"] is None:
            return period, None
        count = self._read(values.integer, "count", raw.get("count"), required=True)
        amount = self._read(values.decimal, "sum", raw.get("sum"))
        if amount is not None and not measure_of(self.table.name).amount:
            self.refuse("sum", "control_sum_without_amount")
        ends = [self._key(name, raw.get(name)) for name in ("min_key", "max_key")]
        total = ControlTotal(period, count or 0, Decimal(amount) if amount else None, ends[0], ends[1], now)
        return period, total

    def _period(self, month: object) -> str:
        date = measure_of(self.table.name).date
        if month is None:
            if date:
                self.refuse("month", "control_month_missing", field=date)
            return UNDATED
        if not date:
            self.refuse("month", "control_month_of_undated")
        elif not isinstance(month, str) or not _MONTH.fullmatch(month):
            self.refuse("month", "control_month_invalid")
        else:
            return month
        return f"#{self.index}"

    def _read(self, parse: Any, field: str, raw: object, *, required: bool = False) -> Any:
        if raw is None:
            if required:
                self.refuse(field, "missing")
            return None
        try:
            return parse(raw)
        except PydanticCustomError as error:
            context = error.context or {}
            self.refuse(field, error.type, **{name: str(one) for name, one in context.items()})
            return None

    def _key(self, field: str, raw: object) -> str | None:
        if type(raw) is int:
            raw = str(raw)
        key: str | None = self._read(values.required_text, field, raw)
        if key is not None and len(key.encode()) > MAX_KEY_BYTES:
            self.refuse(field, "key_too_long", limit=str(MAX_KEY_BYTES))
        return key


def month_of(period: str) -> str | None:
    """Give a period as people see it: None for what has no month."""
    return None if period == UNDATED else period


def period_named(month: object) -> str | None:
    """Read a month of a query or a body, absent for what has none; None when it is no month."""
    if month in (None, "", UNDATED):
        return UNDATED
    return month if isinstance(month, str) and _MONTH.fullmatch(month) else None
