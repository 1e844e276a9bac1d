"""What becomes of each record on its way out of the ERP: most are simply sent, some are not so lucky."""

from enum import Enum, auto
from random import Random

from infra.local.erp.tables import REFERENCES, TABLES, Record, Tables, client_of, join_fields, key_of

Place = tuple[str, str | None]  # table and key


class Fate(Enum):
    """The adventures of a record; a record without one is sent once and that is all."""

    WITHHELD = auto()  # never sent: its children are orphans
    DELETED = auto()  # sent, later deleted
    REVIVED = auto()  # sent, deleted, then sent again in a newer version
    CHANGED = auto()  # sent in an earlier version, later in its final one
    LATE = auto()  # sent in its final version; an earlier one arrives afterwards


_LUCK = ((Fate.CHANGED, 0.015), (Fate.LATE, 0.005), (Fate.REVIVED, 0.0015))
_CASCADES = {"nota": ("itens_nota", "fatura"), "cotacao": ("itens_cotacao",)}


def assign_fates(rng: Random, tables: Tables) -> dict[Place, Fate]:
    """Decide the fate of every record that has one; deletions never leave orphans behind."""
    fates: dict[Place, Fate] = {}
    _withhold(rng, tables, fates)
    _delete(rng, tables, fates)
    for table in TABLES:
        for record in tables[table]:
            luck = rng.random()
            for fate, share in _LUCK:
                luck -= share
                if luck < 0:
                    fates.setdefault((table, key_of(table, record)), fate)
                    break
    return fates


def clients_with_returns(notas: list[Record]) -> set[tuple[str, str] | None]:
    """Name the clients who must keep their sales, so that nobody's revenue falls below zero."""
    return {client_of(nota) for nota in notas if nota.get("tipo") == "devolucao"}


def _withhold(rng: Random, tables: Tables, fates: dict[Place, Fate]) -> None:
    """Keep back a few parents that have children: companies with sales, notas, approved cotações."""
    selling = {nota.get("empresa_codigo") for nota in tables["nota"]}
    empresas = [one for one in tables["empresa"] if one["codigo"] in selling]
    quoted = {order["cotacao_numero"] for order in tables["pedido"]}
    cotacoes = [one for one in tables["cotacao"] if one["numero"] in quoted]
    candidates = {"empresa": empresas, "nota": _free_notas(tables), "cotacao": cotacoes}
    for (table, records), share in zip(candidates.items(), (0.008, 0.002, 0.004), strict=True):
        for record in rng.sample(records, max(2, round(share * len(records)))):
            fates[table, key_of(table, record)] = Fate.WITHHELD


def _delete(rng: Random, tables: Tables, fates: dict[Place, Fate]) -> None:
    """Choose records to delete, with their children."""
    quoted = {order["cotacao_numero"] for order in tables["pedido"]}
    buying = {
        one.get("contato_codigo")
        for table in ("cotacao", "pedido", "nota", "fatura")
        for one in tables[table]
    }
    candidates = {
        "nota": _free_notas(tables),
        "cotacao": [one for one in tables["cotacao"] if one["numero"] not in quoted],
        "contato": [one for one in tables["contato"] if one["codigo"] not in buying],
        "empresa_marca": tables["empresa_marca"],
        "fatura": tables["fatura"],
    }
    for (table, records), share in zip(candidates.items(), (0.004, 0.02, 0.01, 0.01, 0.02), strict=True):
        for record in rng.sample(records, max(1, round(share * len(records)))):
            fates.setdefault((table, key_of(table, record)), Fate.DELETED)
    for parent, children in _CASCADES.items():
        for child in children:
            _follow(tables[child], child, parent, fates)


def _follow(records: list[Record], child: str, parent: str, fates: dict[Place, Fate]) -> None:
    """Delete the children of deleted parents."""
    fields = next(reference.fields for reference in REFERENCES[child] if reference.parent == parent)
    for record in records:
        if fates.get((parent, join_fields(record, fields))) is Fate.DELETED:
            fates[child, key_of(child, record)] = Fate.DELETED


def _free_notas(tables: Tables) -> list[Record]:
    bound = clients_with_returns(tables["nota"])
    return [nota for nota in tables["nota"] if client_of(nota) not in bound]
