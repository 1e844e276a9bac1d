// The tab Curva ABC: the curve, its classes, who moved and why, and the customers.

import { useLoad, usePages } from "../data/load.js";
import { html } from "../parts/html.js";
import { useKept, usePage } from "../parts/page.js";
import { Card, Empty, Loaded } from "../parts/states.js";
import { define } from "../parts/translate.js";
import { Classes } from "./classes.js";
import { Customer } from "./customer.js";
import { Customers } from "./customers.js";
import { Movements } from "./movements.js";
import { Pareto } from "./pareto.js";
import texts from "./texts.js";

define(texts);

const PAGE = 25;
const NO_FILTER = { abc_class: "", category: "", portfolio: "", q: "" };

export default function Abc() {
  const { t, api, integration, route, go } = usePage();
  const id = integration.integration_id;
  const [filter, setFilter] = useKept("customers", NO_FILTER);
  const analysed = integration.last_success_at ?? "";
  const curve = useLoad(`curve ${id} ${analysed}`, (signal) => api.get("/abc", signal).catch(noneYet));
  const list = usePages(`customers ${id} ${JSON.stringify(filter)}`, api, "/customers", {
    ...filter,
    limit: PAGE,
  });
  const choose = (abcClass) => {
    setFilter({ ...NO_FILTER, abc_class: abcClass });
    document.getElementById("customers")?.scrollIntoView();
  };
  return html`
    <${Card} id="abc" title=${t("abc")}>
      <${Loaded} of=${curve}>
        ${(found) =>
          found
            ? html`
                <${About} curve=${found} />
                <${Pareto} curve=${found} />
                <${Classes} curve=${found} choose=${choose} />
              `
            : html`<${Empty}>${t("no_abc")}<//>`}
      <//>
    <//>
    ${curve.data && html`<${Movements} movements=${curve.data.movements} />`}
    <${Customers} list=${list} filter=${filter} change=${(one) => setFilter((now) => ({ ...now, ...one }))} />
    ${
      route.customer &&
      html`<${Customer} key=${route.customer} place=${route.customer} close=${() => go({ customer: null })} />`
    }
  `;
}

function noneYet(error) {
  if (error.kind === "absent") return null;
  throw error;
}

function About({ curve }) {
  const { t, f } = usePage();
  const about = {
    months: f.whole(curve.window_months),
    day: f.day(curve.as_of),
    customers: f.whole(curve.totals.classified_customers),
    revenue: f.money(curve.totals.classified_revenue),
  };
  return html`<p>${t("abc_about", about)}</p>`;
}
