"""The demo's two tenants: their integrations, keys and users' tokens, kept in `.local/stack.json`.

The file is what tools and checks outside the repository read; it survives `make stop`, not `make clean`.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import jwt

from infra.local.client import Api, ApiError

TENANT, OTHER_TENANT = "distribuidora-demo", "outra-empresa"
TIMEZONE = "America/Sao_Paulo"
TOKEN_SECONDS = 7 * 24 * 3600
_SETTINGS = {
    "name": "Distribuidora Demo",
    "erp_name": "ERP Demo",
    "erp_version": "2026.11",
    "deployment_status": "in_progress",
    "business_rule": "Clientes, cotações, pedidos e notas dos últimos 2 anos; duplicatas em aberto.",
    "max_hours_without_success": 24,
}


@dataclass(frozen=True)
class Tenants:
    """Both tenants on a deployed stack."""

    file: Path
    stack: dict[str, Any]

    @property
    def admin(self) -> Api:
        """The first tenant's admin."""
        return Api(self.stack["api_url"], self.stack["admin_token"])

    @property
    def path(self) -> str:
        """The first tenant's integration."""
        return f"/v1/integrations/{self.stack['integration_id']}"


def prepare(file: Path, outputs: dict[str, str], about: dict[str, str], kind: str = "api") -> Tenants:
    """Find both tenants as `file` names them, or create them; write the file with fresh tokens.

    `about` holds stack_name, region and aws_endpoint_url; the first tenant's integration is of this `kind`.
    """
    known = json.loads(file.read_text()) if file.exists() else {}
    secret = _secret(outputs["JwtSecretId"])
    url = outputs["ApiUrl"]
    first = _tenant(url, secret, TENANT, known, {**_SETTINGS, "integration_type": kind})
    second = _tenant(url, secret, OTHER_TENANT, known.get("other_tenant", {}), {"name": "Outra Empresa"})
    stack = {
        "api_url": url,
        "mailbox_queue_url": outputs["AlertsMailboxUrl"],
        "page_url": f"{url}/app/#integration={first['integration_id']}&token={first['admin_token']}",
        **about,
        "tenant_id": TENANT,
        **first,
        "other_tenant": {"tenant_id": OTHER_TENANT, **second},
    }
    _replace(file, stack)
    return Tenants(file, stack)


def _tenant(
    url: str, secret: str, tenant: str, known: dict[str, Any], settings: dict[str, Any]
) -> dict[str, str]:
    """Return integration_id, erp_key and tokens; what is still there is used again."""
    admin = sign(secret, tenant, "admin")
    tokens = {"admin_token": admin, "viewer_token": sign(secret, tenant, "viewer")}
    if known.get("erp_key") and _exists(Api(url, admin), known["integration_id"]):
        return {"integration_id": known["integration_id"], "erp_key": known["erp_key"], **tokens}
    created = Api(url, sign(secret, tenant, "operator")).post("/v1/integrations", settings)
    path = f"/v1/integrations/{created['integration_id']}/keys"
    key = Api(url, admin).post(path, {"name": "ERP"})
    return {"integration_id": created["integration_id"], "erp_key": key["key"], **tokens}


def sign(secret: str, tenant: str, role: str) -> str:
    """Sign a user's token, as the CRM does."""
    person = {"viewer": "supervisora", "admin": "ti", "operator": "implantacao"}[role]
    now = int(time.time())
    claims = {"sub": f"{person}@{tenant}", "tenant_id": tenant, "role": role, "iat": now}
    return jwt.encode({**claims, "exp": now + TOKEN_SECONDS}, secret, "HS256")


def _secret(name: str) -> str:
    return boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def _exists(api: Api, integration_id: str) -> bool:
    try:
        api.get(f"/v1/integrations/{integration_id}")
    except ApiError as error:
        if error.status == 404:
            return False
        raise
    return True


def _replace(file: Path, content: dict[str, Any]) -> None:
    """Write the whole file at once, readable by its owner only: it holds keys."""
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        json.dump(content, opened, indent=2)
    draft.replace(file)
