// Choosing a file to send, by button or by dropping it, and what is in it.

import { useRepeat } from "../data/load.js";
import { Choice, Field } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { useKept, usePage } from "../parts/page.js";
import { explained } from "../parts/states.js";
import { TABLES, tableName } from "../parts/tables.js";
import { formatOf, send } from "./sending.js";

const LARGEST = 5 * 1024 ** 3;
const REDRAW_MS = 400;
const NONE_CHOSEN = { format: "", encoding: "", delimiter: "", decimal: "" };
const ENCODINGS = ["utf-8", "windows-1252", "latin-1"];
const DELIMITERS = [";", ",", "\t", "|"];

export function UploadForm({ sent }) {
  const { t, f, api, say } = usePage();
  const [table, chooseTable] = useState("");
  const [file, chooseFile] = useState(null);
  const [round, nextRound] = useState(0); // another one is another field, which is empty
  const [options, setOptions] = useState(NONE_CHOSEN);
  const [over, setOver] = useState(false);
  const [sending, keep] = useKept("sending", null);
  const [, redraw] = useState(0);
  const busy = Boolean(sending?.phase);
  // It may have been begun before this tab was left and opened again.
  useRepeat(busy ? REDRAW_MS : null, () => redraw((count) => count + 1));
  const format = options.format || (file && formatOf(file.name)) || "";
  const wrong = unfit(file, t, f);
  const submit = async (event) => {
    event.preventDefault();
    const end = new AbortController();
    const told = (state) => keep({ ...state, name: file.name, end });
    told({ phase: "reading", share: 0 });
    const csv = format === "csv" ? options : NONE_CHOSEN;
    const facts = Object.entries({ ...csv, table, format }).filter(([, value]) => value);
    try {
      const upload = await send(api, file, Object.fromEntries(facts), told, end.signal);
      keep(null);
      chooseFile(null);
      nextRound((count) => count + 1);
      say(t("upload_sent", { name: file.name }));
      sent(upload);
    } catch (error) {
      keep(end.signal.aborted ? null : { error, name: file.name });
    }
  };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    if (!busy && event.dataTransfer.files[0]) chooseFile(event.dataTransfer.files[0]);
  };
  return html`
    <form
      class="form drop ${over ? "over" : ""}"
      onSubmit=${submit}
      onDragOver=${(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave=${() => setOver(false)}
      onDrop=${drop}
      novalidate
    >
      <${Choice}
        label=${t("table")}
        value=${table}
        options=${[["", t("upload_choose_table")], ...TABLES.map((one) => [one, tableName(one)])]}
        change=${chooseTable}
      />
      <${Field} label=${t("upload_file")} hint=${file ? `${file.name} · ${f.bytes(file.size)}` : t("upload_file_hint")} error=${wrong}>
        ${(own) => html`
          <input key=${round} ...${own} type="file" disabled=${busy}
            onChange=${(event) => chooseFile(event.currentTarget.files[0] ?? null)} />
        `}
      <//>
      ${file && html`<${Options} format=${format} options=${options} change=${setOptions} guessed=${formatOf(file.name)} />`}
      ${sending && html`<${Sending} sending=${sending} />`}
      <div class="actions">
        <button type="submit" class="primary" disabled=${busy || !file || !table || !format || wrong}>
          ${t("upload_begin")}
        </button>
        ${busy && html`<button type="button" onClick=${() => sending.end.abort()}>${t("upload_stop")}</button>`}
      </div>
    </form>
  `;
}

function unfit(file, t, f) {
  if (!file) return null;
  if (!file.size) return t("upload_blank");
  return file.size > LARGEST ? t("upload_too_large", { limit: f.bytes(LARGEST) }) : null;
}

/** The format, where the name does not say it; how a CSV is written, only if it has to be said. */
function Options({ format, options, change, guessed }) {
  const { t } = usePage();
  const set = (name) => (value) => change({ ...options, [name]: value });
  const choice = (name, values) => html`
    <${Choice} label=${t(name)} value=${options[name]} options=${[["", t("found_out")], ...values]} change=${set(name)} />
  `;
  return html`
    ${
      !guessed &&
      html`
        <${Choice}
          label=${t("upload_format")}
          value=${options.format}
          options=${[["", t("upload_choose_format")], ["csv", "CSV"], ["ndjson", "NDJSON"]]}
          change=${set("format")}
        />
      `
    }
    ${
      format === "csv" &&
      html`
        <details>
          <summary>${t("upload_options")}</summary>
          <div class="pair">
            ${choice(
              "encoding",
              ENCODINGS.map((one) => [one, one]),
            )}
            ${choice(
              "delimiter",
              DELIMITERS.map((one) => [one, one === "\t" ? "Tab" : one]),
            )}
            ${choice("decimal", [
              [",", "1.234,56"],
              [".", "1,234.56"],
            ])}
          </div>
        </details>
      `
    }
  `;
}

function Sending({ sending }) {
  const { t, f } = usePage();
  const { phase, share, name, error } = sending;
  if (error) {
    const said = error.code === "upload_refused" ? t("upload_refused") : explained(error, t);
    const fields = Object.values(error.fields ?? {});
    return html`<p class="wrong" role="alert">${[t("upload_failed", { name }), said, ...fields].join(" ")}</p>`;
  }
  const label = t(`upload_${phase}`, { name });
  return html`
    <div>
      <progress max="1" value=${share} aria-label=${label}></progress>
      <p>${label} · ${f.share(share, 0)}</p>
    </div>
  `;
}
