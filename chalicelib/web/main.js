// The page "Dados ERP" begins here.

import { html, render } from "./parts/html.js";
import { App } from "./shell/app.js";
import * as session from "./shell/session.js";

session.takeAddress();
render(html`<${App} />`, document.getElementById("app"));
