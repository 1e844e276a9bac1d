"""The Chalice application and its blueprints."""

from chalice.app import Chalice

from chalicelib.api import customers, erp, exports, history, integrations, keys, page, run_logs, runs, service
from chalicelib.jobs import advance_run, build_export, fail_run, start_run, watch_runs

app = Chalice(app_name="integration-history")
app.api.binary_types = []

views = (service, erp, integrations, runs, run_logs, history, exports, customers, keys, page)
jobs = (start_run, advance_run, fail_run, watch_runs, build_export)
for part in (*views, *jobs):
    app.register_blueprint(part.bp)
