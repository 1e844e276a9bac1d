// A drawer over the page for one thing: a log, a request, a customer, a form. Esc closes it.

import { html, useLayoutEffect, useRef } from "./html.js";
import { usePage } from "./page.js";
import { Zone } from "./states.js";

let drawn = 0;

/** Open a drawer; `close` is called when it was closed, by whatever way. */
export function Drawer({ title, close, children, narrow }) {
  const { t } = usePage();
  const dialog = useRef(null);
  const id = useRef(`drawer-${++drawn}`);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown.showModal();
    return () => shown.close(); // gives the focus back to whatever opened it
  }, []);
  const outside = (event) => event.target === dialog.current && close();
  const cancelled = (event) => {
    event.preventDefault();
    close();
  };
  return html`
    <dialog
      ref=${dialog}
      class=${narrow ? "drawer narrow" : "drawer"}
      aria-labelledby=${id.current}
      onClick=${outside}
      onCancel=${cancelled}
    >
      <div class="drawer-page">
        <header>
          <h2 id=${id.current} tabindex="-1" autofocus>${title}</h2>
          <button type="button" class="close" onClick=${close}>${t("close")}</button>
        </header>
        ${children} ${!narrow && html`<${Zone} />`}
      </div>
    </dialog>
  `;
}

/** Ask before something is done that cannot be undone. */
export function Confirm({ title, question, yes, act, close, danger }) {
  const { t } = usePage();
  return html`
    <${Drawer} title=${title} close=${close} narrow>
      <p>${question}</p>
      <div class="actions">
        <button type="button" class=${danger ? "danger" : "primary"} onClick=${act}>${yes}</button>
        <button type="button" onClick=${close}>${t("leave")}</button>
      </div>
    <//>
  `;
}
