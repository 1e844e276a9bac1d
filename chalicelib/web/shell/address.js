// The address names what is shown, so that it can be kept, shared, and gone back to.
//
//   #integration=ID&tab=general|history|onboarding|abc|alerts
//   &run=ID        the log of a run               (general)
//   &request=ID    a request and its answer       (history)
//   &export=ID     an export and its file         (history)
//   &trace=TABLE/KEY          all about a record  (history; beside it a request that is opened from it)
//   &cell=TABLE, TABLE/YYYY-MM, TABLE/none        (onboarding: a table, a month of it, what has no date)
//   &upload=ID     a file that was sent           (onboarding)
//   &rejected=all, TABLE, TABLE/ID                (onboarding: the list, or one of it)
//   &report=ID     a proof of completeness        (onboarding; &with=ID compares, &findings=TABLE chooses)
//   &customer=KIND/CODE                           (abc)
//   &alert=ID                                     (alerts)

import { useEffect, useState } from "../parts/html.js";

export const TABS = ["general", "history", "onboarding", "abc", "alerts"];
const ROOMS = {
  run: "general",
  request: "history",
  export: "history",
  trace: "history",
  cell: "onboarding",
  upload: "onboarding",
  rejected: "onboarding",
  report: "onboarding",
  with: "onboarding",
  findings: "onboarding",
  customer: "abc",
  alert: "alerts",
};

/** Read the address: { integration, tab } and each name of ROOMS, null for what is not named. */
export function read(hash = location.hash) {
  const given = new URLSearchParams(hash.slice(1));
  const named = Object.fromEntries(Object.keys(ROOMS).map((name) => [name, given.get(name) || null]));
  const implied = Object.keys(ROOMS).find((name) => named[name]);
  const tab = given.get("tab");
  const room = TABS.includes(tab) ? tab : implied ? ROOMS[implied] : TABS[0];
  for (const name of Object.keys(ROOMS)) if (ROOMS[name] !== room) named[name] = null;
  return { integration: given.get("integration") || null, tab: room, ...named };
}

/** Write an address's fragment; what a tab does not know is left out. */
export function fragment({ integration, tab, ...named }) {
  const parts = Object.entries(named).filter(([name, value]) => value && ROOMS[name] === tab);
  const all = [...(integration ? [["integration", integration]] : []), ["tab", tab], ...parts];
  return `#${new URLSearchParams(all)}`;
}

/** The address as state: [route, go].
 *
 * `go` takes what changes; what is shown of one integration is not looked for in another. `replace` leaves no
 * step to go back to.
 */
export function useAddress() {
  const [route, setRoute] = useState(() => read());
  useEffect(() => {
    const follow = () => setRoute(read());
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);
  const go = (changes, { replace = false } = {}) => {
    const now = read();
    const other = (changes.integration ?? now.integration) !== now.integration;
    const next = fragment({ ...(other ? { tab: now.tab } : now), ...changes });
    if (next !== location.hash) {
      const address = location.pathname + location.search + next;
      history[replace ? "replaceState" : "pushState"](null, "", address);
    }
    setRoute(read());
  };
  return [route, go];
}
