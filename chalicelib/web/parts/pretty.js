// JSON laid out for reading, without reading it: every digit and every escape stays as it was sent.

const INDENT = "  ";
export const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

/** Lay out a JSON text, or several, one a line (NDJSON); what is neither comes back as it is. */
export function pretty(text) {
  if (isJson(text)) return laidOut(text);
  const lines = text.split("\n").filter((line) => line.trim());
  return lines.length > 1 && lines.every(isJson) ? lines.map(laidOut).join("\n") : text;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function laidOut(text) {
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  let out = "";
  const line = () => `\n${INDENT.repeat(depth)}`;
  tokens.forEach((token, at) => {
    if (token === "{" || token === "[") {
      const empty = tokens[at + 1] === (token === "{" ? "}" : "]");
      depth += 1;
      out += empty ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      const empty = ["{", "["].includes(tokens[at - 1]);
      out += empty ? token : line() + token;
    } else if (token === ",") out += token + line();
    else out += token === ":" ? ": " : token;
  });
  return out;
}
