"""Proofs of completeness: every defect is found and named, and nothing else."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from chalicelib.domain.proofs import KINDS
from tests.support.onboarding import Erp, Place, applied, found, item, nota, prove, shop
from tests.support.world import World


@pytest.fixture
def erp(own_world: World) -> Erp:
    own_world.onboarding_queue.messages.clear()
    own_world.proofs_queue.messages.clear()
    return shop(own_world)


def test_what_is_all_there_is_certified(erp: Erp) -> None:
    applied(erp)
    erp.declare()
    report = prove(erp.world)
    assert (report["status"], report["verdict"], report["certificate"]) == ("done", "complete", True)
    assert (report["records"], report["findings"], report["changed_meanwhile"]) == (23, {}, [])
    assert found(erp.world, report) == {}
    [notas] = [one for one in report["tables"] if one["table"] == "nota"]
    assert [(one["month"], one["status"], one["erp"]["sum"]) for one in notas["months"]] == [
        (f"2026-0{month}", "equal", "20.00") for month in (3, 2, 1)
    ]


def test_without_declarations_nothing_is_proved(erp: Erp) -> None:
    applied(erp)
    report = prove(erp.world)
    assert (report["verdict"], report["certificate"], report["findings"]) == ("unproven", False, {})


LATER = "2026-05-02T00:00:00Z"
EXPECTED: dict[Place, int] = {
    ("duplicate", "nota", "2026-04", "41|1"): 1,
    ("stale", "nota", "2026-04", "43|1"): 1,
    ("rejected", "nota", "2026-04", "44|1"): 1,
    ("rejected", "nota", "2026-04", "45|1"): 1,
    ("other_month", "nota", "2026-04", "46|1"): 1,
    ("orphan", "nota", "2026-04", "47|1"): 1,
    **{("missing_key", "nota", "2025-12", f"{number}|1"): 1 for number in (51, 52, 53)},
    ("orphan", "itens_nota", None, "99|1|1"): 1,
    ("orphan", "itens_nota", None, "99|1|2"): 1,
    ("orphan", "vendedor", None, "V3"): 1,
    ("month_differs", "pedido", "2026-06", None): 1,
    ("month_differs", "fatura", "2026-07", None): 1,
    ("month_differs", "cotacao", "2026-01", None): 1,
    ("listed_twice", "vendedor", None, "V2"): 1,
    ("missing_key", "empresa", None, "E3"): 1,
    ("missing_key", "nota", "2026-02", "21|1"): 1,
    ("missing_key", "itens_nota", None, "31|1|2"): 1,
    ("extra_key", "vendedor", None, "V4"): 1,
    ("rejected", "vendedor", None, None): 1,
    ("pending", "empresa", None, "E2"): 1,
    ("pending", "itens_nota", None, "32|1|1"): 1,
    ("pending", "itens_nota", None, "32|1|2"): 1,
    ("missing_key", "itens_nota", None, "32|1|2"): 1,
    ("pending", "fornecedor", None, "F1"): 1,
    # The children of the nota and of the company that are missing:
    ("orphan", "itens_nota", None, "21|1|1"): 1,
    ("orphan", "itens_nota", None, "21|1|2"): 1,
}


def _holds(erp: Erp) -> None:
    """Give the ERP what it is asked for."""
    twin = nota(41, "2026-04-01", chave_acesso="3526" + "1" * 40, atualizado_em=LATER)
    erp.holds("nota", twin, {**twin, "numero": "42"})  # 1: a doubled row
    erp.holds("nota", nota(43, "2026-04-02", atualizado_em=LATER))  # 2: its newer version never came
    erp.holds("nota", nota(44, "2026-04-03"), nota(45, "2026-04-04"))  # 3, 4: refused
    erp.holds("nota", nota(46, "2026-04-05"))  # 5: came with another date
    erp.holds("nota", nota(47, "2026-04-06", empresa_codigo="E77"))  # 6: its company never came
    erp.holds("nota", *(nota(number, "2025-12-24") for number in (51, 52, 53)))  # 7-9: a missing month
    erp.holds("itens_nota", item(99, 1), item(99, 2))  # 10, 11: their nota never came
    erp.holds("vendedor", {"codigo": "V3", "nome": "Caio", "supervisor_codigo": "V9"})  # 12
    erp.holds("pedido", *(_pedido(number) for number in (1, 2, 3)))  # 13: a wrong sum, without keys
    erp.holds("fatura", *(_fatura(number) for number in (1, 2)))  # 14: its last key is not there


def _declares(erp: Erp) -> None:
    """Let it declare all that it has, and some things wrong."""
    erp.declare()
    erp.put("pedido/control-keys", {"month": "2026-06", "keys": []})
    erp.put("pedido/control-totals", {"totals": [{"month": "2026-06", "count": 3, "sum": "31"}]})
    erp.put("fatura/control-keys", {"month": "2026-07", "keys": []})
    erp.put("fatura/control-totals", {"totals": [{"month": "2026-07", "count": 2, "max_key": "9|9"}]})
    erp.put("cotacao/control-totals", {"totals": [{"month": "2026-01", "count": 4}]})  # 15: all are missing
    keys = ["V1", "V2", "V2", "V3"]
    erp.put("vendedor/control-keys", {"keys": keys})  # 16: listed twice


def _sends(erp: Erp) -> None:
    """Let something else arrive, before a run and after it."""
    world = erp.world
    missing = {("empresa", "E3"), ("nota", "21|1"), ("itens_nota", "31|1|2")}  # 17-19: single keys
    missing |= {("nota", f"{number}|1") for number in (43, 44, 45, 46, 51, 52, 53)}
    erp.push(but=missing)
    world.push("nota", [nota(43, "2026-04-02", atualizado_em="2026-05-01T00:00:00Z")])
    world.push("nota", [nota(44, "2026-04-03", situacao="pendente"), nota(45, "2026-04-04", amount="x")])
    world.push("nota", [nota(46, "2026-05-05")])
    world.push("vendedor", [{"codigo": "V4", "nome": "Davi"}])  # 20: the ERP has no such seller
    world.push("vendedor", [{"nome": "Sem código"}])  # 21: refused, nobody knows which
    world.run()
    world.push("empresa", [{"codigo": "E2", "razao_social": "Outra"}])  # 22: older in the CRM
    world.push("itens_nota", [item(32, 1, "6")])  # 23: a sum that differs by a version not applied
    world.push("itens_nota", [{"nota_numero": "32", "nota_serie": "1", "item": 2, "excluido": True}])  # 24
    world.push("fornecedor", [{"codigo": "F1", "razao_social": "Nova"}])  # 25: not declared, not applied


def test_25_seeded_defects_are_found_named_and_nothing_else_is(erp: Erp) -> None:
    world = erp.world
    _holds(erp)
    _declares(erp)
    _sends(erp)
    report = prove(world)
    assert found(world, report) == EXPECTED
    assert (report["verdict"], report["certificate"]) == ("incomplete", False)
    assert report["findings_total"] == len(EXPECTED)
    for kind in KINDS:
        own = {place: count for place, count in EXPECTED.items() if place[0] == kind}
        assert report["findings"].get(kind, 0) == len(own)
        assert found(world, report, f"kind={kind}") == own
    assert found(world, report, "table=nota&month=2025-12") == {
        place: 1 for place in EXPECTED if place[1:3] == ("nota", "2025-12")
    }


def _pedido(number: int) -> dict[str, Any]:
    record = {"numero": str(number), "empresa_codigo": "E1", "emitido_em": "2026-06-01"}
    return {**record, "situacao": "aberto", "valor_total": "10"}


def _fatura(number: int) -> dict[str, Any]:
    record = {"numero": str(number), "parcela": 1, "empresa_codigo": "E1", "vence_em": "2026-07-10"}
    return {**record, "valor": "10", "saldo": "4"}


def test_the_workbook_says_the_same(erp: Erp) -> None:
    applied(erp, but={("nota", "21|1")})
    erp.declare()
    erp.world.push("nota", [nota(22, "2026-02-15", situacao="=1+1")])
    report = prove(erp.world)
    book = load_workbook(io.BytesIO(erp.world.files.behind(report["url"])))
    assert book.sheetnames == ["Resumo", "Tabelas e meses", "Diferenças", "Enviar de novo"]
    facts: dict[Any, Any] = {
        row[0].value: row[1].value for row in book["Resumo"].iter_rows(max_row=30) if row[0].value
    }
    assert facts["Resultado"].startswith("Incompleto")
    assert facts["Resumo criptográfico dos dados (SHA-256)"] == report["digest"]
    months = {(row[0], row[1]): row for row in book["Tabelas e meses"].iter_rows(min_row=2, values_only=True)}
    assert months["nota", "2026-02"][2:7] == ("Com recusados", 2, 1, 1, -1)
    again = list(book["Enviar de novo"].iter_rows(min_row=2, values_only=True))
    assert again == [("nota", "2026-02", "21|1", "Faltando"), ("nota", "2026-02", "22|1", "Recusado")]
    told = {row[3]: str(row[4]) for row in book["Diferenças"].iter_rows(min_row=2, values_only=True)}
    assert "situacao" in told["22|1"]
    assert report["filename"].startswith("certificado-completude-")
