// One record in a drawer: its state, what is stored, its versions, requests, runs and relatives.

import { useLoad } from "../data/load.js";
import { Copy } from "../parts/copy.js";
import { Drawer } from "../parts/drawer.js";
import { exactly, written } from "../parts/exact.js";
import { Facts } from "../parts/facts.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Loaded } from "../parts/states.js";
import { tableName } from "../parts/tables.js";
import { Relatives, STATE_TONES, TraceLink } from "./trace_relatives.js";
import { RequestLink, Requests, RunLink, Runs, Versions } from "./trace_steps.js";

export function Trace({ place, close }) {
  const { t, api } = usePage();
  const at = place.indexOf("/");
  const [table, key] = [place.slice(0, at), place.slice(at + 1)];
  const path = `/trace/${encodeURIComponent(table)}/${encodeURIComponent(key)}`;
  const found = useLoad(`trace ${place}`, (signal) =>
    api.get(path, signal, exactly).catch((error) => similar(error)),
  );
  return html`
    <${Drawer} title=${`${tableName(table)} ${key}`} close=${close}>
      <div class="actions">
        <${Copy} text=${() => location.href} label=${t("copy_link")} />
        <${Copy} text=${key} label=${t("trace_copy_key")} />
      </div>
      <${Loaded} of=${found}>
        ${(one) => (one.candidates ? html`<${Candidates} table=${table} found=${one} />` : html`<${Told} one=${one} />`)}
      <//>
    <//>
  `;
}

/** A key that is only the beginning of others: the API names some of them. */
function similar(error) {
  const candidates = error.kind === "absent" ? error.issues.map((one) => one.key).filter(Boolean) : [];
  if (!candidates.length) throw error;
  return { candidates, detail: error.detail };
}

function Candidates({ table, found }) {
  const { t } = usePage();
  return html`
    <p class="notice">${found.detail}</p>
    <h3>${t("trace_similar")}</h3>
    <ul class="problems">
      ${found.candidates.map((key) => html`<li><${TraceLink} table=${table} name=${key} /></li>`)}
    </ul>
  `;
}

function Told({ one }) {
  const { t } = usePage();
  return html`
    <${About} one=${one} />
    ${one.rejection && html`<${Rejection} rejection=${one.rejection} />`}
    <details class="part">
      <summary>${t("trace_record")}</summary>
      <pre tabindex="0">${written(one.record)}</pre>
    </details>
    ${
      one.crm &&
      !one.crm.up_to_date &&
      html`
        <details class="part">
          <summary>${t("trace_crm_record")}</summary>
          <pre tabindex="0">${written(one.crm.record)}</pre>
        </details>
      `
    }
    <${Versions} one=${one} />
    <${Requests} one=${one} />
    <${Runs} runs=${one.runs} />
    <${Relatives} one=${one} />
  `;
}

function About({ one }) {
  const { t, f } = usePage();
  const { crm } = one;
  const applied = crm
    ? html`${f.second(crm.applied_at)} · <${RunLink} runId=${crm.run_id} /> · ${t(crm.up_to_date ? "trace_same" : "trace_other")}`
    : t("trace_not_applied");
  const facts = [
    ["trace_state", html`<${Badge} tone=${STATE_TONES[one.state]}>${t(`trace_${one.state}`)}<//>`],
    ["trace_received", f.second(one.received_at)],
    ["trace_crm", applied],
    ["trace_revision", f.whole(one.revision)],
  ];
  return html`<${Facts} facts=${facts} />`;
}

/** Why the record is in quarantine: a request brought it so, or a run set it aside. */
function Rejection({ rejection }) {
  const { t, f } = usePage();
  const by = rejection.request_id
    ? html`<${RequestLink} requestId=${rejection.request_id} />`
    : html`<${RunLink} runId=${rejection.run_id} />`;
  return html`
    <section class="part" aria-labelledby="trace-rejection">
      <h3 id="trace-rejection">${t("trace_rejection")}</h3>
      <p>${f.second(rejection.at)} · ${by}</p>
      <ul class="problems">
        ${rejection.errors.map((one) => html`<li class="wrong"><code>${one.field}</code> ${one.message}</li>`)}
      </ul>
      ${
        rejection.record !== null &&
        html`
          <details>
            <summary>${t("trace_as_sent")}</summary>
            <pre tabindex="0">${written(rejection.record)}</pre>
          </details>
        `
      }
    </section>
  `;
}
