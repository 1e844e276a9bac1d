// The log of a run, in a drawer: found by level, stage and words; it grows while the run is on.

import { query } from "../data/api.js";
import { useLoad, useRepeat } from "../data/load.js";
import { Copy } from "../parts/copy.js";
import { Drawer } from "../parts/drawer.js";
import { Choice, Line } from "../parts/forms.js";
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Empty, Failed, Loading } from "../parts/states.js";
import { LogDownload } from "./runs.js";

const PAGE = 200;
const SHOWN_STEP = 500;
const LIVE_MS = 2_000;
const LEVELS = ["info", "warning", "error"];
const TONES = { info: "", warning: "partial", error: "error" };
const STAGES = ["extract", "load", "analyse", "update", "categorise", "finish"];

export function RunLog({ runId, close, runs }) {
  const { t, f, integration } = usePage();
  const log = useLog(runId, runs);
  const [level, setLevel] = useState("");
  const [stage, setStage] = useState("");
  const [words, setWords] = useState("");
  const [shown, show] = useState(SHOWN_STEP);
  const run = integration.current_run?.run_id === runId ? integration.current_run : log.run;
  const wanted = words.trim().toLowerCase();
  const found = log.lines.filter(
    (line) =>
      LEVELS.indexOf(line.level) >= LEVELS.indexOf(level) &&
      (!stage || line.stage === stage) &&
      (!wanted || `${line.message} ${JSON.stringify(line.details)}`.toLowerCase().includes(wanted)),
  );
  const counted = t("log_count", { found: f.whole(found.length), all: f.whole(log.lines.length) });
  return html`
    <${Drawer} title=${run ? t("log_of", { at: f.second(run.started_at) }) : t("logs")} close=${close}>
      ${run && html`<${RunState} run=${run} />`}
      <div class="filters">
        <${Choice}
          label=${t("log_level")}
          value=${level}
          options=${[["", t("level_all")], ...LEVELS.slice(1).map((one) => [one, t(`from_${one}`)])]}
          change=${setLevel}
        />
        <${Choice}
          label=${t("log_stage")}
          value=${stage}
          options=${[["", t("all_stages")], ...STAGES.map((one) => [one, t(`stage_${one}`)])]}
          change=${setStage}
        />
        <${Line} label=${t("search")} type="search" value=${words} change=${setWords} />
      </div>
      <div class="actions">
        <${LogDownload} runId=${runId} format="xlsx" label=${t("download_excel")} />
        <${LogDownload} runId=${runId} format="txt" label=${t("download_text")} />
        <${Copy} text=${() => location.href} label=${t("copy_link")} />
      </div>
      <p class="hint" aria-live="off">${counted}${log.live ? ` ${t("log_live")}` : ""}</p>
      ${log.error && html`<${Failed} error=${log.error} retry=${log.again} />`}
      ${!log.lines.length && !log.error && (log.ended ? html`<${Empty}>${t("log_empty")}<//>` : html`<${Loading} />`)}
      ${log.lines.length > 0 && !found.length && html`<${Empty}>${t("log_none_found")}<//>`}
      <ol class="log" aria-label=${t("logs")}>
        ${found.slice(0, shown).map((line) => html`<${LogLine} key=${line.number} line=${line} />`)}
      </ol>
      ${
        found.length > shown &&
        html`<button type="button" class="more" onClick=${() => show(shown + SHOWN_STEP)}>${t("log_more")}</button>`
      }
    <//>
  `;
}

/** Read a log to its end, and go on while the run does. */
function useLog(runId, runs) {
  const { api } = usePage();
  const path = `/runs/${encodeURIComponent(runId)}`;
  const listed = runs?.find((one) => one.run_id === runId);
  const asked = useLoad(listed || !runs ? null : `run ${runId}`, (signal) => api.get(path, signal));
  const [log, setLog] = useState({ lines: [], cursor: null, ended: false, error: null });
  const visit = useRef(null);
  const read = async () => {
    if (visit.current) return; // still at it
    const mine = new AbortController();
    visit.current = mine;
    let { cursor, ended } = log;
    try {
      for (let got = PAGE; got === PAGE && !ended; ) {
        const page = await api.get(`${path}/log${query({ limit: PAGE, cursor })}`, mine.signal);
        got = page.items.length;
        cursor = page.next_cursor ?? cursor;
        ended = page.next_cursor === null;
        setLog((before) => ({ lines: [...before.lines, ...page.items], cursor, ended, error: null }));
      }
    } catch (error) {
      if (!mine.signal.aborted) setLog((before) => ({ ...before, cursor, error }));
    } finally {
      visit.current = null;
    }
  };
  useEffect(() => {
    read();
    return () => visit.current?.abort();
  }, []);
  useRepeat(log.ended || log.error ? null : LIVE_MS, read);
  const live = !log.ended && !log.error && log.lines.length > 0;
  return { ...log, live, again: read, run: listed ?? asked.data ?? null };
}

function RunState({ run }) {
  const { t, f } = usePage();
  return html`
    <p>
      <${Badge} tone=${run.status}>${t(`status_${run.status}`)}<//>${" "}
      ${f.duration(run.duration_seconds)} ${run.error?.message}
    </p>
    ${
      run.status === "running" &&
      html`<progress max="1" value=${run.progress} aria-label=${t("progress_label")}></progress>`
    }
  `;
}

function LogLine({ line }) {
  const { t, f } = usePage();
  const details = Object.keys(line.details).length > 0;
  return html`
    <li class=${line.level}>
      <span class="log-head">
        <time datetime=${line.at}>${f.clock(line.at)}</time>
        ${line.level !== "info" && html`<${Badge} tone=${TONES[line.level]}>${t(`level_${line.level}`)}<//>`}
        <span class="muted">${t(`stage_${line.stage}`)}</span>
      </span>
      <span class="log-text">${line.message}</span>
      ${
        details &&
        html`
        <details>
          <summary>${t("details")}</summary>
          <pre tabindex="0">${JSON.stringify(line.details, null, 2)}</pre>
        </details>
      `
      }
    </li>
  `;
}
