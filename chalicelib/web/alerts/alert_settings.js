// What alerts are sent for, how often they are brought to mind, and in which language.

import { Choice, Line, Tick } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { useSave } from "../parts/save.js";
import { Card, explained } from "../parts/states.js";

const TICKS = ["run_errors", "erp_silent", "dead_letters", "partial_is_success"];
const LANGUAGES = [
  ["pt-BR", "Português"],
  ["en", "English"],
];
const LONGEST = 720;

export function AlertSettings() {
  const { t, integration } = usePage();
  const [changed, setChanged] = useState({});
  const [saved, setSaved] = useState(false);
  const form = { ...integration.alert_settings, ...changed };
  const set = (name) => (value) => {
    setSaved(false);
    setChanged((now) => ({ ...now, [name]: value }));
  };
  const save = useSave(() => {
    setChanged({});
    setSaved(true);
  });
  const submit = (event) => {
    event.preventDefault();
    const body = { ...changed };
    if ("reminder_hours" in body) body.reminder_hours = Number(body.reminder_hours);
    save.run({ alert_settings: body });
  };
  const wrong = save.error?.fields?.["alert_settings.reminder_hours"];
  return html`
    <${Card} id="alert-settings" title=${t("alert_settings")}>
      <p class="hint">${t("alert_settings_about")}</p>
      <form class="form" onSubmit=${submit} novalidate>
        ${TICKS.map(
          (name) => html`
            <${Tick} label=${t(name)} hint=${t(`${name}_hint`)} checked=${form[name]} change=${set(name)} />
          `,
        )}
        <div class="filters">
          <${Line}
            label=${t("reminder_hours")}
            type="number"
            min="1"
            max=${LONGEST}
            inputmode="numeric"
            value=${form.reminder_hours}
            change=${set("reminder_hours")}
            error=${wrong}
          />
          <${Choice} label=${t("alert_language")} value=${form.language} options=${LANGUAGES} change=${set("language")} />
        </div>
        ${
          save.error &&
          !wrong &&
          html`<p class="wrong" role="alert">${save.error.kind === "stale" ? t("settings_changed") : explained(save.error, t)}</p>`
        }
        <div class="actions">
          <button type="submit" class="primary" disabled=${save.busy || !Object.keys(changed).length}>${t("save")}</button>
          ${saved && html`<span class="done">${t("saved")}</span>`}
        </div>
      </form>
    <//>
  `;
}
