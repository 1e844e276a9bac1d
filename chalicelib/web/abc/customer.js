// One customer in a drawer: what was assigned and why, purchases, and revenue by month.

import { useLoad } from "../data/load.js";
import { bars, Chart } from "../parts/chart.js";
import { Copy } from "../parts/copy.js";
import { Drawer } from "../parts/drawer.js";
import { Facts } from "../parts/facts.js";
import { NONE } from "../parts/format.js";
import { html, useMemo } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { className } from "./classes.js";

const HEIGHT = 170;

/** `place` is "empresa/CODE" or "contato/CODE", whatever the code holds. */
export function Customer({ place, close }) {
  const { t, api } = usePage();
  const at = place.indexOf("/");
  const path = `/customers/${encodeURIComponent(place.slice(0, at))}/${encodeURIComponent(place.slice(at + 1))}`;
  const found = useLoad(`customer ${place}`, (signal) => api.get(path, signal));
  const title = found.data ? (found.data.name ?? found.data.codigo) : t("customer");
  return html`
    <${Drawer} title=${title} close=${close}>
      <div class="actions"><${Copy} text=${() => location.href} label=${t("copy_link")} /></div>
      <${Loaded} of=${found}>
        ${(customer) => html`
          ${customer.orphan && html`<p class="notice">${t("orphan")}</p>`}
          <${About} customer=${customer} />
          <${Months} customer=${customer} />
        `}
      <//>
    <//>
  `;
}

function About({ customer }) {
  const { t, f } = usePage();
  const { why } = customer;
  const assigned = (value, reasons) => html`
    <strong>${value ?? NONE}</strong>
    ${reasons.map((one) => html`<span class="why">${one.message}</span>`)}
  `;
  const day = (text) => text && f.day(text);
  const facts = [
    ["abc_class", assigned(className(customer.abc_class, t), why.abc_class)],
    ["previous_class", customer.previous_abc_class && className(customer.previous_abc_class, t)],
    ["category", assigned(customer.category, why.category)],
    ["portfolio", assigned(customer.portfolio, why.portfolio)],
    ["abc_revenue", f.money(customer.revenue)],
    ["purchases", f.whole(customer.purchases)],
    ["first_purchase", day(customer.first_purchase)],
    ["last_purchase", day(customer.last_purchase)],
    ["overdue_balance", f.money(customer.overdue_balance)],
    ["codigo", `${t(`kind_${customer.kind}`)} ${customer.codigo}`],
    ["customer_active", t(customer.active ? "customer_yes" : "customer_no")],
    ["uf", customer.uf],
    ["segmento", customer.segmento],
    ["seller", customer.vendedor_codigo],
  ];
  return html`<${Facts} facts=${facts} />`;
}

/** Revenue by month, the months without any included. */
function Months({ customer }) {
  const { t, f } = usePage();
  const months = useMemo(() => everyMonth(customer.revenue_by_month), [customer]);
  const data = useMemo(() => [months.map((_, at) => at), months.map((one) => Number(one.revenue))], [months]);
  if (!months.length) return html`<${Empty}>${t("no_revenue")}<//>`;
  const least = Math.min(0, ...data[1]);
  const options = bars({
    count: months.length,
    label: (at) => f.month(months[at].month),
    value: f.roundMoney,
    range: (_, __, most) => [least * 1.1, Math.max(most, 1) * 1.1],
    colours: ["accent"],
  });
  const columns = [{ label: t("month") }, { label: t("abc_revenue"), number: true }];
  const rows = [...customer.revenue_by_month]
    .reverse()
    .map((one) => ({ key: one.month, cells: [f.month(one.month), f.money(one.revenue)] }));
  return html`
    <h3>${t("revenue_by_month")}</h3>
    <${Chart}
      label=${t("revenue_by_month")}
      height=${HEIGHT}
      data=${data}
      options=${options}
      readout=${(at) => `${f.month(months[at].month)} · ${f.money(months[at].revenue)}`}
    />
    <${Table} caption=${t("revenue_by_month")} columns=${columns} rows=${rows} />
  `;
}

function everyMonth(known) {
  if (!known.length) return [];
  const revenue = Object.fromEntries(known.map((one) => [one.month, one.revenue]));
  const [first, last] = [known[0].month, known.at(-1).month];
  const months = [];
  for (let month = first; month <= last; month = following(month))
    months.push({ month, revenue: revenue[month] ?? "0" });
  return months;
}

function following(month) {
  const [year, number] = month.split("-").map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
}
