// Download: an Excel file of all requests and answers is made, its progress shown, and the file fetched.

import { useAction, useLoad, useRepeat } from "../data/load.js";
import { download } from "../parts/download.js";
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { explained, Failed, Loading } from "../parts/states.js";
import { tableName } from "../parts/tables.js";

const LOOK_MS = 1_000;

export function Export({ asked, tables, all }) {
  const { t, api, route, go } = usePage();
  const [wrong, setWrong] = useState(null);
  const wanted = useRef(null); // the export begun here: its file is fetched without another click
  const begin = useAction(async () => {
    const { from, to } = asked;
    // All of them: then also the requests that named none of the tables.
    const made = await api.post("/exports", { from, to, tables: tables.length === all ? [] : tables });
    wanted.current = made;
    go({ export: made.export_id }, { replace: true });
  });
  const press = () => {
    const reason = asked.error ?? (tables.length ? null : "choose_tables");
    setWrong(reason);
    if (!reason) begin.run();
  };
  const begun = wanted.current?.export_id === route.export ? wanted.current : undefined;
  return html`
    <div class="actions">
      <button type="button" class="primary" disabled=${begin.busy} onClick=${press}>${t("download")}</button>
    </div>
    ${wrong && (asked.error || !tables.length) && html`<p class="wrong" role="alert">${t(wrong)}</p>`}
    ${begin.error && html`<p class="wrong" role="alert">${explained(begin.error, t)}</p>`}
    ${route.export && html`<${Making} key=${route.export} exportId=${route.export} all=${all} begun=${begun} again=${press} />`}
  `;
}

/** One export, from the queue to its file, which is fetched at once if it was `begun` here. */
function Making({ exportId, all, begun, again }) {
  const { t, f, api, say } = usePage();
  const path = `/exports/${encodeURIComponent(exportId)}`;
  const made = useLoad(`export ${exportId}`, (signal) => api.get(path, signal), begun);
  const status = made.data?.status;
  const on = status === "queued" || status === "running" || (!made.data && made.error?.kind === "away");
  useRepeat(on ? LOOK_MS : null, made.reload);
  const fetched = useRef(begun === undefined);
  useEffect(() => {
    if (status !== "done" || fetched.current) return;
    fetched.current = true;
    download(made.data.url);
    say(t("download_begun", { name: made.data.filename }));
  }, [status]);
  const fetch = useAction(async () => download((await api.get(path)).url));
  if (!made.data)
    return made.error ? html`<${Failed} error=${made.error} retry=${made.reload} />` : html`<${Loading} />`;
  const { rows, rejected_rows: rejected, masked, filename, file_bytes: bytes, error } = made.data;
  const names =
    made.data.tables.length >= all ? t("export_everything") : made.data.tables.map(tableName).join(", ");
  return html`
    <section class="export ${status}" aria-labelledby="export-state">
      <div role="status"><h3 id="export-state">${t(`export_${status}`)}</h3></div>
      <p class="hint">
        ${t("export_about", { from: f.minute(made.data.from), to: f.minute(made.data.to), tables: names })}
      </p>
      ${
        on &&
        html`
        <progress max="1" value=${made.data.progress} aria-label=${t("export_running")}></progress>
        <p>${f.share(made.data.progress, 0)} · ${t("export_rows", { rows: f.whole(rows) })}</p>
      `
      }
      ${
        status === "done" &&
        html`
        <p>
          <strong>${filename}</strong> · ${f.bytes(bytes)} · ${t("export_rows", { rows: f.whole(rows) })} ·${" "}
          ${t("export_rejected", { rows: f.whole(rejected) })}
        </p>
        ${masked && html`<p class="hint">${t("export_masked")}</p>`}
        <p class="hint">${t("export_until", { at: f.minute(made.data.file_expires_at) })}</p>
        <button type="button" disabled=${fetch.busy} onClick=${fetch.run}>${t("download_again")}</button>
        ${fetch.error && html`<p class="wrong" role="alert">${explained(fetch.error, t)}</p>`}
      `
      }
      ${
        status === "error" &&
        html`
        <p class="wrong" role="alert">${error.message}</p>
        <button type="button" onClick=${again}>${t("retry")}</button>
      `
      }
    </section>
  `;
}
