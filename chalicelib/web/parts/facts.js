// Names and values, one below the other.

import { NONE } from "./format.js";
import { html } from "./html.js";
import { usePage } from "./page.js";

/** Draw facts [[name, value]]: a name is a text's key and marks its place; those in `wide` take a whole line. */
export function Facts({ facts, wide = [] }) {
  const { t } = usePage();
  return html`
    <dl>
      ${facts.map(
        ([name, value]) => html`
          <div class=${wide.includes(name) ? "wide" : null} data-field=${name}>
            <dt>${t(name)}</dt>
            <dd>${value || NONE}</dd>
          </div>
        `,
      )}
    </dl>
  `;
}
