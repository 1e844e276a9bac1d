"""Create the product's tables on an engine, exactly as the template declares them."""

import uuid
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "infra" / "resources.yaml"
VARIABLES = {
    "IntegrationsTable": "INTEGRATIONS_TABLE",
    "RecordsTable": "RECORDS_TABLE",
    "RequestsTable": "REQUESTS_TABLE",
    "RunsTable": "RUNS_TABLE",
    "CrmTable": "CRM_TABLE",
    "IdempotencyTable": "IDEMPOTENCY_TABLE",
    "ExportsTable": "EXPORTS_TABLE",
    "AuditTable": "AUDIT_TABLE",
    "AlertsTable": "ALERTS_TABLE",
    "OnboardingTable": "ONBOARDING_TABLE",
}
_SCHEMA = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as plain values: only the schema matters here."""


def _short_function(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _short_function)


def create_tables(client: Any) -> dict[str, str]:
    """Create fresh tables under unique names; answers environment variable → table name."""
    suffix = uuid.uuid4().hex[:8]
    names = {}
    for logical, variable in VARIABLES.items():
        names[variable] = f"{logical}-{suffix}"
        client.create_table(TableName=names[variable], **_schemas()[logical])
    return names


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    """Read the tables' schemas, once: the template is long."""
    resources = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)["Resources"]
    return {
        logical: {name: value for name, value in resources[logical]["Properties"].items() if name in _SCHEMA}
        for logical in VARIABLES
    }


def drop_tables(client: Any, names: dict[str, str]) -> None:
    """Delete the tables again."""
    for name in names.values():
        client.delete_table(TableName=name)
