/** Puts views on the page. Text only ever goes in as text, and links are set as properties. */

import { serviceName } from "./lib/service.js";

/** @param {string} id */
export function byId(id) {
  return document.getElementById(id);
}

/** A new element with a text or children. */
export function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  if (typeof content === "string") made.textContent = content;
  else made.append(...content);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

/** Text into an element, which is hidden when there is none. */
function put(id, text) {
  byId(id).textContent = text;
  byId(id).hidden = text === "";
}

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = new Map([
  ["check", [["rect", "line", { x: 2.5, y: 2.5, width: 27, height: 27, rx: 7 }], ["path", "line", { d: "M9 16.8l5 4.9 9.2-11" }]]],
  ["stop", [["path", "fill", { d: "M10 1.5h12L30.5 10v12L22 30.5H10L1.5 22V10z" }], ["path", "cut", { d: "M8.5 16h15" }]]],
  ["triangle", [["path", "line", { d: "M16 3.2 30 28H2z" }], ["path", "line", { d: "M16 12.4v7.4M16 24v.2" }]]],
  [
    "question",
    [
      ["circle", "line", { cx: 16, cy: 16, r: 13.5 }],
      ["path", "line", { d: "M12 12.6a4.1 4.1 0 1 1 6 3.6c-1.3.8-2 1.5-2 3M16 23.4v.2" }],
    ],
  ],
]);

function paintShape(name) {
  const parts = SHAPES.get(name).map(([tag, kind, attributes]) => {
    const part = document.createElementNS(SVG, tag);
    part.setAttribute("class", kind);
    for (const [attribute, value] of Object.entries(attributes)) part.setAttribute(attribute, value);
    return part;
  });
  byId("shape").replaceChildren(...parts);
}

/** All that stays the same while the popup is open. */
export function paintFrame({ texts, words, list, settings }) {
  const page = (name) => texts.text(["page", name]);
  put("settings", words.get("settings"));
  put("host-label", page("exact_host"));
  put("why-title", page("reasons_title"));
  put("notes-title", page("notes_title"));
  put("retry", words.get("retry"));
  put("task-label", page("task_label"));
  put("steps-label", words.get("steps"));
  put("emergency-title", `${texts.text(["emergency", "title"])}.`);
  put("emergency-text", texts.text(["emergency", "text"]));
  put("paste-summary", words.get("paste_summary"));
  put("paste-label", page("paste_label"));
  put("paste-button", words.get("paste_button"));
  put("pasted-label", words.get("pasted_about"));
  put("back", words.get("back_to_page"));
  put("report", words.get("report_copy"));
  put("list-line", words.get("list_line", list.portals, list.newestEvidence));
  put("disclaimer", texts.text(["disclaimer"]));
  put("never-asks", page("never_asks"));
  const askable = settings.service !== "";
  byId("paste").hidden = !askable;
  put("paste-sends", askable ? words.get("paste_sends", serviceName(settings.service)) : "");
  put("paste-none", askable ? "" : words.get("paste_no_service"));
}

export function paintTasks(texts, tasks) {
  const options = tasks.map((task) => element("option", texts.text(["tasks", task, "title"]), { value: task }));
  byId("task").replaceChildren(...options);
}

/** @param {import("./lib/view.js").View} view */
export function paintVerdict(view, { texts, words, isLink }) {
  const verdict = byId("verdict");
  verdict.dataset.verdict = view.verdict;
  if (view.level === null) delete verdict.dataset.level;
  else verdict.dataset.level = view.level;
  paintShape(view.shape);
  put("word", view.word);
  put("headline", view.headline);
  byId("pasted-about").hidden = !isLink;
  byId("lines").replaceChildren(...view.lines.map((line) => element("p", line)));
  paintHost(view.host, texts);
  paintOfficial(view.official);
  paintOwner(view.owner, texts);
  paintCompare(view.compare);
  paintReasons(view.reasons, texts, words);
  byId("good-to-know").hidden = view.notes.length === 0;
  byId("notes").replaceChildren(...view.notes.map(({ code, message }) => element("li", message, { "data-note": code })));
  byId("entered").hidden = view.ifEntered === null;
  put("entered-title", view.ifEntered?.title ?? "");
  byId("entered-steps").replaceChildren(...(view.ifEntered?.steps ?? []).map((step) => element("li", step)));
  byId("report-line").hidden = view.report === null;
  byId("report").dataset.text = view.report ?? "";
  put("report-hint", words.get("report_hint"));
  byId("announcement").textContent = `${view.word}. ${view.headline}`;
  performance.mark(`verdict-${view.verdict}`);
}

