/**
 * Answers: the bundled list's own, and what a service adds to it.
 *
 * Everything from a service is treated as hostile: only known fields of the right type pass, cut to
 * a maximum length and without characters that change the direction of text. Even then it is shown as
 * the service's word: the verdict, the headline, every name and every link come from the bundled list.
 * Pure.
 */

import { addressOf } from "./address.js";

const MOST_TEXT = 600; // characters of any one sentence
const MOST_ITEMS = 20; // reasons
const CODE = /^[a-z][a-z0-9-]{0,63}$/;
const HEADLINES = new Map([["operator-site", "operators-other-domain"]]); // this list tells it of other domains only
const EVIDENCE_DAY = /^\d{4}-\d{2}(-\d{2})?$/;

/**
 * @typedef {object} Answer what the popup shows
 * @property {"verified"|"warning"} verdict
 * @property {"caution"|"danger"|null} level null when verified
 * @property {string} headline
 * @property {{host: string|null, domain: string|null, unicodeHost: string|null, unwrapped: boolean}} address
 * @property {{host: string, url: string, operator: string, organizations: string[]}|null} portal
 * @property {{name: string, url: string}|null} official
 * @property {{host: string, yours: string, theirs: string, differsAt: number[]}|null} imitates
 * @property {{code: string, level: string, message: string, said?: true}[]} reasons `said`: by a service
 * @property {{code: string, message: string}[]} notes
 *
 * @typedef {object} Said what a service says
 * @property {"verified"|"warning"} verdict
 * @property {import("./address.js").Address|null} about the address that the answer is about; null if there is none
 * @property {string|null} domain
 * @property {string|null} unicodeHost
 * @property {boolean} unwrapped
 * @property {import("./address.js").Address|null} official where it says the official site is
 * @property {{host: string, yours: string, theirs: string, differsAt: number[]}|null} imitates
 * @property {{code: string, level: string, message: string, said: true}[]} reasons
 * @property {string} newestEvidence
 */

/**
 * The bundled list's own answer, in words.
 * @param {ReturnType<import("./list.js").List["judge"]>} judged
 * @param {import("./address.js").Address} address
 * @param {import("./texts.js").Texts} texts
 * @returns {Answer}
 */
export function localAnswer(judged, address, texts) {
  const { verdict, reasons, match, known, official } = judged;
  const verified = verdict === "verified";
  const site = match?.site;
  const facts = {
    host: address.host,
    official: official?.name ?? site?.name ?? "",
    official_url: official?.url ?? "",
    official_host: address.host,
    owner: known?.owner ?? "",
    operator: verified ? site.name : (match?.entry.operator ?? ""),
    moved_to: site?.moved_to ?? "",
    count: site?.organizations.length ?? 0,
  };
  const sentence = (code) => {
    if (known !== null && code === "operator-site") return otherDomain(known, official);
    if (known !== null && (code === "not-https" || code === "unusual-port")) return "message_vendor";
    if (official) return code === "retired-portal" ? "message_moved" : "message";
    return texts.find("reasons", code, "message_unlinked") === undefined ? "message" : "message_unlinked";
  };
  return {
    verdict,
    level: verified ? null : reasons[0].level,
    headline: texts.text(["headlines", verified ? "verified" : (HEADLINES.get(reasons[0].code) ?? reasons[0].code)], facts),
    address: { host: address.host, domain: match?.entry.domain ?? known?.domain ?? null, unicodeHost: null, unwrapped: false },
    portal: verified
      ? {
          host: address.host,
          url: site.url,
          operator: match.entry.operator,
          organizations: match.mounted ? site.organizations : [],
        }
      : null,
    official,
    imitates: null,
    reasons: reasons.map(({ code, level }) => ({ code, level, message: texts.text(["reasons", code, sentence(code)], facts) })),
    notes: judged.notes.map((code) => ({ code, message: texts.text(["notes", code, "message"], facts) })),
  };
}

/** Which sentence tells that a host is on another domain of an organization. */
function otherDomain({ portal }, official) {
  if (official === null) return "message_other_domain_unlinked";
  return official.url === portal ? "message_other_domain" : "message_other_domain_website";
}

/**
 * The answer for a pasted text that cannot be checked here: either it is not a plain link, or a service
 * found a listed address in it, which only the list itself could confirm.
 * @param {Said} said
 * @param {import("./texts.js").Messages} words
 * @returns {Answer}
 */
function unreadAnswer(said, words) {
  return {
    verdict: "warning",
    level: "caution",
    headline: words.get("pasted_unread_title"),
    address: { host: null, domain: null, unicodeHost: null, unwrapped: said.unwrapped },
    portal: null,
    official: null,
    imitates: null,
    reasons: [],
    notes: [],
  };
}

/**
 * A service's answer, read field by field; null if it does not have the published shape (version 1).
 * @param {any} json
 * @returns {Said|null}
 */
