from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict, Stale
from chalicelib.domain.integrations import Integration
from chalicelib.domain.keys import ErpKey
from chalicelib.storage.integrations import ErpKeys, Integrations

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def integrations(engine: Any) -> Integrations:
    return Integrations(engine.tables["INTEGRATIONS_TABLE"])


@pytest.fixture
def erp_keys(engine: Any) -> ErpKeys:
    return ErpKeys(engine.tables["INTEGRATIONS_TABLE"])


@pytest.fixture
def tenant(here: str) -> str:
    return f"tenant ç {here}"


def integration(tenant: str, integration_id: str, **fields: Any) -> Integration:
    return Integration(integration_id, tenant, "Distribuidora São João 🧾", **fields)


def test_an_integration_is_read_as_it_was_written(integrations: Integrations, here: str, tenant: str) -> None:
    one = integration(tenant, here, active=True, scheduled=True, armed_at="2026-07-01T12:00:00.000000Z")
    integrations.add(one, NOW)
    assert integrations.find(tenant, here) == one


def test_another_tenant_finds_nothing(integrations: Integrations, here: str, tenant: str) -> None:
    integrations.add(integration(tenant, here), NOW)
    assert integrations.find(f"{tenant}x", here) is None
    assert integrations.of_tenant(f"{tenant}x", None, 10) == []


def test_an_id_is_given_once(integrations: Integrations, here: str, tenant: str) -> None:
    integrations.add(integration(tenant, here), NOW)
    with pytest.raises(Conflict):
        integrations.add(integration(tenant, here, active=True), NOW)
    assert integrations.find(tenant, here) == integration(tenant, here)


def test_of_two_changes_to_one_version_the_second_is_stale(
    integrations: Integrations, here: str, tenant: str
) -> None:
    integrations.add(integration(tenant, here), NOW)
    first = integration(tenant, here, version=2, erp_name="first")
    integrations.replace(first, 1, NOW)
    with pytest.raises(Stale):
        integrations.replace(integration(tenant, here, version=2, erp_name="second"), 1, NOW)
    assert integrations.find(tenant, here) == first


def test_an_integration_that_is_not_there_cannot_be_changed(
    integrations: Integrations, here: str, tenant: str
) -> None:
    with pytest.raises(Stale):
        integrations.replace(integration(tenant, here, version=2), 1, NOW)
    assert integrations.find(tenant, here) is None


def test_a_tenant_s_integrations_are_listed_page_by_page(
    integrations: Integrations, here: str, tenant: str
) -> None:
    ids = [f"{here}{letter}" for letter in "abcde"]
    for one in reversed(ids):
        integrations.add(integration(tenant, one), NOW)
    first = integrations.of_tenant(tenant, None, 2)
    rest = integrations.of_tenant(tenant, first[-1].integration.integration_id, 10)
    assert [one.integration.integration_id for one in (*first, *rest)] == ids


def erp_key(here: str, suffix: str = "abc123", **fields: Any) -> ErpKey:
    return ErpKey(f"{here}-{suffix}", here, "tenant-a", "ERP ç", "0" * 64, "2026-07-01", "admin-1", **fields)


def test_a_key_is_read_as_it_was_written_and_belongs_to_its_integration(erp_keys: ErpKeys, here: str) -> None:
    erp_keys.add(erp_key(here))
    assert erp_keys.find(here, f"{here}-abc123") == erp_key(here)
    assert erp_keys.find(f"{here}x", f"{here}-abc123") is None
    assert erp_keys.find(here, f"{here}-xyz789") is None


def test_a_key_s_id_is_given_once(erp_keys: ErpKeys, here: str) -> None:
    erp_keys.add(erp_key(here))
    with pytest.raises(Conflict):
        erp_keys.add(replace(erp_key(here), secret_hash="1" * 64))
    assert erp_keys.find(here, f"{here}-abc123") == erp_key(here)


def test_a_revocation_stays_with_its_first_time(erp_keys: ErpKeys, here: str) -> None:
    erp_keys.add(erp_key(here))
    assert erp_keys.revoke(here, f"{here}-abc123", "first")
    assert erp_keys.revoke(here, f"{here}-abc123", "second")
    assert erp_keys.find(here, f"{here}-abc123") == erp_key(here, revoked_at="first")


def test_what_is_no_key_cannot_be_revoked(erp_keys: ErpKeys, here: str) -> None:
    assert not erp_keys.revoke(here, f"{here}-abc123", "now")
    assert erp_keys.of_integration(here, None, 10) == []


def test_keys_are_listed_page_by_page(erp_keys: ErpKeys, here: str) -> None:
    for suffix in ("c", "a", "b"):
        erp_keys.add(erp_key(here, suffix))
    [first, second] = erp_keys.of_integration(here, None, 2)
    [third] = erp_keys.of_integration(here, second.key_id, 10)
    assert [one.key_id[-1] for one in (first, second, third)] == ["a", "b", "c"]
