"""A record's parents and children, as far as they can be found in a few calls."""

from typing import TYPE_CHECKING, Any, Final

from ..domain.relations import Relation, children_of, refers
from ..domain.tables import KEY_SEPARATOR, Table, parent_keys
from .records import state_of

if TYPE_CHECKING:
    from ..storage.crm import Crm
    from ..storage.records import Records

KEYS_SHOWN: Final = 50
PAGE, PAGES = 1_000, 4
"""Of children: so many are looked at, of each partition or client, and so often."""


def parents(
    records: "Records", crm: "Crm", integration_id: str, table: Table, record: dict[str, Any] | None
) -> list[dict[str, str]]:
    """List the records that a record refers to, with their state; "missing" when they have not arrived."""
    wanted = parent_keys(table, record) if record else []
    by_table: dict[str, list[str]] = {}
    for name, key in wanted:
        by_table.setdefault(name, []).append(key)
    staged = {
        (name, key): one
        for name, keys in by_table.items()
        for key, one in records.read(integration_id, name, keys).items()
    }
    held = crm.documents(integration_id, [(name, key, one.place) for (name, key), one in staged.items()])
    found = []
    for one in wanted:
        state: str = state_of(staged[one], held.get(one)) if one in staged else "missing"
        if one in staged and staged[one].deleted:
            state = "deleted"
        found.append({"table": one[0], "key": one[1], "state": state})
    return found


def children(
    records: "Records",
    crm: "Crm",
    integration_id: str,
    table: Table,
    key: str,
    record: dict[str, Any] | None,
) -> tuple[list[dict[str, Any]], list[str]]:
    """List the records that refer to a record, by table, and the tables where they cannot be found."""
    relations, lost = children_of(table, key, record)
    found = []
    for relation in relations:
        if relation.source == "intermediate":
            listed, more = records.beginning(integration_id, relation.table, relation.sought, PAGE)
            keys = [name for name, live in listed if live]
        else:
            keys, more = _documents(crm, integration_id, relation, (table.name, key))
        found.append(
            {
                "table": relation.table,
                "source": relation.source,
                "count": len(keys),
                "keys": sorted(keys, key=_by_number)[:KEYS_SHOWN],
                "more": more,
                "complete": relation.complete,
            }
        )
    return found, lost


def _documents(
    crm: "Crm", integration_id: str, relation: Relation, parent: tuple[str, str]
) -> tuple[list[str], bool]:
    beside, more = crm.beside(integration_id, relation.sought, relation.table, PAGE, PAGES)
    return [key for key, data in beside if refers(relation.table, data, parent)], more


def _by_number(key: str) -> list[tuple[int, str]]:
    """Order keys by their parts, numbers as numbers: item 2 comes before item 10."""
    return [(len(part) if part.isdecimal() else 0, part) for part in key.split(KEY_SEPARATOR)]
