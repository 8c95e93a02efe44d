import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "../../extension/lib/address.js";
import { List, todayUtc } from "../../extension/lib/list.js";

function small(changes = {}) {
  return {
    format: 1,
    version: "v1",
    newest_evidence: "2026-10",
    portals: 4,
    review_after_days: 365,
    grace_days: 90,
    danger_codes: ["credentials-in-address", "retired-portal"],
    hosts: {
      "shared.example": {
        operator: "Shared",
        domain: "shared.example",
        review_by: "2027-10-01",
        home: { mount: "/One/", name: "Shared", url: "https://shared.example/", organizations: ["One"] },
        mounts: [
          { mount: "/One/", organizations: ["One"], vendor: "v", links: { "pay-bill": "https://shared.example/One/pay" } },
          { mount: "/One/Two/", organizations: ["Two"], vendor: "v" },
          { mount: "/Both/", name: "Both", organizations: ["A", "B"] },
        ],
      },
      "old.example": {
        operator: "Old",
        domain: "old.example",
        review_by: "2027-10-01",
        retired: true,
        mounts: [{ mount: "/", organizations: ["Old"], moved_to: "https://shared.example/One/" }],
      },
    },
    retired_domains: {
      "old.example": { operator: "Old", domain: "old.example", review_by: "2027-10-01", retired: true, mounts: [], home: { mount: "/", organizations: ["Old"] } },
    },
    vendors: { v: { routes: { "billing/guestpay": "pay-bill" }, segments: {} }, any: { routes: {}, segments: { login: "log-in", results: "test-results" } } },
    tenants: { "portal.vendor.example": { owner: "Vendor", domain: "vendor.example", shapes: ["<digits>-<digits>", "my<name>"] }, "vendor.example": { owner: "Vendor", domain: "vendor.example", shapes: ["<name>"] } },
    service_labels: ["www", "support"],
    known: [
      { code: "operator-site", owner: "Shared", name: "Shared", portal: "https://shared.example/", domains: ["also.example"] },
      { code: "known-site", owner: "Payer", website: "https://www.payer.example/", domains: ["payer.example"], host: "www.payer.example", domain: "payer.example" },
      { code: "operator-site", owner: "Payer", website: "https://www.payer.example/", domains: ["paying.example"] },
    ],
    websites: { "https://www.payer.example/": "Payer" },
    ...changes,
  };
}

const list = new List(small());
const judge = (text, today = "2026-11-22") => list.judge(addressOf(text), today);
const codesOf = ({ reasons }) => reasons.map(({ code }) => code);

test("the list decides by the exact host, and the path only tells whose portal it is", () => {
  const rows = [
    ["https://shared.example/One/login", "verified", "One", []],
    ["https://shared.example/ONE", "verified", "One", []],
    ["https://shared.example/One/Two/x", "verified", "Two", []],
    ["https://shared.example/OneX/", "verified", "Shared", ["clinic-not-identified"]],
    ["https://shared.example/x/../One/", "verified", "One", []],
    ["https://shared.example/%4fne/", "verified", "Shared", ["clinic-not-identified"]],
    ["https://shared.example/both/", "verified", "Both", ["shared-by-organizations"]],
  ];
  for (const [text, verdict, name, notes] of rows) {
    const judged = judge(text);
    assert.deepEqual([judged.verdict, judged.match.site.name, judged.notes], [verdict, name, notes], text);
  }
});

test("a listed host that is not addressed as it should be is a warning that knows the right place", () => {
  const rows = [
    ["http://shared.example/One/", ["not-https"]],
    ["https://shared.example:8443/One/", ["unusual-port"]],
    ["http://u@shared.example:8080/One/", ["credentials-in-address", "not-https", "unusual-port"]],
  ];
  for (const [text, codes] of rows) {
    const judged = judge(text);
    assert.deepEqual([judged.verdict, codesOf(judged), judged.official.url], ["warning", codes, "https://shared.example/One/"], text);
  }
});

test("a lease ends after its review date and the days of grace", () => {
  assert.equal(judge("https://shared.example/One/", "2027-12-30").verdict, "verified");
  assert.deepEqual(codesOf(judge("https://shared.example/One/", "2027-12-31")), ["listing-overdue"]);
});

test("nobody is sent to a host whose lease has run out", () => {
  const hosts = small().hosts;
  hosts["new.example"] = { operator: "Old", domain: "new.example", review_by: "2028-10-01", mounts: [
    { mount: "/", organizations: ["New"], links: { "pay-bill": "https://shared.example/One/pay", messages: "https://new.example/messages" } },
  ] };
  const both = new List(small({ hosts }));
  const on = (text, today) => both.judge(addressOf(text), today);
  const linked = (today) => Object.keys(on("https://new.example/", today).match.site.links);
  assert.deepEqual(codesOf(on("http://shared.example/One/", "2027-12-31")), ["not-https", "listing-overdue"]);
  assert.equal(on("http://shared.example/One/", "2027-12-31").official, null);
  assert.equal(on("https://old.example/", "2027-12-30").official.url, "https://shared.example/One/");
  assert.equal(on("https://old.example/", "2027-12-31").official, null, "it moved to what is overdue now");
  assert.deepEqual(linked("2027-12-30"), ["pay-bill", "messages"]);
  assert.deepEqual(linked("2027-12-31"), ["messages"], "another host has its own lease");
});

