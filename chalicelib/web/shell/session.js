// Who is signed in, and in which language.
//
// The token comes in the address's fragment, which is taken away at once, or from the CRM by message
// (`crm.js`). It lives in this tab's sessionStorage only, and goes nowhere but into Authorization headers.

const TOKEN = "integration-history.token";
const LANGUAGE = "integration-history.language";
export const LANGUAGES = ["pt-BR", "en"];
const ROLES = ["viewer", "admin", "operator"];

/** Take the token that the address carries, if any, and leave the rest of the address as it is. */
export function takeAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (token === null) return false;
  signIn(token);
  given.delete("token");
  const rest = given.toString();
  history.replaceState(null, "", location.pathname + location.search + (rest && `#${rest}`));
  return true;
}

export function signIn(token) {
  keep("sessionStorage", TOKEN, token);
}

export function signOut() {
  keep("sessionStorage", TOKEN, null);
}

export function token() {
  return kept("sessionStorage", TOKEN) || null;
}

/** The role that a token claims. It only decides what is offered: the API decides what is done. */
export function role(token) {
  try {
    const claims = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const found = JSON.parse(atob(claims)).role;
    return ROLES.includes(found) ? found : ROLES[0];
  } catch {
    return ROLES[0];
  }
}

/** Whether a role may do what needs another. */
export function reaches(role, needed) {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
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
