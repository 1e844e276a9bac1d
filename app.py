"""The Chalice application and its blueprints."""

from chalice.app import Chalice

from chalicelib.api import customers, erp, integrations, keys, runs, service
from chalicelib.jobs import advance_run, fail_run, start_run, watch_runs

app = Chalice(app_name="integration-history")
app.api.binary_types = []

for part in (service, erp, integrations, runs, customers, keys, start_run, advance_run, fail_run, watch_runs):
    app.register_blueprint(part.bp)
