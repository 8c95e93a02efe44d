/** What every page of the extension needs before it can speak: settings, language, sentences, list. */

import { List } from "./list.js";
import { readService } from "./service.js";
import { LANGUAGES, languageFor, Messages, Texts } from "./texts.js";

/** The browser's own interface, under one name. */
export const api = globalThis.browser ?? globalThis.chrome;

/** Reads it all. Throws when the package itself cannot be read. */
export async function start() {
  // The likely language is read along with the rest: opening the popup should not take two rounds.
  const likely = languageFor("", api.i18n.getUILanguage());
  const [data, settings, first] = await Promise.all([readFile("list"), readSettings(api.storage.local), readFile(likely)]);
  const lang = settings.language || likely;
  const { texts, words } = lang === likely ? first : await readFile(lang);
  document.documentElement.lang = lang;
  return {
    lang,
    list: new List(data),
    texts: new Texts(texts),
    words: new Messages(words),
    settings: { ...settings, service: settings.service ?? data.service },
    originalService: data.service,
  };
}

/** A file of the package; this asks no network. */
async function readFile(name) {
  const response = await fetch(`data/${name}.json`);
  return response.json();
}

/**
 * What is remembered on this device: the service, the language and the last task chosen. Nothing
 * about any page. What cannot be read counts as not chosen.
 * @param {{get: Function}} storage such as `chrome.storage.local`
 * @returns {Promise<{service: string|null, language: string, task: string}>}
 */
export async function readSettings(storage) {
  let kept = {};
  try {
    kept = (await storage.get(["service", "language", "task"])) ?? {};
  } catch {
    // A profile that keeps nothing still gets an answer.
  }
  const service = typeof kept.service === "string" ? readService(kept.service) : { ok: false };
  return {
    service: service.ok ? service.service : null,
    language: LANGUAGES.includes(kept.language) ? kept.language : "",
    task: typeof kept.task === "string" ? kept.task : "",
  };
}

/** The tasks a person can ask guidance for, in the order shown: those the sentences know. */
export function tasksOf(texts) {
  return Object.keys(texts.find("tasks"));
}
