// The period: whole days on the integration's clocks, of the last seven.

import { Line } from "../parts/forms.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { dayOf, daysLater, startOf } from "../parts/zone.js";

const DAYS = 7;
const LONGEST_MS = DAYS * 86_400_000;

/** The last days, today included: { from, to }, both calendar days. */
export function lastDays(timeZone, days = DAYS) {
  const today = dayOf(Date.now(), timeZone);
  return { from: daysLater(today, 1 - days), to: today };
}

/** What to ask the API for: from the first day's first second to the last day's last; { error } if it cannot be. */
export function instants({ from, to }, timeZone) {
  const widest = lastDays(timeZone);
  if (!from || !to) return { error: "period_incomplete" };
  if (from > to) return { error: "period_reversed" };
  if (from < widest.from || to > widest.to) return { error: "period_outside" };
  const until = startOf(daysLater(to, 1), timeZone) - 1000;
  // Seven days may be longer than seven times 24 hours, when clocks go back.
  const since = Math.max(startOf(from, timeZone), until - LONGEST_MS);
  return { from: written(since), to: written(until) };
}

function written(at) {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

export function PeriodPicker({ period, change }) {
  const { t, f } = usePage();
  const widest = lastDays(f.timeZone);
  const yesterday = daysLater(widest.to, -1);
  const ready = [
    ["today", { from: widest.to, to: widest.to }],
    ["yesterday", { from: yesterday, to: yesterday }],
    ["last_days", widest],
  ];
  const wrong = instants(period, f.timeZone).error;
  const same = (one) => one.from === period.from && one.to === period.to;
  const limits = { type: "date", min: widest.from, max: widest.to, required: true };
  return html`
    <fieldset class="period">
      <legend>${t("period")}</legend>
      <div class="actions" role="group" aria-label=${t("period")}>
        ${ready.map(
          ([name, one]) => html`
            <button type="button" aria-pressed=${same(one) ? "true" : "false"} onClick=${() => change(one)}>
              ${t(name)}
            </button>
          `,
        )}
      </div>
      <${Line} label=${t("from")} ...${limits} value=${period.from} change=${(from) => change({ ...period, from })} />
      <${Line} label=${t("to")} ...${limits} value=${period.to} change=${(to) => change({ ...period, to })} />
    </fieldset>
    ${wrong && html`<p class="wrong" role="alert">${t(wrong, { first: f.day(widest.from) })}</p>`}
  `;
}
