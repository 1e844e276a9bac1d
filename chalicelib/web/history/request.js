// One request and its answer, whole, in a drawer.

import { useLoad } from "../data/load.js";
import { Copy } from "../parts/copy.js";
import { Drawer } from "../parts/drawer.js";
import { Facts } from "../parts/facts.js";
import { html, useMemo, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { pretty } from "../parts/pretty.js";
import { Badge, Loaded } from "../parts/states.js";
import { tableName } from "../parts/tables.js";
import { Replay, repeatable } from "./replay.js";
import { TONES } from "./requests.js";

const COUNTS = ["received", "created", "updated", "unchanged", "deleted", "rejected"];

export function Request({ requestId, close }) {
  const { t, api, integration, may } = usePage();
  const replays = may("admin") && integration.integration_type !== "view";
  const path = `/requests/${encodeURIComponent(requestId)}`;
  const found = useLoad(`request ${requestId}`, (signal) => api.get(path, signal));
  return html`
    <${Drawer} title=${t("request_title")} close=${close}>
      <div class="actions">
        <${Copy} text=${() => location.href} label=${t("copy_link")} />
        <${Copy} text=${requestId} label=${t("copy_id")} />
      </div>
      <${Loaded} of=${found}>
        ${(one) => html`
          <${About} one=${one} />
          ${replays && repeatable(one) && html`<${Replay} one=${one} />`}
          <${Headers} headers=${one.headers} />
          <${Body} title=${t("request_body")} name=${`${requestId}-request`} one=${one} part="request" />
          <${Body} title=${t("response_body")} name=${`${requestId}-response`} one=${one} part="response" />
        `}
      <//>
    <//>
  `;
}

function About({ one }) {
  const { t, f, go } = usePage();
  const counts = COUNTS.filter((name) => name in one.counts).map(
    (name) => `${t(`count_${name}`)}: ${f.whole(one.counts[name])}`,
  );
  const facts = [
    ["at", f.second(one.at)],
    ["situation", html`<${Badge} tone=${TONES[one.situation]}>${one.situation_label}<//>`],
    ["http_status", one.status],
    ["table", one.table && tableName(one.table)],
    ["took", one.duration_ms !== null && f.millis(one.duration_ms)],
    ["key_name", one.key_name],
    ["request_bytes", f.bytes(one.request_bytes)],
    ["response_bytes", f.bytes(one.response_bytes)],
    ["counts", counts.join(" · ")],
    ["request_type", t(`request_type_${one.type}`)],
    ...(one.replay_of
      ? [
          [
            "replay_of",
            html`<button type="button" class="link" onClick=${() => go({ request: one.replay_of })}>${one.replay_of}</button>`,
          ],
        ]
      : []),
    ["request_line", html`<code>${one.method} ${one.path}</code>`],
    ["request_id_label", html`<code>${one.request_id}</code>`],
  ];
  return html`<${Facts} facts=${facts} />`;
}

function Headers({ headers }) {
  const { t } = usePage();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return html`
    <details class="part">
      <summary>${t("headers")}</summary>
      <pre tabindex="0">${lines.join("\n")}</pre>
    </details>
  `;
}

/** A body, laid out for reading or as it was sent; one that is too long for an answer comes as a file. */
function Body({ title, name, one, part }) {
  const { t } = usePage();
  const [raw, setRaw] = useState(false);
  const text = one[`${part}_body`];
  const url = one[`${part}_body_url`];
  const coded = one[`${part}_body_encoding`] === "base64";
  const laidOut = useMemo(() => (coded ? text : pretty(text ?? "")), [text, coded]);
  const id = `${name}-title`;
  return html`
    <section class="part" aria-labelledby=${id}>
      <div class="card-head">
        <h3 id=${id}>${title}</h3>
        ${
          text &&
          html`
          <div class="actions">
            ${
              laidOut !== text &&
              html`
              <button type="button" aria-pressed=${raw ? "true" : "false"} onClick=${() => setRaw(!raw)}>
                ${t("as_sent")}
              </button>
            `
            }
            <${Copy} text=${text} />
          </div>
        `
        }
      </div>
      ${coded && html`<p class="hint">${t("body_base64")}</p>`}
      ${url && html`<p><a href=${url} rel="noopener">${t("body_as_file")}</a></p>`}
      ${!url && (text ? html`<pre class="body" tabindex="0">${raw ? text : laidOut}</pre>` : html`<p class="empty">${t("no_body")}</p>`)}
    </section>
  `;
}
