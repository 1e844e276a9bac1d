// Reading from the API, which stands beside the page: …/app/assets/<version>/api.js → …/v1/

const ROOT = new URL("../../../v1/", import.meta.url);
const PATIENCE_MS = 30_000;
const AWAY = [429, 502, 503, 504];

/** Why there is no answer. `kind`: "signin", "away" (try again later), "absent" or "refused". */
export class ApiError extends Error {
  constructor(kind, problem = {}) {
    super(problem.detail || kind);
    this.kind = kind;
    this.detail = problem.detail ?? null;
    this.requestId = problem.request_id ?? null;
  }
}

/** Read one resource; throws ApiError, or AbortError once `signal` says that nobody wants it any more. */
export async function read(path, { token, language, signal }) {
  let response, body;
  try {
    response = await fetch(new URL(path, ROOT), {
      headers: { Authorization: `Bearer ${token}`, "Accept-Language": language },
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    body = await response.json();
  } catch (error) {
    if (signal.aborted) throw error;
    if (!response || response.ok) throw new ApiError("away");
  }
  if (response.ok) return body;
  if (response.status === 401) throw new ApiError("signin", body);
  if (response.status === 404) throw new ApiError("absent", body);
  throw new ApiError(AWAY.includes(response.status) ? "away" : "refused", body);
}

/** Read a list to its end. */
export async function readAll(path, options) {
  const found = [];
  let cursor = "";
  do {
    const page = await read(`${path}?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, options);
    found.push(...page.items);
    cursor = page.next_cursor ?? "";
  } while (cursor);
  return found;
}
