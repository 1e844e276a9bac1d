"""What the browser tests look at: integrations on a real stack with data, runs, requests and an alert."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import urllib3

from infra.local.client import Api
from infra.local.tenants import sign
from tests.support.books import empresa
from tests.support.stack import Stack, until

TENANT: Final = "aurora"
NIGHTLY: Final = {"time": "03:00", "timezone": "America/Sao_Paulo"}
MONTHS: Final = [f"2026-{month:02}" for month in range(3, 11)]
ODD_CODE: Final = "A7 %&?#ç"
QUIET: Final = {"erp_silent": False, "language": "pt-BR"}
EXACT: Final = '{"records":[{"codigo":"90","nome":"Zélia <b>=1+1</b>","extra":12345678901234567890.10}]}'
"""A body that any reading of its number would change."""


@dataclass
class Shop:
    """A tenant of a stack."""

    stack: Stack
    tenant: str = TENANT

    def api(self, role: str = "admin") -> Api:
        """Call as one of the tenant's users."""
        return self.stack.api(role, self.tenant)

    def token(self, role: str = "admin") -> str:
        """Sign in as one of them."""
        return sign(self.stack.secret, self.tenant, role)

    def integration(self, name: str, **settings: Any) -> Integration:
        """Create an integration and a key for its ERP."""
        body = {"name": name, "alert_settings": QUIET, "max_hours_without_success": 720, **settings}
        created = self.api("operator").post("/v1/integrations", body)
        found = Integration(self, created["integration_id"], "")
        found.key = self.api().post(found.path + "/keys", {"name": "ERP"})["key"]
        return found


@dataclass
class Integration:
    """One integration of a shop, its ERP's key, and what is done with both."""

    shop: Shop
    integration_id: str
    key: str

    @property
    def path(self) -> str:
        """Where it lies in the API."""
        return f"/v1/integrations/{self.integration_id}"

    def get(self, path: str = "", language: str = "pt-BR") -> Any:
        """Read below it."""
        url = self.shop.stack.outputs["ApiUrl"] + self.path + path
        headers = {"Authorization": f"Bearer {self.shop.token()}", "Accept-Language": language}
        answer = urllib3.request("GET", url, headers=headers, timeout=60)
        assert answer.status == 200, answer.data
        return json.loads(answer.data)

    def patch(self, **settings: Any) -> Any:
        """Change its settings."""
        return self.shop.api().patch(self.path, settings)

    def push(self, table: str, *records: Mapping[str, Any]) -> None:
        """Deliver records as its ERP."""
        self.send(table, json.dumps({"records": records}).encode())

    def send(self, table: str, body: bytes, **headers: str) -> int:
        """Deliver a body as it is; answers the status."""
        url = f"{self.shop.stack.outputs['ApiUrl']}/v1/erp/{table}"
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        return urllib3.request("POST", url, body=body, headers=sent, timeout=60, retries=False).status

    def declare(self, table: str, *totals: Mapping[str, Any]) -> None:
        """Declare control totals as its ERP."""
        url = f"{self.shop.stack.outputs['ApiUrl']}/v1/erp/{table}/control-totals"
        body, sent = json.dumps({"totals": totals}), {"Authorization": f"Bearer {self.key}"}
        answer = urllib3.request("PUT", url, body=body, headers=sent, timeout=60, retries=False)
        assert answer.status == 200, answer.data

    def begin(self) -> str:
        """Start a run; answers its id."""
        return str(self.shop.api().post(self.path + "/runs", {})["run_id"])

    def run(self) -> dict[str, Any]:
        """Start a run and wait for its end."""
        run_id = self.begin()

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(f"/runs/{run_id}")
            return found if found["status"] != "running" else None

        return until(look, 120, f"run {run_id} is still on")


