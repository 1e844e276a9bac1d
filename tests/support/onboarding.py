"""An ERP's small world of documents, what it declares of it, and proofs of completeness."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chalicelib.domain.tables import TABLES
from chalicelib.domain.tallies import UNDATED, measure_of, period_of
from tests.support.world import World

Record = dict[str, Any]
Place = tuple[str, str, str | None, str | None]


def seller(code: int, **fields: Any) -> Record:
    return {"codigo": f"V{code}", "nome": f"Vendedora {code}", **fields}


def company(code: int, **fields: Any) -> Record:
    return {"codigo": f"E{code}", "razao_social": f"Empresa {code} Ltda", "vendedor_codigo": "V1", **fields}


def nota(number: int, date: str = "2026-01-15", amount: str = "10.00", **fields: Any) -> Record:
    record = {"numero": str(number), "serie": "1", "empresa_codigo": "E1", "emitida_em": date}
    return {**record, "situacao": "autorizada", "valor_total": amount, **fields}


def item(number: int, position: int, amount: str = "5.00", **fields: Any) -> Record:
    record = {
        "nota_numero": str(number),
        "nota_serie": "1",
        "item": position,
        "produto_codigo": f"P{position}",
    }
    return {**record, "quantidade": "1", "valor_unitario": amount, "valor_total": amount, **fields}


@dataclass
class Erp:
    """What the ERP has, table by table, and what it says of it."""

    world: World
    records: dict[str, list[Record]] = field(default_factory=dict)

    def holds(self, table: str, *records: Record) -> None:
        """Let it have records."""
        self.records.setdefault(table, []).extend(records)

    def push(self, *, but: set[tuple[str, str]] | None = None) -> None:
        """Deliver everything, but for the (table, key) named."""
        for table, records in self.records.items():
            sent = [one for one in records if (table, key_of(table, one)) not in (but or set())]
            assert self.world.push(table, sent).status == 200

    def declare(self, *, keys: bool = True) -> None:
        """Declare totals of all that it has, and all keys."""
        for table, records in self.records.items():
            measure, by_period = measure_of(table), dict[str, list[Record]]()
            for one in records:
                by_period.setdefault(period_of(measure, one), []).append(one)
            for period, own in by_period.items():
                month = None if period == UNDATED else period
                total: Record = {"month": month, "count": len(own)}
                if measure.amount:
                    total["sum"] = str(sum(Decimal(str(one[measure.amount])) for one in own))
                self.put(f"{table}/control-totals", {"totals": [total]})
                if keys:
                    named = [{"key": key_of(table, one), **version(one)} for one in own]
                    self.put(f"{table}/control-keys", {"month": month, "keys": named})

    def put(self, path: str, body: Record) -> None:
        """Declare something."""
        answer = self.world.call("PUT", f"/v1/erp/{path}", body, token=self.world.erp_key)
        assert answer.status == 200, answer.body


def version(record: Record) -> Record:
    return {name: record[name] for name in ("atualizado_em",) if name in record}


def key_of(table: str, record: Record) -> str:
    return "|".join(str(record[name]) for name in TABLES[table].key_fields)


def shop(world: World, months: int = 3) -> Erp:
    """An ERP with two sellers, three companies, and a nota with two items a company and month."""
    erp = Erp(world)
    erp.holds("vendedor", seller(1), seller(2))
    erp.holds("empresa", company(1), company(2), company(3))
    for month in range(1, months + 1):
        for number in (10 * month + 1, 10 * month + 2):
            erp.holds("nota", nota(number, f"2026-{month:02}-15"))
            erp.holds("itens_nota", item(number, 1), item(number, 2, "5.01"))
    return erp


def applied(erp: Erp, **options: Any) -> Erp:
    """Deliver everything and let a run apply it."""
    erp.push(**options)
    erp.world.run()
    return erp


def prove(world: World) -> Record:
    """Ask for a proof, work it off, and read it."""
    begun = world.as_user("admin", "POST", "/completeness/report", {})
    assert begun.status == 202, begun.body
    world.work_off_onboarding()
    return read(world, begun.body["report_id"])


def read(world: World, report_id: str) -> Record:
    answer = world.as_user("viewer", "GET", f"/completeness/reports/{report_id}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def found(
    world: World, report: Record, query: str = ""
) -> "Counter[tuple[str, str, str | None, str | None]]":
    """Collect a report's findings as (kind, table, month, key)."""
    items = world.listed(f"/completeness/reports/{report['report_id']}/findings?{query}")
    return Counter((one["kind"], one["table"], one["month"], one["key"]) for one in items)
