"""Reading a view of a real PostgreSQL, beside a bare loop: the same driver, and raw batch calls.

Each way is a process of its own, so that its peak memory is its own; all write into one DynamoDB Local.
"""

import json
import os
import subprocess
import sys
from typing import Any, Final

from infra.local.dynamodb import DynamoDBLocal
from tests.bench.view_worker import VIEW
from tests.conftest import dynamodb_client
from tests.support.server_kinds import start
from tests.support.servers import Server, missing
from tests.support.tables import create_tables

ROWS: Final = int(os.environ.get("ROWS", "1000000"))
RATIO_TARGET: Final = 0.6
MEMORY_TARGET: Final = 250
FLOOR, NEW, KNOWN = "bare loop", "extract, all rows new", "extract, all rows known"
WAYS: Final = (FLOOR, NEW, KNOWN, "bare loop, 16 threads")
_COLUMNS: Final = {
    "codigo": "lpad(n::text, 7, '0')",
    "razao_social": "'Distribuidora de Alimentos ' || n || ' Ltda'",
    "nome_fantasia": "'Mercado ' || n",
    "cnpj": "'11.222.333/0001-81'",
    "segmento": "'varejo'",
    "email": "'compras' || n || '@example.com'",
    "telefone": "'11 5555-0100'",
    "logradouro": "'Rua das Flores'",
    "numero": "'100'",
    "bairro": "'Centro'",
    "cidade": "'São Paulo'",
    "uf": "'SP'",
    "cep": "'01000-000'",
    "vendedor_codigo": "'12'",
    "limite_credito": "(n % 1000 + 0.5)::numeric(12, 2)",
    "data_cadastro": "DATE '2020-01-01'",
    "ativo": "true",
}


def measure_views() -> bool:
    """Measure, print and judge what reading views takes."""
    if lack := missing("postgresql"):
        print(lack)
        return False
    server = start("postgresql")
    try:
        _fill(server)
        with DynamoDBLocal() as engine:
            tables = create_tables(dynamodb_client(engine.endpoint_url))
            asked: dict[str, Any] = {"endpoint_url": engine.endpoint_url, "tables": tables}
            asked |= {"address": server.address}
            asked |= {"names": list(_COLUMNS), "size": ROWS}
            return _judged({way: _taken({**asked, "way": way}) for way in WAYS})
    finally:
        server.stop()


def _fill(server: Server) -> None:
    selected = ", ".join(f"{how} AS {name}" for name, how in _COLUMNS.items())
    server.execute(
        f"CREATE TABLE t_empresa AS SELECT {selected} FROM generate_series(1, {ROWS}) AS n",
        "ALTER TABLE t_empresa ADD PRIMARY KEY (codigo)",
        f"CREATE VIEW {VIEW} AS SELECT * FROM t_empresa",
        "ANALYZE t_empresa",
    )


def _taken(asked: dict[str, Any]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.view_worker", json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _judged(taken: dict[str, dict[str, float]]) -> bool:
    floor = taken[FLOOR]["seconds"]
    print(f"\nA view of {ROWS:,} rows, read from PostgreSQL")
    print(f"{'':32}{'rows/s':>10}{'of the bare loop':>20}{'peak MB':>10}")
    for way, one in taken.items():
        rate, share = one["rows"] / one["seconds"], floor / one["seconds"]
        print(f"{way:32}{rate:>10,.0f}{share:>19.0%} {one['peak_mb']:>9.0f}")
    met = all(floor / taken[way]["seconds"] >= RATIO_TARGET for way in (NEW, KNOWN))
    flat = all(taken[way]["peak_mb"] < MEMORY_TARGET for way in (NEW, KNOWN))
    print(f"at least {RATIO_TARGET:.0%} of the bare loop: {'met' if met else 'MISSED'}")
    print(f"less than {MEMORY_TARGET} MB: {'met' if flat else 'MISSED'}")
    return met and flat
