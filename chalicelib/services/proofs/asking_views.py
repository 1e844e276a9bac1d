"""Ask an ERP's views what they have: the keys, dates, amounts and versions of all rows, read anew.

The rows become control totals and key lists, as if the ERP had declared them, and the comparison is the same.
Where it stands lies in the proof: `table` (its number), `after` (the last key), `parts`, `totals` by period.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticCustomError

from ...domain import money, tallies, values
from ...domain.control_keys import ControlKey, KeyList
from ...domain.control_totals import ControlTotal
from ...domain.proofs import Proof
from ...domain.schedule import zone
from ...domain.tables import DELETED, NAMES, UPDATED_AT, Table
from ...domain.validation import key_of
from ...domain.view_plan import Plan
from ...domain.view_positions import dump_value, load_value
from ...domain.view_problems import ViewProblem
from ...domain.view_rows import converter
from ...domain.view_source import ViewSource
from ..job_chain import JobFailed
from ..views.parts import Session, SourceDatabase
from ..views.stream import RowStream

if TYPE_CHECKING:
    from ...storage.controls import Controls
    from ...storage.records import Records
    from ...storage.view_sources import ViewSources

ROWS: Final = 50_000
"""Rows of a step: their keys are held in memory, and kept with it."""


@dataclass(slots=True)
class _Gathered:
    """What a step has read, by period."""

    keys: dict[str, dict[str, ControlKey]] = field(default_factory=dict)
    repeated: dict[str, list[str]] = field(default_factory=dict)
    totals: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, period: str, key: ControlKey, amount: Decimal) -> None:
        own = self.keys.setdefault(period, {})
        if key.key in own:
            self.repeated.setdefault(period, []).append(key.key)
        own[key.key] = key
        count, total = self.totals.get(period, [0, "0"])
        with money.exact():
            self.totals[period] = [count + 1, str(Decimal(total) + amount)]


@dataclass(slots=True)
class Asking:
    """Asks; `open` connects to a source's database."""

    sources: "ViewSources"
    records: "Records"
    controls: "Controls"
    open: Callable[[ViewSource], SourceDatabase]
    now: Callable[[], datetime]
    session: Session | None = None

    def step(self, proof: Proof) -> Proof:
        """Read some rows of the first table that is left; the last one ends the asking."""
        source = self.sources.find(proof.integration_id)
        if source is None:
            raise JobFailed("view_not_set")
        names = [name for name in NAMES if name in source.tables]
        at = proof.asked or {"table": 0, "after": None, "parts": {}, "totals": {}}
        if at["table"] >= len(names):
            return replace(proof, phase="walk", place=(0, 0), asked={"done": True})
        try:
            after = self._table(proof, source, names[at["table"]], at)
        except ViewProblem as problem:
            raise JobFailed(problem.code, **{"table": names[at["table"]], **problem.params}) from problem
        done = after["table"] * len(NAMES) // len(names)
        return replace(proof, asked=after, place=(min(done, len(NAMES) - 1), 0))

    def close(self) -> None:
        """End the session: a frozen worker must not keep a connection."""
        if self.session is not None:
            self.session.database.close()
            self.session = None

    def _table(self, proof: Proof, source: ViewSource, name: str, at: Mapping[str, Any]) -> dict[str, Any]:
        session = self._session(source, proof)
        if at["after"] is None and not at["parts"]:
            self._forget(proof.integration_id, name)
        plan = _narrow(session.plan(name))
        if plan.issues:
            issue = plan.issues[0]
            params = {"host": session.database.place, "view": plan.view.title, "cause": "", **issue.params}
            raise JobFailed(issue.code, **params)
        stream = session.streams.setdefault(name, RowStream(session.database, plan))
        gathered, last, end = _gather(stream, plan, source, at["after"])
        parts = self._keep(proof.integration_id, name, gathered, at["parts"])
        totals = _summed(at["totals"], gathered.totals)
        if not end:
            return {**at, "after": last, "parts": parts, "totals": totals}
        self._end(proof.integration_id, name, totals)
        return {"table": at["table"] + 1, "after": None, "parts": {}, "totals": {}}

    def _end(self, integration_id: str, name: str, totals: Mapping[str, Any]) -> None:
        """Declare what was added up; of periods that only we have, that the view has nothing."""
        ours = self.records.tallies(integration_id).get(name, {})
        absent = [period for period, tally in ours.items() if tally.records and period not in totals]
        for period in absent:
            self.controls.list_keys(integration_id, name, KeyList(period, 1, 1, (), ()), self.now())
        whole = {tallies.UNDATED: [0, "0"]} if not totals and not absent else totals
        self.controls.declare(
            integration_id,
            name,
            [
                ControlTotal(period, count, _amount(name, amount), None, None, self.now(), "view")
                for period, (count, amount) in {**dict.fromkeys(absent, (0, "0")), **whole}.items()
            ],
        )

    def _session(self, source: ViewSource, proof: Proof) -> Session:
        owner = (proof.job_id, proof.hop)
        if self.session is None or self.session.owner != owner or self.session.source != source:
            self.close()
            self.session = Session(self.open(source), source, owner)
        return self.session

    def _forget(self, integration_id: str, name: str) -> None:
        """Forget what an earlier asking brought: months may be gone."""
        totals = self.controls.totals(integration_id, name).get(name, {})
        self.controls.declare(integration_id, name, (), totals)
        for period in self.controls.listed(integration_id, name).get(name, {}):
            self.controls.forget_keys(integration_id, name, period)

    def _keep(
        self, integration_id: str, name: str, gathered: _Gathered, parts: Mapping[str, int]
    ) -> dict[str, int]:
        """Store a part of each period's keys; repeated, it takes its own place."""
        numbered = dict(parts)
        for period, keys in gathered.keys.items():
            part = numbered[period] = numbered.get(period, 0) + 1
            repeated = tuple(gathered.repeated.get(period, ()))
            listed = KeyList(period, part, part, tuple(keys.values()), repeated)
            self.controls.list_keys(integration_id, name, listed, self.now())
        return numbered


