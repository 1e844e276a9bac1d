// JSON whose numbers stay as they were sent: JavaScript would round long ones.

import { TOKEN } from "./pretty.js";

const MARK = `\u0000${crypto.getRandomValues(new Uint32Array(2)).join("")}:`;
const MARKED = new RegExp(`"${JSON.stringify(MARK).slice(1, -1).replace("\\", "\\\\")}([^"]*)"`, "g");

/** Parse a JSON text; a number that would not come back as it is becomes a marked text. */
export function exactly(text) {
  const marked = text.replace(TOKEN, (token) =>
    /^-?\d/.test(token) && String(Number(token)) !== token ? JSON.stringify(MARK + token) : token,
  );
  return JSON.parse(marked);
}

/** Write what `exactly` read, laid out for reading, every digit as it was. */
export function written(value) {
  return JSON.stringify(value, null, 2).replace(MARKED, "$1");
}

/** One value as a cell of a table shows it: a text without quotes; null stays null. */
export function plainly(value) {
  if (typeof value === "string") return value.startsWith(MARK) ? value.slice(MARK.length) : value;
  return value === null ? null : written(value);
}