export function readAnswer(json) {
  if (!isObject(json) || json.version !== 1 || !isObject(json.address) || !isObject(json.allowlist)) return null;
  const reasons = items(json.reasons, (reason) => {
    const message = clean(reason.message);
    const level = reason.level === "danger" ? "danger" : "caution";
    return isCode(reason.code) && message ? { code: reason.code, level, message, said: true } : null;
  });
  if (reasons === null) return null;
  const verified = json.verdict === "verified";
  if (verified ? reasons.length > 0 : json.verdict !== "warning" || reasons.length === 0) return null;
  const { origin, host, registrable_domain: domain, unicode_host: unicode, unwrapped } = json.address;
  const about = addressOf(origin);
  if (about === null ? verified || origin !== null : about.origin !== origin || about.host !== host) return null;
  const seen = json.allowlist.newest_evidence;
  return {
    verdict: json.verdict,
    about,
    domain: clean(domain) || null,
    // Only if the browser's own parser confirms that this is another spelling of the same host.
    unicodeHost: about !== null && addressOf(`https://${clean(unicode)}`)?.host === about.host ? clean(unicode) : null,
    unwrapped: Array.isArray(unwrapped) && unwrapped.length > 0,
    official: isObject(json.official) ? addressOf(json.official.url) : null,
    imitates: readImitates(json.imitates),
    reasons,
    newestEvidence: typeof seen === "string" && EVIDENCE_DAY.test(seen) ? seen : "",
  };
}

/**
 * What a service says is wrong with a text that holds no single address, read from a problem document.
 * @param {any} json
 * @returns {string|null}
 */
export function readProblem(json) {
  return isObject(json) && isCode(json.code) ? clean(json.detail) || clean(json.message) || clean(json.title) || null : null;
}

/**
 * What to show for an address that is not on the bundled list, after a service has answered.
 *
 * The verdict stays the list's own, and so does everything that names or links a site. A service may
 * add reasons, shown as its word, and raise a caution to a danger. If it calls the address verified,
 * that changes nothing, whatever list it has.
 * @param {Answer} own
 * @param {import("./address.js").Address} address
 * @param {Said} said
 * @param {{list: import("./list.js").List, today: string}} context
 * @returns {{answer: Answer, remark: "answered"|"unconfirmed"}|null} null if it answered about another
 *   address than it was asked about
 */
export function explained(own, address, said, context) {
  if (said.about?.origin !== address.origin) return null;
  return { answer: withWordOf(said, own, context), remark: said.verdict === "verified" ? "unconfirmed" : "answered" };
}

/**
 * What to show for a pasted text after a service has read it. A plain link that came back as it was sent
 * is treated like the page in a tab. Anything the service found in other text, or inside a wrapper, is
 * only its word: it may warn, and it may lead to the official site on the list.
 * @param {import("./address.js").Address|null} link see `linkOf`; not on the list
 * @param {Said} said
 * @param {{list: import("./list.js").List, today: string, texts: import("./texts.js").Texts,
 *   words: import("./texts.js").Messages}} context
 * @returns {{answer: Answer, remark: "answered"|"unconfirmed"|"read"}|null}
 */
export function explainedLink(link, said, context) {
  const { list, today, texts, words } = context;
  if (link !== null && !said.unwrapped) {
    return explained(localAnswer(list.judge(link, today), link, texts), link, said, context);
  }
  const judged = said.about && list.judge(said.about, today);
  const own = judged?.listed === false ? localAnswer(judged, said.about, texts) : unreadAnswer(said, words);
  const official = list.placeAt(said.official ?? said.about, today);
  return { answer: { ...withWordOf(said, own, context), official }, remark: said.about === null ? "answered" : "read" };
}

/** The list's own answer, with the reasons that a service adds. */
function withWordOf(said, own, { list, today }) {
  if (said.verdict === "verified") return own;
  const theirs = said.reasons.filter(({ code }) => !own.reasons.some((reason) => reason.code === code));
  // "Not listed" is a reason only if there is no other.
  const all = [...own.reasons, ...theirs].filter(({ code }) => code !== "not-listed");
  const reasons = all.length === 0 ? own.reasons : all.sort((one, other) => list.rankOf(one) - list.rankOf(other));
  const { domain, unicodeHost, unwrapped } = said;
  return {
    ...own,
    level: reasons.some(({ level }) => level === "danger") ? "danger" : "caution",
    address: { ...own.address, domain, unicodeHost, unwrapped },
    official: list.placeAt(said.official, today),
    imitates: own.address.host !== null && isTrue(said.imitates, said, list) ? said.imitates : null,
    reasons,
  };
}

/** True if the two names that a service compares really occur in the page's host and in a listed one. */
function isTrue(imitates, { about, unicodeHost }, list) {
  if (imitates === null || !list.hosts.has(imitates.host) || !imitates.host.includes(imitates.theirs)) return false;
  return about.host.includes(imitates.yours) || unicodeHost?.includes(imitates.yours) === true;
}


function readImitates(imitates) {
  if (!isObject(imitates) || !Array.isArray(imitates.differs_at)) return null;
  const [host, yours, theirs] = [clean(imitates.host), clean(imitates.yours), clean(imitates.theirs)];
  if (!host || !yours || !theirs) return null;
  const length = [...yours].length;
  const differsAt = imitates.differs_at.filter((place) => Number.isInteger(place) && place >= 0 && place < length);
  return { host, yours, theirs, differsAt };
}

function items(list, read) {
  if (!Array.isArray(list) || list.length > MOST_ITEMS) return null;
  const all = list.map((item) => (isObject(item) ? read(item) : null));
  return all.includes(null) ? null : all;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCode(value) {
  return typeof value === "string" && CODE.test(value);
}

/**
 * A sentence without control, invisible and direction-changing characters, and without the quotation
 * marks that we put around it; "" for anything that is not text.
 */
function clean(value) {
  if (typeof value !== "string") return "";
  const plain = value.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]+/gu, " ").replace(/[“”«»]/g, '"').trim();
  const characters = [...plain];
  return characters.length > MOST_TEXT ? `${characters.slice(0, MOST_TEXT).join("")}…` : plain;
}
