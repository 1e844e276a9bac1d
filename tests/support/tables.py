"""Create the product's tables on an engine, exactly as the template declares them."""

import uuid
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
    resources = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)["Resources"]
    suffix = uuid.uuid4().hex[:8]
    names = {}
    for logical, variable in VARIABLES.items():
        properties = resources[logical]["Properties"]
        names[variable] = f"{logical}-{suffix}"
        schema = {name: properties[name] for name in _SCHEMA if name in properties}
        client.create_table(TableName=names[variable], **schema)
    return names


def drop_tables(client: Any, names: dict[str, str]) -> None:
    """Delete the tables again."""
    for name in names.values():
        client.delete_table(TableName=name)
