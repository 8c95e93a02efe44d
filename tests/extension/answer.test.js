import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "../../extension/lib/address.js";
import { believed, believedLink, localAnswer, readAnswer, readProblem } from "../../extension/lib/answer.js";
import { list, texts } from "./world.js";

const OFFICIAL = "https://mychart.clevelandclinic.org/";
const TODAY = "2026-11-22";

/** What a service says about an unlisted host, in the published shape. */
function warning(changes = {}) {
  return {
    version: 1,
    verdict: "warning",
    level: "danger",
    headline: "This address imitates Cleveland Clinic's portal",
    address: { origin: "https://a.example", host: "a.example", unicode_host: null, registrable_domain: "a.example", unwrapped: [] },
    portal: null,
    official: { name: "Cleveland Clinic", url: OFFICIAL },
    imitates: { host: "mychart.clevelandclinic.org", yours: "cleve1andclinic", theirs: "clevelandclinic", differs_at: [5, 99, -1, "x"] },
    reasons: [{ code: "imitates-official", level: "danger", message: "It imitates.", help: "/reasons#imitates-official" }],
    notes: [],
    allowlist: { version: "another", newest_evidence: "2026-12" },
    ...changes,
  };
}

function verified(changes = {}) {
  return warning({
    verdict: "verified",
    level: null,
    headline: "A: on the list",
    portal: { host: "a.example", url: "https://a.example/x/", operator: "A", organizations: ["A"] },
    official: null,
    imitates: null,
    reasons: [],
    ...changes,
  });
}

test("an answer of another shape is no answer", () => {
  const rows = [
    null,
    [],
    "verified",
    {},
    warning({ version: 2 }),
    warning({ verdict: "constructor" }),
    warning({ verdict: "none" }),
    warning({ level: "constructor" }),
    warning({ level: null }),
    warning({ headline: "" }),
    warning({ headline: 7 }),
    warning({ headline: "\u202e\u200b" }),
    warning({ address: null }),
    warning({ allowlist: null }),
    warning({ allowlist: {} }),
    warning({ reasons: [] }),
    warning({ reasons: {} }),
    warning({ reasons: [{ code: "<b>", level: "danger", message: "x" }] }),
    warning({ reasons: [{ code: "x", level: "danger" }] }),
    warning({ reasons: [null] }),
    warning({ reasons: Array(21).fill({ code: "x", level: "danger", message: "x" }) }),
    warning({ notes: null }),
    verified({ portal: null }),
    verified({ level: "caution" }),
    verified({ reasons: [{ code: "not-listed", level: "caution", message: "x" }] }),
    verified({ portal: { host: "b.example", url: "https://a.example/", operator: "A", organizations: [] } }),
    verified({ portal: { host: "a.example", url: "http://a.example/", operator: "A", organizations: [] } }),
    verified({ portal: { host: "a.example", url: "javascript:alert(1)", operator: "A", organizations: [] } }),
    verified({ portal: { host: "a.example", url: "https://a.example/", operator: "A", organizations: "A" } }),
  ];
  for (const json of rows) assert.equal(readAnswer(json), null, JSON.stringify(json));
});

test("only known fields go on, as short plain text", () => {
  const answer = readAnswer(
    warning({
      headline: `\u202e${"long ".repeat(400)}`,
      reasons: [{ code: "made-up-in-2030", level: "catastrophe", message: "A\u2066 new\u0000 reason", html: "<img>" }],
      extra: "<script>",
    }),
  );
  assert.equal(answer.headline.length, 601);
  assert.deepEqual(answer.reasons, [{ code: "made-up-in-2030", level: "caution", message: "A  new  reason" }]);
  assert.deepEqual(answer.imitates.differsAt, [5]);
  assert.equal("extra" in answer, false);
});

test("links a service names are https, on the default port, without a user name, or are dropped", () => {
  const urls = ["http://x.example/", "https://x.example:8443/", "https://u@x.example/", "javascript:alert(1)", "", 7, `https://x.example/${"x".repeat(700)}`];
  for (const url of urls) assert.equal(readAnswer(warning({ official: { name: "X", url } })).official, null, String(url));
  assert.equal(readAnswer(warning({ official: { name: "", url: OFFICIAL } })).official, null);
  assert.equal(readAnswer(warning({ imitates: { host: "x" } })).imitates, null);
});

const address = addressOf("https://a.example/x");
const own = localAnswer(list.judge(address, TODAY), address, texts.en);
const far = { list, today: TODAY, isLocal: false };
const near = { list, today: TODAY, isLocal: true };
const believe = (json, context, at = address, mine = own) => believed(mine, at, readAnswer(json), context);

