// The answer to the morning's question: is the data of today?

import { useAction } from "../data/load.js";
import { Confirm } from "../parts/drawer.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { explained } from "../parts/states.js";

/** Name the state and say what a person should know about it: { state, tone, title, lines, progress }. */
function told({ integration, runs, now }, t, f) {
  const state = stateOf(integration, runs);
  const since = f.minute(integration.freshness.deadline_at);
  const said = {
    running: () => running(integration, now, t, f),
    never: () => [integration.next_run_at ? next(integration, t, f) : t("none_scheduled")],
    unproven: () => [t("no_success"), t("deadline", { at: since })],
    stale: () => [success(integration, now, t, f), t("limit", { hours: hours(integration, t, f) })],
    ending: () => [success(integration, now, t, f), t("deadline", { at: since })],
    fresh: () => [success(integration, now, t, f), next(integration, t, f)],
    inactive: () => [success(integration, now, t, f), t("none_scheduled")],
    unscheduled: () => [success(integration, now, t, f), t("none_scheduled")],
  };
  const lines = [...said[state](), lastRun(runs, t, f)].filter((line) => line);
  return {
    tone: TONES[state],
    title: t(`state_${state}`, { since }),
    lines,
    progress: state === "running" ? integration.current_run.progress : null,
  };
}

/** The headline, and what may be done about it. */
export function Headline({ runs }) {
  const { t, f, integration, may } = usePage();
  const { tone, title, lines, progress } = told({ integration, runs, now: Date.now() }, t, f);
  return html`
    <section class="card headline ${tone}" aria-labelledby="state">
      <div role="status"><h2 id="state">${title}</h2></div>
      ${
        progress !== null &&
        html`<progress max="1" value=${progress} aria-label=${t("progress_label")}></progress>`
      }
      ${lines.map((line) => html`<p>${line}</p>`)}
      ${may("admin") && html`<${Steer} />`}
    </section>
  `;
}

/** Start a run, or cancel the one that is on. */
function Steer() {
  const { t, api, integration, refresh, say } = usePage();
  const [asking, ask] = useState(false);
  const run = integration.current_run;
  const start = useAction(async () => {
    try {
      await api.post("/runs");
      say(t("run_begun"));
    } finally {
      await refresh();
    }
  });
  const cancel = useAction(async () => {
    ask(false);
    await api.post(`/runs/${encodeURIComponent(run.run_id)}/cancel`);
    say(t("cancelling"));
    await refresh();
  });
  const failed = start.error ?? cancel.error;
  return html`
    <div class="actions">
      ${
        run
          ? html`
            <button type="button" disabled=${run.cancel_requested || cancel.busy} onClick=${() => ask(true)}>
              ${t("cancel_run")}
            </button>
          `
          : html`
            <button
              type="button"
              class="primary"
              disabled=${start.busy || !integration.active}
              onClick=${start.run}
            >
              ${t(start.busy ? "starting" : "sync_now")}
            </button>
          `
      }
    </div>
    ${failed && html`<p class="wrong" role="alert">${explained(failed, t)}</p>`}
    ${
      asking &&
      html`
      <${Confirm}
        title=${t("cancel_run")}
        question=${t("cancel_question")}
        yes=${t("cancel_yes")}
        act=${cancel.run}
        close=${() => ask(false)}
        danger
      />
    `
    }
  `;
}

export function hours(integration, t, f) {
  const count = integration.max_hours_without_success;
  return count === 1 ? t("hours_1") : t("hours", { hours: f.whole(count) });
}

export function rejected(run) {
  return run.stages.reduce((sum, stage) => sum + stage.rejected, 0);
}

const TONES = {
  running: "busy",
  never: "idle",
  unproven: "warn",
  stale: "bad",
  ending: "warn",
  fresh: "good",
  inactive: "idle",
  unscheduled: "idle",
};

function stateOf(integration, runs) {
  const { current_run: run, freshness, last_success_at: success } = integration;
  if (run?.status === "running") return "running";
  if (freshness.state === "overdue") return "stale";
  if (!success && !runs.length) return "never";
  if (freshness.state === "not_armed") return integration.active ? "unscheduled" : "inactive";
  if (!success) return "unproven";
  return freshness.state === "warning" ? "ending" : "fresh";
}

function running(integration, now, t, f) {
  const run = integration.current_run;
  const [end, late] = [f.soon(run.expected_end_at, now), Date.parse(run.expected_end_at) < now];
  const [share, stage] = [f.share(run.progress, 0), t(`stage_${run.stage}`)];
  return [
    t("progress", { share, stage, at: f.minute(run.started_at) }),
    end ? t(late ? "end_late" : "end_expected", { end }) : t("end_unknown"),
    run.cancel_requested ? t("cancelling") : null,
    success(integration, now, t, f),
  ];
}

function success(integration, now, t, f) {
  const at = f.minute(integration.last_success_at);
  return at ? t("last_success", { at, ago: f.ago(integration.last_success_at, now) }) : t("no_success");
}

function next(integration, t, f) {
  const at = f.minute(integration.next_run_at);
  return at ? t("next_at", { at }) : null;
}

function lastRun(runs, t, f) {
  const run = runs.find((one) => one.status !== "running");
  if (!run || run.status === "success") return null;
  const at = f.minute(run.started_at);
  return t(`last_${run.status}`, { at, message: run.error?.message ?? "", rejected: f.whole(rejected(run)) });
}
