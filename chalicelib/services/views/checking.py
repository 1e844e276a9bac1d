"""Test a source: connect, look every view up, count, read a few rows, and say of each problem what to do.

The report holds codes and parameters; the edge writes them in the reader's language.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...domain.errors import FieldIssue
from ...domain.personal_data import mask_value
from ...domain.schedule import zone
from ...domain.tables import TABLES
from ...domain.validation import InvalidRecord, validate
from ...domain.view_plan import Plan, plan
from ...domain.view_positions import dump_value, kind_of_watermark
from ...domain.view_problems import TableRefused, ViewProblem
from ...domain.view_rows import converter
from ...domain.view_source import ViewSource
from .parts import SourceDatabase

SAMPLE_ROWS: Final = 200
SHOWN_ROWS: Final = 3
SHOWN_KEYS: Final = 5
MOST_UNMAPPED: Final = 200
ERROR, WARNING = "error", "warning"


@dataclass(slots=True)
class TableReport:
    """What was found out about one table's view."""

    table: str
    view: str
    tested: bool = True
    found: bool = False
    present: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    unmapped: list[str] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    rows: int | None = None
    sample: list[Any] = field(default_factory=list)
    problems: list[list[Any]] = field(default_factory=list)

    def add(self, severity: str, code: str, where: str = "", **params: str) -> None:
        """Note a problem."""
        self.problems.append([severity, code, where, {"table": self.table, **params}])

    def to_json(self) -> dict[str, Any]:
        """Give the report as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Check:
    """A test of one source; `time_left` tells the seconds that remain for it."""

    database: SourceDatabase
    source: ViewSource
    time_left: Callable[[], float]

    def run(self, names: Sequence[str]) -> dict[str, Any]:
        """Test the source and these of its tables, as long as there is time."""
        report: dict[str, Any] = {"connected": False, "problems": [], "tables": []}
        try:
            report["database"] = self.database.place
            self.database.connect()
        except ViewProblem as problem:
            report["problems"].append([ERROR, problem.code, "", problem.params])
            return report
        report["connected"] = True
        report["tables"] = [self._table(name).to_json() for name in names]
        return report

    def _table(self, name: str) -> TableReport:
        wanted = self.source.tables[name]
        report = TableReport(name, wanted.title)
        steps = (self._columns, self._rows, self._keys, self._watermark, self._sample)
        found: Plan | None = None
        for number, step in enumerate(steps):
            if self.time_left() <= 0:
                report.tested = report.tested and number > 0
                report.add(WARNING, "view_not_tested", view=wanted.title)
                break
            try:
                found = step(report, found)
            except TableRefused as problem:
                severity = WARNING if problem.code == "view_too_slow" and number else ERROR
                report.add(severity, problem.code, **problem.params)
                if found is None:
                    break
            except ViewProblem as problem:
                report.add(ERROR, problem.code, **problem.params)
                break
            if found is None or found.issues:
                break
        return report

    def _columns(self, report: TableReport, found: Plan | None) -> Plan:
        wanted = self.source.tables[report.table]
        matched = plan(TABLES[report.table], wanted, self.database.find(wanted))
        report.found, report.view = True, matched.view.title
        report.present, report.missing = dict(matched.columns), dict(matched.missing)
        report.unmapped = list(matched.unmapped[:MOST_UNMAPPED])
        report.types = {column: matched.view.columns[column] for column in matched.read}
        for issue in matched.issues:
            report.add(ERROR, issue.code, issue.field, **issue.params)
        return matched

    def _rows(self, report: TableReport, found: Plan | None) -> Plan | None:
        assert found is not None, "its columns were matched"
        report.rows = self.database.count(found)
        if not report.rows:
            report.add(WARNING, "view_empty", view=found.view.title)
        return found

    def _keys(self, report: TableReport, found: Plan | None) -> Plan | None:
        """Look for rows without a key, and for keys that several rows have."""
        assert found is not None, "its columns were matched"
        title = found.view.title
        if keyless := self.database.count_keyless(found):
            report.add(ERROR, "view_rows_keyless", ", ".join(found.keys), **_keyless(report, found, keyless))
        names = [found.columns[name] for name in found.table.key_fields]
        repeated = self.database.repeated(found, names, SHOWN_KEYS + 1)
        if repeated.rows:
            shown = "; ".join(
                f"{'|'.join(map(str, row[:-1]))} ({row[-1]})" for row in repeated.rows[:SHOWN_KEYS]
            )
            more = " …" if len(repeated.rows) > SHOWN_KEYS else ""
            report.add(
                ERROR, "view_keys_repeated", ", ".join(names), view=title, keys=mask_value(shown) + more
            )
        return found

    def _watermark(self, report: TableReport, found: Plan | None) -> Plan | None:
        assert found is not None, "its columns were matched"
        if found.watermark:
            highest = self.database.highest(found)
            if highest is not None and kind_of_watermark(highest) is None:
                kind = type(highest).__name__
                report.add(
                    ERROR,
                    "view_watermark_kind",
                    "watermark",
                    view=found.view.title,
                    column=found.watermark,
                    cause=kind,
                )
        return found

    def _sample(self, report: TableReport, found: Plan | None) -> Plan | None:
        """Judge some rows by the rules that every record obeys."""
        assert found is not None, "its columns were matched"
        rows = self.database.sample(found, SAMPLE_ROWS).rows
        convert = converter(found, zone(self.source.timezone))
        converted = [convert(row) for row in rows]
        report.sample = [mask_value(_shown(one.record)) for one in converted[:SHOWN_ROWS]]
        judged = [validate(found.table, one.record) for one in converted]
        wrong = [issue for one in judged if isinstance(one, InvalidRecord) for issue in one.issues]
        odd = [issue for one in judged if not isinstance(one, InvalidRecord) for issue in one.warnings]
        odd += [FieldIssue(name, "view_text_guessed") for one in converted for name in one.guessed]
        self._told(report, found, ERROR, wrong, len(rows))
        self._told(report, found, WARNING, odd, len(rows))
        for row in rows[:1]:
            _orderable(report, found, row)
        return found

    def _told(
        self, report: TableReport, found: Plan, severity: str, issues: list[FieldIssue], of: int
    ) -> None:
        counts = Counter((issue.field, issue.code) for issue in issues)
        first = {(issue.field, issue.code): issue for issue in reversed(issues)}
        for (name, code), number in counts.most_common():
            column = found.columns.get(name, "")
            params = {name: str(mask_value(value, name)) for name, value in first[name, code].params.items()}
            about = {
                "column": column,
                "type": report.types.get(column, ""),
                "rows": str(number),
                "of": str(of),
            }
            report.problems.append([severity, code, name, {**params, **about}])


def _keyless(report: TableReport, found: Plan, keyless: int) -> dict[str, str]:
    return {
        "table": report.table,
        "view": found.view.title,
        "rows": str(keyless),
        "unread": "0",
        "column": ", ".join(found.keys),
    }


def _orderable(report: TableReport, found: Plan, row: Sequence[Any]) -> None:
    """Make sure that reading can go on behind a row: its key has to be of a kind that can be remembered."""
    try:
        for part in found.row_key(row):
            dump_value(part)
    except TypeError as error:
        report.add(
            ERROR, "view_keys_unordered", ", ".join(found.keys), view=found.view.title, cause=str(error)
        )


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """Give a record as JSON values."""
    plain = (str, int, bool)
    return {
        name: value if isinstance(value, plain) or value is None else getattr(value, "literal", str(value))
        for name, value in record.items()
    }
