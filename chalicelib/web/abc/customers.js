// The customers with class, category and portfolio.

import { NONE } from "../parts/format.js";
import { Choice, Line } from "../parts/forms.js";
import { html, useEffect, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Card, Empty, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { className } from "./classes.js";

const CLASSES = ["A", "B", "C", "-"];
const PAUSE_MS = 400;

export function Customers({ list, filter, change }) {
  const { t, integration } = usePage();
  const { rules, default: otherwise } = integration.category_rules;
  const categories = [...new Set([...rules.map((rule) => rule.name), otherwise])];
  const portfolios = [...new Set(list.items?.map((one) => one.portfolio).filter(Boolean))].sort();
  const choice = (name, label, options) => html`
    <${Choice}
      label=${t(label)}
      value=${filter[name]}
      options=${[["", t("all_of_them")], ...options]}
      change=${(value) => change({ [name]: value })}
    />
  `;
  return html`
    <${Card} id="customers" title=${t("customers")}>
      <div class="filters">
        ${choice(
          "abc_class",
          "abc_class",
          CLASSES.map((one) => [one, className(one, t)]),
        )}
        ${choice(
          "category",
          "category",
          categories.map((one) => [one, one]),
        )}
        <${Later} label=${t("portfolio")} list="portfolios" value=${filter.portfolio} change=${(portfolio) => change({ portfolio })} />
        <datalist id="portfolios">${portfolios.map((one) => html`<option value=${one} />`)}</datalist>
        <${Later} label=${t("search_customer")} value=${filter.q} change=${(q) => change({ q })} />
      </div>
      <${Loaded} of=${list}>${() => html`<${List} list=${list} filter=${filter} />`}<//>
    <//>
  `;
}

/** A field that is looked for a moment after the last key. */
function Later({ value, change, ...field }) {
  const [entered, enter] = useState(value);
  useEffect(() => enter(value), [value]);
  useEffect(() => {
    if (entered === value) return undefined;
    const timer = setTimeout(() => change(entered.trim() && entered), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [entered]);
  return html`<${Line} type="search" ...${field} value=${entered} change=${enter} />`;
}

function List({ list, filter }) {
  const { t, f, route, go } = usePage();
  const filtered = Object.values(filter).some(Boolean);
  if (!list.items.length) {
    return html`
      <${Empty}>${t(list.more ? "customers_none_yet" : filtered ? "customers_none" : "no_customers")}<//>
      <${More} of=${list} label=${t("more_customers")} />
    `;
  }
  const columns = [
    { label: t("customer") },
    { label: t("abc_class") },
    { label: t("category") },
    { label: t("portfolio") },
    { label: t("abc_revenue"), number: true },
  ];
  const rows = list.items.map((one) => {
    const place = `${one.kind}/${one.codigo}`;
    return {
      key: place,
      current: place === route.customer,
      cells: [
        html`
          <button type="button" class="link" onClick=${() => go({ customer: place })}>${one.name ?? one.codigo}</button>
          <span class="muted small">${t(`kind_${one.kind}`)} ${one.codigo}</span>
        `,
        className(one.abc_class, t),
        one.category ?? NONE,
        one.portfolio ?? NONE,
        f.money(one.revenue),
      ],
    };
  });
  return html`
    <${Table} caption=${t("customers")} columns=${columns} rows=${rows} />
    <${More} of=${list} label=${t("more_customers")} />
  `;
}
