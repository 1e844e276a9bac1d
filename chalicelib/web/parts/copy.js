// Copying text, and saying so.

import { html, useState } from "./html.js";
import { usePage } from "./page.js";

const SHOWN_MS = 3_000;

/** A button that copies; `text` is a text or a function that gives it. */
export function Copy({ text, label }) {
  const { t, say } = usePage();
  const [done, setDone] = useState(false);
  const copy = async () => {
    const copied = await put(typeof text === "function" ? text() : text);
    say(t(copied ? "copied" : "not_copied"));
    setDone(copied);
    if (copied) setTimeout(() => setDone(false), SHOWN_MS);
  };
  return html`<button type="button" onClick=${copy}>${done ? t("copied") : (label ?? t("copy"))}</button>`;
}

async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return putBySelection(text); // pages without https, and frames that may not
  }
}

function putBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } finally {
    field.remove();
  }
}
