// Who changed class in the latest analysis, and why.

import { Choice } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Card, Empty } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { className } from "./classes.js";

const FIRST = 20;
const RANKS = ["-", "C", "B", "A"];
const WAYS = ["up", "down"];

export function Movements({ movements }) {
  const { t, f, go } = usePage();
  const [way, setWay] = useState("");
  const [shown, show] = useState(FIRST);
  const found = movements.filter((one) => !way || wayOf(one) === way);
  const columns = [{ label: t("customer") }, { label: t("moved") }, { label: t("reason") }];
  const rows = found.slice(0, shown).map((one) => ({
    key: one.customer,
    cells: [
      html`
        <button type="button" class="link" onClick=${() => go({ customer: one.customer.replace("|", "/") })}>
          ${one.name ?? one.customer}
        </button>
      `,
      html`
        <${Badge} tone=${wayOf(one) === "up" ? "success" : "partial"}>
          ${className(one.from, t)} → ${className(one.to, t)}
        <//>
      `,
      one.reason,
    ],
  }));
  const options = [["", t("all_ways")], ...WAYS.map((one) => [one, t(`way_${one}`)])];
  return html`
    <${Card} id="movements" title=${t("movements")}>
      ${
        movements.length
          ? html`
            <div class="filters"><${Choice} label=${t("moved")} value=${way} options=${options} change=${setWay} /></div>
            <p class="hint">${t("movements_count", { count: f.whole(found.length) })}</p>
            <${Table} caption=${t("movements")} columns=${columns} rows=${rows} />
          `
          : html`<${Empty}>${t("no_movements")}<//>`
      }
      ${
        found.length > shown &&
        html`
        <button type="button" class="more" onClick=${() => show(shown + FIRST)}>${t("more_movements")}</button>
      `
      }
    <//>
  `;
}

function wayOf({ from, to }) {
  return RANKS.indexOf(to) > RANKS.indexOf(from) ? "up" : "down";
}
