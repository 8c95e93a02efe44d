import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "../../extension/lib/address.js";
import { localAnswer } from "../../extension/lib/answer.js";
import { guidanceLink, guidanceOf, noVerdict, serviceLine, viewOf } from "../../extension/lib/view.js";
import { list, texts, words } from "./world.js";

const context = { texts: texts.en, service: "https://s.example", listVersion: "v7" };
const answerFor = (url) => localAnswer(list.judge(addressOf(url), "2026-11-22"), addressOf(url), texts.en);

test("each verdict has its own word and its own shape", () => {
  const rows = [
    ["https://mychart.clevelandclinic.org/", "verified", null, "check"],
    ["https://www.example.org/", "warning", "caution", "triangle"],
    ["https://u@www.example.org/", "warning", "danger", "stop"],
  ];
  const seen = rows.map(([url, verdict, level, shape]) => {
    const view = viewOf(answerFor(url), context);
    assert.deepEqual([view.verdict, view.level, view.shape], [verdict, level, shape], url);
    return view.word;
  });
  assert.equal(new Set(seen).size, 3);
  assert.equal(noVerdict("w", "h", []).shape, "question");
});

test("the host is shown whole, with its registrable domain apart", () => {
  const { host } = viewOf(answerFor("https://mychart.clevelandclinic.org/"), context);
  assert.deepEqual(host, { before: "mychart.", domain: "clevelandclinic.org", unicode: "" });
});

test("the letters that differ are marked in the whole host", () => {
  const answer = {
    ...answerFor("https://mychart.cleve1andclinic.org/"),
    imitates: { host: "mychart.clevelandclinic.org", yours: "cleve1andclinic", theirs: "clevelandclinic", differsAt: [5] },
  };
  assert.deepEqual(viewOf(answer, context).compare.rows.map(({ pieces }) => pieces), [
    [
      { text: "mychart.cleve", differs: false },
      { text: "1", differs: true },
      { text: "andclinic.org", differs: false },
    ],
    [{ text: "mychart.clevelandclinic.org", differs: false }],
  ]);
  const elsewhere = { ...answer, imitates: { ...answer.imitates, yours: "сӏе", theirs: "cle", host: "x.example", differsAt: [] } };
  assert.deepEqual(viewOf(elsewhere, context).compare.rows.map(({ pieces }) => pieces[0].text), ["сӏе", "cle"]);
});

test("a pasted link that is on the list may be opened, by the portal's own address", () => {
  const answer = answerFor("https://mychart.clevelandclinic.org/x?y");
  assert.equal(viewOf(answer, context).official, null);
  assert.deepEqual(viewOf(answer, { ...context, isLink: true }).official, { label: "Open this one", url: "https://mychart.clevelandclinic.org/" });
});

test("a known code is explained inside the extension, an unknown one nowhere; a service's words bear its name", () => {
  const answer = answerFor("https://www.example.org/");
  const [known] = viewOf(answer, context).reasons;
  assert.deepEqual([known.by, known.why.href], ["", "reasons.html#not-listed"]);
  for (const code of ["made-up-in-2030", "constructor"]) {
    const strange = { ...answer, reasons: [{ code, level: "caution", message: "New.", said: true }] };
    const [reason] = viewOf(strange, context).reasons;
    assert.deepEqual([reason.by, reason.message, reason.why], ["s.example", "New.", null]);
  }
});

test("a report holds the host and codes, nothing of the path", () => {
  const { report } = viewOf(answerFor("https://www.example.org/secret/path?q=secret#secret"), context);
  assert.equal(report, "portalcheck: warning (caution)\nhost: www.example.org\ncodes: not-listed\nlist: v7");
  assert.equal(viewOf(answerFor("https://mychart.clevelandclinic.org/"), context).report.split("\n")[2], "codes: -");
});

test("what to do after typing something stands with dangers only", () => {
  assert.equal(viewOf(answerFor("https://u@www.example.org/"), context).ifEntered.steps.length > 0, true);
  assert.equal(viewOf(answerFor("https://www.example.org/"), context).ifEntered, null);
});

test("guidance leads to the official place if one is known, and an emergency nowhere", () => {
  const place = { name: "A", url: "https://a.example/" };
  assert.equal(guidanceOf("pay-bill", place, texts.en).link.url, place.url);
  assert.equal(guidanceOf("pay-bill", null, texts.en).link, null);
  assert.match(guidanceOf("pay-bill", null, texts.en).whereToGo, /statement/);
  assert.equal(guidanceOf("emergency", place, texts.en).link, null);
  assert.equal(guidanceLink("log-in", null, undefined), null);
  assert.deepEqual(guidanceLink("log-in", { verdict: "warning", official: place }, undefined), place);
  const verified = { verdict: "verified", portal: { operator: "O", url: "https://o.example/" } };
  assert.deepEqual(guidanceLink("log-in", verified, undefined), { name: "O", url: "https://o.example/" });
  const site = { ...place, links: { "pay-bill": "https://a.example/pay" } };
  assert.equal(guidanceLink("pay-bill", verified, site).url, "https://a.example/pay");
  assert.equal(guidanceLink("constructor", verified, site).url, place.url);
});

test("every state of the service has its sentence in both languages, and failures can be tried again", () => {
  const states = ["local", "none", "asking", "answered", "unconfirmed", "read", "unreachable", "unreadable", "refused"];
  for (const lang of ["en", "es"]) {
    const said = states.map((state) => serviceLine(state, state === "none" ? "" : "https://s.example", words[lang], { about: { host: "a.example" } }));
    assert.equal(new Set(said.map(({ text }) => text)).size, states.length);
    assert.deepEqual(said.filter(({ retry }) => retry).length, 3);
    for (const { text } of said) assert.doesNotMatch(text, /\$|undefined/);
  }
});
