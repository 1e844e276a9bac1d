"""The settings of a View integration's source: what is taken, what is refused, and what is never shown."""

from typing import Any

import pytest

from tests.support.erp_database import ErpDatabase, reading
from tests.support.world import World

ADDRESS = "postgresql://reader:s3cret@db.erp.example:5432/erp"
SOURCE = {"engine": "postgresql", "connection_string": ADDRESS, "tables": {"empresa": {"view": "v_empresa"}}}


@pytest.fixture
def world(view_world: World) -> World:
    view_world.integration_id, view_world.erp_key = view_world.new_integration(integration_type="view")
    return view_world


def put(world: World, body: Any, **options: Any) -> Any:
    return world.as_user("admin", "PUT", "/view-source", body, **options)


def test_at_first_there_is_no_source(world: World) -> None:
    answer = world.as_user("viewer", "GET", "/view-source")
    assert (answer.status, answer.body) == (200, {"version": 0, "tables": {}, "reading": {}})
    assert world.as_user("admin", "POST", "/view-source/test").body["code"] == "view_not_set"


def test_the_connection_is_kept_in_a_secret_and_only_its_name_is_shown(world: World) -> None:
    saved = put(world, SOURCE)
    name = f"test/views/{world.integration_id}"
    assert (saved.status, saved.body["connection_secret"]) == (200, name)
    assert world.secrets.stored[name] == ADDRESS
    shown = world.as_user("viewer", "GET", "/view-source")
    assert shown.body == saved.body
    assert "s3cret" not in str(shown.body) + str(shown.headers)
    assert shown.body["timezone"] == "America/Sao_Paulo"
    assert (shown.body["tls"], shown.body["version"]) == ("require", 1)


def test_settings_may_change_without_the_connection(world: World) -> None:
    put(world, SOURCE)
    changed = {
        "engine": "postgresql",
        "tls": "verify",
        "tables": {"nota": {"view": "v", "schema_name": "erp"}},
    }
    saved = put(world, changed)
    assert (saved.status, saved.body["version"], list(saved.body["tables"])) == (200, 2, ["nota"])
    assert world.secrets.stored[saved.body["connection_secret"]] == ADDRESS


def test_an_older_version_changes_nothing(world: World) -> None:
    etag = put(world, SOURCE).headers["ETag"]
    assert put(world, {**SOURCE, "tls": "off"}, headers={"If-Match": etag}).status == 200
    other = {**SOURCE, "connection_string": ADDRESS.replace("s3cret", "other")}
    assert put(world, other, headers={"If-Match": etag}).status == 412
    assert world.secrets.stored[f"test/views/{world.integration_id}"] == ADDRESS


def test_a_secret_may_be_one_of_the_integrations_own_and_nobody_elses(world: World) -> None:
    other, _ = world.new_integration("tenant-b", integration_type="view")
    body = {key: value for key, value in SOURCE.items() if key != "connection_string"}
    for name in (f"test/views/{other}", f"test/views/{world.integration_id}x", "jwt", "test/views/"):
        refused = put(world, {**body, "connection_secret": name})
        assert [one["code"] for one in refused.body["errors"]] == ["view_secret_foreign"], name
    own = f"test/views/{world.integration_id}/replica"
    assert put(world, {**body, "connection_secret": own}).body["connection_secret"] == own


def empresa(**view: Any) -> dict[str, Any]:
    return {"tables": {"empresa": {"view": "v", **view}}}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"engine": "db2"}, ".engine", "not_a_choice"),
        ({"engine": None}, ".engine", "not_a_choice"),
        ({"tls": "maybe"}, ".tls", "not_a_choice"),
        (
            {"engine": "mssql", "connection_string": "mssql://u:p@h/d", "tls": "verify"},
            ".tls",
            "view_tls_not_offered",
        ),
        ({"timezone": "Sao Paulo"}, ".timezone", "schedule_timezone_unknown"),
        ({"statement_timeout_seconds": 0}, ".statement_timeout_seconds", "whole_number_range"),
        ({"statement_timeout_seconds": 91}, ".statement_timeout_seconds", "whole_number_range"),
        ({"tables": {}}, "", "view_tables_missing"),
        ({"tables": {"clientes": {"view": "v"}}}, ".tables.clientes", "view_table_unknown"),
        ({"tables": {"empresa": {}}}, ".tables.empresa.view", "missing"),
        (empresa(view=""), ".tables.empresa.view", "missing"),
        (empresa(view="v\n"), ".tables.empresa.view", "view_name_unprintable"),
        (empresa(view="v" * 129), ".tables.empresa.view", "text_too_long"),
        (empresa(where="1=1"), ".tables.empresa.where", "setting_unknown"),
        (empresa(columns={"codigo": None}), ".tables.empresa.columns.codigo", "view_field_needed"),
        (empresa(columns={"a\u0000b": "c"}), ".tables.empresa.columns.a\u0000b", "bad_field_name"),
        (empresa(watermark={}), ".tables.empresa.watermark.column", "missing"),
        (
            empresa(watermark={"column": "c", "overlap": -1}),
            ".tables.empresa.watermark.overlap",
            "integer_out_of_range",
        ),
        (empresa(full_read_days=400), ".tables.empresa.full_read_days", "whole_number_range"),
        ({"connection_secret": "x"}, "", "view_connection_twice"),
        ({"connection_string": "mysql://u:p@h/d"}, ".connection_string", "view_connection_engine"),
        (
            {"connection_string": "postgresql://u:p@h/d?service=x"},
            ".connection_string",
            "view_connection_options",
        ),
        ({"password": "x"}, ".password", "setting_unknown"),
    ],
)
def test_a_setting_that_is_wrong_is_named(world: World, changes: Any, field: str, code: str) -> None:
    refused = put(world, {**SOURCE, **changes})
    assert refused.status == 400
    assert [(one["field"], one["code"]) for one in refused.body["errors"]] == [(f"view_source{field}", code)]
    assert refused.body["errors"][0]["message"] not in ("", code)
    assert world.as_user("viewer", "GET", "/view-source").body["version"] == 0
    assert world.secrets.stored.get(f"test/views/{world.integration_id}") is None