test("a retired portal says where it moved; its whole domain may be anybody's by now", () => {
  assert.deepEqual(judge("https://old.example/").official, { name: "Old", url: "https://shared.example/One/" });
  assert.deepEqual(codesOf(judge("https://any.old.example/")), ["retired-portal"]);
  assert.equal(judge("https://any.old.example/").official, null);
  assert.equal(judge("https://notold.example/").listed, false);
});

test("a host the list does not know is not listed, whatever it is called", () => {
  for (const host of ["constructor", "__proto__", "toString", "evil.example", "x.shared.example", "shared.example.evil.example"]) {
    const judged = judge(`https://${host}/`);
    assert.deepEqual([judged.verdict, codesOf(judged), judged.listed], ["warning", ["not-listed"], false], host);
  }
  assert.equal(judge("https://shared.example/constructor/").match.site.name, "Shared");
});

test("an unlisted host whose owner is known is told as what it is, and never verifies", () => {
  const portal = { name: "Shared", url: "https://shared.example/" };
  const rows = [
    ["https://12-3.portal.vendor.example/x", ["vendor-portal"], null],
    ["https://my-clinic.portal.vendor.example/", ["not-listed"], null],
    ["https://mysaint-mary.portal.vendor.example/", ["vendor-portal"], null],
    ["http://u@12-3.portal.vendor.example:81/", ["credentials-in-address", "vendor-portal", "not-https", "unusual-port"], null],
    ["https://x.12-3.portal.vendor.example/", ["not-listed"], null],
    ["https://12-3.portal.vendor.example.evil.example/", ["not-listed"], null],
    ["https://www.payer.example/", ["known-site"], null],
    ["https://a.b.payer.example/", ["known-site"], null],
    ["https://notpayer.example/", ["not-listed"], null],
    ["https://shared.example.payer.example/", ["not-listed"], null],
    ["https://paying.example/", ["operator-site"], { name: "Payer", url: "https://www.payer.example/" }],
    ["https://www.also.example/", ["operator-site"], portal],
  ];
  for (const [text, codes, official] of rows) {
    const judged = judge(text);
    assert.deepEqual([judged.verdict, codesOf(judged), judged.official, judged.listed], ["warning", codes, official, false], text);
  }
  assert.equal(judge("https://also.example/", "2027-12-31").official, null, "nobody has confirmed the portal in time");
});

test("the path tells the task, behind the mount", () => {
  const task = (path) => list.taskOf(addressOf(`https://shared.example${path}`));
  assert.equal(task("/One/Billing/GuestPay/x"), "pay-bill");
  assert.equal(task("/Billing/GuestPay"), null, "the home site has no vendor here");
  assert.equal(task("/One/x/Results"), "test-results");
  assert.equal(task("/"), null);
  assert.equal(task("/One/x"), null);
  assert.equal(list.taskOf(addressOf("https://evil.example/login")), null);
});

test("the place at an address has the list's own name and link: an active portal or a known website", () => {
  const rows = [
    ["https://shared.example/One/x?y#z", { name: "One", url: "https://shared.example/One/" }],
    ["https://shared.example/nowhere", { name: "Shared", url: "https://shared.example/" }],
    ["https://www.payer.example/any", { name: "Payer", url: "https://www.payer.example/" }],
    ["http://shared.example/", null],
    ["https://u@shared.example/", null],
    ["https://shared.example:8443/", null],
    ["https://old.example/", null],
    ["http://www.payer.example/", null],
    ["https://evil.example/", null],
    ["nothing", null],
  ];
  for (const [text, place] of rows) assert.deepEqual(list.placeAt(addressOf(text), "2026-11-22"), place, text);
  assert.equal(list.placeAt(addressOf("https://shared.example/One/"), "2027-12-31"), null, "nobody has confirmed it in time");
  const both = new List(small({ websites: { "https://shared.example/": "Shared", "https://old.example/": "Old" } }));
  assert.equal(both.placeAt(addressOf("https://shared.example/"), "2027-12-31"), null, "a website too, and overdue");
  assert.equal(both.placeAt(addressOf("https://old.example/"), "2026-11-22"), null, "a website too, and retired");
});

test("a reason's level and order come from the list's danger codes", () => {
  const { reasons } = judge("http://u@shared.example/One/");
  assert.deepEqual(reasons, [{ code: "credentials-in-address", level: "danger" }, { code: "not-https", level: "caution" }]);
  const ranks = [
    ["credentials-in-address", "danger"],
    ["retired-portal", "danger"],
    ["made-up-in-2030", "danger"],
    ["credentials-in-address", "caution"],
  ].map(([code, level]) => list.rankOf({ code, level }));
  assert.deepEqual(ranks, [0, 1, 2, 3]);
});

test("the list knows its own age", () => {
  assert.equal(list.ageInDays("2026-10-31"), 30);
  assert.equal(list.isOverdue("2027-10-01"), false);
  assert.equal(list.isOverdue("2027-10-02"), true);
  assert.equal(new List(small({ newest_evidence: null })).isOverdue("2026-11-22"), true);
  assert.equal(new List(small({ newest_evidence: "2026-10-31" })).ageInDays("2026-11-01"), 1);
  assert.equal(todayUtc(new Date("2026-11-22T23:59:59-05:00")), "2026-11-23");
});

test("what is no list is refused", () => {
  const { danger_codes: _, ...withoutCodes } = small();
  for (const data of [null, {}, { ...small(), format: 2 }, { ...small(), version: 7 }, withoutCodes]) assert.throws(() => new List(data));
});
