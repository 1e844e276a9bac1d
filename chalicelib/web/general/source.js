// Where a View integration reads: the views, how far they were read, deletions that wait, and a test of it all.
// Read when the part is opened.

import { useAction, useLoad } from "../data/load.js";
import { Confirm } from "../parts/drawer.js";
import { Facts } from "../parts/facts.js";
import { NONE } from "../parts/format.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Card, Empty, explained, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { SourceForm } from "./source_form.js";
import { SourceReport } from "./source_report.js";

export function Source() {
  const { t } = usePage();
  const [open, setOpen] = useState(false);
  return html`
    <${Card} id="source" title=${t("source")}>
      <p class="hint">${t("source_about")}</p>
      <details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
        <summary>${t("source_show")}</summary>
        ${open && html`<${Opened} />`}
      </details>
    <//>
  `;
}

function Opened() {
  const { t, api, integration, may } = usePage();
  const found = useLoad(`source ${integration.integration_id}`, (signal) => api.get("/view-source", signal));
  const [editing, edit] = useState(false);
  const saved = (source) => {
    found.change(() => source);
    edit(false);
  };
  return html`
    <${Loaded} of=${found}>
      ${(source) => html`
        ${may("admin") && html`<${Actions} source=${source} edit=${() => edit(true)} />`}
        ${
          source.version
            ? html`<${About} source=${source} /><${Views} source=${source} />`
            : html`<${Empty}>${t("source_none")}<//>`
        }
        ${editing && html`<${SourceForm} source=${source} saved=${saved} close=${() => edit(false)} />`}
      `}
    <//>
  `;
}

/** Change the source, or test it as it is. */
function Actions({ source, edit }) {
  const { t, api } = usePage();
  const test = useAction(() => api.post("/view-source/test"));
  const [report, show] = useState(null);
  const run = async () => show((await test.run()) ?? null);
  return html`
    <div class="actions">
      <button type="button" onClick=${edit}>${t("source_edit")}</button>
      ${
        source.version > 0 &&
        html`
          <button type="button" disabled=${test.busy} onClick=${run}>
            ${t(test.busy ? "source_testing" : "source_test")}
          </button>
        `
      }
    </div>
    ${test.error && html`<p class="wrong" role="alert">${explained(test.error, t)}</p>`}
    ${report && html`<${SourceReport} report=${report} />`}
  `;
}

function About({ source }) {
  const { t, f } = usePage();
  const facts = [
    ["source_engine", t(`engine_${source.engine}`)],
    ["source_secret", html`<code>${source.connection_secret}</code>`],
    ["source_tls", t(`tls_${source.tls}`)],
    ["source_timezone", source.timezone],
    ["source_timeout", t("source_seconds", { seconds: f.whole(source.statement_timeout_seconds) })],
  ];
  return html`<${Facts} facts=${facts} />`;
}

function Views({ source }) {
  const { t, f, may } = usePage();
  const columns = [
    { label: t("source_table") },
    { label: t("source_view") },
    { label: t("source_read_at") },
    { label: t("source_whole_at") },
    { label: t("source_rows"), number: true },
    { label: t("source_held") },
  ];
  const rows = Object.entries(source.tables).map(([table, one]) => {
    const reading = source.reading[table] ?? {};
    return {
      key: table,
      cells: [
        table,
        one.schema_name ? `${one.schema_name}.${one.view}` : one.view,
        f.minute(reading.read_at) ?? NONE,
        f.minute(reading.whole_at) ?? NONE,
        reading.counts ? f.whole(reading.counts.rows) : NONE,
        reading.held ? html`<${Held} table=${table} held=${reading.held} may=${may("admin")} />` : NONE,
      ],
    };
  });
  return html`<${Table} caption=${t("source_views")} columns=${columns} rows=${rows} />`;
}

/** Deletions that were held back: somebody has to say that they are right. */
function Held({ table, held, may }) {
  const { t, f, api, integration, say, took } = usePage();
  const [asked, ask] = useState(false);
  const allow = useAction(async () => {
    ask(false);
    took({ ...integration, current_run: await api.post("/runs", { allow_deletions: [table] }) });
    say(t("source_allowed"));
  });
  const numbers = { gone: f.whole(held.records), all: f.whole(held.of), table };
  return html`
    <${Badge} tone="partial">${t("source_held_count", numbers)}<//>
    ${
      may &&
      html`
        <button
          type="button"
          aria-label=${t("source_allow_named", numbers)}
          disabled=${allow.busy}
          onClick=${() => ask(true)}
        >
          ${t("source_allow")}
        </button>
      `
    }
    ${allow.error && html`<p class="wrong" role="alert">${explained(allow.error, t)}</p>`}
    ${
      asked &&
      html`
        <${Confirm}
          title=${t("source_allow_title", numbers)}
          question=${t("source_allow_question", numbers)}
          yes=${t("source_allow")}
          act=${allow.run}
          close=${() => ask(false)}
          danger
        />
      `
    }
  `;
}
