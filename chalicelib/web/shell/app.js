// The page as a whole: who is signed in, which integration, which tab, and what is told meanwhile.

import { apiFor, below, readAll } from "../data/api.js";
import { useLoad, useRepeat } from "../data/load.js";
import { formats } from "../parts/format.js";
import { html, useEffect, useMemo, useRef, useState } from "../parts/html.js";
import { Page } from "../parts/page.js";
import { explained, Loading } from "../parts/states.js";
import { define, translator } from "../parts/translate.js";
import { useAddress } from "./address.js";
import * as crm from "./crm.js";
import { Header } from "./header.js";
import * as session from "./session.js";
import { prepare, Tabs } from "./tabs.js";
import texts from "./texts.js";

define(texts);

const IDLE_MS = 60_000;
const WATCHING_MS = 4_000;

export function App() {
  const [language, setLanguage] = useState(session.language);
  const [token, setToken] = useState(session.token);
  const [expired, setExpired] = useState(false);
  const [route, go] = useAddress();
  const t = translator(language);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    if (token) prepare(route.tab);
    const taken = () => session.takeAddress() && entered();
    addEventListener("popstate", taken);
    const stop = crm.listen((given) => {
      session.signIn(given.token);
      if (given.integration) go({ integration: given.integration }, { replace: true });
      entered();
    });
    return () => {
      removeEventListener("popstate", taken);
      stop();
    };
  }, []);
  const entered = () => {
    setExpired(false);
    setToken(session.token());
  };
  const signedOut = () => {
    if (session.token() !== token) return; // an answer to a visit that is over
    session.signOut();
    setToken(null);
    setExpired(true);
    crm.say("signed-out");
  };
  const speak = (wanted) => {
    session.speak(wanted);
    setLanguage(wanted);
  };
  const api = useMemo(() => apiFor({ token, language, signedOut }), [token, language]);
  const visit = { language, speak, t, api, route, go, role: session.role(token) };
  const title = t(expired ? "expired_title" : "signin_title");
  return html`
    <${Page.Provider} value=${visit}>
      ${
        token
          ? html`<${Visit} key=${token} ...${visit} />`
          : html`<${Frame} ...${visit}><${Instead} title=${title} text=${t("signin")} /><//>`
      }
    <//>
  `;
}

/** What one signed-in user sees. */
function Visit(visit) {
  const { api, language, route, t } = visit;
  const list = useLoad(`integrations ${language}`, (signal) => readAll(api, "integrations", signal));
  if (!list.data) {
    const retry = [t("retry"), list.reload];
    return html`
      <${Frame} ...${visit}>
        ${
          list.error
            ? html`<${Instead} title=${t("away_title")} text=${explained(list.error, t)} action=${retry} alert />`
            : html`<div class="card"><${Loading} /></div>`
        }
      <//>
    `;
  }
  const found = list.data.find((one) => one.integration_id === route.integration);
  const first = list.data[0];
  if (!first) {
    const action = [t("retry"), list.reload];
    return html`<${Frame} ...${visit}><${Instead} title=${t("empty_title")} text=${t("empty")} action=${action} /><//>`;
  }
  if (!found && route.integration) {
    const other = [
      t("absent_other", { name: first.name }),
      () => visit.go({ integration: first.integration_id }),
    ];
    return html`<${Frame} ...${visit}><${Instead} title=${t("absent_title")} text=${t("absent")} action=${other} /><//>`;
  }
  const shown = found ?? first;
  return html`<${Integration} key=${shown.integration_id} ...${visit} listed=${shown} all=${list.data} />`;
}

/** One integration with its tabs, looked at again and again. */
function Integration({ listed, all, ...visit }) {
  const { api: whole, language, role, t, route, go } = visit;
  const [known, setKnown] = useState({ integration: listed, at: Date.now() });
  const [away, setAway] = useState(false);
  const [said, say] = useState("");
  const memory = useRef(new Map()).current;
  const { integration } = known;
  const id = integration.integration_id;
  const api = useMemo(() => below(whole, id), [whole, id]);
  const took = (next) => {
    setKnown((before) =>
      next.version < before.integration.version ? before : { integration: next, at: Date.now() },
    );
    setAway(false);
  };
  const refresh = async () => {
    try {
      took(await api.get(""));
    } catch (error) {
      if (error.kind === "away") setAway(true);
      else if (error.kind !== "signin") console.error(error);
    }
  };
  useRepeat(integration.current_run || away ? WATCHING_MS : IDLE_MS, refresh);
  useEffect(() => {
    if (!route.integration) go({ integration: id }, { replace: true });
  }, [route.integration]);
  const f = useMemo(
    () => formats(language, integration.schedule.timezone),
    [language, integration.schedule.timezone],
  );
  useEffect(() => {
    document.title = `${integration.name} · ${t(`tab_${route.tab}`)} · ${t("title")}`;
  }, [integration.name, route.tab, language]);
  const may = (needed) => session.reaches(role, needed);
  const page = {
    t,
    f,
    language,
    role,
    may,
    api,
    integration,
    looked: known.at,
    took,
    refresh,
    route,
    go,
    say,
    memory,
  };
  return html`
    <${Page.Provider} value=${page}>
      <${Frame} ...${visit} integration=${integration} all=${all}>
        <p class="hidden" role="status">${said}</p>
        ${away && html`<p class="notice" role="alert">${t("away_since", { at: f.second(known.at) })}</p>`}
        <${Tabs} />
      <//>
    <//>
  `;
}

function Frame({ children, ...visit }) {
  return html`
    <${Header} ...${visit} />
    <main class="page">${children}</main>
  `;
}

/** A notice in place of the data: `action` is [label, what to do]. */
function Instead({ title, text, action, alert }) {
  return html`
    <section class="card instead" role=${alert ? "alert" : "status"}>
      <h2>${title}</h2>
      <p>${text}</p>
      ${action && html`<button type="button" onClick=${action[1]}>${action[0]}</button>`}
    </section>
  `;
}
