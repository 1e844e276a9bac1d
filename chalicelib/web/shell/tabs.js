// The five tabs. Each one's code is fetched when it is opened first.

import { html, useEffect, useRef, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Failed, Loading, Zone } from "../parts/states.js";
import { TABS } from "./address.js";

const ROOMS = {
  general: () => import("../general/general.js"),
  history: () => import("../history/history.js"),
  onboarding: () => import("../onboarding/onboarding.js"),
  abc: () => import("../abc/abc.js"),
  alerts: () => import("../alerts/alerts.js"),
};
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/** Fetch a tab's code, while the API is still asked for what it will show. */
export function prepare(tab) {
  ROOMS[tab]().catch(() => {}); // told when it is opened
}

export function Tabs() {
  const { t, route, go, integration } = usePage();
  const list = useRef(null);
  const open = (tab) => tab !== route.tab && go({ tab });
  const press = (event) => {
    const at = TABS.indexOf(route.tab);
    const ends = { Home: 0, End: TABS.length - 1 };
    const next =
      ends[event.key] ?? (event.key in STEPS ? (at + STEPS[event.key] + TABS.length) % TABS.length : null);
    if (next === null) return;
    event.preventDefault();
    open(TABS[next]);
    list.current.querySelectorAll("button")[next].focus();
  };
  const count = (tab) => (tab === "alerts" ? integration.open_alerts : 0);
  return html`
    <div class="tabs" role="tablist" aria-label=${t("title")} ref=${list} onKeyDown=${press}>
      ${TABS.map(
        (tab) => html`
          <button
            type="button"
            role="tab"
            id="tab-${tab}"
            aria-selected=${tab === route.tab ? "true" : "false"}
            aria-controls="panel"
            tabindex=${tab === route.tab ? 0 : -1}
            onClick=${() => open(tab)}
          >
            ${t(`tab_${tab}`)}
            ${
              count(tab) > 0 &&
              html` <span class="count"><span aria-hidden="true">${count(tab)}</span>
              <span class="hidden">${t("open_alerts", { count: count(tab) })}</span></span>`
            }
          </button>
        `,
      )}
    </div>
    <div id="panel" role="tabpanel" aria-labelledby="tab-${route.tab}" tabindex="-1">
      <${Room} key=${route.tab} tab=${route.tab} />
      <${Zone} />
    </div>
  `;
}

function Room({ tab }) {
  const [room, setRoom] = useState({});
  const fetch = () => {
    setRoom({});
    ROOMS[tab]().then(
      (module) => setRoom({ Tab: module.default }),
      () => setRoom({ failed: true }),
    );
  };
  useEffect(fetch, [tab]);
  if (room.failed) return html`<${Failed} error=${{ kind: "away" }} retry=${() => location.reload()} />`;
  return room.Tab ? html`<${room.Tab} />` : html`<div class="card"><${Loading} /></div>`;
}
