"""Views with a column that tells what changed: only that is read, and nothing is lost."""

from datetime import UTC, datetime
from pathlib import Path

from tests.support.digest import counters, recounted
from tests.support.erp_database import ErpDatabase, reading
from tests.support.views import keys, stage, vendedores
from tests.support.world import World

NOON = datetime(2026, 7, 1, 15, tzinfo=UTC)


def test_only_changed_rows_are_read_behind_a_watermark_and_late_ones_are_not_lost(
    view_world: World, erp: ErpDatabase
) -> None:
    stamp = "2026-06-01 {}:00:00"
    erp.insert(
        "t_vendedor", [one for k in range(24) for one in vendedores(k, atualizado_em=stamp.format(f"{k:02}"))]
    )
    view = {"view": "v_vendedor", "watermark": {"column": "atualizado_em", "overlap": 90}}
    world = reading(view_world, erp.source(vendedor=view))
    world.clock.frozen = NOON
    world.run()
    assert len(keys(world)) == 24
    world.clock.advance(days=1)
    late = vendedores(100, atualizado_em="2026-06-01 21:45:00") + vendedores(
        101, atualizado_em="2026-06-01 20:00:00"
    )
    erp.insert("t_vendedor", [*late, *vendedores(102, atualizado_em=None)])
    run = world.run()
    assert run["status"] == "success"
    assert {"100", "102"} <= set(keys(world))
    assert "101" not in keys(world)  # older than the overlap reaches
    assert stage(run)["processed"] == 4  # 22:00, 23:00, the late one, and the one without a mark
    reading_ = world.as_user("viewer", "GET", "/view-source").body["reading"]["vendedor"]
    assert reading_["watermark"] == "2026-06-01 23:00:00"


def test_with_a_watermark_all_rows_are_read_now_and_then(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", vendedores(*range(10), atualizado_em="2026-06-01 10:00:00"))
    view = {"view": "v_vendedor", "watermark": {"column": "atualizado_em"}, "full_read_days": 3}
    world = reading(view_world, erp.source(vendedor=view))
    world.clock.frozen = NOON
    world.run()
    erp.execute("DELETE FROM t_vendedor WHERE codigo = '003'")
    found = []
    for _ in range(3):
        world.clock.advance(days=1)
        world.run()
        found.append(len(keys(world)))
    assert found == [10, 10, 9]


def test_a_mark_from_the_future_hides_nothing_that_comes_before_it(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.insert("t_vendedor", vendedores(1, atualizado_em="2999-01-01 00:00:00"))
    view = {"view": "v_vendedor", "watermark": {"column": "atualizado_em"}, "full_read_days": 0}
    world = reading(view_world, erp.source(vendedor=view))
    world.clock.frozen = NOON
    world.run()
    world.clock.advance(days=2)
    erp.insert("t_vendedor", vendedores(2, atualizado_em="2026-07-02 10:00:00"))
    world.run()
    assert "002" in keys(world)


def test_another_view_for_a_table_is_read_whole(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", vendedores(1, 2, 3, atualizado_em="2026-06-01 10:00:00"))
    view = {"view": "v_vendedor", "watermark": {"column": "atualizado_em"}, "full_read_days": 0}
    world = reading(view_world, erp.source(vendedor=view))
    world.run()
    erp.execute(
        "CREATE VIEW v_todos AS SELECT * FROM t_vendedor UNION ALL "
        "SELECT '099', 'Velho', NULL, NULL, NULL, 1, '1999-01-01 00:00:00'"
    )
    changed = erp.source(vendedor={**view, "view": "v_todos"})
    assert world.as_user("admin", "PUT", "/view-source", changed).status == 200
    world.run()
    assert keys(world) == ["001", "002", "003", "099"]


def test_a_key_of_its_own_columns_is_read_in_their_order(view_world: World, erp: ErpDatabase) -> None:
    erp.execute("CREATE TABLE raw (id INTEGER, codigo TEXT, nome TEXT)")
    erp.insert("raw", [{"id": k, "codigo": f"{(k * 37) % 1500:04}", "nome": "X"} for k in range(1_500)])
    world = reading(view_world, erp.source(vendedor={"view": "raw", "key_columns": ["id"]}))
    assert (world.run()["status"], len(keys(world))) == ("success", 1_500)
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")


def test_deletions_that_are_allowed_are_looked_for_in_the_whole_view(
    view_world: World, erp: ErpDatabase
) -> None:
    erp.insert("t_vendedor", vendedores(*range(10), atualizado_em="2026-06-01 10:00:00"))
    view = {"view": "v_vendedor", "watermark": {"column": "atualizado_em"}, "full_read_days": 0}
    world = reading(view_world, erp.source(vendedor=view))
    world.run()
    erp.execute("DELETE FROM t_vendedor WHERE codigo < '005'")
    world.run()
    assert len(keys(world)) == 10
    world.as_user("admin", "POST", "/runs", {"allow_deletions": ["vendedor"]})
    world.work_off()
    assert len(keys(world)) == 5


def test_another_database_behind_the_same_secret_is_read_whole(
    view_world: World, erp: ErpDatabase, tmp_path: Path
) -> None:
    stamp = "2026-06-01 10:00:00"
    erp.insert("t_vendedor", vendedores(1, 2, 3, atualizado_em=stamp))
    view = {"view": "v_vendedor", "watermark": {"column": "atualizado_em"}, "full_read_days": 0}
    world = reading(view_world, erp.source(vendedor=view))
    world.run()
    other = ErpDatabase.in_file(tmp_path / "moved.sqlite")
    other.make_table("vendedor")
    other.insert("t_vendedor", vendedores(1, 2, 3, 4, atualizado_em="2020-01-01 10:00:00"))
    assert world.as_user("admin", "PUT", "/view-source", other.source(vendedor=view)).status == 200
    world.run()
    assert keys(world) == ["001", "002", "003", "004"]
