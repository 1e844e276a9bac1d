"""The watchdog's rules over whole lives: whatever happens, and whenever somebody looks."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import integrations, run_outcomes
from chalicelib.domain.incidents import Notice, acknowledged
from chalicelib.domain.integrations import Integration
from chalicelib.domain.run_outcomes import Outcomes
from chalicelib.domain.runs import Failure, Run, Status
from chalicelib.domain.troubles import Facts, troubles
from chalicelib.domain.values import instant_text
from chalicelib.domain.watch import Decision, Watch, decide, tells_freshness

START = datetime(2026, 10, 31, 12, tzinfo=UTC)
STEP = timedelta(minutes=30)
QUIET = {"erp_silent": False}


@dataclass
class Life:
    """An integration to which things happen; it is looked at whenever it is due, or at every step."""

    every_step: bool
    integration: Integration = field(
        default_factory=lambda: integrations.create(
            {
                "name": "Uma",
                "schedule": {"time": "01:30", "timezone": "America/New_York"},
                "max_hours_without_success": 3,
                "alert_settings": {**QUIET, "reminder_hours": 2},
            },
            integration_id="abcdefghijkl",
            tenant_id="t",
            now=START,
        )
    )
    now: datetime = START
    outcomes: Outcomes = field(default_factory=Outcomes)
    dead_letters: dict[str, str] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    due_at: datetime | None = START
    told: list[Notice] = field(default_factory=list)
    looks: int = 0

    @property
    def facts(self) -> Facts:
        return Facts(self.integration, self.outcomes, self.now, dict(self.dead_letters))

    def pass_time(self, steps: int) -> None:
        for _ in range(steps):
            self.now += STEP
            self.look()

    def look(self) -> None:
        if not self.every_step and (self.due_at is None or self.due_at > self.now):
            return
        self.looks += 1
        self.take(decide(self.watch, self.facts))

    def take(self, decision: Decision) -> None:
        self.watch, self.due_at = decision.watch, decision.due_at
        self.told += decision.notices

    def nudged(self) -> None:
        """What every change of the facts does; the watchdog's next round comes within a minute."""
        self.due_at = self.now
        self.look()

    def run(self, status: Status, code: str = "") -> None:
        run = Run(f"r{self.now:%H%M}", "t", "abcdefghijkl", "manual", self.now, "", "")
        failure = Failure(code, {"stage": "load"}, "load") if code else None
        ended = replace(run, status=status, finished_at=self.now, failure=failure)
        self.outcomes = run_outcomes.after(self.outcomes, ended)
        self.nudged()

    def change(self, **changes: Any) -> None:
        late = self.facts.freshness.state == "overdue"
        parsed = integrations.parse_changes(changes)
        self.integration = integrations.change(self.integration, parsed, self.now, late=late)
        self.nudged()

    def acknowledge(self, hours: int | None) -> None:
        until = self.now + timedelta(hours=hours) if hours else None
        still = tuple(acknowledged(one, "ana", until, self.now) for one in self.watch.open)
        self.watch = replace(self.watch, open=still)
        self.nudged()

    def dead_letter(self, queue: str) -> None:
        self.dead_letters[queue] = instant_text(self.now)
        self.nudged()


Act = tuple[str, tuple[Any, ...], dict[str, Any]]


def act(name: str, *arguments: Any, **options: Any) -> st.SearchStrategy[Act]:
    return st.just((name, arguments, options))


ACTS = st.one_of(
    st.tuples(st.just("pass_time"), st.tuples(st.integers(1, 20)), st.just({})),
    st.tuples(st.just("acknowledge"), st.tuples(st.sampled_from([None, 1, 5])), st.just({})),
    act("run", "success"),
    act("run", "partial"),
    act("run", "cancelled"),
    act("run", "error", "one"),
    act("run", "error", "other"),
    act("dead_letter", "schedule"),
    act("dead_letter", "exports"),
    *(act("change", max_hours_without_success=hours) for hours in (1, 3, 8)),
    *(act("change", active=on) for on in (True, False)),
    *(act("change", scheduled=on) for on in (True, False)),
    act("change", schedule={"time": "09:00", "timezone": "UTC"}),
    *(act("change", alert_settings={**QUIET, "partial_is_success": on}) for on in (True, False)),
    *(act("change", alert_settings={**QUIET, name: False}) for name in ("run_errors", "dead_letters")),
)
LIVES = st.lists(ACTS, max_size=25)


def lived(acts: list[Act], every_step: bool) -> Life:
    life = Life(every_step)
    life.look()
    for name, arguments, options in acts:
        life.now += timedelta(seconds=1)
        getattr(life, name)(*arguments, **options)
        _holds(life)
    return life


def _holds(life: Life) -> None:
    causes = [one.cause for one in life.watch.open]
    assert len(causes) == len(set(causes)), "one open incident a cause"
    wrong = {one.cause for one in troubles(life.facts)}
    assert set(causes) == wrong, "open is what is wrong, nothing else"
    assert tells_freshness(life.watch, life.facts)
    assert (life.facts.freshness.state == "overdue") == life.watch.told_stale()
    again = decide(life.watch, life.facts)
    assert (again.notices, again.changed, again.watch) == ((), (), life.watch), "nothing new to say"


@given(LIVES)
@settings(max_examples=300, deadline=None)
def test_people_are_told_of_what_is_wrong_and_of_nothing_else(acts: list[Act]) -> None:
    lived(acts, every_step=True)


@given(LIVES)
@settings(max_examples=300, deadline=None)
def test_each_incident_is_opened_once_brought_to_mind_and_closed_once(acts: list[Act]) -> None:
    life = lived(acts, every_step=True)
    by_incident: dict[str, list[Notice]] = {}
    for one in life.told:
        by_incident.setdefault(one.incident.incident_id, []).append(one)
    for notices in by_incident.values():
        events = [one.event for one in notices]
        assert events[0] == "opened"
        over = [event for event in events if event in ("recovered", "closed")]
        assert over == events[len(events) - len(over) :], "nothing follows the end"
        assert len(over) <= 1
        assert set(events[1 : len(events) - len(over)]) <= {"reminder"}
        assert [one.number for one in notices] == list(range(1, len(notices) + 1))
        assert len({one.message_id for one in notices}) == len(notices)
    still = {one.incident_id for one in life.watch.open}
    ended = {
        notices[-1].incident.incident_id for notices in by_incident.values() if not notices[-1].incident.open
    }
    assert still | ended == set(by_incident)
    assert not still & ended


@given(LIVES)
@settings(max_examples=300, deadline=None)
def test_who_looks_only_when_something_is_due_misses_nothing(acts: list[Act]) -> None:
    eager, lazy = lived(acts, every_step=True), lived(acts, every_step=False)
    assert lazy.told == eager.told
    assert lazy.watch == eager.watch
    assert lazy.looks <= eager.looks


@given(LIVES, st.integers(1, 400))
@settings(max_examples=100, deadline=None)
def test_a_watchdog_that_slept_tells_what_is_so_now_and_no_more(acts: list[Act], steps: int) -> None:
    """After an outage of our own there is one reminder a due incident, and an alert for what is wrong now."""
    life = lived(acts, every_step=True)
    life.now += steps * STEP
    before = len(life.told)
    life.nudged()
    _holds(life)
    told = life.told[before:]
    assert len({one.incident.incident_id for one in told}) == len(told)
