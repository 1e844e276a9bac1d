// Fields of forms: a label, what is entered, a hint, and what is wrong with it.

import { html, useRef } from "./html.js";

let fields = 0;

/** One field; `children(attributes)` draws the control, whose id and description it has to take over. */
export function Field({ label, hint, error, children }) {
  const id = useRef(`field-${++fields}`).current;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;
  const attributes = { id, "aria-describedby": described, "aria-invalid": error ? "true" : null };
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${children(attributes)}
      ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
      ${error && html`<p class="wrong" id="${id}-error">${error}</p>`}
    </div>
  `;
}

/** A box to tick, with its label behind it. */
export function Tick({ label, checked, change, hint, disabled }) {
  const id = useRef(`field-${++fields}`).current;
  return html`
    <div class="tick">
      <input
        type="checkbox"
        id=${id}
        checked=${checked}
        disabled=${disabled}
        aria-describedby=${hint ? `${id}-hint` : null}
        onChange=${(event) => change(event.currentTarget.checked)}
      />
      <label for=${id}>${label}</label>
      ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    </div>
  `;
}

/** One choice of several: options [[value, label]]. */
export function Choice({ label, value, options, change, hint, error }) {
  return html`
    <${Field} label=${label} hint=${hint} error=${error}>
      ${(attributes) => html`
        <select ...${attributes} value=${value} onChange=${(event) => change(event.currentTarget.value)}>
          ${options.map(([one, shown]) => html`<option value=${one} selected=${one === value}>${shown}</option>`)}
        </select>
      `}
    <//>
  `;
}

/** A line of text, a time, a date or a number. */
export function Line({ label, value, change, hint, error, ...attributes }) {
  return html`
    <${Field} label=${label} hint=${hint} error=${error}>
      ${(own) => html`
        <input ...${{ type: "text", ...attributes }} ...${own} value=${value}
          onInput=${(event) => change(event.currentTarget.value)} />
      `}
    <//>
  `;
}
