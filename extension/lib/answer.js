/**
 * Answers: the bundled list's own, what a service said, and which of the two a person is shown.
 *
 * Everything a service says is hostile until read here: only known fields of the right type go on,
 * cut to a length, without characters that change the direction of text. Pure.
 */

import { addressOf } from "./address.js";

const MOST_TEXT = 600; // characters of any one sentence
const MOST_ITEMS = 20; // reasons, notes
const MOST_ORGANIZATIONS = 300;
const CODE = /^[a-z][a-z0-9-]{0,63}$/;
const EVIDENCE_DAY = /^\d{4}-\d{2}(-\d{2})?$/;
const DANGER = [
  "imitates-official",
  "official-name-elsewhere",
  "misleading-characters",
  "credentials-in-address",
  "ip-address",
  "not-a-web-address",
  "shows-another-address",
  "retired-portal",
]; // in the published order

/**
 * @typedef {object} Answer what the popup shows, whoever gave it
 * @property {"verified"|"warning"} verdict
 * @property {"caution"|"danger"|null} level null when verified
 * @property {string} headline
 * @property {{host: string|null, domain: string|null, unicodeHost: string|null, unwrapped: boolean}} address
 * @property {{host: string, url: string, operator: string, organizations: string[]}|null} portal
 * @property {{name: string, url: string}|null} official
 * @property {{host: string, yours: string, theirs: string, differsAt: number[]}|null} imitates
 * @property {{code: string, level: string, message: string}[]} reasons
 * @property {{code: string, message: string}[]} notes
 */

/**
 * The answer of the bundled list, in words.
 * @param {ReturnType<import("./list.js").List["judge"]>} judged
 * @param {import("./address.js").Address} address
 * @param {import("./texts.js").Texts} texts
 * @returns {Answer}
 */
export function localAnswer(judged, address, texts) {
  const { verdict, codes, match, official } = judged;
  const verified = verdict === "verified";
  const site = match?.site;
  const facts = {
    host: address.host,
    official: official?.name ?? "",
    official_url: official?.url ?? "",
    official_host: address.host,
    operator: verified ? site.name : (match?.entry.operator ?? ""),
    moved_to: site?.moved_to ?? "",
    count: site?.organizations.length ?? 0,
  };
  const sentence = (code) => (code === "retired-portal" && official ? "message_moved" : "message");
  return {
    verdict,
    level: verified ? null : levelOf(codes[0]),
    headline: texts.text(["headlines", verified ? "verified" : codes[0]], facts),
    address: { host: address.host, domain: match?.entry.domain ?? null, unicodeHost: null, unwrapped: false },
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
    reasons: codes.map((code) => ({ code, level: levelOf(code), message: texts.text(["reasons", code, sentence(code)], facts) })),
    notes: judged.notes.map((code) => ({ code, message: texts.text(["notes", code, "message"], facts) })),
  };
}

function levelOf(code) {
  return DANGER.includes(code) ? "danger" : "caution";
}

/**
 * A service's answer, read field by field; null where it has not the published shape (version 1).
 * @param {any} json
 * @returns {(Answer & {list: {version: string, newestEvidence: string}, origin: string|null})|null}
 */
export function readAnswer(json) {
  if (!isObject(json) || json.version !== 1 || !isObject(json.address) || !isObject(json.allowlist)) return null;
  const verified = json.verdict === "verified";
  const level = new Map([["caution", "caution"], ["danger", "danger"]]).get(json.level) ?? null;
  const headline = clean(json.headline);
  const reasons = items(json.reasons, (reason) => {
    const message = clean(reason.message);
    const itsLevel = reason.level === "danger" ? "danger" : "caution";
    return isCode(reason.code) && message ? { code: reason.code, level: itsLevel, message } : null;
  });
  const notes = items(json.notes, (note) => {
    const message = clean(note.message);
    return isCode(note.code) && message ? { code: note.code, message } : null;
  });
  const portal = readPortal(json.portal);
  const version = clean(json.allowlist.version);
  if (!headline || reasons === null || notes === null || !version) return null;
  if (verified ? reasons.length > 0 || level !== null || portal === null : json.verdict !== "warning") return null;
  if (!verified && (reasons.length === 0 || level === null)) return null;
  const seen = json.allowlist.newest_evidence;
  return {
    verdict: json.verdict,
    level,
    headline,
    address: {
      host: clean(json.address.host) || null,
      domain: clean(json.address.registrable_domain) || null,
      unicodeHost: clean(json.address.unicode_host) || null,
      unwrapped: Array.isArray(json.address.unwrapped) && json.address.unwrapped.length > 0,
    },
    origin: typeof json.address.origin === "string" ? json.address.origin : null,
    portal: verified ? portal : null,
    official: readOfficial(json.official),
    imitates: readImitates(json.imitates),
    reasons,
    notes,
    list: { version, newestEvidence: typeof seen === "string" && EVIDENCE_DAY.test(seen) ? seen : "" },
  };
}

/**
 * What a service says is wrong with a text that holds no single address (a problem document).
 * @param {any} json
 * @returns {string|null}
 */
export function readProblem(json) {
  return isObject(json) && isCode(json.code) ? clean(json.detail) || clean(json.message) || clean(json.title) || null : null;
}

