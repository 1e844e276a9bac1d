// Situação da implantação: it is concluded with a certificate, or with a reason that stays on record.

import { Drawer } from "../parts/drawer.js";
import { Field } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { useSave } from "../parts/save.js";
import { Badge, explained } from "../parts/states.js";

const TONES = { completed: "success", in_progress: "running", pending: "" };
const LONGEST = 1_000;

export function DeploymentState() {
  const { t, integration, go } = usePage();
  const { deployment_status: status, deployment_reason: reason, deployment_report_id: proof } = integration;
  const link = html`
    <button type="button" class="link" onClick=${() => go({ report: proof })}>${t("concluded_proven")}</button>
  `;
  return html`
    <p>
      ${t("deployment_status")}: <${Badge} tone=${TONES[status]}>${t(`deployment_${status}`)}<//>${" "}
      ${proof ? link : reason && html`<span class="muted">${t("concluded_because", { reason })}</span>`}
    </p>
  `;
}

/** The button that concludes it, for admins. */
export function Deploy({ reports }) {
  const { t, integration, may } = usePage();
  const [asked, ask] = useState(false);
  if (integration.deployment_status === "completed" || !may("admin")) return null;
  return html`
    <button type="button" onClick=${() => ask(true)}>${t("conclude")}</button>
    ${asked && html`<${Conclude} reports=${reports} close=${() => ask(false)} />`}
  `;
}

function Conclude({ reports, close }) {
  const { t, f } = usePage();
  const newest = reports.find((one) => one.status === "done");
  const proof = newest?.certificate ? newest : null;
  const [reason, write] = useState("");
  const save = useSave(close);
  const unproven = !proof || save.error?.code === "deployment_unproven";
  const written = reason.trim();
  const submit = (event) => {
    event.preventDefault();
    const because = unproven ? { deployment_reason: written } : {};
    save.run({ deployment_status: "completed", ...because });
  };
  const about = proof && { at: f.minute(proof.requested_at) };
  return html`
    <${Drawer} title=${t("conclude")} close=${close} narrow>
      <form onSubmit=${submit} novalidate>
        <p>${unproven ? t("conclude_unproven") : t("conclude_proven", about)}</p>
        ${
          unproven &&
          html`
            <${Field} label=${t("deployment_reason")} error=${save.error?.fields?.deployment_reason}>
              ${(own) => html`
                <textarea ...${own} rows="4" required maxlength=${LONGEST} value=${reason}
                  onInput=${(event) => write(event.currentTarget.value)}></textarea>
              `}
            <//>
          `
        }
        ${save.error && html`<p class="wrong" role="alert">${explained(save.error, t)}</p>`}
        <div class="actions">
          <button type="submit" class="primary" disabled=${save.busy || (unproven && !written)}>
            ${t(unproven ? "conclude_with_reason" : "conclude_with_proof")}
          </button>
          <button type="button" onClick=${close}>${t("leave")}</button>
        </div>
      </form>
    <//>
  `;
}
