/**
 * What the popup shows, as plain data: every choice of word, shape and link is made here, and
 * `popup.js` only paints it. Pure.
 */

import { splitHost } from "./address.js";
import { serviceName } from "./service.js";

/**
 * @typedef {object} View
 * @property {"verified"|"warning"|"none"} verdict
 * @property {"caution"|"danger"|null} level
 * @property {"check"|"triangle"|"stop"|"question"} shape
 * @property {string} word the verdict in a word or two
 * @property {string} headline
 * @property {string[]} lines sentences below it
 * @property {{before: string, domain: string, unicode: string}|null} host
 * @property {{label: string, url: string}|null} official
 * @property {{operator: string, organizations: string[]}|null} owner
 * @property {{title: string, rows: {label: string, pieces: {text: string, differs: boolean}[]}[]}|null} compare
 * @property {{code: string, level: string, message: string, by: string, why: {label: string, href: string}|null}[]} reasons
 *   `by`: the service whose words these are, "" for our own
 * @property {{code: string, message: string}[]} notes
 * @property {{title: string, steps: string[]}|null} ifEntered
 * @property {string|null} report host and codes only
 */

/** A state without a verdict: no web address, a changed page, an unreadable text, a fault. */
export function noVerdict(word, headline, lines) {
  return {
    verdict: "none",
    level: null,
    shape: "question",
    word,
    headline,
    lines,
    host: null,
    official: null,
    owner: null,
    compare: null,
    reasons: [],
    notes: [],
    ifEntered: null,
    report: null,
  };
}

/**
 * The view of an answer.
 * @param {import("./answer.js").Answer} answer
 * @param {{texts: import("./texts.js").Texts, service: string, listVersion: string, isLink?: boolean}} context
 *   `isLink`: about a pasted link, which may be opened, not about the page in the tab
 * @returns {View}
 */
export function viewOf(answer, { texts, service, listVersion, isLink = false }) {
  const verified = answer.verdict === "verified";
  const danger = answer.level === "danger";
  const page = (name, facts) => texts.text(["page", name], facts);
  const lines = [verified ? page("verified_note") : page(danger ? "advice_danger" : "advice_caution")];
  if (answer.address.unwrapped) lines.push(page("unwrapped_advice"));
  const goOfficial = answer.official && { label: page("go_official", { official: answer.official.name }), url: answer.official.url };
  const openThis = isLink && answer.portal ? { label: page("open_this"), url: answer.portal.url } : null;
  return {
    verdict: answer.verdict,
    level: answer.level,
    shape: verified ? "check" : danger ? "stop" : "triangle",
    word: verified ? texts.text(["verdicts", "verified"]) : texts.text(["levels", answer.level]),
    headline: answer.headline,
    lines,
    host: hostParts(answer.address),
    official: goOfficial ?? openThis,
    owner: answer.portal && { operator: answer.portal.operator, organizations: answer.portal.organizations },
    compare: answer.imitates && comparison(answer.imitates, answer.address, page),
    reasons: answer.reasons.map(({ code, level, message, said }) => ({
      code,
      level,
      message,
      by: said ? serviceName(service) : "",
      why: whyLink(code, texts),
    })),
    notes: answer.notes,
    ifEntered: danger ? { title: texts.text(["if_entered", "title"]), steps: texts.lines(["if_entered", "steps"]) } : null,
    report: reportOf(answer, listVersion),
  };
}

function hostParts({ host, domain, unicodeHost }) {
  if (host === null) return null;
  const [before, rest] = splitHost(host, domain);
  return { before, domain: rest, unicode: unicodeHost ?? "" };
}

/** Both names under each other, with the letters of the page's own name that differ marked. */
function comparison({ host, yours, theirs, differsAt }, address, page) {
  const own = address.host ?? "";
  const start = own.indexOf(yours);
  const [text, offset] = start >= 0 ? [own, start] : [yours, 0];
  const marked = new Set(differsAt.map((place) => place + offset));
  return {
    title: differsAt.length > 0 ? page("compare_title") : page("compare_title_plain"),
    rows: [
      { label: page("yours"), pieces: marks([...text], marked) },
      { label: page("theirs"), pieces: [{ text: host.includes(theirs) ? host : theirs, differs: false }] },
    ],
  };
}

function marks(characters, marked) {
  const pieces = [];
  characters.forEach((text, place) => {
    const differs = marked.has(place);
    const last = pieces.at(-1);
    if (last?.differs === differs) last.text += text;
    else pieces.push({ text, differs });
  });
  return pieces;
}

/** Where a reason is explained inside the extension; null for a code it does not know. */
function whyLink(code, texts) {
  const title = texts.find("reasons", code, "title");
  if (typeof title !== "string") return null;
  return { label: texts.text(["page", "why_about"], { title }), href: `reasons.html#${code}` };
}

/** What "copy a report" copies: the host and codes, nothing of the path. */
function reportOf(answer, listVersion) {
  if (answer.address.host === null) return null;
  const codes = [...answer.reasons, ...answer.notes].map(({ code }) => code);
  return [
    `portalcheck: ${answer.verdict}${answer.level ? ` (${answer.level})` : ""}`,
    `host: ${answer.address.host}`,
    `codes: ${codes.join(", ") || "-"}`,
    `list: ${listVersion}`,
  ].join("\n");
}

/**
 * The guidance for a task, with the link that leads there if one is known.
 * @param {string} task
 * @param {{name: string, url: string}|null} link
 * @param {import("./texts.js").Texts} texts
 */
export function guidanceOf(task, link, texts) {
  const emergency = task === "emergency";
  const of = (part, facts) => texts.text(["tasks", task, part], facts);
  return {
    task,
    title: of("title"),
    whereToGo: link === null && !emergency ? `${of("where_to_go")} ${of("find_it")}` : of("where_to_go"),
    safetyReminder: of("safety_reminder"),
    steps: texts.lines(["tasks", task, "steps"]),
    link: link === null || emergency ? null : { label: of("link_label", { official: link.name }), url: link.url },
  };
}

/**
 * The one link the guidance for a task may carry: on a listed portal its own page for the task,
 * else the official site.
 * @param {string} task
 * @param {import("./answer.js").Answer|null} answer
 * @param {import("./list.js").Site|undefined} site the listed portal the page belongs to
 */
export function guidanceLink(task, answer, site) {
  if (answer === null) return null;
  if (answer.verdict !== "verified") return answer.official;
  const name = site?.name ?? answer.portal.operator;
  const links = new Map(Object.entries(site?.links ?? {}));
  return { name, url: links.get(task) ?? site?.url ?? answer.portal.url };
}

/**
 * What is told about the service below the verdict.
 * @param {"local"|"none"|"asking"|"answered"|"unconfirmed"|"read"|"unreachable"|"unreadable"|"refused"} state
 * @param {string} service
 * @param {import("./texts.js").Messages} words
 * @param {import("./answer.js").Said} [said]
 */
export function serviceLine(state, service, words, said) {
  const name = service === "" ? "" : serviceName(service);
  const retry = ["unreachable", "unreadable", "refused"].includes(state);
  return { state, text: words.get(`service_${state}`, name, said?.about?.host ?? ""), retry };
}
