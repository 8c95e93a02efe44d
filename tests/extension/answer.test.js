import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, linkOf } from "../../extension/lib/address.js";
import { explained, explainedLink, localAnswer, readAnswer, readProblem } from "../../extension/lib/answer.js";
import { list, texts, words } from "./world.js";

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
    warning({ address: null }),
    warning({ address: { origin: "https://a.example", host: "b.example" } }),
    warning({ address: { origin: "https://a.example/path", host: "a.example" } }),
    warning({ address: { origin: "https://u@a.example", host: "a.example" } }),
    warning({ address: { origin: "javascript:alert(1)", host: "a.example" } }),
    warning({ address: { origin: 7, host: "a.example" } }),
    verified({ address: { origin: null, host: null } }),
    warning({ allowlist: null }),
    warning({ reasons: [] }),
    warning({ reasons: {} }),
    warning({ reasons: [{ code: "<b>", level: "danger", message: "x" }] }),
    warning({ reasons: [{ code: "x", level: "danger" }] }),
    warning({ reasons: [null] }),
    warning({ reasons: Array(21).fill({ code: "x", level: "danger", message: "x" }) }),
    verified({ reasons: [{ code: "not-listed", level: "caution", message: "x" }] }),
  ];
  for (const json of rows) assert.equal(readAnswer(json), null, JSON.stringify(json));
});

test("only known fields go on, as short plain text, and as somebody's word", () => {
  const message = `\u202e${"long ".repeat(400)}`;
  const said = readAnswer(
    warning({
      headline: "On the official list",
      reasons: [
        { code: "made-up-in-2030", level: "catastrophe", message: "A\u2066 new\u0000 “reason”", html: "<img>" },
        { code: "another", level: "danger", message },
      ],
      extra: "<script>",
    }),
  );
  assert.deepEqual(said.reasons[0], { code: "made-up-in-2030", level: "caution", message: 'A  new  "reason"', said: true });
  assert.equal(said.reasons[1].message.length, 601);
  assert.deepEqual(said.imitates.differsAt, [5]);
  for (const key of ["extra", "headline", "portal"]) assert.equal(key in said, false, key);
});

const address = addressOf("https://a.example/x");
const ownOf = (at) => localAnswer(list.judge(at, TODAY), at, texts.en);
const own = ownOf(address);
const context = { list, today: TODAY, texts: texts.en, words: words.en };
const explain = (json, at = address) => explained(ownOf(at), at, readAnswer(json), context);

test("whatever a service calls verified, the list's own answer stands", () => {
  assert.deepEqual([own.verdict, own.reasons[0].code], ["warning", "not-listed"]);
  const rows = [
    ["a host that the list does not have", verified()],
    ["with a newer list", verified({ allowlist: { version: "new", newest_evidence: "2099-12" } })],
    ["with the very same list", verified({ allowlist: { version: list.version, newest_evidence: "2026-10" } })],
    ["with a listed portal beside it", verified({ portal: { host: "mychart.clevelandclinic.org", url: OFFICIAL, operator: "Cleveland Clinic", organizations: [] } })],
    ["with an official site beside it", verified({ official: { name: "Cleveland Clinic", url: OFFICIAL } })],
    ["with a program as the portal's link", verified({ portal: { host: "a.example", url: "javascript:alert(1)", operator: "A", organizations: [] } })],
  ];
  for (const [why, json] of rows) assert.deepEqual(explain(json), { answer: own, remark: "unconfirmed" }, why);
});

test("an answer about another address is no answer", () => {
  const others = ["https://b.example", "https://mychart.clevelandclinic.org", "http://a.example", "https://a.example:8443", "https://a.example."];
  for (const origin of others) {
    const about = { origin, host: new URL(origin).hostname };
    for (const json of [warning(), verified()]) {
      const said = readAnswer({ ...json, address: { ...json.address, ...about } });
      assert.equal(said && explained(own, address, said, context), null, origin);
    }
  }
  assert.equal(explain(warning({ address: { origin: null, host: null } })), null);
});

