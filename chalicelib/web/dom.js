// Building the page: text is always text, so nothing that an ERP sends can become markup.

/** Make an element. `null` attributes are left out; strings among the children become text. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute === "onclick") element.addEventListener("click", value);
    else if (value !== null && value !== false) element.setAttribute(attribute, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

/** A table that becomes a list of cards on a narrow screen; roles keep it a table for screen readers.
 *
 * columns  [{ label, number }]: the first one heads its row
 * rows     lists of cells, each a text or nodes
 */
export function table(caption, columns, rows) {
  const cell = (content, column, index) =>
    h(
      index ? "td" : "th",
      {
        role: index ? "cell" : "rowheader",
        scope: index ? null : "row",
        class: column.number ? "number" : null,
        "data-label": column.label,
      },
      h("span", { class: "value" }, content),
    );
  const heads = columns.map(({ label, number }) =>
    h("th", { role: "columnheader", scope: "col", class: number ? "number" : null }, label),
  );
  return h(
    "table",
    { role: "table" },
    h("caption", { class: "hidden" }, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)),
    h(
      "tbody",
      { role: "rowgroup" },
      rows.map((row) =>
        h("tr", { role: "row" }, row.map((content, index) => cell(content, columns[index], index))),
      ),
    ),
  );
}

/** Show these nodes unless they already look the same: focus and screen readers are left in peace. */
export function show(place, ...nodes) {
  const fresh = document.createElement(place.nodeName);
  fresh.append(...nodes.filter((node) => node !== null));
  if (fresh.innerHTML !== place.innerHTML) place.replaceChildren(...fresh.childNodes);
}
