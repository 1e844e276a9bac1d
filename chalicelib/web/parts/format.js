// Writing values for people, in their language and in the integration's time zone.

export const NONE = "—";
// No run, deadline or schedule is older than the product; what claims to be is no date.
const EARLIEST = Date.UTC(2000, 0, 1);

/** Formats of one language and time zone; what cannot be written is null, never a nonsense date. */
export function formats(language, wantedZone) {
  const locale = navigator.languages.find((one) => one.slice(0, 2) === language.slice(0, 2)) ?? language;
  const timeZone = known(wantedZone);
  const date = language === "en" ? "medium" : "short";
  const number = (options) => new Intl.NumberFormat(locale, options);
  const moment = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const instant = (options) => (text) => (instantOf(text) ? moment(options).format(instantOf(text)) : null);
  const minute = instant({ dateStyle: date, timeStyle: "short" });
  const day = instant({ dateStyle: date });
  return {
    timeZone,
    minute,
    second: instant({ dateStyle: date, timeStyle: "medium" }),
    /** A minute with the day of the week. */
    weekday: (text) =>
      instantOf(text) && `${moment({ weekday: "short" }).format(instantOf(text))} ${minute(text)}`,
    /** A minute of today by its time alone, any other with its date. */
    soon: (text, now) => (day(text) === day(now) ? instant({ timeStyle: "short" })(text) : minute(text)),
    /** A minute with the zone's name and offset at that time. */
    zoned: (text) => minute(text) && `${minute(text)} (${timeZone}, ${offset(text, timeZone)})`,
    zone: (text) => `${timeZone} (${offset(text, timeZone)})`,
    /** The time alone, to the second; the day alone, without its year. */
    clock: instant({ timeStyle: "medium" }),
    dayOf: instant({ day: "2-digit", month: "2-digit" }),
    /** A calendar day "YYYY-MM-DD", which no zone may move. */
    day: (text) => moment({ timeZone: "UTC", dateStyle: date }).format(Date.parse(text)),
    /** A month "YYYY-MM". */
    month: (text) =>
      moment({ timeZone: "UTC", month: "short", year: "numeric" }).format(Date.parse(`${text}-01`)),
    /** The same in the width of a column: "03/26". */
    monthBrief: (text) =>
      moment({ timeZone: "UTC", month: "2-digit", year: "2-digit" }).format(Date.parse(`${text}-01`)),
    ago: (text, now) => ago(instantOf(text), now, locale),
    whole: (value) => number({ maximumFractionDigits: 0 }).format(value),
    share: (text, digits = 2) =>
      number({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(text),
    money: (text) => number({ style: "currency", currency: "BRL" }).format(text),
    roundMoney: (value) =>
      number({ style: "currency", currency: "BRL", notation: "compact", maximumFractionDigits: 1 }).format(
        value,
      ),
    bytes: (value) => bytes(value, number),
    millis: (value) => number({ style: "unit", unit: "millisecond", unitDisplay: "short" }).format(value),
    duration,
    /** Seconds as a chart's axis says them: short times with a decimal. */
    tick: (seconds) =>
      seconds < 10 ? `${number({ maximumFractionDigits: 1 }).format(seconds)} s` : duration(seconds),
  };
}

/** Seconds as people say them: "13 s", "4 min 05 s", "49 min", "1 h 05 min". */
export function duration(seconds) {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return null;
  if (seconds < 1) return "< 1 s";
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  const two = (value) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (minutes < 10) return rest ? `${minutes} min ${two(rest)} s` : `${minutes} min`;
  const rounded = Math.round(whole / 60);
  if (rounded < 60) return `${rounded} min`;
  return `${Math.floor(rounded / 60)} h ${two(rounded % 60)} min`;
}

function instantOf(text) {
  const at = typeof text === "string" ? Date.parse(text) : (text ?? NaN);
  return at >= EARLIEST ? at : null;
}

function offset(text, timeZone) {
  const at = instantOf(text) ?? Date.now();
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "shortOffset" }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName").value.replace("-", "−");
}

function ago(at, now, locale) {
  if (at === null) return null;
  const seconds = (at - now) / 1000;
  const words = (numeric) => new Intl.RelativeTimeFormat(locale, { numeric });
  if (Math.abs(seconds) < 60) return words("auto").format(0, "second");
  // Never "yesterday": that would be a matter of calendar days, not of hours.
  const [unit, size] = [
    ["day", 86_400],
    ["hour", 3_600],
  ].find(([, one]) => Math.abs(seconds) >= 2 * one) ?? ["minute", 60];
  return words("always").format(Math.trunc(seconds / size), unit);
}

function bytes(value, number) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const options = { style: "unit", unit: units[step], maximumFractionDigits: step > 1 ? 1 : 0 };
  return number(options).format(value / 1000 ** step);
}

function known(timeZone) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone && timeZone;
  } catch {
    return "UTC";
  }
}
