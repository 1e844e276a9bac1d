// The Pareto chart: which share of the customers brings which share of the revenue.

import { axis, Chart } from "../parts/chart.js";
import { html, useMemo } from "../parts/html.js";
import { usePage } from "../parts/page.js";

const HEIGHT = 280;
const CLASSES = ["A", "B", "C"];
const COLOURS = { A: "class-a", B: "class-b", C: "class-c" };
const GRID = [0, 0.25, 0.5, 0.75, 1];

export function Pareto({ curve }) {
  const { t, f } = usePage();
  const data = useMemo(() => columns(curve), [curve]);
  if (curve.curve.length < 2) return null;
  const [a] = curve.classes;
  const summary = t("pareto_summary", {
    customers: f.share(a.customers / Math.max(curve.totals.classified_customers, 1), 1),
    revenue: f.share(a.revenue_share, 1),
  });
  const readout = (at) =>
    t("pareto_point", { customers: f.share(data[0][at], 1), revenue: f.share(data[4][at], 1) });
  const percent = (_, splits) => splits.map((one) => f.share(one, 0));
  const options = (colour, Plot) => ({
    padding: [12, 16, 0, 0],
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [0, 1] }, y: { range: [0, 1] } },
    axes: [
      axis(colour, { splits: () => GRID, values: percent }),
      axis(colour, { size: 60, splits: () => GRID, values: percent }),
    ],
    series: [
      {},
      ...CLASSES.map((name) => ({
        fill: colour(COLOURS[name]),
        width: 0,
        points: { show: false },
        paths: Plot.paths.linear(),
      })),
      { stroke: colour("accent"), width: 2, points: { show: false } },
    ],
  });
  return html`
    <figure class="figure">
      <figcaption>${t("pareto")}</figcaption>
      <${Chart} label="${t("pareto")}. ${summary}" height=${HEIGHT} data=${data} options=${options} readout=${readout} />
      <p class="legend">
        ${CLASSES.map(
          (name) => html`
            <span><span class="chip ${COLOURS[name]}" aria-hidden="true"></span> ${t("class_named", { name })}</span>
          `,
        )}
      </p>
      <p class="hint">${summary}</p>
    </figure>
  `;
}

/** [customers, A, B, C, all]: the curve, and under it a surface for each class, which meets its neighbour. */
function columns({ curve, classes }) {
  const x = curve.map((point) => Number(point.customers_share));
  const y = curve.map((point) => Number(point.revenue_share));
  const counts = CLASSES.map((name) => classes.find((one) => one.class === name)?.customers ?? 0);
  const all = counts.reduce((sum, one) => sum + one, 0) || 1;
  let from = 0;
  const surfaces = counts.map((count) => {
    const to = from + count / all;
    const [first, last] = [nearest(x, from), nearest(x, to)];
    from = to;
    return y.map((value, at) => (count && at >= first && at <= last ? value : null));
  });
  return [x, ...surfaces, y];
}

function nearest(x, wanted) {
  return x.reduce(
    (best, value, at) => (Math.abs(value - wanted) < Math.abs(x[best] - wanted) ? at : best),
    0,
  );
}
