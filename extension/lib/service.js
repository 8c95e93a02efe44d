/**
 * The one place that speaks to a network: a question to the configured service.
 *
 * No cookies, no referrer, no cache, no redirects; three seconds for everything, body included; at
 * most 64 KB. Whatever goes wrong is a failure with a name, never an exception and never an answer.
 */

export const TIMEOUT = 3000; // milliseconds
const MOST_BYTES = 64 * 1024;
const BY_HTTP = new Set(["127.0.0.1", "localhost"]); // what the manifest's policy lets through

/**
 * @typedef {{ok: true, json: any}} Said a JSON answer with status 200
 * @typedef {{ok: false, why: "unreachable"|"unreadable"|"refused", json?: any}} Failed
 *   `refused`: the service answered with an error, whose problem document is in `json`
 */

/**
 * What a service address typed by a person means: its normal form, or why it cannot be used.
 * @param {string} text may be empty: no service
 * @returns {{ok: true, service: string}|{ok: false, why: "not-an-address"|"needs-https"}}
 */
export function readService(text) {
  const trimmed = text.trim();
  if (trimmed === "") return { ok: true, service: "" };
  let url;
  try {
    url = new URL(trimmed);
  } catch {
    return { ok: false, why: "not-an-address" };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return { ok: false, why: "not-an-address" };
  if (url.username || url.password || url.search || url.hash) return { ok: false, why: "not-an-address" };
  if (url.protocol === "http:" && !BY_HTTP.has(url.hostname)) return { ok: false, why: "needs-https" };
  return { ok: true, service: (url.origin + url.pathname).replace(/\/+$/, "") };
}

/** The host of a service, to name it to people. */
export function serviceName(service) {
  return new URL(service).host;
}

/**
 * The body of a question about the page in the tab.
 * @param {string} url what `sendable` allows of its address
 * @param {string} task @param {string} lang
 */
export function tabQuestion(url, task, lang) {
  return { url, task, lang, context: "tab" };
}

/**
 * The body of a question about a link that a person pasted and sent.
 * @param {string} text @param {string} task @param {string} lang
 */
export function linkQuestion(text, task, lang) {
  return { url: text, task, lang, context: "link" };
}

/**
 * Ask the service about an address.
 * @param {string} service @param {object} question
 * @param {{fetch?: typeof fetch, timeout?: number}} [tools]
 * @returns {Promise<Said|Failed>}
 */
export function ask(service, question, tools) {
  const body = JSON.stringify(question);
  return exchange(`${service}/api/v1/check`, { method: "POST", headers: { "Content-Type": "application/json" }, body }, tools);
}

/**
 * Ask the service which list it has: the settings' connection test.
 * @param {string} service
 * @param {{fetch?: typeof fetch, timeout?: number}} [tools]
 * @returns {Promise<Said|Failed>}
 */
export function askAboutList(service, tools) {
  return exchange(`${service}/api/v1/allowlist`, { method: "GET" }, tools);
}

async function exchange(address, request, { fetch = globalThis.fetch, timeout = TIMEOUT } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  try {
    const response = await fetch(address, {
      ...request,
      signal: stop.signal,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      redirect: "error",
      mode: "cors",
    });
    const type = response.headers.get("content-type") ?? "";
    if (!/^application\/(problem\+)?json\b/i.test(type)) return { ok: false, why: "unreadable" };
    const text = await readText(response, stop);
    if (text === null) return { ok: false, why: "unreadable" };
    const json = parsed(text);
    if (json === undefined) return { ok: false, why: "unreadable" };
    return response.status === 200 ? { ok: true, json } : { ok: false, why: "refused", json };
  } catch {
    return { ok: false, why: "unreachable" };
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** The body as text; null when it is longer than an answer can be. */
async function readText(response, stop) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MOST_BYTES) {
      stop.abort();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
