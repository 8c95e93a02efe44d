import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, sameAddress, sendable, splitHost } from "../../extension/lib/address.js";
import { linkQuestion, tabQuestion } from "../../extension/lib/service.js";

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
    [`https://a.example/${"s".repeat(65)}/x`, "https://a.example/", "a token as a segment"],
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
