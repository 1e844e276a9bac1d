// The classes: how many customers and how much revenue each one holds.

import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Table } from "../parts/table.js";

/** A class's name as people read it. */
export function className(name, t) {
  return name === "-" ? t("abc_none") : name;
}

export function Classes({ curve, choose }) {
  const { t, f } = usePage();
  const columns = [
    { label: t("abc_class") },
    { label: t("abc_customers"), number: true },
    { label: t("abc_customers_share"), number: true },
    { label: t("abc_revenue"), number: true },
    { label: t("abc_revenue_share"), number: true },
    { label: t("customers") },
  ];
  const rows = curve.classes.map((one) => ({
    key: one.class,
    cells: [
      className(one.class, t),
      f.whole(one.customers),
      f.share(one.customers_share),
      f.money(one.revenue),
      html`${f.share(one.revenue_share)}<${Bar} share=${one.revenue_share} />`,
      html`
        <button
          type="button"
          aria-label=${t("show_class_named", { name: className(one.class, t) })}
          onClick=${() => choose(one.class)}
        >
          ${t("show_class")}
        </button>
      `,
    ],
  }));
  return html`<${Table} caption=${t("abc")} columns=${columns} rows=${rows} />`;
}

function Bar({ share }) {
  const value = Math.max(0, Math.min(1, Number(share)));
  return html`<progress class="share" max="1" value=${value} aria-hidden="true"></progress>`;
}
