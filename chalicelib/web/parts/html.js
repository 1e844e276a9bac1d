// Markup in template literals. Text is always text, so nothing that an ERP sends can become markup.

import htm from "../vendor/htm.js";
import { h } from "../vendor/preact.js";

export const html = htm.bind(h);
export { useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/hooks.js";
export { createContext, render } from "../vendor/preact.js";
