// The page's head: which integration, how it is, which language.

import { html } from "../parts/html.js";
import { Badge } from "../parts/states.js";
import { LANGUAGES } from "./session.js";

const NAMES = { "pt-BR": "Português", en: "English" };
const TONES = { ok: "good", warning: "warn", overdue: "bad", not_armed: "" };

export function Header({ t, language, speak, go, integration, all = [] }) {
  return html`
    <header class="top">
      <div class="page">
        <h1>${t("title")}</h1>
        ${integration && html`<${Which} ...${{ t, go, integration, all }} />`}
        <p class="choice">
          <label for="language">${t("language")}</label>
          <select id="language" value=${language} onChange=${(event) => speak(event.currentTarget.value)}>
            ${LANGUAGES.map(
              (one) =>
                html`<option value=${one} lang=${one} selected=${one === language}>${NAMES[one]}</option>`,
            )}
          </select>
        </p>
      </div>
    </header>
  `;
}

function Which({ t, go, integration, all }) {
  const state = integration.current_run ? "running" : integration.freshness.state;
  const badge = html`<${Badge} tone=${TONES[state] ?? "busy"}>${t(`brief_${state}`)}<//>`;
  if (all.length === 1)
    return html`<p class="choice which"><strong>${integration.name}</strong> ${badge}</p>`;
  const named = (one) => [one.name, one.erp_name].filter(Boolean).join(" · ");
  const choose = (event) => go({ integration: event.currentTarget.value });
  const id = integration.integration_id;
  return html`
    <p class="choice which">
      <label for="integration">${t("integration")}</label>
      <select id="integration" value=${id} onChange=${choose}>
        ${all.map(
          (one) => html`
            <option value=${one.integration_id} selected=${one.integration_id === id}>${named(one)}</option>
          `,
        )}
      </select>
      ${badge}
    </p>
  `;
}