test("verified comes from an https service with a newer list, never from this computer", () => {
  assert.equal(own.reasons[0].code, "not-listed");
  assert.deepEqual([believe(verified(), far).answer.verdict, believe(verified(), far).remark], ["verified", "newer-list"]);
  const rows = [
    ["a service on this computer", verified(), near, address],
    ["the same list, which does not have the host", verified({ allowlist: { version: list.version, newest_evidence: "2026-12" } }), far, address],
    ["an older list", verified({ allowlist: { version: "old", newest_evidence: "2026-09" } }), far, address],
    ["a list of no age", verified({ allowlist: { version: "old", newest_evidence: "new" } }), far, address],
    ["a page that is not opened by https", verified({ address: { ...verified().address, origin: "http://a.example" } }), far, addressOf("http://a.example/x")],
    ["a portal on another host", verified({ portal: { host: "b.example", url: "https://b.example/", operator: "B", organizations: [] } }), far, address],
  ];
  for (const [why, json, context, at] of rows) {
    const belief = believe(json, context, at);
    assert.deepEqual([belief.answer, belief.remark], [own, "unconfirmed"], why);
  }
});

test("an answer about another address is no answer", () => {
  for (const changed of [{ origin: "https://b.example" }, { host: "b.example" }, { origin: "http://a.example" }, { origin: null }, { host: null }]) {
    for (const json of [warning(), verified()]) {
      assert.equal(believe({ ...json, address: { ...json.address, ...changed } }, far), null, JSON.stringify(changed));
    }
  }
});

test("an official site is offered when the bundled list knows it, or a newer list over https names it", () => {
  const named = (url) => warning({ official: { name: "X", url } });
  assert.equal(believe(named(OFFICIAL), near).answer.official.url, OFFICIAL);
  assert.equal(believe(named("https://evil.example/"), near).answer.official, null);
  assert.equal(believe(named("https://www.new.example/"), far).answer.official.url, "https://www.new.example/");
  const old = { ...named("https://www.new.example/"), allowlist: { version: "old", newest_evidence: "2026-01" } };
  assert.equal(believe(old, far).answer.official, null);
});

test("a user name in the address is never sent, and still counts", () => {
  const at = addressOf("https://mychart.clevelandclinic.org@a.example/x");
  const mine = localAnswer(list.judge(at, TODAY), at, texts.en);
  const plain = warning({ level: "caution", official: null, imitates: null, reasons: [{ code: "not-listed", level: "caution", message: "Unknown." }] });
  const belief = believe(plain, far, at, mine);
  assert.deepEqual([belief.answer.level, belief.answer.headline], ["danger", mine.headline]);
  assert.deepEqual(belief.answer.reasons.map(({ code }) => code), ["credentials-in-address"]);
  const worse = believe(warning(), far, at, mine);
  assert.deepEqual(worse.answer.reasons.map(({ code }) => code), ["imitates-official", "credentials-in-address"]);
  assert.equal(worse.answer.headline, warning().headline);
});

test("a pasted link is verified by the bundled list, whoever answered", () => {
  const portal = { host: "mychart.clevelandclinic.org", url: OFFICIAL, operator: "Somebody else", organizations: ["Somebody else"] };
  const where = { origin: "https://mychart.clevelandclinic.org", host: portal.host, unicode_host: null, registrable_domain: "clevelandclinic.org", unwrapped: ["safelinks"] };
  const said = readAnswer(verified({ portal, address: where }));
  const belief = believedLink(said, near, texts.en);
  assert.equal(belief.verdict, "verified");
  assert.equal(belief.portal.operator, "Cleveland Clinic", "the names come from the bundled list");
  assert.match(belief.headline, /^The link says it leads to mychart\.clevelandclinic\.org/);
  assert.equal(believedLink(readAnswer(verified()), near, texts.en), null, "unknown to the bundled list");
  assert.equal(believedLink(readAnswer(verified()), far, texts.en).verdict, "verified", "a newer list over https");
  assert.equal(believedLink(readAnswer(verified({ address: where })), far, texts.en), null, "another host than it says");
  assert.equal(believedLink(readAnswer(warning({ official: { name: "X", url: "https://evil.example/" } })), near, texts.en).official, null);
});

test("a problem document is told by its sentence", () => {
  assert.equal(readProblem({ code: "unreadable-address", title: "Short", detail: "We found no web\u202e address." }), "We found no web  address.");
  assert.equal(readProblem({ code: "unreadable-address", title: "Short" }), "Short");
  for (const json of [null, {}, { code: "x" }, { detail: "x" }, { code: "<x>", detail: "x" }]) assert.equal(readProblem(json), null);
});