/**
 * What to show for the page in the tab, after a service has answered about it.
 *
 * The bundled list never heard of this host, so *verified* can only come from a newer list, and
 * only by https from another computer: any program can sit on a port of this one. The same holds
 * for the official site it names, unless the bundled list itself knows the place.
 * @param {Answer} own
 * @param {import("./address.js").Address} address
 * @param {NonNullable<ReturnType<typeof readAnswer>>} said
 * @param {{list: import("./list.js").List, today: string, isLocal: boolean}} context
 * @returns {{answer: Answer, remark: null|"unconfirmed"|"newer-list"}|null} null: it answered about
 *   something else than it was asked
 */
export function believed(own, address, said, context) {
  const newer = isNewer(said, context);
  if (said.origin !== address.origin || said.address.host !== address.host) return null;
  if (said.verdict === "verified") {
    const earned = newer && address.scheme === "https" && address.port === null && !address.hasCredentials;
    return earned && said.portal.host === address.host
      ? { answer: said, remark: "newer-list" }
      : { answer: own, remark: "unconfirmed" };
  }
  const explained = { ...said, official: vouchedFor(said.official, newer, context) };
  return { answer: withOwnReasons(explained, own), remark: null };
}

/**
 * What to show for a pasted link: the service's answer, with *verified* only where the bundled
 * list agrees or the rules of `believed` allow it; null when it cannot be confirmed.
 * @param {NonNullable<ReturnType<typeof readAnswer>>} said
 * @param {{list: import("./list.js").List, today: string, isLocal: boolean}} context
 * @param {import("./texts.js").Texts} texts
 * @returns {Answer|null}
 */
export function believedLink(said, context, texts) {
  const newer = isNewer(said, context);
  if (said.verdict !== "verified") return { ...said, official: vouchedFor(said.official, newer, context) };
  const portal = addressOf(said.portal.url);
  if (portal === null || portal.origin !== said.origin || portal.host !== said.address.host) return null;
  const judged = context.list.judge(portal, context.today);
  if (judged.verdict === "verified") {
    const own = localAnswer(judged, portal, texts);
    const { unwrapped } = said.address;
    const headline = unwrapped ? texts.text(["headlines", "unwrapped"], { host: portal.host, headline: own.headline }) : own.headline;
    return { ...own, headline, address: { ...own.address, unwrapped }, notes: said.notes };
  }
  return newer && !judged.listed ? said : null;
}

/** True where an https service on another computer answered from a list that ours does not outdate. */
function isNewer(said, { list, isLocal }) {
  return !isLocal && said.list.version !== list.version && said.list.newestEvidence >= (list.newestEvidence ?? "");
}

/** The official site if the bundled list knows the place, or a newer list named it; else null. */
function vouchedFor(official, newer, { list, today }) {
  if (official === null) return null;
  return newer || list.knows(addressOf(official.url), today) ? official : null;
}

/** Adds what only this side could see: a user name in the address is never sent. */
function withOwnReasons(said, own) {
  const missing = own.reasons.filter(
    ({ code, level }) => level === "danger" && !said.reasons.some((reason) => reason.code === code),
  );
  if (missing.length === 0) return said;
  const others = said.reasons.filter(({ code }) => code !== "not-listed");
  const reasons = [...missing, ...others].sort((one, other) => rank(one) - rank(other));
  const headline = missing.includes(reasons[0]) ? own.headline : said.headline;
  return { ...said, level: "danger", headline, reasons };
}

function rank({ code, level }) {
  const place = DANGER.indexOf(code);
  return level === "danger" && place >= 0 ? place : DANGER.length;
}

function readPortal(portal) {
  if (!isObject(portal) || !Array.isArray(portal.organizations)) return null;
  const [host, operator] = [clean(portal.host), clean(portal.operator)];
  const address = httpsAddress(portal.url);
  if (!host || !operator || address === null || address.host !== host) return null;
  const organizations = portal.organizations.slice(0, MOST_ORGANIZATIONS).map(clean).filter(Boolean);
  return { host, url: portal.url, operator, organizations };
}

function readOfficial(official) {
  if (!isObject(official)) return null;
  const name = clean(official.name);
  return name && httpsAddress(official.url) ? { name, url: official.url } : null;
}

function readImitates(imitates) {
  if (!isObject(imitates) || !Array.isArray(imitates.differs_at)) return null;
  const [host, yours, theirs] = [clean(imitates.host), clean(imitates.yours), clean(imitates.theirs)];
  if (!host || !yours || !theirs) return null;
  const length = [...yours].length;
  const differsAt = imitates.differs_at.filter((place) => Number.isInteger(place) && place >= 0 && place < length);
  return { host, yours, theirs, differsAt };
}

/** An address fit for a link: https, the default port, no user name. */
function httpsAddress(text) {
  if (typeof text !== "string" || text.length > MOST_TEXT) return null;
  const address = addressOf(text);
  return address && address.scheme === "https" && address.port === null && !address.hasCredentials ? address : null;
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

/** A sentence without control, invisible and direction-changing characters; "" for anything else. */
function clean(value) {
  if (typeof value !== "string") return "";
  const plain = value.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]+/gu, " ").trim();
  const characters = [...plain];
  return characters.length > MOST_TEXT ? `${characters.slice(0, MOST_TEXT).join("")}…` : plain;
}
