// Files of history: send one, watch it being imported, and what became of earlier ones.

import { usePages } from "../data/load.js";
import { html, useState } from "../parts/html.js";
import { useKept, usePage } from "../parts/page.js";
import { Badge, Card, Empty, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { TableName } from "../parts/tables.js";
import { UPLOAD_TONES, Upload } from "./upload.js";
import { UploadForm } from "./upload_form.js";

const PAGE = 20;

export function Uploads({ changed }) {
  const { t, integration, may, route, go } = usePage();
  const [open, setOpen] = useKept("uploads", false);
  const [sending] = useKept("sending", null); // begun before this tab was left, maybe
  const [form, showForm] = useState(Boolean(sending));
  if (integration.integration_type === "view") return null;
  const sent = (upload) => go({ upload: upload.upload_id });
  return html`
    <${Card} id="uploads" title=${t("uploads")}>
      <p class="hint">${t(may("admin") ? "uploads_about" : "uploads_about_viewer")}</p>
      ${route.upload && html`<${Upload} key=${route.upload} uploadId=${route.upload} changed=${changed} />`}
      ${
        may("admin") &&
        html`
          <details open=${form} onToggle=${(event) => showForm(event.currentTarget.open)}>
            <summary>${t("upload_new")}</summary>
            <${UploadForm} sent=${sent} />
          </details>
        `
      }
      <details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
        <summary>${t("uploads_show")}</summary>
        ${open && html`<${List} key=${route.upload} />`}
      </details>
    <//>
  `;
}

function List() {
  const { t, f, api, integration, go } = usePage();
  const list = usePages(`uploads ${integration.integration_id}`, api, "/uploads", { limit: PAGE });
  const columns = [
    { label: t("upload_at") },
    { label: t("table") },
    { label: t("upload_file") },
    { label: t("upload_state") },
    { label: t("upload_accepted"), number: true },
    { label: t("cell_rejected"), number: true },
  ];
  const rows = list.items?.map((one) => ({
    key: one.upload_id,
    cells: [
      html`
        <button type="button" class="link" onClick=${() => go({ upload: one.upload_id })}>
          ${f.second(one.requested_at)}
        </button>
      `,
      html`<${TableName} table=${one.table} />`,
      one.filename,
      html`<${Badge} tone=${UPLOAD_TONES[one.status]}>${t(`sent_${one.status}`)}<//>`,
      f.whole(one.accepted),
      f.whole(one.rejected),
    ],
  }));
  return html`
    <${Loaded} of=${list}>
      ${() =>
        rows.length
          ? html`<${Table} caption=${t("uploads")} columns=${columns} rows=${rows} /><${More} of=${list} label=${t("more_uploads")} />`
          : html`<${Empty}>${t("no_uploads")}<//>`}
    <//>
  `;
}
