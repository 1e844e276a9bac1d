// Charts, drawn by uPlot, which is fetched when the first one is shown. Their data stands beside them as text.

import { html, useEffect, useRef, useState } from "./html.js";

const DARK = "(prefers-color-scheme: dark)";
let library = null;

/** Draw a chart and follow its width and the reader's colours.
 *
 * label     what a screen reader says instead of it
 * height    in pixels
 * data      columns, as uPlot takes them
 * options   (colour) → uPlot's options without size; colour(name) reads the page's colour `--name`
 * readout   (index) → text on the point under the pointer
 */
export function Chart({ label, height, data, options, readout }) {
  const frame = useRef(null);
  const [said, say] = useState("");
  const [dark, setDark] = useState(matchMedia(DARK).matches);
  useEffect(() => {
    const scheme = matchMedia(DARK);
    const follow = () => setDark(scheme.matches);
    scheme.addEventListener("change", follow);
    return () => scheme.removeEventListener("change", follow);
  }, []);
  useEffect(() => {
    let over = false;
    let stop = () => {};
    const hear = (at) => say(at === null ? "" : readout(at));
    library ??= import("../vendor/uplot.js");
    library.then(
      ({ default: Plot }) => {
        if (!over) stop = plotted(Plot, frame.current, { height, data, options, hear });
      },
      () => {
        library = null; // without it the numbers stand alone; the next chart asks for it again
      },
    );
    return () => {
      over = true;
      stop();
    };
  }, [data, dark, height]);
  return html`
    <div class="chart">
      <div ref=${frame} role="img" aria-label=${label} class="chart-frame"></div>
      ${readout && html`<p class="readout" aria-hidden="true">${said || "\u00a0"}</p>`}
    </div>
  `;
}

function plotted(Plot, frame, { height, data, options, hear }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const size = () => ({ width: Math.max(frame.clientWidth, 120), height });
  const plot = new Plot(
    {
      ...size(),
      legend: { show: false },
      hooks: { setCursor: [(one) => hear(one.cursor.idx ?? null)] },
      ...options(colour, Plot),
    },
    data,
    frame,
  );
  plot.root.setAttribute("aria-hidden", "true");
  const watcher = new ResizeObserver(() => plot.setSize(size()));
  watcher.observe(frame);
  return () => {
    watcher.disconnect();
    plot.destroy();
  };
}

/** How axes look: quiet lines and the page's own type. */
export function axis(colour, more) {
  const line = { stroke: colour("line"), width: 1 };
  return { stroke: colour("muted"), font: "12px system-ui, sans-serif", grid: line, ticks: line, ...more };
}

/** Options of a chart of bars, side by side, one colour a column of data.
 *
 * count    bars
 * label    (index) → what stands below one
 * value    (number) → what stands at the side
 * range    (…, least, most) → [from, to] of the values, as uPlot calls it
 * colours  names of the page's colours
 */
export function bars({ count, label, value, range, colours }) {
  const named = (at) => (Number.isInteger(at) && at >= 0 && at < count ? label(at) : "");
  return (colour, Plot) => ({
    padding: [8, 8, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.7, count - 0.3] }, y: { range } },
    axes: [
      axis(colour, { incrs: [1, 2, 3, 6, 12], space: 90, values: (_, splits) => splits.map(named) }),
      axis(colour, { size: 80, space: 35, values: (_, splits) => splits.map(value) }),
    ],
    series: [{}, ...colours.map((name) => bar(colour(name), Plot))],
  });
}

function bar(colour, Plot) {
  return {
    fill: colour,
    stroke: colour,
    paths: Plot.paths.bars({ size: [0.7, 40] }),
    points: { show: false },
  };
}
