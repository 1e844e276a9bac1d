// Sending a file: its SHA-256 is computed, the API asked for a link, and the bytes sent to the bucket.

import { ApiError } from "../data/api.js";
import { sha256 } from "./sha256.js";

const STEP = 0.005;

/** Send a file as `facts` describe it; gives the upload as the API named it.
 *
 * told    hears { phase: "reading" | "sending", share } as it goes on
 * signal  ends it; what was sent by then is forgotten by the bucket
 */
export async function send(api, file, facts, told, signal) {
  const step = (phase) => {
    let last = -1;
    return (done) => {
      const share = done / file.size;
      if (share - last < STEP && share < 1) return;
      last = share;
      told({ phase, share });
    };
  };
  const digest = await sha256(file, step("reading"), signal);
  const named = { ...facts, filename: file.name, bytes: file.size, sha256: digest };
  const upload = await api.post("/uploads", named);
  signal.throwIfAborted();
  await put(upload.upload, file, step("sending"), signal);
  return upload;
}

/** Only XMLHttpRequest tells how much was sent. */
function put({ method, url, headers }, file, told, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => told(event.loaded);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new ApiError("refused", { code: "upload_refused" }));
    request.onerror = () => reject(new ApiError("away"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** What a file's name says of what is in it: "csv", "ndjson", or null. */
export function formatOf(name) {
  const plain = name.toLowerCase().replace(/\.gz$/, "");
  if (/\.(csv|txt)$/.test(plain)) return "csv";
  return /\.(ndjson|jsonl|json)$/.test(plain) ? "ndjson" : null;
}
