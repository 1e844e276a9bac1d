// Who gets alerts by e-mail, and whether they have confirmed it.

import { useAction, useLoad } from "../data/load.js";
import { Confirm, Drawer } from "../parts/drawer.js";
import { Line } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Card, Empty, explained, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";

const TONES = { pending: "partial", confirmed: "success", unsubscribed: "" };

export function Recipients() {
  const { t, api, integration, say } = usePage();
  const list = useLoad(`recipients ${integration.integration_id}`, (signal) =>
    api.get("/alert-recipients", signal),
  );
  const put = (one) =>
    list.change((data) => ({
      ...data,
      items: [...data.items.filter((other) => other.recipient_id !== one.recipient_id), one].sort(byEmail),
    }));
  const drop = (one) =>
    list.change((data) => ({
      ...data,
      items: data.items.filter((other) => other.recipient_id !== one.recipient_id),
    }));
  const add = async (email) => {
    const added = await api.post("/alert-recipients", { email });
    put(added);
    say(t("recipient_added", { email: added.email }));
  };
  return html`
    <${Card} id="recipients" title=${t("recipients")}>
      <p class="hint">${t("recipients_about")}</p>
      <${NewRecipient} add=${add} />
      <${Loaded} of=${list}>
        ${(data) =>
          data.items.length
            ? html`<${List} items=${data.items} put=${put} drop=${drop} add=${add} />`
            : html`<${Empty}>${t("no_recipients")}<//>`}
      <//>
    <//>
  `;
}

function byEmail(one, other) {
  return one.email < other.email ? -1 : 1;
}

function NewRecipient({ add }) {
  const { t } = usePage();
  const [email, setEmail] = useState("");
  const act = useAction(async () => {
    await add(email.trim());
    setEmail("");
  });
  const submit = (event) => {
    event.preventDefault();
    act.run();
  };
  return html`
    <form class="filters" onSubmit=${submit} novalidate>
      <${Line}
        label=${t("email")}
        type="email"
        autocomplete="off"
        value=${email}
        change=${setEmail}
        error=${act.error && (act.error.fields.email ?? explained(act.error, t))}
      />
      <button type="submit" class="primary" disabled=${act.busy || !email.trim()}>${t("add")}</button>
    </form>
  `;
}

function List({ items, put, drop, add }) {
  const { t, f, api, say } = usePage();
  const [asked, ask] = useState(null); // { what: "remove" | "confirm", one }
  const remove = useAction(async (one) => {
    ask(null);
    await api.remove(`/alert-recipients/${encodeURIComponent(one.recipient_id)}`);
    drop(one);
    say(t("recipient_removed", { email: one.email }));
  });
  const again = useAction(add);
  const failed = remove.error ?? again.error;
  const columns = [
    { label: t("email") },
    { label: t("confirmation") },
    { label: t("added") },
    { label: t("actions") },
  ];
  const rows = items.map((one) => ({
    key: one.recipient_id,
    cells: [
      one.email,
      html`
        <${Badge} tone=${TONES[one.state]}>${t(`recipient_${one.state}`)}<//>
        ${one.unsubscribe_needs_authentication === false && html`<span class="why muted">${t("anyone_unsubscribes")}</span>`}
      `,
      `${f.minute(one.added_at)} · ${one.added_by}`,
      html`
        <span class="actions">
          ${
            one.state !== "confirmed" &&
            html`
            <button type="button" disabled=${again.busy} onClick=${() => again.run(one.email)}>${t("ask_again")}</button>
            <button type="button" onClick=${() => ask({ what: "confirm", one })}>${t("confirm_by_link")}</button>
          `
          }
          <button type="button" aria-label=${t("remove_named", { email: one.email })} onClick=${() => ask({ what: "remove", one })}>
            ${t("remove")}
          </button>
        </span>
      `,
    ],
  }));
  return html`
    <${Table} caption=${t("recipients")} columns=${columns} rows=${rows} />
    ${failed && html`<p class="wrong" role="alert">${explained(failed, t)}</p>`}
    ${
      asked?.what === "remove" &&
      html`
      <${Confirm}
        title=${t("remove_recipient")}
        question=${t("remove_question", { email: asked.one.email })}
        yes=${t("remove")}
        act=${() => remove.run(asked.one)}
        close=${() => ask(null)}
        danger
      />
    `
    }
    ${asked?.what === "confirm" && html`<${ByLink} one=${asked.one} put=${put} close=${() => ask(null)} />`}
  `;
}

/** Confirm with the mail's link, so that no forwarded mail can end the subscription. */
function ByLink({ one, put, close }) {
  const { t, api } = usePage();
  const [token, setToken] = useState("");
  const act = useAction(async () => {
    put(
      await api.post(`/alert-recipients/${encodeURIComponent(one.recipient_id)}/confirm`, {
        token: token.trim(),
      }),
    );
    close();
  });
  const submit = (event) => {
    event.preventDefault();
    act.run();
  };
  return html`
    <${Drawer} title=${t("confirm_by_link")} close=${close} narrow>
      <form class="form" onSubmit=${submit} novalidate>
        <${Line}
          label=${t("mail_link")}
          hint=${t("mail_link_hint", { email: one.email })}
          value=${token}
          change=${setToken}
          error=${act.error && (act.error.fields.token ?? explained(act.error, t))}
        />
        <div class="actions">
          <button type="submit" class="primary" disabled=${act.busy || !token.trim()}>${t("confirm")}</button>
        </div>
      </form>
    <//>
  `;
}
