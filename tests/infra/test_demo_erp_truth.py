"""The demo ERP's truth: final state, revenue and classes agree with computations of their own."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from infra.local.erp.changes import change
from infra.local.erp.data import Dataset, generate
from infra.local.erp.tables import TABLES, Record, key_of

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return generate("small", 1, today=TODAY)


def test_the_final_state_is_the_newest_version_of_each_key(dataset: Dataset) -> None:
    invalid = {(defect.delivery, defect.position) for defect in dataset.defects}
    newest: dict[tuple[str, str | None], Record] = {}
    for number, (table, records) in enumerate(dataset.deliveries):
        for position, record in enumerate(records):
            if (number, position) not in invalid:
                place = (table, key_of(table, record))
                newest[place] = max(newest.get(place, record), record, key=lambda one: one["atualizado_em"])

    for table in TABLES:
        kept = {key: record for (name, key), record in newest.items() if name == table}
        gone = {key for key, record in kept.items() if record.get("excluido")}
        assert dataset.ledger.deleted[table].keys() == gone
        assert dataset.ledger.live[table] == {key: kept[key] for key in kept if key not in gone}


def test_abc_shares_are_those_of_the_contract(dataset: Dataset) -> None:
    abc = dataset.expected.abc(TODAY)
    revenue = {name: Decimal(0) for name in "ABC-"}
    for client, name in abc.classes.items():
        revenue[name] += abc.revenue[client]

    assert abc.total == sum(revenue.values()) == authorised_total(dataset)
    assert revenue["-"] == 0
    assert Decimal("0.80") <= revenue["A"] / abc.total < Decimal("0.83")
    assert Decimal("0.95") <= (revenue["A"] + revenue["B"]) / abc.total < Decimal("0.96")
    assert set(abc.classes) == set(abc.revenue) >= dataset.expected.clients
    assert min(abc.revenue.values()) == 0  # nobody returns more than they bought


def test_orphan_clients_and_people_have_revenue_too(dataset: Dataset) -> None:
    revenue = dataset.expected.abc(TODAY).revenue
    never_sent = {codigo for table, codigo in dataset.withheld if table == "empresa"}

    assert all(revenue["empresa", codigo] > 0 for codigo in never_sent)
    assert sum(value for (kind, _), value in revenue.items() if kind == "contato") > 0
    both = [
        nota
        for nota in dataset.expected.notas.values()
        if nota.get("empresa_codigo") and nota.get("contato_codigo")
    ]
    assert len(both) > 100


def test_the_window_includes_both_its_ends(dataset: Dataset) -> None:
    last = max(nota["emitida_em"] for nota in dataset.expected.notas.values())
    day = date.fromisoformat(last)

    through = dataset.expected.abc(day).total
    before = dataset.expected.abc(day - timedelta(days=1)).total

    assert through == dataset.expected.abc(TODAY).total > before


def test_the_next_day_changes_one_record_in_a_hundred(dataset: Dataset) -> None:
    following = change(dataset, 0.01)
    sent = [(table, record) for table, records in following.deliveries for record in records]

    total = sum(counts.live for counts in dataset.expected.tables.values())
    assert 0.009 < len(sent) / total < 0.011
    for table, record in sent:
        key = str(key_of(table, record))
        before = dataset.ledger.live[table][key]
        assert record["atualizado_em"] > before["atualizado_em"]
        assert {**record, "atualizado_em": ""} != {**before, "atualizado_em": ""}
        assert following.ledger.live[table][key] == record
    assert following.expected.abc(TODAY).total != dataset.expected.abc(TODAY).total
    assert {name for counts in following.expected.outcomes.values() for name in counts} == {"updated"}
    assert change(following).today == TODAY + timedelta(days=2)


def authorised_total(dataset: Dataset) -> Decimal:
    """Sum the authorised notas as an accountant would, without looking at clients."""
    notas = [nota for nota in dataset.expected.notas.values() if nota["situacao"] == "autorizada"]
    returned = [Decimal(nota["valor_total"]) for nota in notas if nota.get("tipo") == "devolucao"]
    return sum((Decimal(nota["valor_total"]) for nota in notas), Decimal(0)) - 2 * sum(returned)
