// Calendar days in a time zone.

const DAY_MS = 86_400_000;

/** The calendar day of an instant (milliseconds) on the clocks of a zone: "YYYY-MM-DD". */
export function dayOf(at, timeZone) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const found = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${found.year}-${found.month}-${found.day}`;
}

/** The calendar day some days later. */
export function daysLater(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first instant (milliseconds) of a day in a zone, also where clocks change at midnight. */
export function startOf(day, timeZone) {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const guesses = [-DAY_MS, DAY_MS].map((away) => utc - offsetAt(utc + away, timeZone)).sort((a, b) => a - b);
  return guesses.find((at) => dayOf(at, timeZone) === day) ?? guesses[1];
}

function offsetAt(at, timeZone) {
  const whole = Math.floor(at / 1000) * 1000;
  const format = new Intl.DateTimeFormat("en", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = Object.fromEntries(
    format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - whole;
}