def test_without_any_connection_it_says_where_one_would_be_kept(world: World) -> None:
    refused = put(world, {"engine": "postgresql", "tables": SOURCE["tables"]})
    assert [one["code"] for one in refused.body["errors"]] == ["view_connection_needed"]
    assert f"test/views/{world.integration_id}" in refused.body["errors"][0]["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"'])
def test_what_is_no_object_is_refused(world: World, body: bytes) -> None:
    assert put(world, body).status == 400


def test_viewers_read_it_and_change_nothing(world: World) -> None:
    put(world, SOURCE)
    assert world.as_user("viewer", "GET", "/view-source").status == 200
    assert world.as_user("viewer", "PUT", "/view-source", SOURCE).status == 403
    assert world.as_user("viewer", "POST", "/view-source/test").status == 403


def test_another_tenant_finds_nothing(world: World) -> None:
    put(world, SOURCE)
    path = f"/v1/integrations/{world.integration_id}/view-source"
    token = world.token("admin", "tenant-b")
    for method, target in (("GET", path), ("PUT", path), ("POST", f"{path}/test")):
        assert world.call(method, target, SOURCE if method == "PUT" else None, token=token).status == 404


def test_an_integration_that_is_pushed_to_has_no_source(view_world: World) -> None:
    view_world.integration_id, _ = view_world.new_integration()
    for method, path in (("GET", ""), ("PUT", ""), ("POST", "/test")):
        body = SOURCE if method == "PUT" else None
        refused = view_world.as_user("admin", method, f"/view-source{path}", body)
        assert (refused.status, refused.body["code"]) == (409, "integration_is_pushed")


@pytest.mark.parametrize(
    "body", [{"allow_deletions": ["clientes"]}, {"allow_deletions": "fatura"}, {"force": True}]
)
def test_a_run_allows_deletions_of_the_12_tables_only(world: World, body: Any) -> None:
    refused = world.as_user("admin", "POST", "/runs", body)
    assert (refused.status, refused.body["code"]) == (400, "invalid_setting")


def test_a_change_between_two_slices_begins_the_table_anew(
    view_world: World, erp: ErpDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.slices import one_step_slices
    from tests.support.views import keys, vendedores

    erp.insert("t_vendedor", vendedores(*range(1_500)))
    world = reading(view_world, erp.source("vendedor"))
    one_step_slices(monkeypatch)
    run_id = world.start_run()
    for _ in range(3):
        world.work_off_one()
    other = {"view": "v_vendedor", "columns": {"email": None}}
    assert world.as_user("admin", "PUT", "/view-source", erp.source(vendedor=other)).status == 200
    world.work_off()
    run = world.as_user("viewer", "GET", f"/runs/{run_id}").body
    assert (run["status"], len(keys(world))) == ("success", 1_500)


def test_keys_met_in_the_view_that_was_are_not_met_in_the_one_that_is(
    view_world: World, erp: ErpDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.slices import one_step_slices
    from tests.support.views import keys, vendedores

    erp.insert("t_vendedor", vendedores(*range(20)))
    world = reading(view_world, erp.source("vendedor"))
    world.run()
    one_step_slices(monkeypatch)
    erp.execute("CREATE VIEW v_fewer AS SELECT * FROM t_vendedor WHERE codigo > '001'")
    world.start_run()
    for _ in range(2):
        world.work_off_one()
    changed = erp.source(vendedor={"view": "v_fewer"})
    assert world.as_user("admin", "PUT", "/view-source", changed).status == 200
    world.work_off()
    assert keys(world) == [f"{one:03}" for one in range(2, 20)]
