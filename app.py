"""The Chalice application and its blueprints."""

from chalice.app import Chalice

from chalicelib.api import customers, erp, integrations, keys, page, runs, service
from chalicelib.jobs import advance_run, fail_run, start_run, watch_runs

app = Chalice(app_name="integration-history")
app.api.binary_types = []

views = (service, erp, integrations, runs, customers, keys, page)
jobs = (start_run, advance_run, fail_run, watch_runs)
for part in (*views, *jobs):
    app.register_blueprint(part.bp)