test("the headline stays the list's own, and what a service adds is marked as its word", () => {
  const { answer, remark } = explain(warning({ headline: "On the official list: Cleveland Clinic" }));
  assert.deepEqual([answer.headline, answer.verdict, answer.level, remark], [own.headline, "warning", "danger", "answered"]);
  assert.deepEqual(answer.reasons, [{ code: "imitates-official", level: "danger", message: "It imitates.", said: true }]);
  const reasons = ["not-listed", "portal-name-unlisted", "made-up-in-2030", "ip-address"].map((code, place) => ({ code, level: place > 1 ? "danger" : "caution", message: "x" }));
  assert.deepEqual(explain(warning({ reasons })).answer.reasons.map(({ code }) => code), ["ip-address", "made-up-in-2030", "portal-name-unlisted"], "dangers first");
  const mild = explain(warning({ level: "danger", reasons: [{ code: "not-listed", level: "caution", message: "It is on the list." }] }));
  assert.equal(mild.answer.level, "caution", "the level is that of the reasons");
  assert.deepEqual(mild.answer.reasons, own.reasons, "what both say is said in the list's own words");
});

test("a service names a place by its address alone: the name and the link are the list's own, or there are none", () => {
  const cleveland = { name: "Cleveland Clinic", url: OFFICIAL };
  const rows = [
    [OFFICIAL, cleveland, "a listed portal, by the list's own name"],
    [`${OFFICIAL}other/path?to=https://evil.example/#x`, cleveland, "by the list's own path"],
    ["https://www.medicare.gov/evil/path", { name: "Centers for Medicare & Medicaid Services (Medicare)", url: "https://www.medicare.gov/" }, "a known website"],
    ["https://evil.example/", null, "a place that the list does not have"],
    ["https://mychart.clevelandclinic.org.evil.example/", null, "an imitation"],
    ["https://mychart.clevelandclinic.org@evil.example/", null, "a user name"],
    ["http://mychart.clevelandclinic.org/", null, "no https"],
    ["https://mychart.clevelandclinic.org:8443/", null, "another port"],
    ["https://x@mychart.clevelandclinic.org/", null, "a user name before a listed host"],
    ["https://myadvocateaurora.org/", null, "a retired portal"],
    ["javascript:alert(1)//mychart.clevelandclinic.org/", null, "a program"],
    ["data:text/html,x", null, "a text"],
    ["", null, "nothing"],
    [7, null, "no text"],
  ];
  for (const [url, place, why] of rows) {
    assert.deepEqual(explain(warning({ official: { name: "Evil, for Mayo Clinic", url } })).answer.official, place, why);
  }
  assert.equal(explain(warning({ official: null })).answer.official, null);
});

test("a place that nobody has confirmed in time is not linked", () => {
  const late = { ...context, today: "2099-01-01" };
  assert.equal(explained(own, address, readAnswer(warning()), late).answer.official, null);
});

test("two names are compared only where one stands in the page's host and the other in a listed one", () => {
  const at = addressOf("https://mychart.cleve1andclinic.org/");
  const about = { origin: at.origin, host: at.host, unicode_host: null, registrable_domain: "cleve1andclinic.org", unwrapped: [] };
  const compared = (changes, unicode = null) => {
    const imitates = { host: "mychart.clevelandclinic.org", yours: "cleve1andclinic", theirs: "clevelandclinic", differs_at: [5], ...changes };
    return explain(warning({ address: { ...about, unicode_host: unicode }, imitates }), at).answer.imitates;
  };
  assert.equal(compared({}).host, "mychart.clevelandclinic.org");
  assert.equal(compared({ host: "evil.example", theirs: "evil" }), null);
  assert.equal(compared({ theirs: "evil" }), null);
  assert.equal(compared({ yours: "clevelandclinic" }), null);
  assert.equal(compared({ host: "constructor", theirs: "constructor" }), null);
  assert.equal(compared({ yours: "somebody" }, "somebody.example"), null);
});

