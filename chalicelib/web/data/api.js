// Talking to the API, which stands beside the page: …/app/assets/<version>/data/api.js → …/v1/

const ROOT = new URL("../../../../v1/", import.meta.url);
const PATIENCE_MS = 30_000;
const AWAY = [429, 502, 503, 504];
const KINDS = { 401: "signin", 404: "absent", 409: "busy", 412: "stale" };

/** Why there is no answer.
 *
 * kind      "signin", "away" (try again later), "absent", "busy", "stale" (somebody else was faster), "refused"
 * detail    what the API says, in the reader's language; null when it said nothing
 * fields    { field: message } of a refused body; issues: all of it, as the API lists it
 */
export class ApiError extends Error {
  constructor(kind, problem = {}) {
    super(problem.detail || kind);
    this.kind = kind;
    this.code = problem.code ?? null;
    this.detail = problem.detail ?? null;
    this.requestId = problem.request_id ?? null;
    this.issues = problem.errors ?? [];
    this.fields = Object.fromEntries(this.issues.map((one) => [one.field, one.message]));
  }
}

/** The API for one user and language; `signedOut` is called once it takes the token no more.
 *
 * A body that is a text already is sent as it is; `read` takes an answer's text in another way than JSON.parse.
 */
export function apiFor({ token, language, signedOut }) {
  async function ask(method, path, { body, version, signal, read } = {}) {
    const headers = { Authorization: `Bearer ${token}`, "Accept-Language": language };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (version !== undefined) headers["If-Match"] = `"${version}"`;
    try {
      return await answer(method, path, headers, { body, signal, read });
    } catch (error) {
      if (error.kind === "signin") signedOut();
      throw error;
    }
  }
  return {
    get: (path, signal, read) => ask("GET", path, { signal, read }),
    post: (path, body = {}) => ask("POST", path, { body }),
    put: (path, body, version) => ask("PUT", path, { body, version }),
    patch: (path, body, version) => ask("PATCH", path, { body, version }),
    remove: (path) => ask("DELETE", path),
  };
}

/** The same API, for what lies below one integration. */
export function below(api, integrationId) {
  const root = `integrations/${encodeURIComponent(integrationId)}`;
  const scoped = Object.entries(api).map(([name, ask]) => [
    name,
    (path, ...rest) => ask(root + path, ...rest),
  ]);
  return Object.fromEntries(scoped);
}

/** Write a query string of what is given: lists repeat their name, empty values are left out. */
export function query(parameters) {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one]),
  );
  const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/** Read a list to its end. */
export async function readAll(api, path, signal) {
  const found = [];
  let cursor = "";
  do {
    const page = await api.get(path + query({ limit: 200, cursor }), signal);
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}

async function answer(method, path, headers, { body, signal, read: parse = JSON.parse }) {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let response, read;
  try {
    response = await fetch(new URL(path, ROOT), {
      method,
      headers,
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    read = parse(await response.text());
  } catch (error) {
    if (signal?.aborted) throw error;
    if (!response || response.ok) throw new ApiError("away");
  }
  if (response.ok) return read;
  const kind = KINDS[response.status] ?? (AWAY.includes(response.status) ? "away" : "refused");
  throw new ApiError(kind, read);
}
