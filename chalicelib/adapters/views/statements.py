"""The statements that read a view: SQLAlchemy Core, so that every engine gets its own words and quotes.

No text of the settings ever becomes SQL: names come from the database's own catalogue and are quoted where
they need it, values are bound. They are bound without a type, as the driver itself gave them, because a
cast could make the database compare by other rules than it orders by.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from ...domain.view_plan import Plan

_RAW: Final = sa.types.NullType()


def page(plan: Plan, after: Sequence[Any] | None, since: Any, limit: int) -> sa.Select[Any]:
    """Select rows in the order of their keys, behind the key `after`, changed at `since` or later."""
    columns = _columns(plan)
    keys = [columns[name] for name in plan.keys]
    statement = sa.select(*columns.values()).where(*(key.is_not(None) for key in keys))
    if since is not None and plan.watermark:
        mark = columns[plan.watermark]
        statement = statement.where(sa.or_(mark >= _bound("since", since), mark.is_(None)))
    if after is not None:
        statement = statement.where(keys[0] >= _bound("first", after[0]), _behind(keys, after))
    return statement.order_by(*keys).limit(limit)


def _behind(keys: Sequence[ColumnElement[Any]], after: Sequence[Any]) -> ColumnElement[Any]:
    """Compare as a tuple, spelt out: not every engine compares rows, or uses its index for it."""
    number = len(after) - len(keys) + 1
    first = keys[0] > _bound(f"after_{number}", after[-len(keys)])
    if len(keys) == 1:
        return first
    same = keys[0] == _bound(f"same_{number}", after[-len(keys)])
    return sa.or_(first, sa.and_(same, _behind(keys[1:], after)))


def keyless(plan: Plan, limit: int) -> sa.Select[Any]:
    """Select rows without a key: no order leads past them, and no record can be made of them."""
    columns = _columns(plan)
    return sa.select(*columns.values()).where(_without_key(plan, columns)).limit(limit)


def count_keyless(plan: Plan) -> sa.Select[Any]:
    """Count the rows without a key."""
    columns = _columns(plan)
    return sa.select(sa.func.count()).select_from(_table(plan, columns)).where(_without_key(plan, columns))


def _without_key(plan: Plan, columns: dict[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    return sa.or_(*(columns[name].is_(None) for name in plan.keys))


def count(plan: Plan) -> sa.Select[Any]:
    """Count all rows."""
    return sa.select(sa.func.count()).select_from(_table(plan, _columns(plan)))


def highest(plan: Plan) -> sa.Select[Any]:
    """Select the highest watermark."""
    assert plan.watermark, "the plan has a watermark"
    return sa.select(sa.func.max(_columns(plan)[plan.watermark]))


def repeated(plan: Plan, names: Sequence[str], limit: int) -> sa.Select[Any]:
    """Select values of these columns that more than one row has, and how many have them."""
    columns = _columns(plan)
    keys = [columns[name] for name in names]
    number = sa.func.count()
    return (
        sa.select(*keys, number)
        .where(*(key.is_not(None) for key in keys))
        .group_by(*keys)
        .having(number > 1)
        .limit(limit)
    )


def sample(plan: Plan, limit: int) -> sa.Select[Any]:
    """Select some rows, whichever come first."""
    return sa.select(*_columns(plan).values()).limit(limit)


def _bound(name: str, value: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(name, value, type_=_RAW)


def _table(plan: Plan, columns: dict[str, ColumnElement[Any]]) -> Any:
    return next(iter(columns.values())).table


def _columns(plan: Plan) -> dict[str, ColumnElement[Any]]:
    table = sa.table(
        plan.view.name, *(sa.column(name, _RAW) for name in plan.read), schema=plan.view.schema_name
    )
    return {name: table.c[name] for name in plan.read}
