// What every part of the page knows: see `shell/app.js`, which provides it.

import { createContext, useContext, useState } from "./html.js";

/** { t, f, language, role, may, api, integration, refresh, route, go, say, memory } */
export const Page = createContext(null);

export const usePage = () => useContext(Page);

/** Like useState, but what is kept under `name` is still there when a tab is opened again.
 *
 * What is given may be a function of what is kept by then, for changes that do not know of each other.
 */
export function useKept(name, first) {
  const { memory, integration } = usePage();
  const key = `${integration.integration_id} ${name}`;
  const [, redraw] = useState(0);
  const value = memory.has(key) ? memory.get(key) : first;
  const keep = (next) => {
    const now = memory.has(key) ? memory.get(key) : first;
    memory.set(key, typeof next === "function" ? next(now) : next);
    redraw((count) => count + 1);
  };
  return [value, keep];
}