function paintHost(host, texts) {
  byId("host-line").hidden = host === null;
  byId("host").replaceChildren(...(host ? [host.before, ...(host.domain ? [element("strong", host.domain)] : [])] : []));
  put("unicode", host?.unicode ? `${texts.text(["page", "displayed_as"])}: ${host.unicode}` : "");
}

function paintOfficial(official) {
  byId("official-line").hidden = official === null;
  if (official === null) byId("official").removeAttribute("href");
  else byId("official").href = official.url;
  byId("official").target = "_blank";
  put("official", official?.label ?? "");
  put("official-url", official?.url ?? "");
}

function paintOwner(owner, texts) {
  const page = (name, facts) => texts.text(["page", name], facts);
  byId("owner").hidden = owner === null;
  const rows = [];
  if (owner !== null) {
    const names = owner.organizations;
    if (names.length > 0) {
      const one = names.length === 1;
      const all = element("ul", names.map((name) => element("li", [element("bdi", name)])));
      const shown = one ? element("bdi", names[0]) : names.length <= 4 ? all : folded(page("more_organizations", { count: names.length }), all);
      rows.push(element("div", [element("dt", page(one ? "organization" : "organizations")), element("dd", [shown])]));
    }
    if (names.length !== 1 || names[0] !== owner.operator) {
      rows.push(element("div", [element("dt", page("operated_by")), element("dd", [element("bdi", owner.operator)])]));
    }
  }
  byId("owner").replaceChildren(...rows);
}

function folded(summary, content) {
  return element("details", [element("summary", summary), content]);
}

function paintCompare(compare) {
  byId("compare").hidden = compare === null;
  put("compare-title", compare?.title ?? "");
  const rows = (compare?.rows ?? []).map(({ label, pieces }) => {
    const letters = pieces.map(({ text, differs }) => (differs ? element("mark", text) : text));
    return element("div", [element("dt", label), element("dd", [element("bdi", letters, { class: "host", dir: "ltr" })])]);
  });
  byId("compare-rows").replaceChildren(...rows);
}

function paintReasons(reasons, texts, words) {
  byId("why").hidden = reasons.length === 0;
  const rows = reasons.map(({ code, level, message, by, why }) => {
    const sentence = by === "" ? message : words.get("says", by, message);
    const title = element("span", texts.text(["levels", level]), { class: "level" });
    const parts = [title, element("br", ""), element("bdi", sentence), " "];
    if (why !== null) {
      parts.push(element("a", texts.text(["page", "why"]), { href: why.href, target: "_blank", rel: "noopener noreferrer", "aria-label": why.label }));
    }
    return element("li", parts, { "data-code": code, "data-level": level });
  });
  byId("reasons").replaceChildren(...rows);
}

/** @param {{state: string, text: string, retry: boolean}|undefined} line */
export function paintService(line, remark) {
  byId("service").hidden = line === undefined;
  byId("service").dataset.state = line?.state ?? "";
  put("service-text", line?.text ?? "");
  put("list-text", remark);
  byId("retry").hidden = !line?.retry;
}

/** @param {ReturnType<import("./lib/view.js").guidanceOf>} guidance */
export function paintGuidance(guidance) {
  put("where-to-go", guidance.whereToGo);
  put("reminder", guidance.safetyReminder);
  byId("steps").replaceChildren(...guidance.steps.map((step) => element("li", step)));
  byId("task-link-line").hidden = guidance.link === null;
  put("task-link", guidance.link?.label ?? "");
  if (guidance.link === null) byId("task-link").removeAttribute("href");
  else {
    byId("task-link").href = guidance.link.url;
    byId("task-link").target = "_blank";
  }
}
