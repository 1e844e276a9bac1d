// Proofs of completeness: ask for one, and those there are.

import { useAction, useRepeat } from "../data/load.js";
import { NONE } from "../parts/format.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Card, Empty, explained, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { TONES } from "./headline.js";

const LOOK_MS = 2_000;

export function under(report) {
  return report.status === "queued" || report.status === "running";
}

export function Certificates({ of }) {
  const { t, api, may, go } = usePage();
  const begin = useAction(async () => {
    const made = await api.post("/completeness/report");
    go({ report: made.report_id });
  });
  useRepeat(of.items?.some(under) ? LOOK_MS : null, of.reload);
  const make =
    may("admin") &&
    html`
      <button type="button" class="primary" disabled=${begin.busy} onClick=${begin.run}>${t("make_report")}</button>
    `;
  return html`
    <${Card} id="reports" title=${t("reports")} actions=${make}>
      <p class="hint">${t("reports_about")}</p>
      ${begin.error && html`<p class="wrong" role="alert">${explained(begin.error, t)}</p>`}
      <${Loaded} of=${of}>
        ${() =>
          of.items.length
            ? html`<${List} items=${of.items} /><${More} of=${of} label=${t("more_reports")} />`
            : html`<${Empty}>${t("no_reports")}<//>`}
      <//>
    <//>
  `;
}

/** How a proof stands: on its way, failed, or its verdict. */
export function ReportState({ report }) {
  const { t, f } = usePage();
  if (report.status === "done")
    return html`<${Badge} tone=${TONES[report.verdict]}>${t(`verdict_${report.verdict}`)}<//>`;
  const share = under(report) ? ` ${f.share(report.progress, 0)}` : "";
  const tone = report.status === "error" ? "error" : "running";
  return html`<${Badge} tone=${tone}>${t(`proof_${report.status}`)}${share}<//>`;
}

function List({ items }) {
  const { t, f, go } = usePage();
  const columns = [
    { label: t("report_at") },
    { label: t("report_result") },
    { label: t("report_records"), number: true },
    { label: t("report_findings"), number: true },
    { label: t("report_by") },
  ];
  const rows = items.map((one) => ({
    key: one.report_id,
    cells: [
      html`
        <button type="button" class="link" onClick=${() => go({ report: one.report_id })}>
          ${f.second(one.requested_at)}
        </button>
      `,
      html`<${ReportState} report=${one} />`,
      one.status === "done" ? f.whole(one.records) : NONE,
      one.status === "done" ? f.whole(one.findings_total) : NONE,
      one.requested_by,
    ],
  }));
  return html`<${Table} caption=${t("reports")} columns=${columns} rows=${rows} />`;
}
