// The tab Alertas e acesso: what people were told, who is told, of what, and the ERP's keys.

import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { define } from "../parts/translate.js";
import { AlertList } from "./alert_list.js";
import { AlertSettings } from "./alert_settings.js";
import { Keys } from "./keys.js";
import { Recipients } from "./recipients.js";
import texts from "./texts.js";

define(texts);

export default function Alerts() {
  const { may } = usePage();
  return html`
    <${AlertList} />
    ${
      may("admin")
        ? html`
          <${Recipients} />
          <${AlertSettings} />
          <${Keys} />
        `
        : html`<${OnlyAdmins} />`
    }
  `;
}

function OnlyAdmins() {
  const { t } = usePage();
  return html`<p class="notice">${t("only_admins")}</p>`;
}
