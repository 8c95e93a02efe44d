/** What every page of the extension needs before it can speak: settings, language, sentences, list. */

import { api, readFile } from "./browser.js";
import { List } from "./list.js";
import { readSettings } from "./settings.js";
import { languageFor, Messages, Texts } from "./texts.js";

/** Reads it all. Throws when the package itself cannot be read. */
export async function start() {
  const reading = readFile("data/list.json");
  const build = await readFile("data/build.json");
  const settings = await readSettings(api.storage.local, build);
  const lang = languageFor(settings.language, api.i18n.getUILanguage());
  const [list, texts, words] = await Promise.all([
    reading,
    readFile(`data/texts.${lang}.json`),
    readFile(`_locales/${lang}/messages.json`),
  ]);
  document.documentElement.lang = lang;
  return { build, settings, lang, list: new List(list), texts: new Texts(texts), words: new Messages(words) };
}

/** The tasks a person can ask guidance for, in the order shown: those the sentences know. */
export function tasksOf(texts) {
  return Object.keys(texts.find("tasks"));
}
