"""How incidents and notices lie in DynamoDB: one JSON text beside what indexes and conditions need."""

import json
from datetime import datetime, timedelta
from typing import Final

from ..domain import incidents
from ..domain.incidents import Incident, Notice
from . import keys
from .models import IncidentItem, NoticeItem

KEPT_DAYS: Final = 730
"""Closed incidents and what was told of them are kept so long."""


def incident_item(incident: Incident) -> IncidentItem:
    """Shape an incident; one that is open does not expire."""
    return IncidentItem(
        keys.alerts(incident.integration_id),
        keys.incident(incident.incident_id),
        incident=_json(incidents.to_json(incident)),
        expires_at=_expiry(incident.closed_at) if incident.closed_at else None,
    )


def notice_item(notice: Notice) -> NoticeItem:
    """Shape a notice that waits to be sent."""
    integration_id = notice.incident.integration_id
    return NoticeItem(
        keys.alerts(integration_id),
        keys.notice(notice.message_id),
        notice=_json(incidents.notice_to_json(notice)),
        out_shard=keys.outbox_shard(keys.bucket(integration_id)),
        out_at=f"{notice.at}#{notice.message_id}",
        expires_at=_expiry(notice.at),
    )


def _expiry(at: str) -> int:
    return int((datetime.fromisoformat(at) + timedelta(days=KEPT_DAYS)).timestamp())


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
