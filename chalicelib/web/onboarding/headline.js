// The answer to the focal point's question: did all of it arrive?

import { useAction } from "../data/load.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Deploy, DeploymentState } from "./deployment.js";

export const TONES = { complete: "good", unproven: "warn", incomplete: "bad" };
const COUNTED = ["missing", "extra", "rejected", "pending", "undeclared"];

export function Headline({ state, reports, again }) {
  const { t, f } = usePage();
  const { totals } = state;
  const declared = totals.erp.count;
  const arrived = declared === null ? null : declared - totals.missing;
  const share = declared ? arrived / declared : null;
  const counts = COUNTED.filter((name) => totals[name]).map((name) =>
    t(`total_${name}`, { count: f.whole(totals[name]) }),
  );
  const look = useAction(again);
  return html`
    <section class="card headline ${TONES[state.verdict]}" aria-labelledby="verdict">
      <div role="status"><h2 id="verdict">${state.verdict_label}</h2></div>
      ${share !== null && html`<progress max="1" value=${share} aria-label=${t("arrived_share")}></progress>`}
      <p>
        ${
          declared === null
            ? t("nothing_declared", { count: f.whole(totals.intermediate.count) })
            : t("arrived", {
                arrived: f.whole(arrived),
                declared: f.whole(declared),
                applied: f.whole(totals.crm.count),
              })
        }
      </p>
      ${counts.length > 0 && html`<p>${counts.join(" · ")}</p>`}
      <p class="hint">${t("counted_at", { at: f.second(state.as_of) })}</p>
      <${DeploymentState} />
      <div class="actions">
        <button type="button" disabled=${look.busy} onClick=${look.run}>${t("look_again")}</button>
        <${Deploy} reports=${reports} />
      </div>
    </section>
  `;
}
