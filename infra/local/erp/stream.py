"""The deliveries: what the ERP really sends, in order, with all its dirt."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from infra.local.erp.defects import Flaw, spoil
from infra.local.erp.fates import Fate, Place
from infra.local.erp.tables import TABLES, Delivery, Record, Tables, key_of
from infra.local.erp.versions import deletion, earlier

BATCH = 500
INVALID_SHARE = 0.01
_RESENT_SHARE = 0.06  # of the first wave's batches, sent twice in a row
_REPLAYED_SHARE = 0.03  # of them, sent again at the very end, when some of it is out of date
# Some children go out before their parents.
_FIRST_WAVE = (
    "vendedor", "fornecedor", "contato", "empresa", "empresa_marca", "cotacao", "itens_cotacao",
    "itens_pedido", "pedido", "itens_nota", "nota", "fatura",
)  # fmt: skip


class Sent(NamedTuple):
    """A record on the wire; `flaw` says why the API has to refuse it."""

    record: Record
    flaw: Flaw | None = None


class Defect(NamedTuple):
    """An invalid record: which delivery, where in it (from 0), and what is wrong with it."""

    delivery: int
    position: int
    table: str
    key: str | None
    kind: str
    field: str


Wave = dict[str, list[Sent]]
Batch = tuple[str, list[Sent]]


@dataclass
class Stream:
    """Deliveries in order, their invalid records, and how much dirt of each kind was added."""

    deliveries: list[Delivery] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)

    def add(self, batch: Batch) -> None:
        """Append a batch and note its invalid records."""
        table, sent = batch
        for position, (record, flaw) in enumerate(sent):
            if flaw:
                key = key_of(table, record)
                self.defects.append(Defect(len(self.deliveries), position, table, key, flaw.kind, flaw.field))
        self.deliveries.append((table, [one.record for one in sent]))


def compose(rng: Random, tables: Tables, fates: dict[Place, Fate]) -> Stream:
    """Turn the tables into deliveries: three waves of versions, and batches sent twice."""
    stream = Stream()
    first, second, third = _waves(rng, tables, fates, stream.injected)
    _mix_in_invalid(rng, tables, first, stream.injected)
    batches = _cut(first, _FIRST_WAVE)
    resent = set(rng.sample(range(len(batches)), max(2, round(_RESENT_SHARE * len(batches)))))
    for place, batch in enumerate(batches):
        for _ in range(2 if place in resent else 1):
            stream.add(batch)
    replayed = rng.sample(batches, max(1, round(_REPLAYED_SHARE * len(batches))))
    for batch in (*_cut(second, TABLES), *_cut(third, TABLES), *replayed):
        stream.add(batch)
    stream.injected["resent_batches"] = len(resent) + len(replayed)
    return stream


def _waves(
    rng: Random, tables: Tables, fates: dict[Place, Fate], injected: Counter[str]
) -> tuple[Wave, Wave, Wave]:
    """Send every record in the wave, or waves, that its fate asks for."""
    waves: tuple[Wave, Wave, Wave] = ({}, {}, {})
    for table in TABLES:
        first, second, third = (wave.setdefault(table, []) for wave in waves)
        for record in tables[table]:
            fate = fates.get((table, key_of(table, record)))
            if fate is None:
                first.append(Sent(record))
                continue
            injected[fate.name.lower()] += 1
            versions = _versions(rng, table, record, fate)
            for wave, version in zip((first, second, third), versions, strict=True):
                if version is not None:
                    wave.append(Sent(version))
            injected["late_after_deletion"] += fate is Fate.DELETED and versions[2] is not None
    return waves


def _versions(rng: Random, table: str, record: Record, fate: Fate) -> tuple[Record | None, ...]:
    """Return what is sent of the record in each of the three waves."""
    before = earlier(rng, table, record)
    bare = rng.random() < 0.5
    match fate:
        case Fate.WITHHELD:
            return None, None, None
        case Fate.DELETED:
            gone = deletion(table, record, minutes=rng.randint(1, 50), bare=bare)
            return record, gone, before if rng.random() < 0.3 else None
        case Fate.REVIVED:
            return before, deletion(table, record, minutes=-rng.randint(1, 50), bare=bare), record
        case Fate.CHANGED:
            return before, record, None
        case Fate.LATE:
            return record, before, None


def _mix_in_invalid(rng: Random, tables: Tables, wave: Wave, injected: Counter[str]) -> None:
    """Put about 1 % of invalid records among the good ones."""
    for table in TABLES:
        count = max(1, round(INVALID_SHARE * len(tables[table])))
        for number, record in enumerate(rng.sample(tables[table], count)):
            spoilt, flaw = spoil(rng, table, record, number)
            wave[table].insert(rng.randint(0, len(wave[table])), Sent(spoilt, flaw))
            injected[f"invalid_{flaw.kind}"] += 1


def _cut(wave: Wave, order: tuple[str, ...]) -> list[Batch]:
    """Cut a wave into batches of at most 500 records of one table."""
    return [
        (table, wave[table][start : start + BATCH])
        for table in order
        for start in range(0, len(wave[table]), BATCH)
    ]
