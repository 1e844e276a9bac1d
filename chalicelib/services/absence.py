"""Records that a reading of everything has not met: find them, and delete them as an ERP would."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from ..domain import staging
from ..domain.staging import Outcome, Staged, Write
from ..domain.tables import DELETED, KEY_SEPARATOR, Table
from ..domain.validation import ValidRecord, validate

if TYPE_CHECKING:
    from ..storage.records import Records

KEYS: Final = 5_000
DELETIONS: Final = 500
_KEYLESS: Final = "\x01"

IsMet = Callable[[int, str], bool]
"""Tells of a partition and a key whether the reading has met it."""


@dataclass(frozen=True, slots=True)
class Look:
    """Some keys of a partition: those not met, how many of these are records, and how many records in all.

    more  the key to go on behind; None at the partition's end
    """

    absent: list[str]
    live_absent: int
    live: int
    more: str | None


def look(
    records: "Records", integration_id: str, table: str, bucket: int, behind: str | None, is_met: IsMet
) -> Look:
    """Compare the next keys of a partition; refusals count as absent, deleted records do not."""
    known, more = records.known(integration_id, table, bucket, behind, KEYS)
    absent = [(key, live) for key, live, refused in known if (live or refused) and not is_met(bucket, key)]
    return Look(
        [key for key, _ in absent],
        sum(live for _, live in absent),
        sum(live for _, live, _ in known),
        more,
    )


@dataclass(slots=True)
class Removal:
    """Deletes records, and forgets refusals of those that are gone; `decide` is for `rewrite`.

    spares  tells of a record as it is stored whether it is to stay after all; `spared` lists those
    """

    table: Table
    at: str
    request_id: str
    spares: Callable[[Staged], bool] = lambda stored: False
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    spared: set[str] = field(default_factory=set)

    def decide(self, key: str, stored: Staged | None) -> Write | None:
        """Say what becomes of a key; called again when somebody else changed it."""
        self.outcomes[key] = Outcome.UNCHANGED
        self.spared.discard(key)
        if stored is None or (stored.deleted and not stored.rejection):
            if stored and stored.request_id == self.request_id:
                self.outcomes[key] = Outcome.DELETED  # by a worker that died before it could say so
            return None
        if self.spares(stored):
            if stored.live:
                self.spared.add(key)
            return None
        record = validate(self.table, deletion(self.table, key)) if stored.live else None
        if isinstance(record, ValidRecord):
            decision = staging.decide(stored, record, self.table.name, self.at, self.request_id)
            self.outcomes[key] = decision.outcome
            return (
                Write(stored, decision.write, (decision.change,))
                if decision.write and decision.change
                else None
            )
        cleared = replace(
            stored,
            revision=stored.revision + 1,
            rejection=None,
            deleted=True,
            request_id=self.request_id,
        )
        return Write(stored, cleared)

    def counts(self) -> dict[str, int]:
        """Count as the request log does."""
        counts = {outcome.value: 0 for outcome in Outcome} | {"received": len(self.outcomes)}
        for outcome in self.outcomes.values():
            counts[outcome.value] += 1
        return counts

    def answer(self, keys: list[str]) -> dict[str, Any]:
        """Describe what became of the keys."""
        answer = {"request_id": self.request_id, "table": self.table.name, **self.counts()}
        results = [[shown_key(key), self.outcomes[key].value] for key in keys]
        return {**answer, "errors": [], "warnings": [], "results": results}


def deletion(table: Table, key: str) -> dict[str, Any]:
    """Write the deletion of a record as an ERP would send it."""
    kinds = {field.name: field.kind for field in table.fields}
    parts = key.split(KEY_SEPARATOR) if len(table.key_fields) > 1 else [key]
    named: dict[str, Any] = dict(zip(table.key_fields, parts, strict=False))
    return {name: int(part) if kinds[name] == "integer" else part for name, part in named.items()} | {
        DELETED: True
    }


def shown(table: Table, key: str) -> dict[str, Any]:
    """Show what is deleted: a record's deletion, or a refusal that had no key."""
    return {"quarantined": True} if is_keyless(key) else deletion(table, key)


def shown_key(key: str) -> str | None:
    """Show a key; what a refused record without one lies under is none."""
    return None if is_keyless(key) else key


def is_keyless(key: str) -> bool:
    """Tell whether it is the name of a refused record that had no key."""
    return key.startswith(_KEYLESS)
