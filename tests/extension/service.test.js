import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, askAboutList, readService, serviceName } from "../../extension/lib/service.js";
import { source } from "./world.js";

const json = (value, init = {}) =>
  new Response(JSON.stringify(value), { headers: { "Content-Type": "application/json" }, ...init });

test("a service is asked by https, or by http where nobody can listen, or there is none", () => {
  const rows = [
    ["", "", "no service"],
    ["  ", "", "no service"],
    ["https://portalcheck.example", "https://portalcheck.example", "https"],
    ["https://portalcheck.example/", "https://portalcheck.example", "the last slash goes"],
    ["https://Example.org/check/", "https://example.org/check", "below a path"],
    ["https://localhost.:8443", "https://localhost.:8443", "by https any name will do: no service confirms"],
    ["https://[::ffff:127.0.0.1]:8443", "https://[::ffff:7f00:1]:8443", "and any number"],
    ["http://127.0.0.1:8000", "http://127.0.0.1:8000", "this computer"],
    ["http://localhost:8000/", "http://localhost:8000", "this computer, by name"],
    ["http://127.1:8000", "http://127.0.0.1:8000", "the same number, short"],
    ["http://2130706433", "http://127.0.0.1", "the same number, in one piece"],
    ["http://0x7f.1", "http://127.0.0.1", "the same number, hexadecimal"],
    ["http://１２７.0.0.1", "http://127.0.0.1", "the same number, in wide digits"],
    ["http://127.0.0.1./", "http://127.0.0.1", "the browser drops a number's last dot"],
    ["http://localhost.:8000", "needs-https", "the policy knows no such name"],
    ["http://x.localhost", "needs-https", "the policy knows no such name"],
    ["http://127.0.0.2", "needs-https", "the policy knows no such number"],
    ["http://0.0.0.0:8000", "needs-https", "every address of this computer, others' too"],
    ["http://[::1]:8000", "needs-https", "a policy cannot name it"],
    ["http://[::]:8000", "needs-https", "a policy cannot name it"],
    ["http://[::ffff:127.0.0.1]", "needs-https", "a policy cannot name it"],
    ["http://[::ffff:7f00:1]", "needs-https", "a policy cannot name it"],
    ["http://portalcheck.example", "needs-https", "could be overheard"],
    ["http://127.0.0.1.evil.example", "needs-https", "another host"],
    ["http://localhost.evil.example", "needs-https", "another host"],
    ["http://localhost@evil.example", "not-an-address", "a user name"],
    ["ftp://portalcheck.example", "not-an-address", "no web address"],
    ["javascript:alert(1)", "not-an-address", "a program"],
    ["portalcheck.example", "not-an-address", "no scheme"],
    ["https://u:p@portalcheck.example", "not-an-address", "a user name and password"],
    ["https://portalcheck.example/?x", "not-an-address", "a query"],
    ["https://portalcheck.example/#x", "not-an-address", "a fragment"],
  ];
  for (const [text, meaning, why] of rows) {
    const read = readService(text);
    assert.equal(read.ok ? read.service : read.why, meaning, `${text}: ${why}`);
  }
  assert.equal(serviceName("https://portalcheck.example:99/x"), "portalcheck.example:99");
});

test("http is offered where the manifest's policy lets it through", () => {
  const policy = JSON.parse(source("manifest.json")).content_security_policy.extension_pages;
  const hosts = [...policy.matchAll(/http:\/\/([a-z0-9.]+):\*/g)].map(([, host]) => host);
  assert.equal(hosts.length, 2);
  for (const host of hosts) assert.equal(readService(`http://${host}:8000`).ok, true, host);
});

test("a question carries no cookies, no referrer, and follows no redirect", async () => {
  let seen;
  const fetch = async (url, options) => {
    seen = { url, ...options };
    return json({ version: 1 });
  };
  const said = await ask("https://s.example", { url: "https://a.example/" }, { fetch });
  assert.deepEqual(said, { ok: true, json: { version: 1 } });
  const { url, method, body, credentials, referrerPolicy, redirect, cache, headers } = seen;
  assert.deepEqual(
    { url, method, body, credentials, referrerPolicy, redirect, cache, headers },
    {
      url: "https://s.example/api/v1/check",
      method: "POST",
      body: '{"url":"https://a.example/"}',
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      cache: "no-store",
      headers: { "Content-Type": "application/json" },
    },
  );
  await askAboutList("https://s.example", { fetch });
  assert.deepEqual([seen.url, seen.method, seen.body], ["https://s.example/api/v1/allowlist", "GET", undefined]);
});

test("whatever goes wrong is a failure with a name", async () => {
  const slow = (start) => new Response(new ReadableStream({ start }), { headers: { "Content-Type": "application/json" } });
  const rows = [
    ["unreachable", async () => { throw new TypeError("no route"); }],
    ["unreachable", (_url, { signal }) => new Promise((_, refuse) => signal.addEventListener("abort", () => refuse(signal.reason)))],
    ["unreachable", async (_url, { signal }) => slow((drip) => signal.addEventListener("abort", () => drip.error(signal.reason)))],
    ["unreadable", async () => new Response("<html>", { headers: { "Content-Type": "text/html" } })],
    ["unreadable", async () => new Response("", { headers: { "Content-Type": "application/json" } })],
    ["unreadable", async () => new Response("{", { headers: { "Content-Type": "application/json" } })],
    ["unreadable", async () => json("x".repeat(70_000))],
    ["refused", async () => json({ code: "rate-limited" }, { status: 429, headers: { "Content-Type": "application/problem+json" } })],
    ["refused", async () => json({}, { status: 500 })],
  ];
  for (const [why, fetch] of rows) {
    const said = await ask("https://s.example", {}, { fetch, timeout: 40 });
    assert.deepEqual([said.ok, said.why], [false, why], String(fetch));
  }
});
