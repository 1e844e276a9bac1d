// The keys with which the ERP pushes: made, shown once, revoked. They are read when the part is opened.

import { useAction, usePages } from "../data/load.js";
import { Copy } from "../parts/copy.js";
import { Confirm } from "../parts/drawer.js";
import { Line } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Card, Empty, explained, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";

const PAGE = 50;

export function Keys() {
  const { t } = usePage();
  const [open, setOpen] = useState(false);
  return html`
    <${Card} id="keys" title=${t("keys")}>
      <p class="hint">${t("keys_about")}</p>
      <details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
        <summary>${t("show_keys")}</summary>
        ${open && html`<${Opened} />`}
      </details>
    <//>
  `;
}

function Opened() {
  const { t, api, integration, say } = usePage();
  const list = usePages(`keys ${integration.integration_id}`, api, "/keys", { limit: PAGE });
  const [made, setMade] = useState(null);
  const [name, setName] = useState("");
  const create = useAction(async () => {
    const { key: secret, ...key } = await api.post("/keys", { name: name.trim() });
    setMade(secret);
    setName("");
    list.change((data) => ({ ...data, items: [...data.items, key] }));
    say(t("key_made", { name: key.name }));
  });
  const submit = (event) => {
    event.preventDefault();
    create.run();
  };
  const revoked = (key) =>
    list.change((data) => ({
      ...data,
      items: data.items.map((one) => (one.key_id === key.key_id ? key : one)),
    }));
  return html`
    <form class="filters" onSubmit=${submit} novalidate>
      <${Line}
        label=${t("key_name_new")}
        autocomplete="off"
        maxlength="80"
        value=${name}
        change=${setName}
        error=${create.error && (create.error.fields.name ?? explained(create.error, t))}
      />
      <button type="submit" class="primary" disabled=${create.busy || !name.trim()}>${t("create_key")}</button>
    </form>
    ${made && html`<${Once} secret=${made} done=${() => setMade(null)} />`}
    <${Loaded} of=${list}>
      ${() =>
        list.items.length
          ? html`<${List} items=${list.items} revoked=${revoked} /><${More} of=${list} label=${t("more_keys")} />`
          : html`<${Empty}>${t("no_keys")}<//>`}
    <//>
  `;
}

/** A new key's text: this once. */
function Once({ secret, done }) {
  const { t } = usePage();
  return html`
    <section class="once" role="status" aria-label=${t("key_once")}>
      <p><strong>${t("key_once")}</strong> ${t("key_once_hint")}</p>
      <pre tabindex="0" data-secret>${secret}</pre>
      <div class="actions">
        <${Copy} text=${secret} label=${t("copy_key")} />
        <button type="button" onClick=${done}>${t("key_kept")}</button>
      </div>
    </section>
  `;
}

function List({ items, revoked }) {
  const { t, f, api, say } = usePage();
  const [asked, ask] = useState(null);
  const revoke = useAction(async (one) => {
    ask(null);
    revoked(await api.remove(`/keys/${encodeURIComponent(one.key_id)}`));
    say(t("key_revoked", { name: one.name }));
  });
  const columns = [
    { label: t("key_name") },
    { label: t("key_state") },
    { label: t("added") },
    { label: t("actions") },
  ];
  const rows = items.map((one) => ({
    key: one.key_id,
    cells: [
      html`${one.name} <span class="muted small">${one.key_id}</span>`,
      one.revoked_at
        ? html`<${Badge}>${t("revoked")}<//> <span class="why muted">${f.minute(one.revoked_at)}</span>`
        : html`<${Badge} tone="success">${t("in_force")}<//>`,
      `${f.minute(one.created_at)} · ${one.created_by}`,
      !one.revoked_at &&
        html`
          <button
            type="button"
            class="danger"
            aria-label=${t("revoke_named", { name: one.name })}
            onClick=${() => ask(one)}
          >
            ${t("revoke")}
          </button>
        `,
    ],
  }));
  return html`
    <${Table} caption=${t("keys")} columns=${columns} rows=${rows} />
    ${revoke.error && html`<p class="wrong" role="alert">${explained(revoke.error, t)}</p>`}
    ${
      asked &&
      html`
      <${Confirm}
        title=${t("revoke_title", { name: asked.name })}
        question=${t("revoke_question")}
        yes=${t("revoke")}
        act=${() => revoke.run(asked)}
        close=${() => ask(null)}
        danger
      />
    `
    }
  `;
}
