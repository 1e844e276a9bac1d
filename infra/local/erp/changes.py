"""The next day of the demo ERP: a share of its records changes and is sent again."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

from infra.local.erp.data import Dataset, replay
from infra.local.erp.fates import clients_with_returns
from infra.local.erp.stream import BATCH
from infra.local.erp.tables import TABLES, client_of
from infra.local.erp.trading_days import draw_instant
from infra.local.erp.truth import conclude
from infra.local.erp.versions import later


def change(dataset: Dataset, share: float = 0.01, seed: int = 1) -> Dataset:
    """Return the next day: the deliveries of that share of the live records, and the truth after them.

    Changes are stamped on `dataset.today` and the result's `today` is the day after, so that days can be
    chained. Some notas become cancelada; no amounts of items change.
    """
    rng = Random(f"{seed}/{share}/{dataset.today}")  # repeatable, not secret  # nosec B311
    live = dataset.ledger.live
    bound = clients_with_returns(list(live["nota"].values()))
    deliveries = []
    for table in TABLES:
        records = list(live[table].values())
        chosen = rng.sample(records, round(share * len(records)))
        changed = []
        for record in chosen:
            cancel = rng.random() < 0.3 and client_of(record) not in bound
            changed.append(later(rng, table, record, instant=draw_instant(rng, dataset.today), cancel=cancel))
        deliveries += [(table, changed[start : start + BATCH]) for start in range(0, len(changed), BATCH)]
    ledger = replay(dataset.ledger.successor(), deliveries, [])
    return replace(
        dataset,
        today=dataset.today + timedelta(days=1),
        deliveries=deliveries,
        defects=[],
        injected=Counter(changed=sum(len(records) for _, records in deliveries)),
        ledger=ledger,
        expected=conclude(ledger),
    )
