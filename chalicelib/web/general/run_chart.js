// Durations and results of the last runs, oldest first.

import { bars, Chart } from "../parts/chart.js";
import { html, useMemo } from "../parts/html.js";
import { usePage } from "../parts/page.js";

const SHOWN = 30;
const HEIGHT = 150;
const COLOURS = { success: "good", partial: "warn", error: "bad", cancelled: "idle" };

export function RunChart({ runs }) {
  const { t, f } = usePage();
  const ended = runs
    .filter((run) => run.status !== "running")
    .slice(0, SHOWN)
    .reverse();
  const mark = ended.map((run) => `${run.run_id} ${run.status}`).join();
  const data = useMemo(() => {
    const kinds = Object.keys(COLOURS);
    const seconds = (kind) => ended.map((run) => (run.status === kind ? run.duration_seconds : null));
    return [ended.map((_, at) => at), ...kinds.map(seconds)];
  }, [mark]);
  if (ended.length < 2) return null;
  const counts = Object.keys(COLOURS)
    .map((kind) => [kind, ended.filter((run) => run.status === kind).length])
    .filter(([, count]) => count);
  const said = counts.map(([kind, count]) => `${t(`status_${kind}`)}: ${f.whole(count)}`).join(", ");
  const readout = (at) => {
    const run = ended[at];
    return `${f.second(run.started_at)} · ${t(`status_${run.status}`)} · ${f.duration(run.duration_seconds)}`;
  };
  const options = bars({
    count: ended.length,
    label: (at) => f.dayOf(ended[at].started_at),
    value: f.tick,
    range: (_, __, most) => [0, Math.max(most, 0.1) * 1.1],
    colours: Object.values(COLOURS),
  });
  return html`
    <figure class="figure">
      <figcaption>${t("run_chart", { count: f.whole(ended.length) })}</figcaption>
      <${Chart}
        label="${t("run_chart", { count: f.whole(ended.length) })}. ${said}."
        height=${HEIGHT}
        data=${data}
        options=${options}
        readout=${readout}
      />
      <p class="legend">
        ${counts.map(
          ([kind, count]) => html`
            <span><span class="chip ${COLOURS[kind]}" aria-hidden="true"></span> ${t(`status_${kind}`)}:${" "}
            ${f.whole(count)}</span>
          `,
        )}
      </p>
    </figure>
  `;
}
