// Full snapshots: how they stand, and deletions that somebody has to agree to.

import { useAction, usePages, useRepeat } from "../data/load.js";
import { Confirm } from "../parts/drawer.js";
import { html, useState } from "../parts/html.js";
import { useKept, usePage } from "../parts/page.js";
import { Badge, Card, Empty, explained, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { TableName, tableName } from "../parts/tables.js";

const PAGE = 20;
const LOOK_MS = 1_000;
const TONES = {
  open: "running",
  committing: "running",
  held: "partial",
  committed: "success",
  abandoned: "",
  expired: "",
  failed: "error",
};

export function Snapshots({ changed }) {
  const { t, integration } = usePage();
  const [open, setOpen] = useKept("snapshots", false);
  if (integration.integration_type === "view") return null;
  return html`
    <${Card} id="snapshots" title=${t("snapshots")}>
      <p class="hint">${t("snapshots_about")}</p>
      <details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
        <summary>${t("snapshots_show")}</summary>
        ${open && html`<${List} changed=${changed} />`}
      </details>
    <//>
  `;
}

function List({ changed }) {
  const { t, f, api, integration } = usePage();
  const list = usePages(`snapshots ${integration.integration_id}`, api, "/snapshots", { limit: PAGE });
  const on = list.items?.some((one) => one.status === "committing");
  useRepeat(on ? LOOK_MS : null, async () => {
    await list.reload();
    changed();
  });
  const columns = [
    { label: t("snapshot_at") },
    { label: t("table") },
    { label: t("snapshot_state") },
    { label: t("snapshot_records"), number: true },
    { label: t("snapshot_missing"), number: true },
    { label: t("snapshot_deleted"), number: true },
  ];
  const rows = list.items?.map((one) => ({
    key: one.snapshot_id,
    cells: [
      f.second(one.opened_at),
      html`<${TableName} table=${one.table} />`,
      html`<${State} one=${one} agreed=${list.reload} />`,
      f.whole(one.records),
      f.whole(one.missing),
      f.whole(one.deleted),
    ],
  }));
  return html`
    <${Loaded} of=${list}>
      ${() =>
        rows.length
          ? html`<${Table} caption=${t("snapshots")} columns=${columns} rows=${rows} /><${More} of=${list} label=${t("more_snapshots")} />`
          : html`<${Empty}>${t("no_snapshots")}<//>`}
    <//>
  `;
}

function State({ one, agreed }) {
  const { t, may } = usePage();
  const why = one.error ?? one.held_because;
  return html`
    <${Badge} tone=${TONES[one.status]}>${t(`snapshot_${one.status}`)}<//>
    ${why && html`<span class="why">${why.message}</span>`}
    ${one.status === "held" && may("admin") && html`<${Allow} one=${one} agreed=${agreed} />`}
  `;
}

/** Deletions that were held back: an admin has to say that they are right. */
function Allow({ one, agreed }) {
  const { t, f, api, say } = usePage();
  const [asked, ask] = useState(false);
  const allow = useAction(async () => {
    ask(false);
    const place = `${one.table}/${encodeURIComponent(one.snapshot_id)}`;
    await api.post(`/snapshots/${place}/commit`, { force: true });
    say(t("snapshot_allowed"));
    await agreed();
  });
  const numbers = { missing: f.whole(one.missing), stored: f.whole(one.stored), table: tableName(one.table) };
  return html`
    <button
      type="button"
      aria-label=${t("snapshot_allow_named", numbers)}
      disabled=${allow.busy}
      onClick=${() => ask(true)}
    >
      ${t("snapshot_allow")}
    </button>
    ${allow.error && html`<p class="wrong" role="alert">${explained(allow.error, t)}</p>`}
    ${
      asked &&
      html`
        <${Confirm}
          title=${t("snapshot_allow_named", numbers)}
          question=${t("snapshot_allow_question", numbers)}
          yes=${t("snapshot_allow")}
          act=${allow.run}
          close=${() => ask(false)}
          danger
        />
      `
    }
  `;
}
