"""Counters of one table of an integration."""

from dataclasses import dataclass

from .deltas import Delta


@dataclass(frozen=True, slots=True)
class Counters:
    """Live records and their bytes, changes not yet applied, keys in quarantine, last delivery."""

    records: int = 0
    bytes: int = 0
    pending: int = 0
    rejected: int = 0
    last_received_at: str | None = None

    def plus(self, delta: Delta, last_received_at: str | None = None) -> "Counters":
        """Add a delta; the later of the two deliveries stays."""
        known = [moment for moment in (self.last_received_at, last_received_at) if moment]
        return Counters(
            self.records + delta.records,
            self.bytes + delta.bytes,
            self.pending + delta.pending,
            self.rejected + delta.rejected,
            max(known, default=None),
        )
