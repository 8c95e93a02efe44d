import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { languageFor, Messages, Texts } from "../../extension/lib/texts.js";
import { readSettings } from "../../extension/lib/start.js";
import { source } from "./world.js";

const catalogues = { en: JSON.parse(source("_locales/en/messages.json")), es: JSON.parse(source("_locales/es/messages.json")) };
const code = ["popup.js", "paint.js", "options.js", "options.html", "reasons.js", "lib/view.js", "manifest.json"].map(source).join("\n");

test("both languages have the same keys and the same placeholders", () => {
  assert.deepEqual(Object.keys(catalogues.es), Object.keys(catalogues.en));
  for (const [key, entry] of Object.entries(catalogues.en)) {
    const other = catalogues.es[key];
    const used = (text) => [...text.matchAll(/\$([A-Z_]+)\$/g)].map(([, name]) => name.toLowerCase()).sort();
    assert.deepEqual(other.placeholders, entry.placeholders, key);
    assert.deepEqual(used(other.message), used(entry.message), key);
    assert.deepEqual(used(entry.message), Object.keys(entry.placeholders ?? {}).sort(), key);
  }
});

test("every message is used, and every message used exists", () => {
  const built = /^(service|pasted|word|no_address|changed)_/; // put together from a state's name
  for (const key of Object.keys(catalogues.en)) assert.equal(code.includes(key) || built.test(key), true, key);
  const named = [...code.matchAll(/words\.get\("([a-z_]+)"|data-word="([a-z_]+)"|tell\("([a-z_]+)"|__MSG_([a-z_]+)__/g)];
  for (const match of named) assert.equal(match.slice(1).find(Boolean) in catalogues.en, true, match[0]);
});

test("store limits: 75 characters for the name, 132 for the summary", () => {
  for (const { extension_name: name, extension_description: summary } of Object.values(catalogues)) {
    assert.equal(name.message.length <= 75 && summary.message.length <= 132, true);
  }
});

test("words that promise what nobody can keep are never used", () => {
  const promises = /\b(un)?(safe|secure|trusted|protected)|\b(in)?segur[oa]s?\b|\bprotegid[oa]|\bconfiables?\b|\bfiables?\b/i;
  for (const catalogue of Object.values(catalogues)) {
    for (const [key, { message }] of Object.entries(catalogue)) assert.doesNotMatch(message, promises, key);
  }
  for (const page of ["popup.html", "options.html", "reasons.html", "README.md", "PERMISSIONS.md"]) assert.doesNotMatch(source(page), promises, page);
});

test("placeholders are filled as text, in any order", () => {
  const one = new Messages({ a: { message: "$B$ after $A$, $C$", placeholders: { a: { content: "$1" }, b: { content: "$2" } } } });
  assert.equal(one.get("a", "$B$", "<b>"), "<b> after $B$, $C$");
  assert.throws(() => one.get("constructor"));
  const texts = new Texts({ a: { b: "{x} and {y}", list: ["one"] } });
  assert.equal(texts.text(["a", "b"], { x: "{y}" }), "{y} and {y}");
  assert.deepEqual(texts.lines(["a", "list"]), ["one"]);
  assert.equal(texts.find("a", "constructor"), undefined);
  assert.throws(() => texts.text(["a"]));
  assert.throws(() => texts.lines(["a", "b"]));
});

test("the language is the chosen one, else the browser's, else English", () => {
  const rows = [
    ["es", "en-US", "es"],
    ["", "es-MX", "es"],
    ["", "fr-CA", "en"],
    ["constructor", "ES", "es"],
  ];
  for (const [chosen, browser, lang] of rows) assert.equal(languageFor(chosen, browser), lang);
});

test("what is remembered and cannot be used counts as not chosen", async () => {
  const reading = (kept) => readSettings({ get: async () => kept });
  const nothing = { service: null, language: "", task: "" };
  assert.deepEqual(await reading({}), nothing);
  assert.deepEqual(await reading(undefined), nothing);
  assert.deepEqual(await readSettings({ get: async () => Promise.reject(new Error("gone")) }), nothing);
  assert.deepEqual(await reading({ service: "http://evil.example", language: "xx", task: 7 }), nothing);
  assert.deepEqual(await reading({ service: "", language: "es", task: "pay-bill" }), { service: "", language: "es", task: "pay-bill" });
});

test("permissions are the two that are explained, and nothing runs by itself", () => {
  const manifest = JSON.parse(source("manifest.json"));
  const explained = [...source("PERMISSIONS.md").matchAll(/^## `([A-Za-z]+)`$/gm)].map(([, name]) => name);
  assert.deepEqual(manifest.permissions, explained);
  assert.deepEqual(explained, ["activeTab", "storage"]);
  for (const key of ["optional_permissions", "host_permissions", "optional_host_permissions", "content_scripts", "background", "web_accessible_resources", "externally_connectable"]) {
    assert.equal(key in manifest, false, key);
  }
  assert.deepEqual(manifest.browser_specific_settings.gecko.data_collection_permissions, { required: ["browsingActivity"] });
});

test("text goes in as text: no way of writing markup, running text or reaching out elsewhere is used", () => {
  const files = [...readdirSync(new URL("../../extension/lib/", import.meta.url)).map((name) => `lib/${name}`), "popup.js", "paint.js", "options.js", "reasons.js"];
  for (const file of files) {
    const text = source(file).replace(/\/\*[^]*?\*\//g, "");
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|DOMParser|setHTML|srcdoc/, file);
    assert.doesNotMatch(text, /XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(/, file);
  }
});

test("a name that ends in 's gets no second one", () => {
  const texts = new Texts({ open: "Open {official}'s portal, {nothing}'s too" });
  assert.equal(texts.text(["open"], { official: "Cook Children's" }), "Open Cook Children's portal, {nothing}'s too");
  assert.equal(texts.text(["open"], { official: "Mayo Clinic" }), "Open Mayo Clinic's portal, {nothing}'s too");
});
