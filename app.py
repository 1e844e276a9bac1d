"""The Chalice application and its blueprints."""

from chalice.app import Chalice

from chalicelib.api import (
    alerts,
    completeness,
    controls,
    customers,
    erp,
    exports,
    history,
    integrations,
    keys,
    page,
    proofs,
    recipients,
    rejected,
    replays,
    run_logs,
    runs,
    service,
    snapshots,
    trace,
    uploads,
    view_source,
)
from chalicelib.jobs import (
    advance_onboarding,
    advance_run,
    build_export,
    check_views,
    extract_views,
    fail_run,
    note_dead_letter,
    prove_completeness,
    start_run,
    watch_runs,
    watchdog,
)

app = Chalice(app_name="integration-history")
app.api.binary_types = []

views = (
    *(service, erp, integrations, runs, run_logs, history, exports),
    *(customers, keys, alerts, recipients, view_source, controls, completeness, proofs),
    *(uploads, snapshots, rejected, replays, trace, page),
)
jobs = (
    *(start_run, advance_run, extract_views, fail_run, watch_runs),
    *(check_views, build_export, advance_onboarding, prove_completeness),
    *(watchdog, note_dead_letter),
)
for part in (*views, *jobs):
    app.register_blueprint(part.bp)
