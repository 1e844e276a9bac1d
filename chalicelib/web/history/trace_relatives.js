// The records that a record refers to, and those that refer to it; each can be traced in turn.

import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Empty } from "../parts/states.js";
import { tableName } from "../parts/tables.js";

export const STATE_TONES = {
  applied: "success",
  pending: "running",
  rejected: "error",
  deleted: "",
  missing: "error",
};

export function TraceLink({ table, name }) {
  const { go } = usePage();
  return html`
    <button type="button" class="link" onClick=${() => go({ trace: `${table}/${name}` })}>${name}</button>
  `;
}

export function Relatives({ one }) {
  const { t } = usePage();
  const lost = one.not_followed.map(tableName).join(", ");
  return html`
    <section class="part" aria-labelledby="trace-parents">
      <h3 id="trace-parents">${t("trace_parents")}</h3>
      ${!one.parents.length && html`<${Empty}>${t("trace_no_parents")}<//>`}
      <ul class="problems">
        ${one.parents.map(
          (parent) => html`
            <li>
              ${tableName(parent.table)} <${TraceLink} table=${parent.table} name=${parent.key} />${" "}
              <${Badge} tone=${STATE_TONES[parent.state]}>${t(`trace_${parent.state}`)}<//>
            </li>
          `,
        )}
      </ul>
    </section>
    <section class="part" aria-labelledby="trace-children">
      <h3 id="trace-children">${t("trace_children")}</h3>
      ${one.children.every((kind) => !kind.count) && html`<${Empty}>${t("trace_no_children")}<//>`}
      ${one.children.filter((kind) => kind.count).map((kind) => html`<${Children} key=${kind.table} kind=${kind} />`)}
      ${lost && html`<p class="hint">${t("trace_lost", { tables: lost })}</p>`}
    </section>
  `;
}

function Children({ kind }) {
  const { t, f } = usePage();
  const count = `${f.whole(kind.count)}${kind.more ? "+" : ""}`;
  return html`
    <details>
      <summary>${tableName(kind.table)}: ${count}</summary>
      ${kind.source === "crm" && html`<p class="hint">${t("trace_from_crm")}</p>`}
      <ul class="keys">
        ${kind.keys.map((key) => html`<li><${TraceLink} table=${kind.table} name=${key} /></li>`)}
      </ul>
      ${kind.keys.length < kind.count && html`<p class="hint">${t("trace_first_keys", { count: f.whole(kind.keys.length) })}</p>`}
    </details>
  `;
}
