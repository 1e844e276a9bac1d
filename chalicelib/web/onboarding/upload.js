// One file that was sent: how far it is imported, its counts, and its rejected lines.

import { useAction, useLoad, useRepeat } from "../data/load.js";
import { download } from "../parts/download.js";
import { Facts } from "../parts/facts.js";
import { html, useEffect, useRef } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, explained, Loaded } from "../parts/states.js";
import { tableName } from "../parts/tables.js";

const LOOK_MS = 1_000;
export const UPLOAD_TONES = {
  waiting: "",
  checking: "running",
  importing: "running",
  done: "success",
  failed: "error",
};
const ENDED = ["done", "failed"];
const COUNTS = ["created", "updated", "unchanged", "deleted"];

export function Upload({ uploadId, changed }) {
  const { t, api, go } = usePage();
  const path = `/uploads/${encodeURIComponent(uploadId)}`;
  const found = useLoad(`upload ${uploadId}`, (signal) => api.get(path, signal));
  const ended = ENDED.includes(found.data?.status);
  useRepeat(
    found.data ? (ended ? null : LOOK_MS) : found.error?.kind === "away" ? LOOK_MS : null,
    found.reload,
  );
  const watched = useRef(false);
  useEffect(() => {
    if (found.data && !ended) watched.current = true;
    if (ended && watched.current) changed(); // what is missing is another now
  }, [found.data?.status]);
  return html`
    <section class="export" aria-labelledby="upload-state">
      <${Loaded} of=${found}>${(one) => html`<${State} one=${one} path=${path} />`}<//>
      <div class="actions">
        <button type="button" onClick=${() => go({ upload: null })}>${t("upload_put_away")}</button>
      </div>
    </section>
  `;
}

function State({ one, path }) {
  const { t, f } = usePage();
  const on = !ENDED.includes(one.status);
  const outcome = COUNTS.filter((name) => one[name]).map((name) =>
    t(`took_${name}`, { count: f.whole(one[name]) }),
  );
  const facts = [
    ["upload_state", html`<${Badge} tone=${UPLOAD_TONES[one.status]}>${t(`sent_${one.status}`)}<//>`],
    ["table", tableName(one.table)],
    ["upload_bytes", f.bytes(one.bytes)],
    ["upload_lines", f.whole(one.lines)],
    ["upload_accepted", [f.whole(one.accepted), ...outcome].join(" · ")],
    ["cell_rejected", f.whole(one.rejected)],
    ["upload_warnings", one.warnings > 0 && f.whole(one.warnings)],
    ["upload_at", `${f.second(one.requested_at)} · ${one.requested_by}`],
  ];
  return html`
    <div role="status"><h3 id="upload-state">${one.filename ?? one.upload_id}</h3></div>
    ${
      on &&
      html`
        <progress max="1" value=${one.progress} aria-label=${t(`sent_${one.status}`)}></progress>
        <p>${t(`sent_${one.status}`)} · ${f.share(one.progress, 0)}</p>
      `
    }
    ${one.error && html`<p class="wrong" role="alert">${one.error.message}</p>`}
    <${Facts} facts=${facts.filter(([, value]) => value)} />
    ${one.rejected_file && html`<${RejectedLines} rows=${one.rejected_file.rows} path=${path} />`}
  `;
}

/** The file of rejected lines, to be corrected and sent again. */
function RejectedLines({ rows, path }) {
  const { t, f, api, may, say } = usePage();
  const fetch = useAction(async () => {
    const { rejected_file: file } = await api.get(path);
    download(file.url);
    say(t("download_begun", { name: t("rejected_lines") }));
  });
  if (!may("admin")) return html`<p class="hint">${t("rejected_lines_admin")}</p>`;
  return html`
    <p>${t("rejected_lines_about")}</p>
    <div class="actions">
      <button type="button" disabled=${fetch.busy} onClick=${fetch.run}>
        ${t("rejected_lines_get", { count: f.whole(rows) })}
      </button>
    </div>
    ${fetch.error && html`<p class="wrong" role="alert">${explained(fetch.error, t)}</p>`}
  `;
}
