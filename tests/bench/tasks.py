"""What the bench measures: deliveries and the load stage, each beside bare calls for the same items."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from chalicelib import wiring
from chalicelib.domain.integrations import Integration
from chalicelib.domain.runs import Run
from chalicelib.domain.tables import TABLES
from chalicelib.domain.values import instant_text
from chalicelib.services.ingestion import ingest
from chalicelib.services.stages import load
from chalicelib.services.work import Work
from tests.bench.bare import THREADS, Bare
from tests.bench.rounds import Comparison, Task
from tests.support.calls import Calls, counted
from tests.support.world import World

TABLE, RECORDS = "empresa", 500


def empresa(key: int, version: int) -> dict[str, Any]:
    """Build a record of ordinary size: about 500 bytes of JSON."""
    return {
        "codigo": f"{key:06}",
        "razao_social": f"Distribuidora de Alimentos {key} Ltda",
        "nome_fantasia": f"Mercado {key}",
        "cnpj": "11.222.333/0001-81",
        "segmento": "varejo",
        "email": f"compras{key}@example.com",
        "telefone": "11 5555-0100",
        "logradouro": "Rua das Flores",
        "numero": "100",
        "bairro": "Centro",
        "cidade": "São Paulo",
        "uf": "SP",
        "cep": "01000-000",
        "vendedor_codigo": "12",
        "limite_credito": f"{version}.50",
        "data_cadastro": "2020-01-01",
        "ativo": True,
    }


class Deliveries:
    """Ever newer versions of the same 500 records."""

    def __init__(self, world: World) -> None:
        self._world, self._versions = world, itertools.count(1)
        self.body = b""

    def renew(self) -> list[dict[str, Any]]:
        """Change every record, and write the next request's body."""
        version = next(self._versions)
        records = [empresa(key, version) for key in range(RECORDS)]
        self.body = json.dumps({"records": records}).encode()
        return records

    def post(self) -> None:
        """Send the body over HTTP, in process."""
        token = self._world.erp_key
        answer = self._world.call("POST", f"/v1/erp/{TABLE}", self.body, token=token)
        assert answer.status == 200, answer.body


BATCHES = "bare boto3: 5 reads of 100, 40 writes of 25 (500 + 500)"
DELIVERY = "bare boto3: the same, with key and request log"
OWN = "bare boto3: our own items, with key and request log"
BARE_LOAD = "bare boto3: query, 5 reads, 20 + 20 writes (CRM, marks)"
CHANGED = "POST of 500 changed records"
DIRECT = "ingestion of 500 changed records, without key and log"
AGAIN = "POST of the same 500 records again"
LOAD = "load stage: 500 changed records"

COMPARISONS = [
    Comparison(DIRECT, BATCHES, 1.5),
    Comparison(CHANGED, DELIVERY, 1.5),
    Comparison(CHANGED, BATCHES, 1.5),
    Comparison(CHANGED, OWN),
    Comparison(AGAIN, BATCHES),
    Comparison(LOAD, BARE_LOAD),
]


def tasks(world: World, tables: dict[str, str]) -> list[Task]:
    """List what is measured."""
    deliveries, direct, loading = Deliveries(world), Direct(world), Loading(world)
    client = boto3.client("dynamodb", config=Config(max_pool_connections=THREADS))
    bare = Bare(client, tables["RECORDS_TABLE"], tables["CRM_TABLE"], RECORDS)
    return [
        Task(BATCHES, bare.records_and_markers, bare.renew),
        Task(DELIVERY, bare.delivery, bare.renew),
        Task(OWN, bare.own_items, bare.renew),
        Task(CHANGED, deliveries.post, deliveries.renew),
        Task(DIRECT, direct.ingest, direct.renew),
        Task(AGAIN, deliveries.post, deliveries.post),
        Task(BARE_LOAD, bare.load, bare.renew),
        Task(LOAD, loading.load, loading.renew),
    ]


class Direct:
    """Ingestion alone: validation, comparison and storage."""

    def __init__(self, world: World) -> None:
        self._integration_id = world.new_integration()[0]
        self._versions = itertools.count(1)
        self._records: list[dict[str, Any]] = []

    def renew(self) -> None:
        version = next(self._versions)
        self._records = [empresa(key, version) for key in range(RECORDS)]

    def ingest(self) -> None:
        ingest(
            wiring.records(),
            self._integration_id,
            TABLES[TABLE],
            self._records,
            request_id=f"request-{next(self._versions)}",
            now=wiring.now(),
        )


class Loading:
    """The load stage, over what a delivery has left."""

    def __init__(self, world: World) -> None:
        self._direct = Direct(world)
        integration_id = self._direct._integration_id
        found = wiring.integrations().find(world.tenant_id, integration_id)
        assert found
        self._integration: Integration = found
        self._runs = itertools.count(1)

    def renew(self) -> None:
        self._direct.renew()
        self._direct.ingest()

    def load(self) -> None:
        work = self._work()
        cursor: dict[str, Any] | None = {}
        processed = 0
        while cursor is not None:
            step = load.step(work, cursor)
            cursor, processed = step.cursor, processed + step.processed
        assert processed == RECORDS

    def _work(self) -> Work:
        now = wiring.now()
        run = Run(
            run_id=f"run-{next(self._runs)}",
            tenant_id=self._integration.tenant_id,
            integration_id=self._integration.integration_id,
            trigger="manual",
            started_at=now,
            as_of=now.date().isoformat(),
            cutoff=instant_text(now),
        )
        return Work(self._integration, run, wiring.records(), wiring.crm(), now)


def costs(world: World, tables: dict[str, str]) -> list[tuple[str, int, Calls]]:
    """Count what deliveries and runs consume; of a fresh integration."""
    world.integration_id, world.erp_key = world.new_integration()
    deliveries = Deliveries(world)

    def count(action: Callable[[], object]) -> Calls:
        with counted() as calls:
            action()
        return calls

    deliveries.renew()
    found = [("POST of 500 new records", RECORDS, count(deliveries.post))]
    deliveries.renew()
    found.append(("POST of 500 changed records", RECORDS, count(deliveries.post)))
    found.append(("POST of the same 500 again", RECORDS, count(deliveries.post)))
    one = {"records": [empresa(RECORDS, 1)]}
    deliveries.body = json.dumps(one).encode()
    found.append(("POST of 1 new record", 1, count(deliveries.post)))
    found.append(("GET of the integration", 1, count(lambda: world.as_user("viewer", "GET", ""))))
    found.append(("a run over 501 new records", RECORDS + 1, count(world.run)))
    found.append(("a run without changes", RECORDS + 1, count(world.run)))
    return found
