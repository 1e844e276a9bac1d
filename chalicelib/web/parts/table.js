// A table that becomes a list of cards on a narrow screen; roles keep it a table for screen readers.

import { html } from "./html.js";

/** Draw a table; its first column heads each row.
 *
 * columns  [{ label, number }], number: aligned as figures are
 * rows     [{ key, cells, current }], cells: texts or nodes, one a column
 */
export function Table({ caption, columns, rows, className }) {
  return html`
    <table role="table" class=${className}>
      <caption class="hidden">
        ${caption}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map(
            ({ label, number }) =>
              html`<th role="columnheader" scope="col" class=${number ? "number" : null}>${label}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          ({ key, cells, current }) => html`
            <tr role="row" key=${key} class=${current ? "current" : null}>
              ${cells.map((content, index) => html`<${Cell} ...${{ content, index, column: columns[index] }} />`)}
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

function Cell({ content, index, column }) {
  const kind = column.number ? "number" : null;
  const value = html`<span class="value">${content}</span>`;
  return index
    ? html`<td role="cell" class=${kind} data-label=${column.label}>${value}</td>`
    : html`<th role="rowheader" scope="row" class=${kind} data-label=${column.label}>${value}</th>`;
}
