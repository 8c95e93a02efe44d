import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, linkOf, sameAddress, sendable, splitHost } from "../../extension/lib/address.js";
import { linkQuestion, tabQuestion } from "../../extension/lib/service.js";
import { list } from "./world.js";

test("a page without a web address has nothing to check", () => {
  const rows = [
    [undefined, "the browser does not tell"],
    ["", "empty"],
    ["about:blank", "a browser's page"],
    ["chrome://settings/", "a browser's page"],
    ["moz-extension://0f0/popup.html", "an extension's page"],
    ["file:///etc/passwd", "a file"],
    ["data:text/html,hello", "no host"],
    ["javascript:alert(1)", "a program"],
    ["blob:https://mychart.clevelandclinic.org/0", "made by a page"],
    ["view-source:https://mychart.clevelandclinic.org/", "a browser's page"],
    ["https://a..example/", "an empty label"],
    ["https://.example/", "an empty first label"],
    [`https://${"a".repeat(250)}.example/`, "longer than a name can be"],
    [{ toString: () => "https://mychart.clevelandclinic.org/" }, "no text"],
  ];
  for (const [text, why] of rows) assert.equal(addressOf(text), null, why);
});

test("an address is what the browser opens", () => {
  const rows = [
    ["https://evil.example\\@mychart.clevelandclinic.org/", "https://evil.example", "a backslash ends the host"],
    ["https://mychart.clevelandclinic.org@evil.example/", "https://evil.example", "the official name is a user name"],
    ["HTTPS://MyChart.ClevelandClinic.ORG:443/x", "https://mychart.clevelandclinic.org", "case and default port"],
    ["https://mychart.clevelandclinic.org./", "https://mychart.clevelandclinic.org", "one trailing dot"],
    ["http://0x7f.1:8000/", "http://127.0.0.1:8000", "a number in another spelling"],
    ["https://mychart。clevelandclinic.org/", "https://mychart.clevelandclinic.org", "an ideographic dot"],
  ];
  for (const [text, origin, why] of rows) assert.equal(addressOf(text).origin, origin, why);
  assert.equal(addressOf("https://u@a.example/").hasCredentials, true);
  assert.equal(addressOf("https://:p@a.example/").hasCredentials, true);
  assert.equal(addressOf("https://a.example/@").hasCredentials, false);
  for (const number of ["https://1.2.3.4/", "https://[::1]/", "https://2130706433/"]) assert.equal(addressOf(number).isIp, true);
  assert.equal(addressOf("https://1.2.3.4.example/").isIp, false);
});

test("only scheme, host, port and a first segment that looks like a mount are sent", () => {
  const rows = [
    ["https://a.example/", "https://a.example/", "nothing to leave out"],
    ["https://a.example/MyChartAACI/Home/Results?id=7#top", "https://a.example/MyChartAACI", "deeper path, query, fragment"],
    ["https://jo:secret@a.example:8443/x/y", "https://a.example:8443/x", "user name and password"],
    ["http://a.example/?token=secret", "http://a.example/", "a query only"],
    ["https://a.example/login;jsessionid=SECRET/x", "https://a.example/", "a session id inside the segment"],
    ["https://a.example/jo@mail.example/inbox", "https://a.example/", "an e-mail address as a segment"],
    ["https://a.example/%73ecret/x", "https://a.example/", "an encoded segment"],
    ["https://a.example//secret/x", "https://a.example/", "an empty first segment"],
    ["https://a.example/x/../secret-path/../portal/y", "https://a.example/portal", "dots are resolved first"],
    ["https://a.example\\secret\\x?y", "https://a.example/secret", "backslashes are slashes"],
  ];
  for (const [text, sent, why] of rows) {
    assert.deepEqual(
      tabQuestion(sendable(addressOf(text)), "log-in", "en"),
      { url: sent, task: "log-in", lang: "en", context: "tab" },
      why,
    );
  }
});

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";

