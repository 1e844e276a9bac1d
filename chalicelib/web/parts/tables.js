// The 12 tables of the contract, in its order, and their names for people.

import { html } from "./html.js";

export const TABLES = [
  "contato",
  "cotacao",
  "empresa",
  "empresa_marca",
  "fatura",
  "fornecedor",
  "itens_cotacao",
  "itens_nota",
  "itens_pedido",
  "nota",
  "pedido",
  "vendedor",
];

/** A table's name as people read it: "itens_nota" → "Itens nota". */
export function tableName(table) {
  return table.charAt(0).toUpperCase() + table.slice(1).replaceAll("_", " ");
}

/** That name, never broken into lines. */
export function TableName({ table }) {
  return html`<span class="unbroken">${tableName(table)}</span>`;
}
