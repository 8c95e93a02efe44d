/**
 * The address of a page, as the browser itself reads it, and the part of it that may be sent.
 *
 * The browser's own `URL` parser is the only one here: the verdict has to be about the host that
 * the browser went to. Pure: no browser interface, no clock, no network.
 */

const LONGEST_HOST = 253; // RFC 1035, in its textual form
const IPV4 = /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/;
const MOUNT_SEGMENT = /^[A-Za-z0-9._~-]{1,31}$/; // keys, tokens and UUIDs have 32 characters or more
const PERSONAL = [/^eyJ/, /mrn.*\d/i, /(\d\D?){7}/]; // a JSON web token, a record number, any long number
const PLAIN_LINK = /^https?:\/\/(?!.*\/\/)[a-z0-9.-]+(:[0-9]+)?([/?#][\w.~%!$&+,;=:/?#-]*)?$/i;

/**
 * @typedef {object} Address
 * @property {"https"|"http"} scheme
 * @property {string} host lower-case ASCII, without a trailing dot
 * @property {string|null} port null for the scheme's default
 * @property {string} path begins with a slash
 * @property {string} query begins with a question mark, or is empty; never sent
 * @property {boolean} hasCredentials a user name or password stands before the host
 * @property {boolean} isIp the host is a number, not a name
 * @property {string} origin scheme, host and any unusual port
 */

/**
 * The web address in `text`, or null where there is none to check (a browser's own page, a file,
 * a host no name server knows).
 * @param {unknown} text
 * @returns {Address|null}
 */
export function addressOf(text) {
  if (typeof text !== "string") return null;
  let url;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  const host = url.hostname.endsWith(".") ? url.hostname.slice(0, -1) : url.hostname;
  if (host === "" || host.startsWith(".") || host.includes("..") || host.length > LONGEST_HOST) return null;
  const scheme = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? null : url.port;
  return {
    scheme,
    host,
    port,
    path: url.pathname,
    query: url.search,
    hasCredentials: url.username !== "" || url.password !== "",
    isIp: host.startsWith("[") || IPV4.test(host),
    origin: `${scheme}://${host}${port === null ? "" : `:${port}`}`,
  };
}

/**
 * The address in a pasted text that is one link, typed in plain characters, and nothing else. Any
 * other text is null: two readers could find different addresses in it.
 * @param {string} text
 * @returns {Address|null}
 */
export function linkOf(text) {
  return PLAIN_LINK.test(text.trim()) ? addressOf(text.trim()) : null;
}

/**
 * All that a service is ever told about a page: scheme, host, port and the first path segment.
 * On hosts that serve many organizations that segment names one (`/MyChartAACI/`); a segment that
 * does not look like such a name (a token, `;jsessionid=…`, an e-mail address, a number that could
 * be a patient's) stays here.
 * @param {Address} address
 * @returns {string}
 */
export function sendable(address) {
  const first = address.path.split("/")[1] ?? "";
  const isName = MOUNT_SEGMENT.test(first) && !PERSONAL.some((shape) => shape.test(first));
  return `${address.origin}/${isName ? first : ""}`;
}

/**
 * True where both tell the same page: the verdict for one is the verdict for the other.
 * @param {Address|null} one
 * @param {Address|null} other
 */
export function sameAddress(one, other) {
  if (one === null || other === null) return one === other;
  return one.origin === other.origin && one.path === other.path && one.hasCredentials === other.hasCredentials;
}

/**
 * The host cut before its registrable domain, so that the part which counts can be emphasized.
 * @param {string} host
 * @param {string|null} domain
 * @returns {[string, string]} what comes before, and the registrable domain ("" when unknown)
 */
export function splitHost(host, domain) {
  if (domain && (host === domain || host.endsWith(`.${domain}`))) {
    return [host.slice(0, host.length - domain.length), domain];
  }
  return [host, ""];
}
