"""The demo ERP: its data is believable and its dirt is what it says."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from infra.local.erp.data import Dataset, generate
from infra.local.erp.places import CITIES
from infra.local.erp.tables import REFERENCES, TABLES, Record, join_fields, key_of

TODAY = date(2026, 11, 24)
FIRST_DAY = date(2024, 11, 27)
ISSUED = {"cotacao": "emitida_em", "pedido": "emitido_em", "nota": "emitida_em", "fatura": "emitida_em"}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return generate("small", 1, today=TODAY)


def live(dataset: Dataset, table: str) -> list[Record]:
    return list(dataset.ledger.live[table].values())


def test_equal_arguments_give_equal_data(dataset: Dataset) -> None:
    again = generate("small", 1, today=TODAY)

    assert again.deliveries == dataset.deliveries
    assert again.expected == dataset.expected
    assert generate("small", 2, today=TODAY).deliveries != dataset.deliveries


def test_a_small_distributor_has_all_tables_in_sensible_numbers(dataset: Dataset) -> None:
    counts = {table: dataset.expected.tables[table].live for table in TABLES}

    least = {"vendedor": 12, "empresa": 300, "contato": 700, "nota": 5_000, "itens_nota": 15_000}
    least |= {"fornecedor": 20, "empresa_marca": 600, "cotacao": 500, "pedido": 2_000, "fatura": 500}
    least |= {"itens_cotacao": 1_500, "itens_pedido": 6_000}
    assert {table: counts[table] for table, count in least.items() if counts[table] < count} == {}


def test_deliveries_fit_the_api(dataset: Dataset) -> None:
    assert {table for table, _ in dataset.deliveries} == set(TABLES)
    assert all(1 <= len(records) <= 1_000 for _, records in dataset.deliveries)
    assert all(len(repr(records).encode()) < 4_000_000 for _, records in dataset.deliveries)


def test_about_one_record_in_a_hundred_is_invalid_in_many_ways(dataset: Dataset) -> None:
    sent = sum(len(records) for _, records in dataset.deliveries)

    assert 0.005 < len(dataset.defects) / sent < 0.02
    assert len({defect.kind for defect in dataset.defects}) == 12
    assert {defect.table for defect in dataset.defects} == set(TABLES)
    for defect in dataset.defects:
        table, records = dataset.deliveries[defect.delivery]
        assert (table, key_of(table, records[defect.position])) == (defect.table, defect.key)
        assert defect.key not in dataset.ledger.live[table]


def test_rejected_counts_are_those_of_the_defects(dataset: Dataset) -> None:
    keys = {(defect.table, defect.key) for defect in dataset.defects if defect.key is not None}
    by_table = Counter(table for table, _ in keys)

    assert {table: counts.rejected for table, counts in dataset.expected.tables.items()} == {
        table: by_table[table] for table in TABLES
    }


def test_history_lies_within_the_window(dataset: Dataset) -> None:
    for table, field in ISSUED.items():
        days = [date.fromisoformat(record[field]) for record in live(dataset, table)]
        assert min(days) >= FIRST_DAY
        assert max(days) <= TODAY - timedelta(days=1)
    stamps = [record["atualizado_em"] for table in TABLES for record in live(dataset, table)]
    assert max(stamps) < f"{TODAY}T00:00:00Z"
    assert all(stamp.endswith("Z") for stamp in stamps)


def test_a_fifth_of_the_clients_makes_four_fifths_of_the_revenue(dataset: Dataset) -> None:
    revenue = sorted(dataset.expected.abc(TODAY).revenue.values(), reverse=True)
    buying = [value for value in revenue if value > 0]

    assert Decimal("0.7") < sum(buying[: len(buying) // 5]) / sum(buying) < Decimal("0.9")


def test_sales_have_seasons(dataset: Dataset) -> None:
    days = [date.fromisoformat(nota["emitida_em"]) for nota in live(dataset, "nota")]
    by_month = Counter((day.year, day.month) for day in days)

    assert by_month[2025, 11] > 1.3 * by_month[2025, 2]
    assert sum(day.weekday() < 5 for day in days) > 0.9 * len(days)


@pytest.mark.parametrize(
    ("parent", "child", "fields"),
    [
        ("nota", "itens_nota", ("nota_numero", "nota_serie")),
        ("pedido", "itens_pedido", ("pedido_numero",)),
        ("cotacao", "itens_cotacao", ("cotacao_numero",)),
    ],
)
def test_items_sum_to_their_documents_total(
    dataset: Dataset, parent: str, child: str, fields: tuple[str, ...]
) -> None:
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for item in live(dataset, child):
        sums[join_fields(item, fields)] += Decimal(item["valor_total"])

    for key, document in dataset.ledger.live[parent].items():
        assert sums[key] == Decimal(document["valor_total"])


def test_returns_and_void_notas_are_few(dataset: Dataset) -> None:
    notas = live(dataset, "nota")
    returns = sum(nota.get("tipo") == "devolucao" for nota in notas)
    void = sum(nota["situacao"] != "autorizada" for nota in notas)

    assert 0.02 < returns / len(notas) < 0.04
    assert 0.02 < void / len(notas) < 0.04
    assert any("tipo" not in nota for nota in notas)


def test_open_balances_follow_the_notas(dataset: Dataset) -> None:
    notas, faturas = dataset.ledger.live["nota"], live(dataset, "fatura")
    owed: dict[str | None, Decimal] = defaultdict(Decimal)
    for fatura in faturas:
        assert 0 < Decimal(fatura["saldo"]) <= Decimal(fatura["valor"])
        owed[join_fields(fatura, ("nota_numero", "nota_serie"))] += Decimal(fatura["valor"])

    assert all(owed[key] <= Decimal(notas[str(key)]["valor_total"]) for key in owed if key in notas)
    overdue = sum(fatura["vence_em"] < TODAY.isoformat() for fatura in faturas)
    assert 0.05 < overdue / len(faturas) < 0.5


def test_identifiers_have_right_check_digits(dataset: Dataset) -> None:
    empresas, contatos, notas = (live(dataset, table) for table in ("empresa", "contato", "nota"))
    wrong = [one for one in empresas if not cnpj_is_right(one["cnpj"])]
    wrong += [one for one in contatos if one["cpf"] and not cpf_is_right(one["cpf"])]

    assert 0 < len(wrong) < 0.03 * (len(empresas) + len(contatos))
    assert 15 < sum(not one["cnpj"].isdigit() for one in empresas) < 60
    assert all(access_key_is_right(nota["chave_acesso"]) for nota in notas)


def test_check_functions_know_the_published_examples() -> None:
    assert cnpj_is_right("12ABC34501DE35")  # the Receita Federal's own example
    assert cnpj_is_right("00000000000191")
    assert cpf_is_right("11144477735")
    assert not cnpj_is_right("00000000000192")


def test_places_are_consistent(dataset: Dataset) -> None:
    cities = {(city.name, city.uf): city for city in CITIES}
    for empresa in live(dataset, "empresa"):
        city = cities[empresa["cidade"], empresa["uf"]]
        assert city.cep_from <= int(empresa["cep"][:5]) <= city.cep_to


def test_vendedores_have_one_manager_and_no_cycles(dataset: Dataset) -> None:
    vendedores = dataset.ledger.live["vendedor"]
    above = {key: one["supervisor_codigo"] for key, one in vendedores.items()}
    for key in above:
        chain = [key]
        while (leader := above[chain[-1]]) is not None:
            assert leader not in chain
            chain.append(leader)
        assert chain[-1] == "000001"
    assert not all(one["ativo"] for one in vendedores.values())
    assert any(one["vendedor_codigo"] is None for one in live(dataset, "empresa"))


def test_every_reference_resolves_except_the_listed_orphans(dataset: Dataset) -> None:
    unresolved = [
        (table, key, parent, parent_key)
        for table in TABLES
        for key, record in dataset.ledger.live[table].items()
        for fields, parent in REFERENCES[table]
        if (parent_key := join_fields(record, fields)) and parent_key not in dataset.ledger.live[parent]
    ]

    assert unresolved == dataset.expected.orphans
    assert {(orphan.parent, orphan.parent_key) for orphan in dataset.expected.orphans} == set(
        dataset.withheld
    )


def test_every_kind_of_dirt_is_there(dataset: Dataset) -> None:
    kinds = ("changed", "late", "late_after_deletion", "deleted", "revived", "withheld", "resent_batches")

    assert all(dataset.injected[kind] > 0 for kind in kinds)
    outcomes = sum(dataset.expected.outcomes.values(), Counter[str]())
    assert outcomes.keys() == {"created", "updated", "unchanged", "stale", "deleted", "rejected"}
    assert any("codigo_legado" in empresa for empresa in live(dataset, "empresa"))


def cnpj_is_right(cnpj: str) -> bool:
    """Check a CNPJ by the long formula, character by character."""
    return len(cnpj) == 14 and cnpj[12:] == _digits(cnpj[:12], count=2, highest=9)


def cpf_is_right(cpf: str) -> bool:
    """Check a CPF; its weights do not start again after 9."""
    return len(cpf) == 11 and cpf[9:] == _digits(cpf[:9], count=2, highest=11)


def access_key_is_right(access_key: str) -> bool:
    """Check a nota's access key of 44 characters."""
    return len(access_key) == 44 and access_key[43:] == _digits(access_key[:43], count=1, highest=9)


def _digits(base: str, *, count: int, highest: int) -> str:
    for _ in range(count):
        total, weight = 0, 2
        for char in reversed(base):
            total += (ord(char) - 48) * weight
            weight = 2 if weight == highest else weight + 1
        digit = 11 - total % 11
        base += str(digit if digit < 10 else 0)
    return base[-count:]
