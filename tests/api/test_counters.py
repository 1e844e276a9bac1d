"""What the page shows of each table equals what a recount of the stored records says, whatever happened."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chalicelib.domain.tallies import Tally, joined
from tests.support.digest import counters, held_by_crm, recounted
from tests.support.world import World

ENGINE = "dynamodb_local"  # it reads long partitions faster

TABLES = ("vendedor", "nota")
OUTCOMES = ("created", "updated", "unchanged", "deleted", "rejected")
MOMENTS = st.none() | st.integers(1, 4).map(lambda day: f"2026-01-0{day}T00:00:00Z")


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """Build a record of few keys and few values, so that they meet; of either table, good or bad."""
    code = str(draw(st.integers(1, 4)))
    name = draw(st.sampled_from(["Ana", "Bia", "São", 7, None]))
    record = {"codigo": code, "nome": name, "atualizado_em": draw(MOMENTS), "excluido": draw(st.booleans())}
    client = draw(st.sampled_from(["E1", "E2"]))
    keyless = draw(st.integers(0, 9)) == 0
    return {
        **record,
        "numero": None if keyless else code,
        "serie": "1",
        "empresa_codigo": client,
        "emitida_em": draw(st.sampled_from(["2026-01-31", "2026-02-01", "1999-12-31", "31/12"])),
        "situacao": "autorizada",
        "valor_total": name if isinstance(name, int) else "x" if name is None else 10,
    }


class Deliveries(RuleBasedStateMachine):
    """An ERP that sends anything, and runs in between."""

    lasting: World

    @initialize()
    def begin(self) -> None:
        integration_id, erp_key = self.lasting.new_integration()
        self.world = replace(self.lasting, integration_id=integration_id, erp_key=erp_key)
        self.last: dict[str, str] = {}

    @rule(table=st.sampled_from(TABLES), sent=st.lists(records(), max_size=6))
    def deliver(self, table: str, sent: list[dict[str, Any]]) -> None:
        self.world.clock.advance(seconds=1)
        answer = self.world.push(table, sent)
        assert answer.status == 200
        assert answer.body["received"] == sum(answer.body[outcome] for outcome in OUTCOMES) == len(sent)
        self.last[table] = answer.body["request_id"]

    @rule()
    def run_at_night(self) -> None:
        self.world.clock.advance(seconds=1)
        assert self.world.run()["status"] in ("success", "partial")
        for table in TABLES:
            counted = counters(self.world.integration_id, table)
            assert counted.pending == 0
            applied = {
                name: Tally(applied=one.applied, applied_amount=one.applied_amount)
                for name, one in counted.periods.items()
            }
            assert joined([applied]) == held_by_crm(self.world.integration_id, table)

    @invariant()
    def the_counters_are_right(self) -> None:
        if not hasattr(self, "world"):
            return
        shown = {one["table"]: one for one in self.world.as_user("viewer", "GET", "/tables").body["items"]}
        for table in TABLES:
            expected = recounted(self.world.integration_id, table)
            assert counters(self.world.integration_id, table) == expected
            one = shown[table]
            found = (one["records"], one["bytes"], one["pending"], one["rejected"])
            assert found == (expected.records, expected.bytes, expected.pending, expected.rejected)
            assert (one["last_received_at"] is None) == (table not in self.last)


def test_the_counters_equal_a_recount_after_any_deliveries_and_runs(own_world: World) -> None:
    Deliveries.lasting = own_world
    machine = Deliveries.TestCase
    # What fails is short as it is, and shrinking it would take minutes.
    phases = (Phase.reuse, Phase.generate)
    machine.settings = settings(max_examples=8, stateful_step_count=10, deadline=None, phases=phases)
    machine().runTest()


def test_the_last_delivery_is_told_to_the_second(own_world: World) -> None:
    own_world.clock.frozen = datetime.fromisoformat("2026-07-01T03:00:00Z")
    own_world.push("vendedor", [{"codigo": "1", "nome": "Ana"}])
    own_world.clock.advance(hours=1)
    own_world.push("vendedor", [{"codigo": "1", "nome": "Ana"}])
    own_world.push("nota", [{}])
    own_world.call("POST", "/v1/erp/fatura", b"nonsense", token=own_world.erp_key)
    shown = own_world.as_user("viewer", "GET", "/tables").body["items"]
    times = {one["table"]: one["last_received_at"] for one in shown if one["last_received_at"]}
    assert times == {"vendedor": "2026-07-01T04:00:00.000000Z", "nota": "2026-07-01T04:00:00.000000Z"}