test("a first segment that could be a token or tell who someone is stays here", () => {
  const rows = [
    ["0123456789abcdef0123456789abcdef", "32 digits of a hexadecimal key"],
    ["DEADBEEFdeadbeefDEADBEEFdeadbeef", "the same in either case"],
    ["abcdefghijklmnopqrstuvwxyzABCDEF", "32 characters of base64"],
    ["abcdefghij-lmnopqrstuvwxyz_ABCDE", "32 characters of base64url"],
    ["YWJjZGVmZ2hpamtsbW5vcHFy+/3Q9w==", "base64 with its own signs"],
    ["6f0b5a5e-2c2e-4f0e-9d5b-0f4d1c5d9a01", "a UUID"],
    [JWT, "a JSON web token"],
    ["eyJhIjoxfQ.e30.c2ln", "a short one"],
    [encodeURIComponent(JWT).replaceAll(".", "%2E"), "an encoded one"],
    ["MRN123", "a medical record number"],
    ["mrn-0042", "in small letters, with a hyphen"],
    ["Mrn_42", "with a low line"],
    ["MRN:42", "with a colon"],
    ["MRN%3A42", "with an encoded colon"],
    ["%4DRN42", "with an encoded letter"],
    ["patient-mrn-A42", "behind another word"],
    ["1234567", "seven digits: a record or account number"],
    ["p1234567", "with a letter before them"],
    ["555-867-5309", "a telephone number"],
    ["123-45-6789", "a social security number"],
    ["1961-08-04", "a date of birth"],
    ["04.08.1961", "a date of birth, written otherwise"],
    ["jo@mail.example", "an e-mail address"],
    ["jo%40mail.example", "an encoded one"],
    ["login;jsessionid=SECRET", "a session id"],
  ];
  for (const [segment, why] of rows) assert.equal(sendable(addressOf(`https://a.example/${segment}/x`)), "https://a.example/", why);
});

test("a first segment that is an organization's own is sent: every mount of the list, and others like them", () => {
  const mounts = [...list.hosts.values()].flatMap((entry) => entry.mounts.map(({ mount }) => mount.split("/")[1]));
  assert.equal(mounts.filter(Boolean).length > 500, true, "the list has mounts");
  for (const segment of new Set([...mounts, "MyChart-2017-PRD", "MRNHealth", "24-7-care", "syracusecommunityhealthmychart"])) {
    assert.equal(sendable(addressOf(`https://a.example/${segment}/x`)), `https://a.example/${segment}`);
  }
});

test("a pasted text is an address of its own only where nothing in it can be read otherwise", () => {
  const rows = [
    ["https://mychart.clevelandclinic.org/", "mychart.clevelandclinic.org", "one link"],
    ["  https://MyChart.ClevelandClinic.org:443/MyChart/?a=b%20c#top\n", "mychart.clevelandclinic.org", "spaces around it, capitals"],
    ["http://a.example?next=https%3A%2F%2Fb.example", "a.example", "an encoded address in the query"],
    ["see https://a.example/", null, "a word before it"],
    ["https://a.example/ https://b.example/", null, "two"],
    ["https://a.example/,https://b.example/", null, "two, without a space"],
    ["https://a.example/?next=https://b.example/", null, "one that holds another"],
    ["https://a.example@b.example/", null, "a user name"],
    ["https://a.example/@b.example", null, "what could be one"],
    ["https://a.example\\@b.example/", null, "a backslash"],
    ["https:/a.example/", null, "one slash"],
    ["hxxps://a[.]example/", null, "defanged"],
    ["a.example", null, "no scheme"],
    ["https://ａ.example/", null, "a wide letter"],
    ["https://a.ex\u00adample/", null, "a soft hyphen"],
    ["https://%61.example/", null, "an encoded letter in the host"],
    ["https://a.example/\u202e", null, "a character that changes the direction"],
    ["https://a.ex\nample/", null, "a line break"],
    ["[x](https://a.example/)", null, "markup"],
    ["https://a.example/](https://b.example/)", null, "a piece of markup"],
    ["https://a.example/<b>", null, "a tag"],
    ["javascript:alert(1)", null, "a program"],
    ["", null, "nothing"],
  ];
  for (const [text, host, why] of rows) assert.equal(linkOf(text)?.host ?? null, host, why);
});

test("a pasted link is sent whole, because the person asked that", () => {
  const text = "see https://a.example/x?y#z";
  assert.deepEqual(linkQuestion(text, "pay-bill", "es"), { url: text, task: "pay-bill", lang: "es", context: "link" });
});

test("two addresses are the same page for a verdict only when nothing that counts differs", () => {
  const base = addressOf("https://a.example/x");
  assert.equal(sameAddress(base, addressOf("https://a.example/x?y#z")), true);
  for (const other of ["http://a.example/x", "https://b.example/x", "https://a.example/y", "https://a.example:81/x", "https://u@a.example/x"]) {
    assert.equal(sameAddress(base, addressOf(other)), false, other);
  }
  assert.equal(sameAddress(null, null), true);
  assert.equal(sameAddress(base, null), false);
});

test("the registrable domain is cut on a label boundary or not at all", () => {
  assert.deepEqual(splitHost("my.a.example", "a.example"), ["my.", "a.example"]);
  assert.deepEqual(splitHost("a.example", "a.example"), ["", "a.example"]);
  assert.deepEqual(splitHost("xa.example", "a.example"), ["xa.example", ""]);
  assert.deepEqual(splitHost("a.example", null), ["a.example", ""]);
});
