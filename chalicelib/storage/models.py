"""PynamoDB models of the small items; the bulk tables are written by `records`, `requests` and `crm`.

Settings and runs are kept as one JSON text beside the few attributes that conditions and indexes
need: their shape is the domain's, and changes with it.
"""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


class IntegrationItem(Model):
    """An integration's settings; lies in its tenant's partition, so no other tenant can name it.

    watch                what the watchdog remembers; `revision` grows with each change of settings, memory,
                         or anything else that it has to look at, so that it never decides on old facts
    due_shard, due_at    present only while it has to look at some time: the sparse index of what is due
    dead_*               when a message about this integration last ended among a queue's dead letters
    """

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    settings = UnicodeAttribute()
    watch = UnicodeAttribute(null=True)
    revision = NumberAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    dead_runs = UnicodeAttribute(null=True)
    dead_exports = UnicodeAttribute(null=True)
    dead_onboarding = UnicodeAttribute(null=True)
    dead_schedule = UnicodeAttribute(null=True)


class IncidentItem(Model):
    """An incident as people read it."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    incident = UnicodeAttribute()
    expires_at = NumberAttribute(null=True)


class NoticeItem(Model):
    """A notice: in the sparse outbox index until its message was sent.

    claimed_until  somebody is sending it, and will have done so by then
    """

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    notice = UnicodeAttribute()
    out_shard = UnicodeAttribute(null=True)
    out_at = UnicodeAttribute(null=True)
    claimed_until = UnicodeAttribute(null=True)
    sent_at = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    withdrawn = BooleanAttribute(null=True)
    expires_at = NumberAttribute()


class RecipientItem(Model):
    """Somebody who is to get an integration's alerts by e-mail."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    recipient = UnicodeAttribute()


class ViewItem(Model):
    """A view source, or how far the reading of one of its tables has come."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    document = UnicodeAttribute()


class ErpKeyItem(Model):
    """An ERP's key: its keyed hash, never the secret."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    tenant_id = UnicodeAttribute()
    name = UnicodeAttribute()
    secret_hash = UnicodeAttribute()
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()
    revoked_at = UnicodeAttribute(null=True)
    reads_only = BooleanAttribute(null=True)


class RunItem(Model):
    """A run as the history keeps it: written when it begins and when it ends."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    status = UnicodeAttribute()
    run = UnicodeAttribute()


class RunStateItem(Model):
    """The one item an integration's runs compete for: which run is on, who works on it, until when.

    watch_pk, watch_at  present only while a run is on: the sparse index of runs to watch
    """

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    run_id = UnicodeAttribute(null=True)
    run = UnicodeAttribute(null=True)
    hop = NumberAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    lease_until = UnicodeAttribute(null=True)
    cancel = BooleanAttribute(null=True)
    redrives = NumberAttribute(null=True)
    attempts = NumberAttribute(null=True)
    watch_pk = UnicodeAttribute(null=True)
    watch_at = UnicodeAttribute(null=True)
    durations = UnicodeAttribute(null=True)
    outcomes = UnicodeAttribute(null=True)


class LogLineItem(Model):
    """One line of a run's log."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    line = UnicodeAttribute()
    expires_at = NumberAttribute()


class JobItem(Model):
    """Work done slice by slice, and where it stands; what slices compete for has attributes of its own."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    job = UnicodeAttribute()
    hop = NumberAttribute()
    open = BooleanAttribute()
    attempts = NumberAttribute(default=0)
    owner = UnicodeAttribute(null=True)
    lease_until = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class ExportItem(JobItem):
    """An export."""

    class Meta:
        table_name = ""


class OnboardingJobItem(JobItem):
    """An upload, a snapshot or a proof of completeness."""

    class Meta:
        table_name = ""


class ExportClaimItem(Model):
    """Which export is being made for a likeness: identical requests share it."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    export_id = UnicodeAttribute()
    expires_at = NumberAttribute()


class SnapshotClaimItem(Model):
    """Which snapshot of a table is the present one."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    snapshot_id = UnicodeAttribute()
    expires_at = NumberAttribute()


class AuditItem(Model):
    """Somebody was given personal data: who, when, what."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    entry = UnicodeAttribute()
    expires_at = NumberAttribute()
