// The runs: a small chart of the last ones, and the table Data / Status / Log.

import { useAction } from "../data/load.js";
import { download } from "../parts/download.js";
import { NONE } from "../parts/format.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Card, Empty, explained, Failed } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { rejected } from "./headline.js";
import { RunChart } from "./run_chart.js";

const FIRST = 10;
const STEP = 20;

export function Runs({ items, of }) {
  const page = usePage();
  const { t, route } = page;
  const [shown, show] = useState(FIRST);
  const columns = [
    { label: t("run_date") },
    { label: t("run_status") },
    { label: t("run_trigger") },
    { label: t("run_duration"), number: true },
    { label: t("run_applied"), number: true },
    { label: t("run_rejected"), number: true },
    { label: t("run_analysed"), number: true },
    { label: t("run_log") },
  ];
  const rows = items.slice(0, shown).map((run) => ({
    key: run.run_id,
    current: run.run_id === route.run,
    cells: cells(run, page),
  }));
  const more = async () => {
    if (shown >= items.length) await of.more();
    show(shown + STEP);
  };
  const isMore = shown < items.length || of.more;
  return html`
    <${Card} id="runs" title=${t("runs")}>
      ${
        items.length
          ? html`
            <${RunChart} runs=${items} />
            <${Table} caption=${t("runs")} columns=${columns} rows=${rows} />
          `
          : html`<${Empty}>${t("no_runs")}<//>`
      }
      ${of.moreFailed && html`<${Failed} error=${of.moreFailed} />`}
      ${
        isMore &&
        html`<button type="button" class="more" disabled=${of.adding} onClick=${more}>${t("more_runs")}</button>`
      }
    <//>
  `;
}

function cells(run, { t, f, go }) {
  const stage = (name) => run.stages.find((one) => one.name === name);
  const at = f.second(run.started_at) ?? NONE;
  const open = () => go({ run: run.run_id });
  return [
    at,
    html`
      <${Badge} tone=${run.status}>${t(`status_${run.status}`)}<//>
      ${run.error && html`<span class="why">${run.error.message}</span>`}
    `,
    t(`trigger_${run.trigger}`),
    f.duration(run.duration_seconds) ?? NONE,
    f.whole(stage("load").processed),
    f.whole(rejected(run)),
    f.whole(stage("analyse").processed),
    html`
      <span class="actions">
        <button type="button" aria-label=${t("logs_of", { at })} onClick=${open}>${t("logs")}</button>
        <${LogDownload} runId=${run.run_id} format="xlsx" label=${t("download")} about=${t("download_of", { at })} />
      </span>
    `,
  ];
}

/** A button that makes the log's file and fetches it. */
export function LogDownload({ runId, format, label, about }) {
  const { t, api, say } = usePage();
  const fetch = useAction(async () => {
    const link = await api.post(`/runs/${encodeURIComponent(runId)}/log/download`, { format });
    download(link.url);
    say(t("download_begun", { name: link.filename }));
  });
  return html`
    <button type="button" aria-label=${about} disabled=${fetch.busy} onClick=${fetch.run}>${label}</button>
    ${fetch.error && html`<span class="wrong" role="alert">${explained(fetch.error, t)}</span>`}
  `;
}
