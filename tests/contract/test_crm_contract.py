from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.crm import Document, Where
from chalicelib.domain.customers import Assigned, Customer
from chalicelib.domain.purchases import Purchases
from chalicelib.domain.reasons import Reason
from chalicelib.storage import keys
from chalicelib.storage.crm import Crm

AT = "2026-07-01T12:00:00.000000Z"
CLIENT = "empresa|São João | 1"


def document(key: str, place: str | None = None, *, table: str = "nota", revision: int = 1) -> Document:
    return Document(table, key, f'{{"numero":"{key}"}}', revision, place, "run-1", AT)


def customer(code: str, **fields: Any) -> Customer:
    return Customer("empresa", code, **fields)


def held(crm: Crm, here: str, *wanted: tuple[str, str, str | None]) -> dict[tuple[str, str], int]:
    """Read the revisions of documents."""
    return {name: found["revision"] for name, found in crm.documents(here, wanted).items()}


def test_a_document_is_found_at_its_client_or_in_its_table(crm: Crm, here: str) -> None:
    crm.apply(here, [document("1|1", CLIENT), document("7", table="vendedor")], [], [])
    wanted: list[tuple[str, str, str | None]] = [("nota", "1|1", CLIENT), ("vendedor", "7", None)]
    assert crm.documents(here, [*wanted, ("nota", "1|1", "empresa|2"), ("vendedor", "8", None)]) == {
        ("nota", "1|1"): {
            "data": {"numero": "1|1"},
            "revision": 1,
            "run_id": "run-1",
            "applied_at": AT,
        },
        ("vendedor", "7"): {"data": {"numero": "7"}, "revision": 1, "run_id": "run-1", "applied_at": AT},
    }
    assert crm.of_clients(here, [CLIENT, "empresa|2"]) == {
        CLIENT: [("nota", "1|1", {"numero": "1|1"})],
        "empresa|2": [],
    }
    assert crm.all_of(here, "vendedor") == [{"numero": "7"}]
    assert crm.all_of(f"{here}x", "vendedor") == []


def test_applying_twice_changes_nothing(crm: Crm, here: str) -> None:
    crm.apply(here, [document("2", CLIENT)], [], [])
    for _ in range(2):
        crm.apply(here, [document("1", CLIENT, revision=2)], [("nota", "2", CLIENT)], [CLIENT])
        assert held(crm, here, ("nota", "1", CLIENT), ("nota", "2", CLIENT)) == {("nota", "1"): 2}
        assert crm.dirty(here, 10) == [CLIENT]


def test_a_document_that_moves_leaves_its_old_client(crm: Crm, here: str) -> None:
    crm.apply(here, [document("1", "empresa|1")], [], [])
    crm.apply(here, [document("1", "empresa|2")], [("nota", "1", "empresa|1")], ["empresa|1", "empresa|2"])
    found = crm.of_clients(here, ["empresa|1", "empresa|2"])
    assert {place: len(documents) for place, documents in found.items()} == {"empresa|1": 0, "empresa|2": 1}


def test_a_document_that_moves_there_and_back_stays(crm: Crm, here: str) -> None:
    crm.apply(here, [document("1", CLIENT)], [("nota", "1", CLIENT)], [])
    assert held(crm, here, ("nota", "1", CLIENT)) == {("nota", "1"): 1}


def test_hundreds_of_documents_are_applied_at_once(crm: Crm, here: str) -> None:
    crm.apply(here, [document(f"{number}", CLIENT) for number in range(300)], [], [])
    assert len(crm.of_clients(here, [CLIENT])[CLIENT]) == 300
    sellers = [document(f"{number}", table="vendedor") for number in range(60)]
    crm.apply(here, sellers, [("nota", f"{number}", CLIENT) for number in range(300)], [])
    assert crm.of_clients(here, [CLIENT])[CLIENT] == []
    assert len(crm.all_of(here, "vendedor")) == 60


def test_a_client_of_more_than_a_megabyte_is_read_to_its_end(crm: Crm, here: str) -> None:
    large = '{"x":"' + "x" * 250_000 + '"}'
    crm.apply(here, [replace(document(str(number), CLIENT), data=large) for number in range(6)], [], [])
    assert len(crm.of_clients(here, [CLIENT])[CLIENT]) == 6


