/**
 * Sentences. Two sources, each with one reader:
 * `Texts` reads what the service, the page and the command line say too (exported by the build),
 * `Messages` reads this extension's own words, from `_locales/<lang>/messages.json`. The browser's
 * reader of those (`chrome.i18n`) cannot follow the language chosen in the settings.
 */

export const LANGUAGES = ["en", "es"];

/**
 * The language to speak: the one chosen in the settings, else the browser's, else English.
 * @param {string} chosen "" for the browser's
 * @param {string} browserLanguage such as "es-MX"
 */
export function languageFor(chosen, browserLanguage) {
  const base = String(browserLanguage).toLowerCase().split("-")[0];
  return LANGUAGES.find((lang) => lang === chosen) ?? LANGUAGES.find((lang) => lang === base) ?? "en";
}

/** A tree of sentences with `{placeholders}`. */
export class Texts {
  /** @param {object} tree */
  constructor(tree) {
    this.tree = tree;
  }

  /** Whatever stands at `path`; undefined when nothing does. */
  find(...path) {
    let node = this.tree;
    for (const step of path) {
      if (typeof node !== "object" || node === null || !Object.hasOwn(node, step)) return undefined;
      node = node[step];
    }
    return node;
  }

  /**
   * The sentence at `path`, filled from `facts`. A missing sentence is a fault of the build. A name
   * that ends in 's gets no second one: "Cook Children's portal".
   */
  text(path, facts = {}) {
    const found = this.find(...path);
    if (typeof found !== "string") throw new Error(`no sentence at ${path.join(".")}`);
    return found.replace(/\{([a-z_]+)\}('s)?/g, (whole, name, owner = "") => {
      if (!Object.hasOwn(facts, name)) return whole;
      const fact = String(facts[name]);
      return fact.endsWith("'s") ? fact : fact + owner;
    });
  }

  /** The list of sentences at `path`. */
  lines(path) {
    const found = this.find(...path);
    if (!Array.isArray(found)) throw new Error(`no list at ${path.join(".")}`);
    return found;
  }
}

/** The extension's own words, in the format browsers use for `_locales`. */
export class Messages {
  /** @param {Record<string, {message: string, placeholders?: Record<string, {content: string}>}>} catalogue */
  constructor(catalogue) {
    this.catalogue = new Map(Object.entries(catalogue));
  }

  /** The message called `name`, its placeholders filled in their order. */
  get(name, ...values) {
    const entry = this.catalogue.get(name);
    if (entry === undefined) throw new Error(`no message called ${name}`);
    const placeholders = new Map(Object.entries(entry.placeholders ?? {}));
    return entry.message.replace(/\$([A-Z_]+)\$/g, (whole, key) => {
      const place = placeholders.get(key.toLowerCase());
      return place === undefined ? whole : String(values[Number(place.content.slice(1)) - 1] ?? "");
    });
  }
}
