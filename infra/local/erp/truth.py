"""The truth: what a faithful receiver holds after the deliveries, by the contract's own words."""

from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from infra.local.erp.revenue import Abc, Client, rank_clients
from infra.local.erp.tables import REFERENCES, TABLES, Delivery, Record, join_fields, key_of


class TableCounts(NamedTuple):
    """Final state of a table; `rejected` counts distinct keys, and `keyless` records come on top."""

    live: int
    deleted: int
    rejected: int
    keyless: int


class Orphan(NamedTuple):
    """A live child whose parent is not there."""

    table: str
    key: str
    parent: str
    parent_key: str


@dataclass
class Ledger:
    """Everything received so far: by table and key the live records, deletions and refusals.

    `outcomes` counts per table: created, updated, unchanged, stale (older than what is stored; the
    API answers these as unchanged), deleted, rejected.
    """

    live: dict[str, dict[str, Record]] = field(default_factory=lambda: {table: {} for table in TABLES})
    deleted: dict[str, dict[str, Record]] = field(default_factory=lambda: {table: {} for table in TABLES})
    rejected: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    keyless: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def receive(self, delivery: Delivery, invalid: Container[int] = ()) -> None:
        """Take a delivery; `invalid` holds the indexes of the records that must be refused."""
        table, records = delivery
        for index, record in enumerate(records):
            key = key_of(table, record)
            if index not in invalid and key is not None:
                self.outcomes[table][self._take(table, key, record)] += 1
                continue
            self.outcomes[table]["rejected"] += 1
            if key is None:
                self.keyless[table].add(repr(record))
            else:
                self.rejected[table].add(key)

    def successor(self) -> "Ledger":
        """Return a ledger that goes on from here, with outcomes of its own."""
        return Ledger(
            live={table: dict(records) for table, records in self.live.items()},
            deleted={table: dict(records) for table, records in self.deleted.items()},
            rejected=defaultdict(set, {table: set(keys) for table, keys in self.rejected.items()}),
            keyless=defaultdict(set, {table: set(found) for table, found in self.keyless.items()}),
        )

    def _take(self, table: str, key: str, record: Record) -> str:
        live, deleted = self.live[table], self.deleted[table]
        stored = live.get(key) or deleted.get(key)
        if stored and record["atualizado_em"] < stored["atualizado_em"]:
            return "stale"
        if stored == record:
            return "unchanged"
        self.rejected[table].discard(key)
        was_live = live.pop(key, None) is not None
        deleted.pop(key, None)
        if record.get("excluido"):
            deleted[key] = record
            return "deleted"
        live[key] = record
        return "updated" if was_live else "created"


@dataclass(frozen=True)
class Expected:
    """What must be found after the deliveries."""

    tables: dict[str, TableCounts]
    outcomes: dict[str, Counter[str]]
    notas: dict[str, Record]
    clients: frozenset[Client]
    orphans: list[Orphan]

    def abc(self, as_of: date, window_months: int = 24) -> Abc:
        """Compute revenue and classes for notas from `as_of` minus the window to `as_of`, both included."""
        return rank_clients(self.notas.values(), self.clients, as_of, window_months)


def conclude(ledger: Ledger) -> Expected:
    """Count and cross-check what the ledger holds."""
    counts = {
        table: TableCounts(
            len(ledger.live[table]),
            len(ledger.deleted[table]),
            len(ledger.rejected[table]),
            len(ledger.keyless[table]),
        )
        for table in TABLES
    }
    clients = frozenset((kind, codigo) for kind in ("empresa", "contato") for codigo in ledger.live[kind])
    return Expected(counts, dict(ledger.outcomes), dict(ledger.live["nota"]), clients, _find_orphans(ledger))


def _find_orphans(ledger: Ledger) -> list[Orphan]:
    orphans = []
    for table in TABLES:
        for key, record in ledger.live[table].items():
            for fields, parent in REFERENCES[table]:
                parent_key = join_fields(record, fields)
                if parent_key is not None and parent_key not in ledger.live[parent]:
                    orphans.append(Orphan(table, key, parent, parent_key))
    return orphans
