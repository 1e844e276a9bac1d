// What a test of the source found, table by table: what is there, what is missing, and what to do.

import { Facts } from "../parts/facts.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge } from "../parts/states.js";

const TONES = { error: "error", warning: "partial" };

export function SourceReport({ report }) {
  const { t } = usePage();
  return html`
    <section class="part" aria-labelledby="source-report" role="status">
      <h3 id="source-report" tabindex="-1">
        ${t("report")}
        <${Badge} tone=${report.ok ? "success" : "error"}>${t(report.ok ? "report_ok" : "report_not_ok")}<//>
      </h3>
      <${Problems} problems=${report.problems} />
      ${report.tables.map((one) => html`<${TableReport} key=${one.table} one=${one} />`)}
    </section>
  `;
}

function TableReport({ one }) {
  const { t, f } = usePage();
  const wrong = one.problems.some((problem) => problem.severity === "error");
  const tone = wrong ? "error" : one.problems.length ? "partial" : "success";
  const state = wrong ? "report_not_ok" : one.problems.length ? "report_look" : "report_ok";
  const mapped = Object.entries(one.present).map(([field, column]) =>
    field === column ? field : `${field} ← ${column}`,
  );
  const facts = [
    ["report_rows", one.rows === null ? null : f.whole(one.rows)],
    ["report_present", mapped.join(", ")],
    ["report_missing", Object.keys(one.missing).join(", ")],
    ["report_unmapped", one.unmapped.join(", ")],
  ];
  return html`
    <details class="part" open=${wrong}>
      <summary>${one.table}: ${one.view} <${Badge} tone=${tone}>${t(state)}<//></summary>
      <${Problems} problems=${one.problems} />
      ${one.found && html`<${Facts} facts=${facts} wide=${["report_present", "report_unmapped"]} />`}
      ${
        one.sample.length > 0 &&
        html`
          <p class="hint">${t("report_sample")}</p>
          <pre tabindex="0">${one.sample.map((record) => JSON.stringify(record)).join("\n")}</pre>
        `
      }
    </details>
  `;
}

function Problems({ problems }) {
  const { t } = usePage();
  if (!problems.length) return null;
  return html`
    <ul class="problems">
      ${problems.map(
        (one) => html`
          <li>
            <${Badge} tone=${TONES[one.severity]}>${t(`report_${one.severity}`)}<//>
            ${one.field && html`<code>${one.field}</code>`} ${one.message}
          </li>
        `,
      )}
    </ul>
  `;
}
