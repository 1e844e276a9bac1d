// The tab Informações Gerais: how the integration is, its fields, its limit, and its runs.

import { usePages } from "../data/load.js";
import { html, useEffect, useRef } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Loaded } from "../parts/states.js";
import { define } from "../parts/translate.js";
import { Fields } from "./fields.js";
import { Headline } from "./headline.js";
import { RunLog } from "./run_log.js";
import { Runs } from "./runs.js";
import { Source } from "./source.js";
import texts from "./texts.js";

define(texts);

const RUNS_READ = 30;

/** The runs as they are now: the one that is on tells of itself, maybe before the list has it. */
function withCurrent(listed, current) {
  if (!current) return listed;
  const known = listed.some((run) => run.run_id === current.run_id);
  return known ? listed.map((run) => (run.run_id === current.run_id ? current : run)) : [current, ...listed];
}

export default function General() {
  const { api, integration, looked, route, go } = usePage();
  const { integration_id: id, current_run: current } = integration;
  const runs = usePages(`runs ${id}`, api, "/runs", { limit: RUNS_READ }, (run) => run.run_id);
  const running = useRef(current?.run_id);
  useEffect(() => {
    // A run that is on tells of itself; whatever else there may be is looked at with the integration.
    const same = running.current === current?.run_id;
    running.current = current?.run_id;
    if (runs.data && !(same && current)) runs.reload();
  }, [looked]);
  return html`
    <${Loaded} of=${runs}>
      ${() => {
        const items = withCurrent(runs.items, current);
        return html`
          <${Headline} runs=${items} />
          <${Fields} />
          ${integration.integration_type === "view" && html`<${Source} />`}
          <${Runs} items=${items} of=${runs} />
        `;
      }}
    <//>
    ${
      route.run &&
      html`<${RunLog} key=${route.run} runId=${route.run} close=${() => go({ run: null })} runs=${runs.items} />`
    }
  `;
}
