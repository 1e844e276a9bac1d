// The CRM that shows this page in a frame or has opened it in a window: it signs people in by message.
//
//   we say   { type: "integration-history:ready" }            when we listen, and
//            { type: "integration-history:signed-out" }       when the token is taken no more
//   it says  { type: "integration-history:sign-in", token, integration? }
//
// Nobody else is heard: `origin` is the one origin that the stack was deployed with (parameter CrmOrigin).

const NAME = "integration-history";
const origin = document.querySelector("meta[name=crm-origin]")?.content || null;
const crm = window.parent !== window ? window.parent : window.opener;

/** Listen to the CRM; `signIn({ token, integration })`. Gives the function that stops listening. */
export function listen(signIn) {
  if (!origin || !crm) return () => {};
  const hear = (event) => {
    const said = event.data;
    if (event.origin !== origin || event.source !== crm || said?.type !== `${NAME}:sign-in`) return;
    if (typeof said.token === "string") {
      signIn({
        token: said.token,
        integration: typeof said.integration === "string" ? said.integration : null,
      });
    }
  };
  addEventListener("message", hear);
  say("ready");
  return () => removeEventListener("message", hear);
}

export function say(what) {
  if (origin && crm) crm.postMessage({ type: `${NAME}:${what}` }, origin);
}
