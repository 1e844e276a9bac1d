"""An ERP's books and the world that they are pushed to, always together; and reading what became of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.support.truth import Client, Erp, Record
from tests.support.world import World

NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)
TONIGHT = date(2026, 11, 24)  # in São Paulo, where this night begins
FIRST_DAY = date(2024, 11, 24)


def nota(number: object, client: str, total: str, day: date = date(2026, 10, 1), **fields: Any) -> Record:
    kind, code = client.split(" ")
    return {"numero": str(number), "serie": "1", f"{kind}_codigo": code, "emitida_em": day.isoformat(),
            "situacao": "autorizada", "valor_total": total, **fields}  # fmt: skip


def empresa(code: object, **fields: Any) -> Record:
    return {"codigo": str(code), "razao_social": f"Loja {code}", **fields}


class Books:
    """The ERP's books and the world that they are pushed to, always together."""

    def __init__(self, world: World) -> None:
        self.world, self.erp = world, Erp()
        world.clock.frozen, world.clock.offset = NIGHT, timedelta()

    def send(self, table: str, *records: Record) -> None:
        for at in range(0, len(records), 500):
            answer = self.world.push(table, [dict(record) for record in records[at : at + 500]])
            assert (answer.status, answer.body["rejected"]) == (200, 0), answer.body
        self.erp.send(table, records)

    def night(self) -> dict[str, Any]:
        self.world.clock.advance(seconds=1)
        run = self.world.run()
        assert run["status"] == "success"
        self.world.clock.advance(seconds=1)
        return run


def abc(world: World, language: str = "pt-BR") -> dict[str, Any]:
    answer = world.as_user("viewer", "GET", "/abc", headers={"Accept-Language": language})
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


def customers(world: World, query: str = "") -> dict[Client, dict[str, Any]]:
    listed = world.listed(f"/customers{query}")
    found = {(one["kind"], one["codigo"]): one for one in listed}
    assert len(found) == len(listed), "no customer is listed twice"
    return found


def customer(world: World, client: str, language: str = "pt-BR") -> dict[str, Any]:
    path = f"/customers/{client.replace(' ', '/')}"
    body: dict[str, Any] = world.as_user("viewer", "GET", path, headers={"Accept-Language": language}).body
    return body


def revenue(world: World) -> Decimal:
    return Decimal(abc(world)["totals"]["revenue"])


def revenues(world: World) -> dict[str, str]:
    return {f"{kind} {code}": one["revenue"] for (kind, code), one in customers(world).items()}


def change(world: World, **settings: Any) -> None:
    answer = world.as_user("admin", "PATCH", "", settings)
    assert answer.status == 200, answer.body


def moved(world: World) -> dict[str, tuple[str, str, str]]:
    return {one["customer"]: (one["from"], one["to"], one["reason_code"]) for one in abc(world)["movements"]}


def measured(world: World, run: dict[str, Any]) -> str:
    """Tell from its log how many clients a run measured."""
    [line] = [
        line for line in world.listed(f"/runs/{run['run_id']}/log") if line["code"] == "analyse_measured"
    ]
    return str(line["message"])


def a_distributor(seed: int) -> dict[str, list[Record]]:
    """Make up about 60 clients and 600 notas, with everything that revenue must look out for."""
    rng = Random(seed)
    companies = [
        empresa(code, uf=rng.choice(["SP", "RS", None]), vendedor_codigo=str(rng.randint(1, 6)))
        for code in range(1, 46)
    ]
    people: list[Record] = [{"codigo": str(code), "nome": f"Pessoa {code}"} for code in range(1, 16)]
    clients = [f"empresa {code}" for code in range(1, 49)] + [f"contato {code}" for code in range(1, 18)]
    edges = [FIRST_DAY - timedelta(days=1), FIRST_DAY, TONIGHT, TONIGHT + timedelta(days=1)]
    notas = []
    for number in range(600):
        rank = min(len(clients) - 1, int(rng.paretovariate(1.1)) - 1)
        day = rng.choice(edges) if number % 5 == 0 else FIRST_DAY + timedelta(days=rng.randrange(-90, 760))
        odd = {
            "situacao": rng.choice(["autorizada"] * 7 + ["cancelada", "denegada"]),
            "tipo": rng.choice(["venda"] * 8 + ["devolucao"]),
        }
        if rng.random() < 0.2:
            odd["contato_codigo"] = str(rng.randint(1, 15))
        total = rng.choice([f"{rng.randint(1, 10**7) / 100:.2f}", str(rng.randint(0, 999)), "100.005"])
        notas.append(nota(number, clients[rank], total, day, **odd))
    for pair in range(8):  # clients whose revenue is the same to the cent
        notas += [nota(f"t{pair}", f"empresa {30 + pair // 2}", "77.70")]
    sellers: list[Record] = [{"codigo": str(code), "nome": f"Vendedor {code}"} for code in (1, 2, 4, 5)]
    sellers.append({"codigo": "3", "nome": "Vendedor 3", "ativo": False, "supervisor_codigo": "1"})
    return {"vendedor": sellers, "empresa": companies, "contato": people, "nota": notas}
