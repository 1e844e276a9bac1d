// One refused record: what is wrong with it, and for admins a way to correct, send again, or dismiss it.

import { query } from "../data/api.js";
import { useAction, useLoad } from "../data/load.js";
import { Copy } from "../parts/copy.js";
import { Confirm, Drawer } from "../parts/drawer.js";
import { exactly, written } from "../parts/exact.js";
import { Facts } from "../parts/facts.js";
import { Field } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Empty, explained, Loaded } from "../parts/states.js";
import { tableName } from "../parts/tables.js";

const PAGE = 200;
const COUNTS = ["created", "updated", "unchanged", "deleted", "rejected"];

export function Correction({ table, storedAs, listed, settled, close }) {
  const { t, api, integration, may } = usePage();
  const key = `refused ${table} ${storedAs}`;
  const [kept] = useState(listed); // it is listed no more once it was accepted
  const find = useLoad(kept ? null : key, (signal) => looked(api, table, storedAs, signal));
  const [done, setDone] = useState(false);
  const corrected = () => {
    setDone(true);
    settled();
  };
  const acts = may("admin") && integration.integration_type !== "view";
  return html`
    <${Drawer} title=${t("rejected_one", { table: tableName(table) })} close=${close}>
      <div class="actions"><${Copy} text=${() => location.href} label=${t("copy_link")} /></div>
      <${Loaded} of=${kept ? { data: kept } : find}>
        ${(one) =>
          one
            ? html`
                <${About} one=${one} />
                ${acts && !one.too_large ? html`<${Form} ...${{ one, done, corrected, close }} />` : html`<${Record} one=${one} />`}
                ${may("admin") && !done && html`<${Dismiss} ...${{ one, settled, close }} />`}
              `
            : html`<${Empty}>${t("rejected_gone")}<//>`}
      <//>
    <//>
  `;
}

/** Look through the list: a refusal has no address of its own. */
async function looked(api, table, storedAs, signal) {
  let cursor = null;
  do {
    const page = await api.get(`/rejected${query({ table, limit: PAGE, cursor })}`, signal, exactly);
    const found = page.items.find((one) => one.stored_as === storedAs);
    if (found) return found;
    cursor = page.next_cursor;
  } while (cursor);
  return null;
}

function About({ one }) {
  const { t, f, go } = usePage();
  const open = () => go({ tab: "history", request: one.request_id });
  const facts = [
    ["finding_key", one.key ?? t("rejected_keyless")],
    ["rejected_at", f.second(one.at)],
    ["rejected_live", t(one.live ? "rejected_live_yes" : "rejected_live_no")],
    ["rejected_request", html`<button type="button" class="link" onClick=${open}>${one.request_id}</button>`],
  ];
  return html`<${Facts} facts=${facts} /><${Issues} errors=${one.errors} />`;
}

function Issues({ errors }) {
  const { t } = usePage();
  return html`
    <h3>${t("rejected_why")}</h3>
    <ul class="problems">
      ${errors.map((one) => html`<li class="wrong"><code>${one.field}</code> ${one.message}</li>`)}
    </ul>
  `;
}

function Record({ one }) {
  const { t } = usePage();
  return one.too_large
    ? html`<${Empty}>${t("rejected_too_large")}<//>`
    : html`<h3>${t("rejected_record")}</h3><pre tabindex="0">${written(one.record)}</pre>`;
}

function Form({ one, done, corrected, close }) {
  const { t, f, api, say } = usePage();
  const [text, write] = useState(() => written(one.record));
  const [receipt, receive] = useState(null);
  const unread = !isRecord(text);
  const send = useAction(async () => {
    receive(null);
    // As it was typed: reading it would round long numbers.
    const body = `{"records": [${text}], "corrects": ${JSON.stringify(one.stored_as)}}`;
    const answer = await api.post(`/records/${one.table}`, body);
    receive(answer);
    if (!answer.rejected) {
      say(t("corrected"));
      corrected();
    }
  });
  const submit = (event) => {
    event.preventDefault();
    send.run();
  };
  const counts =
    receipt &&
    COUNTS.filter((name) => receipt[name]).map((name) =>
      t(`took_${name}`, { count: f.whole(receipt[name]) }),
    );
  return html`
    <form onSubmit=${submit} novalidate>
      <${Field} label=${t("rejected_record")} hint=${t("rejected_edit_hint")} error=${unread ? t("rejected_unread") : null}>
        ${(own) => html`
          <textarea ...${own} rows="14" class="code" spellcheck=${false} value=${text} readonly=${done}
            onInput=${(event) => write(event.currentTarget.value)}></textarea>
        `}
      <//>
      ${send.error && html`<p class="wrong" role="alert">${[explained(send.error, t), ...Object.values(send.error.fields ?? {})].join(" ")}</p>`}
      ${
        receipt &&
        html`
          <div role="status" class="notice">
            <p>${t(done ? "corrected" : "still_rejected")} ${counts.join(" · ")}</p>
            <p class="hint">${t("request_id", { id: receipt.request_id })}</p>
          </div>
        `
      }
      ${receipt?.rejected > 0 && html`<${Issues} errors=${receipt.errors} />`}
      <div class="actions">
        ${
          done
            ? html`<button type="button" class="primary" onClick=${close}>${t("close")}</button>`
            : html`<button type="submit" class="primary" disabled=${send.busy || unread}>${t("send_again")}</button>`
        }
      </div>
    </form>
  `;
}

function isRecord(text) {
  try {
    const found = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found);
  } catch {
    return false;
  }
}

function Dismiss({ one, settled, close }) {
  const { t, api, say } = usePage();
  const [asked, ask] = useState(false);
  const act = useAction(async () => {
    ask(false);
    await api.remove(`/rejected/${one.table}/${encodeURIComponent(one.stored_as)}`);
    say(t("dismissed"));
    settled();
    close();
  });
  const about = { key: one.key ?? t("rejected_keyless"), table: tableName(one.table) };
  return html`
    <div class="actions">
      <button type="button" class="danger" disabled=${act.busy} onClick=${() => ask(true)}>${t("dismiss")}</button>
    </div>
    ${act.error && html`<p class="wrong" role="alert">${explained(act.error, t)}</p>`}
    ${
      asked &&
      html`
        <${Confirm}
          title=${t("dismiss")}
          question=${t("dismiss_question", about)}
          yes=${t("dismiss")}
          act=${act.run}
          close=${() => ask(false)}
          danger
        />
      `
    }
  `;
}
