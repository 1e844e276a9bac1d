"""Every DynamoDB key of the product, built here and nowhere else.

Large collections are spread over BUCKETS partitions by a checksum of the sort key, so that one
integration's nightly load is not bound to the write rate of a single partition.
"""

from zlib import crc32

from ..domain.request_log import NO_TABLE

BUCKETS = 8


def bucket(key: str) -> int:
    """Choose the partition of a key; stable for ever, since it is stored."""
    return crc32(key.encode()) % BUCKETS


# integrations table
def tenant(tenant_id: str) -> str:
    return f"TENANT#{tenant_id}"


def integration(integration_id: str) -> str:
    return f"INTEGRATION#{integration_id}"


def integration_of(pk: str, sk: str) -> tuple[str, str]:
    """Read tenant and integration from an integration's keys."""
    return pk.removeprefix("TENANT#"), sk.removeprefix("INTEGRATION#")


def due_shard(number: int) -> str:
    return f"DUE#{number}"


def erp_keys(integration_id: str) -> str:
    return f"KEYS#{integration_id}"


def view_source(integration_id: str) -> str:
    return f"VIEW#{integration_id}"


SOURCE = "SOURCE"
VIEW_TABLE_PREFIX = "TABLE#"


def view_table(table: str) -> str:
    return f"{VIEW_TABLE_PREFIX}{table}"


# records table: the intermediate database
def records(integration_id: str, table: str, number: int) -> str:
    return f"R#{integration_id}#{table}#{number}"


def record(integration_id: str, table: str, key: str) -> str:
    return records(integration_id, table, bucket(key))


def refused(at: str, table: str, key: str) -> str:
    """Order refusals by time; no two of an integration stand at the same place."""
    return f"{at}#{table}#{key}"


def pending(integration_id: str, table: str) -> str:
    return f"P#{integration_id}#{table}"


def journal(integration_id: str, table: str) -> str:
    return f"J#{integration_id}#{table}"


def counters(integration_id: str) -> str:
    return f"N#{integration_id}"


def tallies(integration_id: str) -> str:
    return f"M#{integration_id}"


# runs table
def runs(integration_id: str) -> str:
    return f"RUNS#{integration_id}"


def integration_of_runs(pk: str) -> str:
    return pk.removeprefix("RUNS#")


def run_log(integration_id: str, run_id: str) -> str:
    return f"LOG#{integration_id}#{run_id}"


STATE = "STATE"
RUN_PREFIX = "RUN#"


def run(run_id: str) -> str:
    return f"{RUN_PREFIX}{run_id}"


# requests table
def request_day(integration_id: str, table: str, day: str) -> str:
    """Place a table's requests of a day; the few that named none of the tables lie together."""
    return f"DAY#{integration_id}#{table}" if table == NO_TABLE else f"DAY#{integration_id}#{table}#{day}"


def request_marks(integration_id: str, table: str, day: str) -> str:
    return f"MARKS#{integration_id}#{table}#{day}"


def request_bodies(request_id: str) -> str:
    return f"REQUEST#{request_id}"


# exports table
def exports(integration_id: str) -> str:
    return f"EXPORTS#{integration_id}"


def export(export_id: str) -> str:
    return f"EXPORT#{export_id}"


def export_claim(likeness: str) -> str:
    return f"CLAIM#{likeness}"


# onboarding table
def control_totals(integration_id: str) -> str:
    return f"TOTALS#{integration_id}"


def control_keys(integration_id: str) -> str:
    return f"LISTS#{integration_id}"


def of_period(table: str, period: str) -> str:
    return f"{table}#{period}"


def period_of(sk: str) -> tuple[str, str]:
    """Read table and period from what `of_period` wrote."""
    table, _, period = sk.partition("#")
    return table, period


def proofs(integration_id: str) -> str:
    return f"PROOFS#{integration_id}"


def proof(proof_id: str) -> str:
    return f"PROOF#{proof_id}"


def snapshots(integration_id: str) -> str:
    return f"SNAPSHOTS#{integration_id}"


def snapshot(snapshot_id: str) -> str:
    return f"SNAPSHOT#{snapshot_id}"


def snapshot_claim(table: str) -> str:
    return f"CURRENT#{table}"


def snapshot_keys(integration_id: str, snapshot_id: str) -> str:
    return f"MET#{integration_id}#{snapshot_id}"


def uploads(integration_id: str) -> str:
    return f"UPLOADS#{integration_id}"


def upload(upload_id: str) -> str:
    return f"UPLOAD#{upload_id}"


# alerts table
def alerts(integration_id: str) -> str:
    return f"ALERTS#{integration_id}"


INCIDENT_PREFIX = "INCIDENT#"


def incident(incident_id: str) -> str:
    return f"{INCIDENT_PREFIX}{incident_id}"


NOTICE_PREFIX = "NOTICE#"


def notice(message_id: str) -> str:
    return f"{NOTICE_PREFIX}{message_id}"


def outbox_shard(number: int) -> str:
    return f"OUT#{number}"


def recipients(integration_id: str) -> str:
    return f"RECIPIENTS#{integration_id}"


# audit table
def audit(integration_id: str) -> str:
    return f"AUDIT#{integration_id}"


# crm table
def documents(integration_id: str, table: str, number: int) -> str:
    return f"D#{integration_id}#{table}#{number}"


def document(integration_id: str, table: str, key: str, place: str | None) -> tuple[str, str]:
    """Place a CRM document: a client's own documents lie together beside it."""
    if place:
        return client(integration_id, place), f"{table}#{key}"
    return documents(integration_id, table, bucket(key)), key


def client(integration_id: str, place: str) -> str:
    return f"C#{integration_id}#{place}"


def customers(integration_id: str, number: int) -> str:
    return f"K#{integration_id}#{number}"


def customer(integration_id: str, place: str) -> str:
    return customers(integration_id, bucket(place))


def dirty(integration_id: str) -> str:
    return f"X#{integration_id}"


def curve(integration_id: str) -> str:
    return f"A#{integration_id}"


def movements(integration_id: str, run_id: str) -> str:
    return f"M#{integration_id}#{run_id}"
