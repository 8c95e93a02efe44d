import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, askAboutList, isLocal, readService, serviceName } from "../../extension/lib/service.js";

const json = (value, init = {}) =>
  new Response(JSON.stringify(value), { headers: { "Content-Type": "application/json" }, ...init });

test("a service is https, or on this computer, or none", () => {
  const rows = [
    ["", ""],
    ["  ", ""],
    ["https://portalcheck.example", "https://portalcheck.example"],
    ["https://portalcheck.example/", "https://portalcheck.example"],
    ["https://Example.org/check/", "https://example.org/check"],
    ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
    ["http://localhost:8000/", "http://localhost:8000"],
    ["http://portalcheck.example", "needs-https"],
    ["http://127.0.0.1.evil.example", "needs-https"],
    ["http://localhost.evil.example", "needs-https"],
    ["ftp://portalcheck.example", "not-an-address"],
    ["javascript:alert(1)", "not-an-address"],
    ["portalcheck.example", "not-an-address"],
    ["https://u:p@portalcheck.example", "not-an-address"],
    ["https://portalcheck.example/?x", "not-an-address"],
    ["https://portalcheck.example/#x", "not-an-address"],
  ];
  for (const [text, meaning] of rows) {
    const read = readService(text);
    assert.equal(read.ok ? read.service : read.why, meaning, text);
  }
});

test("only a service on this computer is local", () => {
  for (const service of ["http://127.0.0.1:8000", "https://127.8.9.1", "http://localhost", "https://x.localhost", "https://[::1]:9"]) {
    assert.equal(isLocal(service), true, service);
  }
  for (const service of ["https://127.0.0.1.example", "https://localhost.example", "https://portalcheck.example"]) {
    assert.equal(isLocal(service), false, service);
  }
  assert.equal(serviceName("https://portalcheck.example:99/x"), "portalcheck.example:99");
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
