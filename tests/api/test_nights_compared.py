"""Night by night, analysing only what changed, the outcome is that of analysing everything at once."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chalicelib import wiring
from chalicelib.domain import customers as domain
from chalicelib.storage import keys
from tests.support.books import TONIGHT, Books, empresa, nota
from tests.support.truth import Record
from tests.support.world import World

OF_A_RUN = {"run_id", "cutoff", "since", "before"}
EXAMPLES = 6
HISTORY = {
    "abc_previous",
    "abc_run",
    "measured_on",
    "measured_run",
    "measured_at",
    "prior_revenue",
    "prior_purchases",
    "assigned_run",
}


@dataclass(frozen=True)
class Night:
    """What the ERP sends before a night, settings that somebody changes, and the days until the next."""

    sent: list[tuple[str, Record]]
    settings: dict[str, Any]
    days: int


def days() -> st.SearchStrategy[date]:
    near = [-800, -732, -731, -730, -729, -400, -365, -91, -90, -1, 0, 1, 40]
    return st.sampled_from([TONIGHT + timedelta(days=offset) for offset in near])


CODES = st.sampled_from(["1", "2", "3"])
CLIENTS = st.builds("{} {}".format, st.sampled_from(["empresa", "contato"]), CODES)
NUMBERS = st.sampled_from([str(number) for number in range(1, 9)])
AMOUNTS = st.sampled_from(["0", "0.01", "10", "10.00", "33.33", "100", "850.5"])
GONE = {"excluido": True}
NOTAS = st.builds(
    nota,
    NUMBERS,
    CLIENTS,
    AMOUNTS,
    days(),
    situacao=st.sampled_from(["autorizada"] * 3 + ["cancelada", "denegada"]),
    tipo=st.sampled_from(["venda"] * 3 + ["devolucao"]),
    vendedor_codigo=CODES,
)
FATURAS = st.builds(
    lambda number, client, balance, day: {
        "numero": number,
        "parcela": "1",
        "vence_em": day.isoformat(),
        "valor": "9",
        "saldo": balance,
        f"{client.split()[0]}_codigo": client.split()[1],
    },
    NUMBERS,
    CLIENTS,
    AMOUNTS,
    days(),
)
SENT = st.one_of(
    st.tuples(st.just("nota"), NOTAS),
    st.tuples(st.just("nota"), st.builds(lambda number: {"numero": number, "serie": "1", **GONE}, NUMBERS)),
    st.tuples(st.just("fatura"), FATURAS),
    st.tuples(st.just("empresa"), st.builds(empresa, CODES, vendedor_codigo=CODES)),
    st.tuples(st.just("contato"), st.builds(lambda code: {"codigo": code, "nome": f"Pessoa {code}"}, CODES)),
    st.tuples(
        st.sampled_from(["empresa", "contato", "vendedor"]),
        st.builds(lambda code: {"codigo": code, **GONE}, CODES),
    ),
    st.tuples(
        st.just("vendedor"),
        st.builds(lambda code, on: {"codigo": code, "nome": "V", "ativo": on}, CODES, st.booleans()),
    ),
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "abc_window_months": st.sampled_from([1, 12, 24]),
        "abc_cuts": st.sampled_from([{"a": "50", "b": "90"}, {"a": "80", "b": "95"}]),
    },
)
NIGHTS = st.lists(
    st.builds(Night, st.lists(SENT, max_size=8), SETTINGS, st.sampled_from([0, 1, 40, 365])),
    min_size=2,
    max_size=4,
)


def test_night_by_night_or_all_at_once_the_outcome_is_the_same(world: World) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate]
    )  # a shrink is slow
    @given(nights=NIGHTS)
    def check(nights: list[Night]) -> None:
        compare(world, nights)

    check()


def compare(world: World, nights: list[Night]) -> None:
    """Live through the nights, then analyse the books as they are at the end in one go."""
    world.integration_id, world.erp_key = world.new_integration()
    books = Books(world)
    changed: dict[str, Any] = {}
    elapsed = last = 0
    for night in nights:
        for table in dict.fromkeys(table for table, _ in night.sent):
            books.send(table, *[record for name, record in night.sent if name == table])
        if night.settings:
            assert world.as_user("admin", "PATCH", "", night.settings).status == 200
            changed |= night.settings
        books.night()
        last = elapsed
        world.clock.advance(days=night.days)
        elapsed += night.days
    world.clock.advance(days=last - elapsed)
    step_by_step = outcome(world)

    world.integration_id, world.erp_key = world.new_integration(**changed)
    for table, held in books.erp.tables.items():
        assert world.push(table, [dict(record) for record in held.values()]).status == 200
    books.night()

    at_once = outcome(world)
    assert step_by_step == at_once
    window = changed.get("abc_window_months", 24)
    cuts = changed.get("abc_cuts", {"a": "80", "b": "95"})
    truth = books.erp.verdict(TONIGHT + timedelta(days=last), window, **cuts)
    assert step_by_step["revenue"] == truth.total
    assert step_by_step["classes"] == {f"{kind}|{code}": name for (kind, code), name in truth.classes.items()}


def outcome(world: World) -> dict[str, Any]:
    """Describe what an analysis left, without what it remembers of earlier ones."""
    found = []
    for bucket in range(keys.BUCKETS):
        found += wiring.crm().page(world.integration_id, bucket, None, 1_000)[0]
    curve = wiring.crm().curve(world.integration_id)
    assert curve
    return {
        "revenue": Decimal(curve["totals"]["revenue"]),
        "classes": {one.place: one.abc_class for one in found},
        "curve": {name: value for name, value in curve.items() if name not in OF_A_RUN},
        "customers": {
            one.place: {name: value for name, value in domain.to_json(one).items() if name not in HISTORY}
            for one in found
        },
    }
