// Who is signed in, on which integration, in which language.
//
// The CRM opens the page with `#integration=…&token=…`. The token leaves the address bar at once and lives
// in this tab's sessionStorage only; the integration stays, so that the address can be kept and shared.

const TOKEN = "integration-history.token";
const LANGUAGE = "integration-history.language";
export const LANGUAGES = ["pt-BR", "en"];

/** Take what the address carries; tell whether it signs somebody in. */
export function takeAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (token === null) return false;
  keep("sessionStorage", TOKEN, token);
  given.delete("token");
  address(given);
  return true;
}

export function token() {
  return kept("sessionStorage", TOKEN);
}

export function signOut() {
  keep("sessionStorage", TOKEN, null);
}

/** The integration that the address names, or null. */
export function chosen() {
  return new URLSearchParams(location.hash.slice(1)).get("integration") || null;
}

export function choose(integrationId) {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.get("integration") === integrationId) return;
  given.set("integration", integrationId);
  address(given);
}

/** The language chosen before, else the browser's first that we have, else Portuguese. */
export function language() {
  const wishes = [kept("localStorage", LANGUAGE), ...navigator.languages];
  for (const wish of wishes) {
    const found = LANGUAGES.find((one) => wish && one.slice(0, 2) === wish.slice(0, 2).toLowerCase());
    if (found) return found;
  }
  return LANGUAGES[0];
}

export function speak(language) {
  keep("localStorage", LANGUAGE, language);
}

function address(parameters) {
  const hash = parameters.toString();
  history.replaceState(null, "", location.pathname + location.search + (hash && `#${hash}`));
}

// A browser may refuse storage, in a frame of another site for instance: then memory has to do.
const memory = new Map();

function kept(place, name) {
  try {
    return window[place].getItem(name);
  } catch {
    return memory.get(name) ?? null;
  }
}

function keep(place, name, value) {
  memory.set(name, value);
  try {
    if (value === null) window[place].removeItem(name);
    else window[place].setItem(name, value);
  } catch {
    // memory has it
  }
}
