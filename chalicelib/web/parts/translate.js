// The texts that people see. Each room of the page brings its own, in both languages.

const catalogue = {};

/** Add texts: { key: { "pt-BR": …, en: … } }. */
export function define(texts) {
  Object.assign(catalogue, texts);
}

/** Give the function that finds a text in a language and fills in its {values}. */
export function translator(language) {
  return (key, values = {}) => {
    const text = catalogue[key]?.[language] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  };
}
