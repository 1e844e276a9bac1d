// Data of the API as state of the page: loading, loaded, failed, looked at again.

import { useEffect, useRef, useState } from "../parts/html.js";
import { query } from "./api.js";

/** Load whenever `key` changes; a null key loads nothing, and what is `known` already waits for `reload`.
 *
 * Gives { data, error, loading, reload, change }: `data` stays while it is loaded anew under the same key.
 */
export function useLoad(key, load, known) {
  const [shown, show] = useState(known === undefined ? { key: null } : { key, data: known });
  const visit = useRef(null);
  const latest = useRef(undefined);
  const reload = async () => {
    visit.current?.abort();
    const mine = new AbortController();
    visit.current = mine;
    try {
      const data = await load(mine.signal, latest.current);
      if (!mine.signal.aborted) show({ key, data });
    } catch (error) {
      if (!mine.signal.aborted) show((before) => ({ ...(before.key === key ? before : {}), key, error }));
    }
  };
  useEffect(() => {
    if (key !== null && !(shown.key === key && shown.data !== undefined)) reload();
    return () => visit.current?.abort();
  }, [key]);
  const { data, error } = shown.key === key ? shown : {};
  latest.current = data;
  const change = (next) => show((before) => (before.key === key ? { key, data: next(before.data) } : before));
  return { data, error, loading: key !== null && data === undefined && !error, reload, change };
}

/** Load a list page by page: { items, more, … }; `more` is null at the end.
 *
 * With `idOf`, whatever was shown already stays below the newest page when the list is looked at again.
 */
export function usePages(key, api, path, parameters, idOf = null) {
  const [adding, setAdding] = useState(false);
  const [failed, setFailed] = useState(null);
  const page = (cursor, signal) => api.get(path + query({ ...parameters, cursor }), signal);
  const first = useLoad(key, async (signal, before) => {
    const newest = await page(null, signal);
    return before && idOf ? renewed(before, newest, idOf) : newest;
  });
  const cursor = first.data?.next_cursor;
  const more = async () => {
    setAdding(true);
    setFailed(null);
    try {
      const next = await page(cursor);
      first.change((before) => joined(before, next, cursor));
    } catch (error) {
      setFailed(error);
    } finally {
      setAdding(false);
    }
  };
  return { ...first, items: first.data?.items, more: cursor ? more : null, adding, moreFailed: failed };
}

function joined(before, next, cursor) {
  if (before.next_cursor !== cursor) return before; // another list meanwhile
  return { items: [...before.items, ...next.items], next_cursor: next.next_cursor };
}

function renewed(before, newest, idOf) {
  const known = new Set(newest.items.map(idOf));
  const older = before.items.filter((one) => !known.has(idOf(one)));
  if (older.length === before.items.length) return newest; // a gap may lie between them
  return { items: [...newest.items, ...older], next_cursor: before.next_cursor };
}

/** Do something that changes data: { run, busy, error, forget }; `run` answers undefined when it failed. */
export function useAction(act) {
  const [state, setState] = useState({ busy: false, error: null });
  const run = async (...given) => {
    setState({ busy: true, error: null });
    try {
      const done = await act(...given);
      setState({ busy: false, error: null });
      return done;
    } catch (error) {
      setState({ busy: false, error });
      return undefined;
    }
  };
  return { ...state, run, forget: () => setState({ busy: false, error: null }) };
}

/** Act again and again, `ms` after it was done, for as long as somebody can see the page; null: never. */
export function useRepeat(ms, act) {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (ms === null) return undefined;
    let timer = null;
    let over = false;
    const later = () => {
      clearTimeout(timer);
      if (!over && !document.hidden) timer = setTimeout(again, ms);
    };
    const again = async () => {
      clearTimeout(timer);
      await latest.current();
      later();
    };
    const seen = () => (document.hidden ? clearTimeout(timer) : again());
    document.addEventListener("visibilitychange", seen);
    later();
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [ms]);
}
