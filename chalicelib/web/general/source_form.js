// Changing where a View integration reads. The connection is sent, and never shown again.

import { useAction } from "../data/load.js";
import { Drawer } from "../parts/drawer.js";
import { Choice, Field, Line } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { explained } from "../parts/states.js";
import { SourceReport } from "./source_report.js";

const ENGINES = ["postgresql", "mysql", "mssql", "oracle", "sqlite"];
const TLS = ["verify", "require", "off"];
const FIRST = {
  engine: "postgresql",
  tls: "require",
  statement_timeout_seconds: 30,
  tables: { empresa: { view: "v_empresa" } },
};

/** Read the views as they were typed; null when that is no JSON. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function SourceForm({ source, saved, close }) {
  const { t, api, integration, say } = usePage();
  const known = source.version ? source : { ...FIRST, timezone: integration.schedule.timezone };
  const [form, setForm] = useState({
    engine: known.engine,
    connection: "",
    tls: known.tls,
    timezone: known.timezone,
    timeout: String(known.statement_timeout_seconds),
    tables: JSON.stringify(known.tables, null, 2),
  });
  const set = (name) => (value) => setForm((now) => ({ ...now, [name]: value }));
  const body = () => ({
    engine: form.engine,
    tls: form.tls,
    timezone: form.timezone,
    statement_timeout_seconds: Number(form.timeout),
    tables: parsed(form.tables),
    ...(form.connection.trim() ? { connection_string: form.connection.trim() } : {}),
  });
  const save = useAction(async () => {
    saved(await api.put("/view-source", body(), source.version));
    say(t("saved"));
  });
  const test = useAction(() => api.post("/view-source/test", body()));
  const [report, show] = useState(null);
  const submit = (event) => {
    event.preventDefault();
    save.run();
  };
  const error = save.error ?? test.error;
  const fields = error?.fields ?? {};
  const field = (name) => fields[`view_source.${name}`];
  const unread = parsed(form.tables) === null;
  return html`
    <${Drawer} title=${t("source_edit")} close=${close}>
      <form class="form" onSubmit=${submit} novalidate>
        <${Choice}
          label=${t("source_engine")}
          value=${form.engine}
          options=${ENGINES.map((one) => [one, t(`engine_${one}`)])}
          change=${set("engine")}
          error=${field("engine")}
        />
        <${Line}
          label=${t("source_connection")}
          hint=${t(source.version ? "source_connection_kept" : "source_connection_hint")}
          type="password"
          autocomplete="off"
          spellcheck=${false}
          value=${form.connection}
          change=${set("connection")}
          error=${field("connection_string")}
        />
        <${Choice}
          label=${t("source_tls")}
          value=${form.tls}
          options=${TLS.map((one) => [one, t(`tls_${one}`)])}
          change=${set("tls")}
          error=${field("tls")}
        />
        <div class="pair">
          <${Line}
            label=${t("source_timezone")}
            value=${form.timezone}
            change=${set("timezone")}
            error=${field("timezone")}
          />
          <${Line}
            label=${t("source_timeout")}
            inputmode="numeric"
            value=${form.timeout}
            change=${set("timeout")}
            error=${field("statement_timeout_seconds")}
          />
        </div>
        <${Field}
          label=${t("source_tables")}
          hint=${t("source_tables_hint")}
          error=${unread ? t("source_tables_unread") : tablesWrong(fields)}
        >
          ${(own) => html`
            <textarea ...${own} rows="14" class="code" spellcheck=${false} value=${form.tables}
              onInput=${(event) => set("tables")(event.currentTarget.value)}></textarea>
          `}
        <//>
        ${error && html`<p class="wrong" role="alert">${error.kind === "stale" ? t("source_stale") : explained(error, t)}</p>`}
        <div class="actions">
          <button type="submit" class="primary" disabled=${save.busy || unread}>${t("save")}</button>
          <button
            type="button"
            disabled=${test.busy || unread}
            onClick=${async () => show((await test.run()) ?? null)}
          >
            ${t(test.busy ? "source_testing" : "source_test")}
          </button>
          <button type="button" onClick=${close}>${t("discard")}</button>
        </div>
      </form>
      ${report && html`<${SourceReport} report=${report} />`}
    <//>
  `;
}

/** All that is wrong with the views, each with its place in them. */
function tablesWrong(fields) {
  const prefix = "view_source.tables";
  const found = Object.entries(fields).filter(([name]) => name.startsWith(prefix) || name === "view_source");
  return found.map(([name, message]) => `${name.slice(prefix.length + 1)} ${message}`.trim()).join(" · ");
}
