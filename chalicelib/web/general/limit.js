// Tempo máximo sem sucesso: entered, checked and saved where it is shown.

import { Line } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { useSave } from "../parts/save.js";
import { explained } from "../parts/states.js";
import { hours } from "./headline.js";

const LONGEST = 720;

export function Limit() {
  const { t, f, integration } = usePage();
  const kept = integration.max_hours_without_success;
  const [entered, enter] = useState(null); // null: as it is
  const [saved, setSaved] = useState(false);
  const [wrong, setWrong] = useState(null);
  const save = useSave(() => {
    enter(null);
    setSaved(true);
  });
  const type = (text) => {
    enter(text);
    setSaved(false);
    setWrong(null);
    save.forget();
  };
  const submit = (event) => {
    event.preventDefault();
    const value = Number(entered ?? kept);
    if (!Number.isInteger(value) || value < 1 || value > LONGEST) {
      setWrong(t("limit_wrong", { longest: f.whole(LONGEST) }));
      return;
    }
    save.run({ max_hours_without_success: value });
  };
  const stale = save.error?.kind === "stale";
  const refused = save.error && (save.error.fields?.max_hours_without_success ?? explained(save.error, t));
  return html`
    <form class="limit" onSubmit=${submit} novalidate>
      <${Line}
        label=${t("limit_hours")}
        type="number"
        min="1"
        max=${LONGEST}
        step="1"
        inputmode="numeric"
        value=${entered ?? kept}
        change=${type}
        error=${wrong ?? (stale ? t("limit_stale", { hours: hours(integration, t, f) }) : refused)}
      />
      <button type="submit" class="primary" disabled=${save.busy}>${t("save")}</button>
      ${stale && html`<button type="button" onClick=${() => type(null)}>${t("discard")}</button>`}
      ${saved && html`<span class="done" data-said="saved">${t("saved")}</span>`}
    </form>
  `;
}
