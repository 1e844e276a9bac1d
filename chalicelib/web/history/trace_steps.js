// What happened to a record: versions with what changed, the requests that named it, the runs that applied it.

import { plainly } from "../parts/exact.js";
import { NONE } from "../parts/format.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Empty } from "../parts/states.js";
import { Table } from "../parts/table.js";

const TONES = {
  rejected: "error",
  no_response: "error",
  deleted: "partial",
  in_progress: "running",
};

export function RequestLink({ requestId, label }) {
  const { go } = usePage();
  return html`
    <button type="button" class="link" onClick=${() => go({ request: requestId })}>${label ?? requestId}</button>
  `;
}

export function RunLink({ runId, label }) {
  const { t, go } = usePage();
  return html`
    <button type="button" class="link" onClick=${() => go({ tab: "general", run: runId })}>
      ${label ?? t("trace_run", { id: runId })}
    </button>
  `;
}

function Outcome({ name }) {
  const { t } = usePage();
  return html`<${Badge} tone=${TONES[name]}>${t(`outcome_${name}`)}<//>`;
}

export function Versions({ one }) {
  const { t, f } = usePage();
  return html`
    <section class="part" aria-labelledby="trace-versions">
      <h3 id="trace-versions">${t("trace_versions")}</h3>
      <ol class="log">
        ${one.versions.map((version) => html`<${Version} key=${version.revision} version=${version} />`)}
      </ol>
      ${one.versions_dropped > 0 && html`<p class="hint">${t("trace_dropped", { count: f.whole(one.versions_dropped) })}</p>`}
    </section>
  `;
}

function Version({ version }) {
  const { t, f } = usePage();
  const { changes } = version;
  return html`
    <li>
      <span class="log-head">
        <time datetime=${version.at}>${f.second(version.at)}</time>
        <${Outcome} name=${version.what} />
        <span class="muted">${t("trace_number", { number: f.whole(version.revision) })}</span>
        ${version.request_id && html`<${RequestLink} requestId=${version.request_id} label=${t("trace_request")} />`}
        ${version.run_id && html`<${RunLink} runId=${version.run_id} label=${t(version.run_certain ? "trace_by_run" : "trace_by_run_maybe")} />`}
      </span>
      ${changes === null && html`<span class="log-text muted">${t("trace_too_large")}</span>`}
      ${changes?.length > 0 && html`<${Changes} changes=${changes} />`}
    </li>
  `;
}

function Changes({ changes }) {
  const { t } = usePage();
  const columns = [{ label: t("trace_field") }, { label: t("before") }, { label: t("after") }];
  const rows = changes.map((one) => ({
    key: one.field,
    cells: [html`<code>${one.field}</code>`, plainly(one.before) ?? NONE, plainly(one.after) ?? NONE],
  }));
  return html`<${Table} caption=${t("trace_changes")} columns=${columns} rows=${rows} />`;
}

export function Requests({ one }) {
  const { t, f } = usePage();
  const columns = [
    { label: t("at") },
    { label: t("trace_outcome") },
    { label: t("http_status"), number: true },
    { label: t("request_and_answer") },
  ];
  const rows = one.requests.map((request) => ({
    key: request.request_id,
    cells: [
      f.second(request.at),
      html`<${Outcome} name=${request.outcome} />`,
      request.status ?? NONE,
      html`<${RequestLink} requestId=${request.request_id} label=${t("open")} />`,
    ],
  }));
  return html`
    <section class="part" aria-labelledby="trace-requests">
      <h3 id="trace-requests">${t("trace_requests")}</h3>
      ${rows.length ? html`<${Table} caption=${t("trace_requests")} columns=${columns} rows=${rows} />` : html`<${Empty}>${t("trace_no_requests")}<//>`}
      <p class="hint">
        ${t("trace_since", { at: f.minute(one.requests_since) })} ${one.requests_more && t("trace_requests_more")}
      </p>
    </section>
  `;
}

export function Runs({ runs }) {
  const { t, f } = usePage();
  const columns = [
    { label: t("trace_run_at") },
    { label: t("trace_outcome") },
    { label: t("trace_revision") },
  ];
  const rows = runs.map((run) => ({
    key: `${run.run_id} ${run.revision}`,
    cells: [
      html`<${RunLink} runId=${run.run_id} label=${f.second(run.started_at) ?? run.run_id} />`,
      html`<${Outcome} name=${run.what} />${!run.certain && html` <span class="muted">${t("trace_uncertain")}</span>`}`,
      f.whole(run.revision),
    ],
  }));
  return html`
    <section class="part" aria-labelledby="trace-runs">
      <h3 id="trace-runs">${t("trace_runs")}</h3>
      ${rows.length ? html`<${Table} caption=${t("trace_runs")} columns=${columns} rows=${rows} />` : html`<${Empty}>${t("trace_no_runs")}<//>`}
    </section>
  `;
}
