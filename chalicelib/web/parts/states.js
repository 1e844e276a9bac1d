// What is shown of data that is on its way, empty, or could not be had; and small marks.

import { html } from "./html.js";
import { usePage } from "./page.js";

/** While data loads. */
export function Loading() {
  const { t } = usePage();
  return html`<p class="loading" role="status"><span class="spinner" aria-hidden="true"></span>${t("loading")}</p>`;
}

/** Why data is not there, and what to do. */
export function Failed({ error, retry }) {
  const { t } = usePage();
  return html`
    <div class="failed" role="alert">
      <p>${explained(error, t)}</p>
      ${retry && html`<button type="button" onClick=${retry}>${t("retry")}</button>`}
    </div>
  `;
}

/** Say in the reader's language what went wrong. */
export function explained(error, t) {
  if (error.kind === "away") return t("away");
  if (!error.kind) console.error(error);
  const said = error.detail ?? t("broken");
  return error.requestId ? `${said} ${t("request_id", { id: error.requestId })}` : said;
}

/** Show what was loaded by `useLoad`; meanwhile, or instead, why it is not there yet. */
export function Loaded({ of, children }) {
  if (of.data !== undefined) {
    return html`${of.error && html`<${Failed} error=${of.error} retry=${of.reload} />`}${children(of.data)}`;
  }
  return of.error ? html`<${Failed} error=${of.error} retry=${of.reload} />` : html`<${Loading} />`;
}

export function Empty({ children }) {
  return html`<p class="empty">${children}</p>`;
}

export function Badge({ tone, children }) {
  return html`<span class="badge ${tone ?? ""}">${children}</span>`;
}

/** A part of a tab with its title. */
export function Card({ id, title, actions, children, tone }) {
  return html`
    <section class="card ${tone ?? ""}" aria-labelledby=${id}>
      <div class="card-head">
        <h2 id=${id}>${title}</h2>
        ${actions && html`<div class="actions">${actions}</div>`}
      </div>
      ${children}
    </section>
  `;
}

/** Which zone all times are in, with what it is apart from UTC today. */
export function Zone() {
  const { t, f } = usePage();
  return html`<p class="hint">${t("times_in", { zone: f.zone(Date.now()) })}</p>`;
}

/** The button at the end of a list that `usePages` loads. */
export function More({ of, label }) {
  const { t } = usePage();
  if (!of.more) return null;
  return html`
    ${of.moreFailed && html`<${Failed} error=${of.moreFailed} />`}
    <button type="button" class="more" disabled=${of.adding} onClick=${of.more}>
      ${of.adding ? t("loading") : label}
    </button>
  `;
}
