// Months as completeness names them: "2026-03", or null for what has no date.

export const UNDATED = "none";

/** The address of a month of a table, or of the whole table: "nota/2026-03", "empresa/none", "nota". */
export function placeOf(table, month) {
  return month === undefined ? table : `${table}/${month ?? UNDATED}`;
}

/** All months from the first to the last that any table has, also those of which there is nothing. */
export function monthsOf(tables) {
  const dated = tables.flatMap((one) => one.months.map(({ month }) => month)).filter(Boolean);
  if (!dated.length) return [];
  dated.sort();
  const [first, last] = [dated[0], dated.at(-1)];
  const found = [];
  for (let month = first; month <= last; month = after(month)) found.push(month);
  return found;
}

function after(month) {
  const [year, number] = month.split("-").map(Number);
  const next = number === 12 ? [year + 1, 1] : [year, number + 1];
  return `${String(next[0]).padStart(4, "0")}-${String(next[1]).padStart(2, "0")}`;
}