def _narrow(plan: Plan) -> Plan:
    """Read only what is compared: keys, date, amount, version, and whether the row is a deletion."""
    measure = tallies.measure_of(plan.table.name)
    wanted = {*plan.table.key_fields, measure.date, measure.amount, UPDATED_AT, DELETED}
    columns = {name: column for name, column in plan.columns.items() if name in wanted}
    return replace(plan, columns=columns, watermark=None)


def _gather(
    stream: RowStream, plan: Plan, source: ViewSource, after: list[Any] | None
) -> tuple[_Gathered, list[Any] | None, bool]:
    """Read rows behind a key; answers them, the last key, and whether that is all."""
    position = tuple(map(load_value, after)) if after is not None else None
    convert = converter(plan, zone(source.timezone))
    gathered, rows, end = _Gathered(), 0, False
    while not end and rows < ROWS:
        page = stream.take(position, None)
        position, end = page.last, page.end
        rows += len(page.rows)
        for row in page.rows:
            _add(gathered, plan.table, convert(row).record)
    return gathered, [dump_value(part) for part in position] if position is not None else None, end


def _add(gathered: _Gathered, table: Table, record: dict[str, Any]) -> None:
    key = key_of(table, record)
    if key is None or record.get(DELETED) is True:
        return
    measure = tallies.measure_of(table.name)
    listed = ControlKey(key, _instant(record.get(UPDATED_AT)))
    gathered.add(tallies.period_of(measure, record), listed, tallies.amount_of(measure, record))


def _instant(value: Any) -> str | None:
    try:
        return values.instant(value)
    except PydanticCustomError:
        return None


def _summed(totals: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(totals)
    for period, (count, amount) in more.items():
        known, total = found.get(period, [0, "0"])
        with money.exact():
            found[period] = [known + count, str(Decimal(total) + Decimal(amount))]
    return found


def _amount(table: str, total: str) -> Decimal | None:
    return Decimal(total) if tallies.measure_of(table).amount else None