def furnished(shop: Shop) -> Integration:
    """Make an integration in which everything can be seen: runs of all kinds, movements, odd requests."""
    found = shop.integration(
        "Distribuidora Aurora",
        erp_name="ERP Aurora",
        erp_version="12.1",
        deployment_status="completed",
        deployment_reason="Histórico conferido com o cliente",
        scheduled=True,
        schedule=NIGHTLY,
        business_rule="Importa empresas e notas.\nSó clientes com compra nos últimos 2 anos.",
    )
    found.push("vendedor", {"codigo": "1", "nome": "Ana Souza"}, {"codigo": "2", "nome": "Bruno Lima"})
    codes = [*(f"{number:06}" for number in range(1, 15)), ODD_CODE]
    found.push("empresa", *(empresa(code, vendedor_codigo=str(1 + at % 2)) for at, code in enumerate(codes)))
    contato = {"codigo": "7", "nome": "Carla Dias", "cpf": "52998224725", "email": "carla@aurora.com.br"}
    found.push("contato", contato)
    found.push("nota", *_notas(codes))
    assert found.run()["status"] == "success"
    assert found.run()["status"] == "success"
    found.push("nota", sale("grande", codes[9], "90000.00", "2026-11-10"))
    found.push("vendedor", {"codigo": "3"})
    assert found.run()["status"] == "partial"
    _odd_requests(found)
    return found


def onboarded(shop: Shop, name: str = "Implantação") -> Integration:
    """Make an integration whose history has arrived in part: its months are in all states."""
    found = shop.integration(name, erp_name="ERP Aurora", deployment_status="in_progress")
    found.push("vendedor", {"codigo": "1", "nome": "Ana Souza"}, {"codigo": "2", "nome": "Bruno Lima"})
    found.push("empresa", empresa("000001", vendedor_codigo="1"), empresa("000002", vendedor_codigo="9"))
    found.push(
        "nota",
        *(sale(f"{month}-{at}", "000001", "100.00", f"{month}-15") for month in MONTHS for at in (1, 2)),
    )
    found.push("vendedor", {"codigo": "3"})
    assert found.run()["status"] == "partial"
    found.push("nota", sale("2026-03-1", "000001", "150.00", "2026-03-15"))
    found.push("fornecedor", {"codigo": "1", "razao_social": "Peças Ltda"})
    found.declare("vendedor", {"count": 3})
    found.declare("empresa", {"count": 2})
    found.declare("fornecedor", {"count": 1})
    two = {"count": 2, "sum": "200.00"}
    found.declare(
        "nota",
        {"month": "2026-03", "count": 2, "sum": "250.00"},
        *({"month": month, **two} for month in ("2026-04", "2026-05")),
        {"month": "2026-06", "count": 4, "sum": "400.00", "max_key": "2026-06-9|1"},
        {"month": "2026-07", "count": 2, "sum": "210.00"},
        {"month": "2026-08", "count": 1, "sum": "100.00"},
        {"month": "2026-09", **two},
    )
    return found


def _notas(codes: list[str]) -> list[dict[str, Any]]:
    """Let each one buy less than the one before, every month from some month on."""
    return [
        sale(f"{at}-{month}", code, f"{20000 / (at + 1) ** 1.5:.2f}", f"{month}-15")
        for at, code in enumerate(codes)
        for month in MONTHS[at % 3 :]
    ]


def sale(number: str, code: str, total: str, day: str) -> dict[str, Any]:
    """Write a nota of a company."""
    return {
        "numero": number,
        "serie": "1",
        "empresa_codigo": code,
        "emitida_em": day,
        "situacao": "autorizada",
        "valor_total": total,
    }


def _odd_requests(integration: Integration) -> None:
    """Send what is no success, what is not JSON, and what must not be changed by reading it."""
    assert integration.send("vendedor", EXACT.encode()) == 200
    lines = b'{"codigo":"91","nome":"Um"}\n{"codigo":"92","nome":"Dois"}\n'
    packed = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    assert integration.send("vendedor", gzip.compress(lines), **packed) == 200
    assert integration.send("vendedor", b'{"records": [') == 400
    assert integration.send("clientes", b'{"records": []}') == 404
