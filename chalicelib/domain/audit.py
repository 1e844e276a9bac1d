"""The audit list: who was given personal data, or did what only a person may decide, when, and which."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

Act = Literal[
    "export_requested",
    "export_link",
    "run_log_link",
    "snapshot_forced",
    "rejected_dismissed",
    "request_replayed",
    "deployment_completed",
    "upload_rejects_link",
]
ACTS: Final[tuple[Act, ...]] = get_args(Act)
LIFE_DAYS: Final = 5 * 365
"""How long entries are kept: longer than any complaint about the data can be raised."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act; `what` names the data: export, period, tables.

    at  canonical instant text
    """

    entry_id: str
    integration_id: str
    at: str
    user_id: str
    role: str
    act: Act
    what: dict[str, Any] = field(default_factory=dict)
