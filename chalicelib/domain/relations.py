"""Which records hang on a record, and where they can be found without reading a whole table.

Children whose key begins with their parent's are found by it. Documents of a client lie beside it in the
CRM data, so those are found that the record's client has, or the record is a client. Others refer to
their parent by a field alone: no order leads to them.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from .staging import CLIENT_DOCUMENTS
from .tables import KEY_SEPARATOR, TABLES, Parent, Table, client_of, parent_keys

CLIENTS: Final = ("empresa", "contato")
Source = Literal["intermediate", "crm"]


@dataclass(frozen=True, slots=True)
class Relation:
    """Children in one table.

    source    "intermediate": keys that begin with `sought`; "crm": documents of the client `sought`
    complete  whether no child can lie anywhere else; the CRM data hold what the last run applied
    """

    table: str
    source: Source
    sought: str
    complete: bool


def children_of(table: Table, key: str, record: dict[str, Any] | None) -> tuple[list[Relation], list[str]]:
    """List where the children of a record are, and the tables whose children cannot be found."""
    found, lost = [], []
    for child in TABLES.values():
        references = [one for one in child.parents if one.table == table.name]
        if not references:
            continue
        relation = _relation(table, key, record or {}, child, references)
        if relation:
            found.append(relation)
        else:
            lost.append(child.name)
    return found, lost


def refers(table: str, record: dict[str, Any], parent: tuple[str, str]) -> bool:
    """Tell whether a record of a table refers to (table, key)."""
    return parent in parent_keys(TABLES[table], record)


def _relation(
    table: Table, key: str, record: dict[str, Any], child: Table, references: list[Parent]
) -> Relation | None:
    if any(child.key_fields[: len(one.fields)] == one.fields for one in references):
        return Relation(child.name, "intermediate", key + KEY_SEPARATOR, complete=True)
    if child.name not in CLIENT_DOCUMENTS:
        return None
    if table.name in CLIENTS:
        # A document that names both of its clients lies beside the empresa.
        return Relation(child.name, "crm", f"{table.name}{KEY_SEPARATOR}{key}", table.name == "empresa")
    place = client_of(record) if table.has_client else None
    return Relation(child.name, "crm", place, complete=False) if place else None


def candidate_prefix(table: Table, key: str) -> str | None:
    """Say how complete keys begin when only the first parts of a composite key are given."""
    parts = key.strip().rstrip(KEY_SEPARATOR).split(KEY_SEPARATOR)
    if len(parts) >= len(table.key_fields) or not parts[0]:
        return None
    return KEY_SEPARATOR.join(part.strip() for part in parts) + KEY_SEPARATOR


def spellings(table: Table, key: str) -> list[str]:
    """List the keys that somebody may mean: as given, without spaces around it, and around its parts."""
    parts = [part.strip() for part in key.split(KEY_SEPARATOR)] if len(table.key_fields) > 1 else []
    return list(dict.fromkeys([key, key.strip(), *([KEY_SEPARATOR.join(parts)] if parts else [])]))
