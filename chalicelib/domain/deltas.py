"""How writes move a table's counters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import tallies
from .tallies import Tally

if TYPE_CHECKING:
    from .staging import Staged


@dataclass(frozen=True, slots=True)
class Delta:
    """How something moves a table's counters; `periods`: the same and more, by period (see `tallies`)."""

    records: int = 0
    bytes: int = 0
    pending: int = 0
    rejected: int = 0
    periods: Mapping[str, Tally] = field(default_factory=dict)


def total(deltas: Iterable[Delta]) -> Delta:
    """Add deltas up."""
    many = list(deltas)
    return Delta(
        sum(one.records for one in many),
        sum(one.bytes for one in many),
        sum(one.pending for one in many),
        sum(one.rejected for one in many),
        tallies.joined(one.periods for one in many),
    )


def delta(stored: "Staged | None", written: "Staged", applied: int) -> Delta:
    """Work out how replacing `stored` by `written` moves the counters; `applied`: changes left to apply."""
    return Delta(
        records=int(written.live) - int(bool(stored and stored.live)),
        bytes=written.size - (stored.size if stored else 0),
        pending=applied,
        rejected=int(bool(written.rejection)) - int(bool(stored and stored.rejection)),
        periods=tallies.moved(stored, written, applied),
    )


def settled(gain: Mapping[str, Tally]) -> Delta:
    """Work out how a run that has applied changes with this gain moves the counters."""
    return Delta(
        pending=-sum(tally.pending for tally in gain.values()),
        periods=tallies.joined({period: tally.settled()} for period, tally in gain.items()),
    )


def gain(written: Delta) -> dict[str, Tally]:
    """Give what applying the changes that these writes left will move."""
    return tallies.joined(
        {period: Tally(records=tally.records, amount=tally.amount, pending=tally.pending)}
        for period, tally in written.periods.items()
    )


def awaiting(done: Delta, waiting: Mapping[str, Tally]) -> Delta:
    """Add changes that wait to what was written."""
    pending = Delta(pending=sum(tally.pending for tally in waiting.values()), periods=waiting)
    return total([done, pending])
