// One proof of completeness as a page of its own, to be read, printed, downloaded, and compared.

import { useAction, useLoad, useRepeat } from "../data/load.js";
import { Copy } from "../parts/copy.js";
import { download } from "../parts/download.js";
import { Facts } from "../parts/facts.js";
import { NONE } from "../parts/format.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, explained, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { tableName } from "../parts/tables.js";
import { STATUS_TONES } from "./cell.js";
import { under } from "./certificates.js";
import { Comparison } from "./comparison.js";
import { Findings } from "./findings.js";
import { TONES } from "./headline.js";

const LOOK_MS = 1_000;

export function Report({ reportId }) {
  const { t, api, go } = usePage();
  const path = `/completeness/reports/${encodeURIComponent(reportId)}`;
  const found = useLoad(`report ${reportId}`, (signal) => api.get(path, signal));
  const on = found.data ? under(found.data) : found.error?.kind === "away";
  useRepeat(on ? LOOK_MS : null, found.reload);
  const back = () => go({ report: null, with: null, findings: null });
  return html`
    <article class="report" aria-labelledby="report">
      <div class="actions screen-only">
        <button type="button" onClick=${back}>${t("report_back")}</button>
        <${Copy} text=${() => location.href} label=${t("copy_link")} />
        ${found.data?.status === "done" && html`<${Take} path=${path} />`}
      </div>
      <${Loaded} of=${found}>
        ${(report) => (report.status === "done" ? html`<${Done} report=${report} path=${path} />` : html`<${NotYet} report=${report} />`)}
      <//>
    </article>
  `;
}

/** Take it along: as an Excel file, or on paper. */
function Take({ path }) {
  const { t, api, say } = usePage();
  const fetch = useAction(async () => {
    const { url, filename } = await api.get(path);
    download(url);
    say(t("download_begun", { name: filename }));
  });
  return html`
    <button type="button" disabled=${fetch.busy} onClick=${fetch.run}>${t("report_excel")}</button>
    <button type="button" onClick=${() => window.print()}>${t("report_print")}</button>
    ${fetch.error && html`<p class="wrong" role="alert">${explained(fetch.error, t)}</p>`}
  `;
}

function NotYet({ report }) {
  const { t, f } = usePage();
  return html`
    <section class="card headline ${report.error ? "bad" : "busy"}" aria-labelledby="report">
      <div role="status"><h2 id="report">${t(`proof_${report.status}`)}</h2></div>
      ${
        under(report)
          ? html`
            <progress max="1" value=${report.progress} aria-label=${t("proof_running")}></progress>
            <p>${f.share(report.progress, 0)}</p>
          `
          : html`<p class="wrong" role="alert">${report.error?.message}</p>`
      }
    </section>
  `;
}

function Done({ report, path }) {
  const { t } = usePage();
  const proof = report.certificate;
  return html`
    <section class="card headline ${TONES[report.verdict]}" aria-labelledby="report">
      <div role="status"><h2 id="report">${t(proof ? "report_proof" : "report_no_proof")}</h2></div>
      <p>${report.verdict_label}</p>
      ${report.changed_meanwhile.length > 0 && html`<p>${t("report_changed", { tables: report.changed_meanwhile.map(tableName).join(", ") })}</p>`}
    </section>
    <section class="card" aria-label=${t("report_facts")}>
      <${About} report=${report} />
      <h3>${t("report_tables")}</h3>
      <${Tables} report=${report} />
    </section>
    <${Findings} report=${report} path=${path} />
    <${Comparison} report=${report} path=${path} />
  `;
}

function About({ report }) {
  const { t, f, integration } = usePage();
  const facts = [
    ["report_integration", `${integration.name} (${integration.integration_id})`],
    ["report_tenant", integration.tenant_id],
    ["report_erp", [integration.erp_name, integration.erp_version].filter(Boolean).join(" ")],
    ["report_at", f.zoned(report.requested_at)],
    ["report_until", f.zoned(report.finished_at)],
    ["report_by", report.requested_by],
    ["report_records", f.whole(report.records)],
    ["report_findings", f.whole(report.findings_total)],
    ["report_digest", html`<code>${report.digest}</code>`],
    ["report_id_label", html`<code>${report.report_id}</code>`],
  ];
  return html`
    <${Facts} facts=${facts} wide=${["report_digest"]} />
    <p class="hint">${t("report_digest_about")}</p>
  `;
}

function Tables({ report }) {
  const { t, f } = usePage();
  const number = (value) => (value === null || value === undefined ? NONE : f.whole(value));
  const columns = [
    { label: t("table") },
    { label: t("report_result") },
    ...["side_erp", "side_intermediate", "side_crm", "missing", "extra", "cell_rejected"].map((one) => ({
      label: t(one),
      number: true,
    })),
    { label: t("side_sum"), number: true },
  ];
  const rows = report.tables.map((one) => ({
    key: one.table,
    cells: [
      tableName(one.table),
      html`<${Badge} tone=${STATUS_TONES[one.status]}>${one.status_label}<//>`,
      number(one.totals.erp.count),
      number(one.totals.intermediate.count),
      number(one.totals.crm.count),
      number(one.totals.missing),
      number(one.totals.extra),
      number(one.totals.rejected),
      one.totals.crm.sum ? f.money(one.totals.crm.sum) : NONE,
    ],
  }));
  return html`<${Table} caption=${t("report_tables")} columns=${columns} rows=${rows} className="figures" />`;
}
