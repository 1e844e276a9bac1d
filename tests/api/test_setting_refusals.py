"""A wrong setting is refused by field, in both languages, when creating and when changing an integration."""

import json
from typing import Any

import pytest

from tests.support.world import World

RULE = {"name": "r", "when": {"has_purchased": True}}
HUGE = "x" * 50_000
REFUSED: list[tuple[str, Any, str, str]] = [
    ("name", "", "name", "missing"),
    ("name", " \n ", "name", "missing"),
    ("name", None, "name", "missing"),
    ("name", 5, "name", "not_text"),
    ("name", "x" * 121, "name", "text_too_long"),
    ("name", HUGE, "name", "text_too_long"),
    ("name", "a\u0000b", "name", "control_character"),
    ("name", "\ud800", "name", "lone_surrogate"),
    ("erp_version", "x" * 61, "erp_version", "text_too_long"),
    ("erp_name", ["SAP"], "erp_name", "not_text"),
    ("business_rule", "x" * 4_001, "business_rule", "text_too_long"),
    ("deployment_status", "done", "deployment_status", "not_a_choice"),
    ("deployment_status", {}, "deployment_status", "not_a_choice"),
    ("deployment_reason", "curto", "deployment_reason", "text_length_range"),
    ("deployment_reason", "x" * 1_001, "deployment_reason", "text_length_range"),
    ("deployment_reason", 7, "deployment_reason", "not_text"),
    ("active", 1, "active", "not_boolean"),
    ("active", "true", "active", "not_boolean"),
    ("scheduled", None, "scheduled", "not_boolean"),
    ("max_hours_without_success", 0, "max_hours_without_success", "whole_number_range"),
    ("max_hours_without_success", 721, "max_hours_without_success", "whole_number_range"),
    ("max_hours_without_success", True, "max_hours_without_success", "whole_number_range"),
    ("max_hours_without_success", 24.0, "max_hours_without_success", "whole_number_range"),
    ("max_hours_without_success", "24", "max_hours_without_success", "whole_number_range"),
    ("abc_window_months", 61, "abc_window_months", "whole_number_range"),
    ("abc_window_months", float("nan"), "abc_window_months", "whole_number_range"),
    ("schedule", {"time": "24:00", "timezone": "UTC"}, "schedule.time", "schedule_time_invalid"),
    ("schedule", {"time": "7:00", "timezone": "UTC"}, "schedule.time", "schedule_time_invalid"),
    ("schedule", {"time": "٠٧:٠٠", "timezone": "UTC"}, "schedule.time", "schedule_time_invalid"),
    ("schedule", {"time": "07:00"}, "schedule.timezone", "missing"),
    ("schedule", {"time": 700, "timezone": "UTC"}, "schedule.time", "not_text"),
    ("schedule", {"time": "07:00", "timezone": "Brasil"}, "schedule.timezone", "schedule_timezone_unknown"),
    ("schedule", {"time": "07:00", "timezone": "../UTC"}, "schedule.timezone", "schedule_timezone_unknown"),
    ("schedule", "07:00", "schedule", "setting_wrong_type"),
    ("schedule", {"time": "07:00", "timezone": "UTC", "days": []}, "schedule.days", "setting_unknown"),
    ("abc_cuts", {"a": "95", "b": "80"}, "abc_cuts", "abc_cuts_invalid"),
    ("abc_cuts", {"a": "80", "b": "80"}, "abc_cuts", "abc_cuts_invalid"),
    ("abc_cuts", {"a": "0", "b": "100.000001"}, "abc_cuts", "abc_cuts_invalid"),
    ("abc_cuts", {"a": float("inf")}, "abc_cuts.a", "not_a_number"),
    ("abc_cuts", {"a": "80,5"}, "abc_cuts.a", "not_decimal"),
    ("abc_cuts", {"a": True}, "abc_cuts.a", "not_decimal"),
    ("abc_cuts", {"a": 1e300}, "abc_cuts.a", "decimal_too_large"),
    ("abc_cuts", [80, 95], "abc_cuts", "setting_wrong_type"),
    ("category_rules", {"rules": [RULE]}, "category_rules.default", "missing"),
    ("category_rules", {"rules": {}, "default": "d"}, "category_rules.rules", "setting_wrong_type"),
    ("category_rules", {"rules": [RULE] * 51, "default": "d"}, "category_rules.rules", "setting_too_many"),
    ("category_rules", {"rules": [RULE, {**RULE, "name": "Ŕ"}], "default": "d"}, "category_rules",
     "rule_name_repeated"),
    ("category_rules", {"rules": [RULE], "default": "R"}, "category_rules", "rule_name_repeated"),
    ("category_rules", {"rules": [{"name": "r", "when": {}}], "default": "d"},
     "category_rules.rules.0.when", "rule_without_conditions"),
    ("category_rules", {"rules": [{"name": "r", "when": {"uf": []}}], "default": "d"},
     "category_rules.rules.0.when.uf", "setting_empty_list"),
    ("category_rules", {"rules": [{"name": "r", "when": {"uf": ["SP"] * 9_000}}], "default": "d"},
     "category_rules.rules.0.when.uf", "setting_too_many"),
    ("category_rules", {"rules": [{"name": "r", "when": {"abc_class": ["A"] * 9_000}}], "default": "d"},
     "category_rules.rules.0.when.abc_class", "setting_too_many"),
    ("category_rules", {"rules": [{"name": "r", "when": {"purchases": {"min": 3, "max": 2}}}],
     "default": "d"}, "category_rules.rules.0.when.purchases", "range_reversed"),
    ("portfolio_settings", {"sources": []}, "portfolio_settings.sources", "setting_empty_list"),
    ("portfolio_settings", {"sources": ["seller"] * 9_000}, "portfolio_settings.sources", "setting_too_many"),
    ("portfolio_settings", {"sources": ["seller", "seller"]}, "portfolio_settings",
     "portfolio_source_repeated"),
    ("portfolio_settings", {"sources": ["uf"], "uf": {"ZZ": "1"}}, "portfolio_settings.uf.ZZ",
     "state_unknown"),
    ("portfolio_settings", {"sources": ["uf"]}, "portfolio_settings", "portfolio_states_missing"),
    ("version", 7, "version", "setting_unknown"),
    ("tenant_id", "tenant-b", "tenant_id", "setting_unknown"),
    ("next_run_at", None, "next_run_at", "setting_unknown"),
    ("x" * 5_000, 1, "x" * 100, "setting_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "field", "code"), REFUSED)
def test_a_wrong_setting_is_refused_by_field_in_both_languages(
    lasting_world: World, name: str, value: Any, field: str, code: str
) -> None:
    creation = {"name": "Nova", name: value}
    told: set[str] = set()
    for language in ("pt-BR", "en"):
        options: dict[str, Any] = {"headers": {"Accept-Language": language}}
        changed = lasting_world.as_user("admin", "PATCH", "", {name: value}, **options)
        options["token"] = lasting_world.token("operator")
        new = lasting_world.call("POST", "/v1/integrations", creation, **options)
        for answer in (changed, new):
            assert (answer.status, answer.body["code"]) == (400, "invalid_setting")
            [error] = answer.body["errors"]
            assert (error["field"], error["code"]) == (field, code)
            assert "{" not in error["message"]
            assert len(error["message"]) < 300
            told.add(error["message"])
    assert len(told) == 2
    assert lasting_world.as_user("viewer", "GET", "").body["version"] == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_setting"),
        (b"{}", 400, "invalid_setting"),
        (b"[]", 400, "body_not_object"),
        (b"null", 400, "body_not_object"),
        (b'{"name": "x"', 400, "malformed_json"),
        (b'{"name": "\xe3"}', 400, "not_utf8"),
        (b'{"name": ' + b"[" * 40_000 + b"]" * 40_000 + b"}", 400, "json_too_deep"),
        (b'{"name": "' + b"x" * 100_000 + b'"}', 413, "page_body_too_large"),
        (b'{"name": "x", "abc_window_months": 1e999999999999999999999}', 400, "invalid_setting"),
        (b'{"name": "x", "integration_type": "file"}', 400, "invalid_setting"),
    ],
)
def test_a_creation_that_cannot_be_read_is_refused(
    lasting_world: World, body: bytes, status: int, code: str
) -> None:
    answer = lasting_world.call("POST", "/v1/integrations", body, token=lasting_world.token("operator"))
    assert (answer.status, answer.body["code"]) == (status, code)


def test_thousands_of_wrong_settings_get_an_answer_of_readable_length(lasting_world: World) -> None:
    answer = lasting_world.as_user("admin", "PATCH", "", {f"x{number}": 1 for number in range(7_000)})
    assert (answer.status, len(answer.body["errors"])) == (400, 100)


def test_the_largest_settings_that_are_taken_can_be_stored_and_read(own_world: World) -> None:
    segments = [f"{'😀' * 12}{number:02}" for number in range(34)]
    rules = [{"name": f"r{number}", "when": {"segmento": segments}} for number in range(50)]
    rule_body = {"category_rules": {"rules": rules, "default": "d"}}
    sent = json.dumps(rule_body, ensure_ascii=False).encode()
    assert 90_000 < len(sent) < 100_000
    answer = own_world.as_user("admin", "PATCH", "", sent)
    assert answer.status == 200
    found = own_world.as_user("viewer", "GET", "").body
    assert found["category_rules"] == rule_body["category_rules"]
