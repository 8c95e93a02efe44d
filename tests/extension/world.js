// What the build exported, for tests that need the real list and sentences.
// `make extension` writes it; the whole test run builds its own copy and names it here.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { List } from "../../extension/lib/list.js";
import { Messages, Texts } from "../../extension/lib/texts.js";

const built = process.env.PORTALCHECK_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));

export function readBuilt(name) {
  try {
    return JSON.parse(readFileSync(`${built}/${name}`, "utf8"));
  } catch (error) {
    throw new Error(`${built}/${name} is missing; run: make extension`, { cause: error });
  }
}

export const source = (name) => readFileSync(new URL(`../../extension/${name}`, import.meta.url), "utf8");
export const list = new List(readBuilt("chromium/data/list.json"));
const spoken = { en: readBuilt("chromium/data/en.json"), es: readBuilt("chromium/data/es.json") };
export const texts = { en: new Texts(spoken.en.texts), es: new Texts(spoken.es.texts) };
export const words = { en: new Messages(spoken.en.words), es: new Messages(spoken.es.words) };