test("another spelling of the host is shown where the browser reads it the same", () => {
  const at = addressOf("https://xn--mychrt-eua.example/");
  const shown = (unicode) => {
    const about = { origin: at.origin, host: at.host, unicode_host: unicode, registrable_domain: at.host, unwrapped: [] };
    return explain(warning({ address: about }), at).answer.address.unicodeHost;
  };
  const unicode = "mychärt.example";
  assert.equal(addressOf(`https://${unicode}/`).host, at.host);
  assert.equal(shown(unicode), unicode);
  for (const other of ["mychart.example", "mychart.clevelandclinic.org", "", "<b>", 7, null]) assert.equal(shown(other), null);
});

test("a user name in the address is never sent, and still counts", () => {
  const at = addressOf("https://mychart.clevelandclinic.org@a.example/x");
  const mine = ownOf(at);
  const plain = warning({ level: "caution", official: null, imitates: null, reasons: [{ code: "portal-name-unlisted", level: "caution", message: "Unknown." }] });
  const { answer } = explain(plain, at);
  assert.deepEqual([answer.level, answer.headline], ["danger", mine.headline]);
  assert.deepEqual(answer.reasons.map(({ code }) => code), ["credentials-in-address", "portal-name-unlisted"]);
  const twice = warning({ reasons: [{ code: "credentials-in-address", level: "caution", message: "Never mind." }] });
  assert.deepEqual(explain(twice, at).answer.reasons, mine.reasons, "a service does not talk it down");
  assert.deepEqual(explain(warning(), at).answer.reasons.map(({ code }) => code), ["imitates-official", "credentials-in-address"]);
});

test("a pasted link is the page it names, and any other text is only what a service reads in it", () => {
  const listed = { origin: "https://mychart.clevelandclinic.org", host: "mychart.clevelandclinic.org", unicode_host: null, registrable_domain: "clevelandclinic.org", unwrapped: [] };
  const read = (text, json) => explainedLink(linkOf(text), readAnswer(json), context);
  const plain = read("https://a.example/x", verified());
  assert.deepEqual([plain.answer, plain.remark], [own, "unconfirmed"], "no service verifies it");
  assert.equal(read("https://a.example/x", verified({ address: listed })), null, "it answered about another link");
  assert.equal(read("https://a.example/x", warning({ address: listed })), null, "or warned about another one");

  const rows = [
    ["see https://a.example/", verified({ address: listed }), "a text with an unlisted link"],
    ["see https://mychart.clevelandclinic.org/", verified({ address: listed }), "a text with a listed link"],
    ["https://a.example/x", verified({ address: { ...listed, unwrapped: ["safelinks"] } }), "a wrapper, it says"],
  ];
  for (const [text, json, why] of rows) {
    const { answer, remark } = read(text, json);
    assert.deepEqual([answer.verdict, answer.level, answer.portal, remark], ["warning", "caution", null, "read"], why);
    assert.equal(answer.headline, words.en.get("pasted_unread_title"), why);
    assert.deepEqual(answer.official, { name: "Cleveland Clinic", url: OFFICIAL }, "the list's own link leads there");
  }
  const danger = read("see hxxps://a[.]example", warning());
  assert.deepEqual([danger.answer.headline, danger.answer.level, danger.remark], [own.headline, "danger", "read"]);
  const program = read("javascript:alert(1)", warning({ address: { origin: null, host: null }, official: null }));
  assert.deepEqual([program.answer.level, program.answer.official, program.answer.imitates, program.remark], ["danger", null, null, "answered"]);
});

test("a problem document is told by its sentence", () => {
  assert.equal(readProblem({ code: "unreadable-address", title: "Short", detail: "We found no web\u202e address." }), "We found no web  address.");
  assert.equal(readProblem({ code: "unreadable-address", title: "Short" }), "Short");
  for (const json of [null, {}, { code: "x" }, { detail: "x" }, { code: "<x>", detail: "x" }]) assert.equal(readProblem(json), null);
});
