// Reenviar: a stored request's body is taken in once more, as a new request that names the first.

import { useAction } from "../data/load.js";
import { Confirm } from "../parts/drawer.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { explained } from "../parts/states.js";

const COUNTS = ["received", "created", "updated", "unchanged", "deleted", "rejected"];

/** Whether a request brought records by API: only those are taken in again. */
export function repeatable(one) {
  return one.type === "api" && Boolean(one.table) && "received" in one.counts;
}

export function Replay({ one }) {
  const { t, f, api, go, say } = usePage();
  const [asked, ask] = useState(false);
  const [receipt, receive] = useState(null);
  const replay = useAction(async () => {
    ask(false);
    receive(await api.post(`/requests/${encodeURIComponent(one.request_id)}/replay`));
    say(t("replayed"));
  });
  return html`
    <div class="actions">
      <button type="button" disabled=${replay.busy} onClick=${() => ask(true)}>${t("replay")}</button>
    </div>
    ${replay.error && html`<p class="wrong" role="alert">${explained(replay.error, t)}</p>`}
    ${
      receipt &&
      html`
        <div class="notice" role="status">
          <p>${t("replayed")} ${COUNTS.map((name) => `${t(`count_${name}`)}: ${f.whole(receipt[name])}`).join(" · ")}</p>
          <p>
            <button type="button" class="link" onClick=${() => go({ request: receipt.request_id })}>
              ${t("replay_open")}
            </button>
          </p>
        </div>
      `
    }
    ${
      asked &&
      html`
        <${Confirm}
          title=${t("replay")}
          question=${t("replay_question")}
          yes=${t("replay")}
          act=${replay.run}
          close=${() => ask(false)}
        />
      `
    }
  `;
}
