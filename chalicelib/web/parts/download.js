// Files come by short-lived links that are minted when asked for.

/** Let the browser fetch a file; the link says itself that it is one, and under which name. */
export function download(url) {
  const link = document.createElement("a");
  link.href = url;
  link.rel = "noopener";
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}