def test_clients_to_measure_are_listed_in_order_until_they_are_measured(crm: Crm, here: str) -> None:
    crm.mark_dirty(here, ["contato|2", CLIENT, "contato|1", CLIENT])
    assert crm.dirty(here, 2) == ["contato|1", "contato|2"]
    crm.clean(here, ["contato|1", "contato|2", "contato|3"])
    assert crm.dirty(here, 10) == [CLIENT]
    assert crm.dirty(f"{here}x", 10) == []


def full_customer() -> Customer:
    why = (Reason("code", {"name": "ç"}),)
    metrics = Purchases(
        revenue=Decimal("1234567890123.45"), revenue_by_month={"2026-06": Decimal("0.01")}, purchases=3
    )
    return customer(
        "São João | 1",
        name="João & Filhos 🧾",
        uf="SP",
        metrics=metrics,
        abc_class="A",
        category=Assigned("ativo", "Ativo", why),
        portfolio=Assigned("7", "Ana", why),
    )


def test_a_customer_is_read_as_it_was_written(crm: Crm, here: str) -> None:
    crm.write_customers(here, [full_customer(), customer("2")])
    wanted = [full_customer().place, "empresa|2", "contato|2"]
    assert crm.customers(here, wanted) == {one.place: one for one in (full_customer(), customer("2"))}
    crm.write_customers(here, [replace(full_customer(), uf="RJ")], ["empresa|2"])
    assert crm.customers(here, wanted) == {CLIENT: replace(full_customer(), uf="RJ")}


def test_all_customers_are_met_page_by_page_and_bucket_by_bucket(crm: Crm, here: str) -> None:
    everybody = {customer(str(code)).place for code in range(60)}
    crm.write_customers(here, [customer(str(code)) for code in range(60)])
    met = []
    for bucket in range(keys.BUCKETS):
        after: str | None = None
        while True:
            page, after = crm.page(here, bucket, after, 4)
            met += [one.place for one in page]
            if after is None:
                break
    assert sorted(met) == sorted(everybody)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (Where(), ["1", "2", "3"]),
        (Where(abc_class="A"), ["1"]),
        (Where(category="ATIVO"), ["1", "2"]),
        (Where(portfolio="7"), ["1"]),
        (Where(portfolio="josé"), ["2"]),
        (Where(q="farmacia"), ["1", "3"]),
        (Where(q="3"), ["3"]),
        (Where(category="ativo", q="farmácia"), ["1"]),
        (Where(abc_class="C"), []),
    ],
    ids=range(9),
)
def test_customers_are_filtered_as_people_compare(
    crm: Crm, here: str, where: Where, found: list[str]
) -> None:
    active = Assigned("ativo", "Ativo", ())
    first = customer("1", name="Farmácia  Central", abc_class="A", category=active)
    second = customer("2", name="Mercado", category=active, portfolio=Assigned("8", "JOSÉ", ()))
    third = customer("3", name="FARMACIA", category=Assigned("novo", "Novo", ()))
    crm.write_customers(here, [replace(first, portfolio=Assigned("7", "Ana", ())), second, third])
    pages = [crm.page(here, bucket, None, 100, where)[0] for bucket in range(keys.BUCKETS)]
    assert sorted(one.code for page in pages for one in page) == found


def test_revenues_are_exact_and_of_everybody(crm: Crm, here: str) -> None:
    amounts = {f"empresa|{code}": Decimal(code) / 100 for code in range(50)}
    crm.write_customers(
        here, [customer(str(code), metrics=Purchases(revenue=Decimal(code) / 100)) for code in range(50)]
    )
    assert dict(crm.revenues(here)) == amounts


def test_a_run_s_curve_is_kept_and_becomes_the_latest_when_published(crm: Crm, here: str) -> None:
    assert crm.curve(here) is None
    crm.save_curve(here, "run-1", {"as_of": "2026-07-01"})
    assert (crm.curve(here), crm.curve(here, "run-1")) == (None, {"as_of": "2026-07-01"})
    crm.publish_curve(here, {"as_of": "2026-07-01"})
    crm.save_curve(here, "run-2", {"as_of": "2026-07-02"})
    assert crm.curve(here) == {"as_of": "2026-07-01"}


def test_movements_belong_to_their_run(crm: Crm, here: str) -> None:
    moved = [{"customer": f"empresa|{code}", "from": "A", "to": "B", "name": "ç"} for code in range(5)]
    crm.write_movements(here, "run-1", moved)
    crm.write_movements(here, "run-1", moved[:2])  # as a step that is repeated
    assert crm.movements(here, "run-1", 10) == moved
    assert crm.movements(here, "run-1", 3) == moved[:3]
    assert crm.movements(here, "run-2", 10) == []
