/**
 * The popup: the verdict for the page in the tab, then what a service adds to it.
 *
 * A verdict is only ever shown for the address the tab has now: every question takes a turn, only
 * the last turn may paint, and the tab is looked at again before a late answer is shown.
 */

import { addressOf, linkOf, sameAddress, sendable } from "./lib/address.js";
import { explained, explainedLink, localAnswer, readAnswer, readProblem } from "./lib/answer.js";
import { todayUtc } from "./lib/list.js";
import { ask, linkQuestion, serviceName, tabQuestion } from "./lib/service.js";
import { api, start, tasksOf } from "./lib/start.js";
import { guidanceLink, guidanceOf, noVerdict, serviceLine, viewOf } from "./lib/view.js";
import { byId, paintFrame, paintGuidance, paintService, paintTasks, paintVerdict } from "./paint.js";

let world; // list, sentences, settings: read once
let turn = 0; // counts questions; only the last one may paint
let task = "log-in";
let shown = { tabId: undefined, address: null, answer: null, site: undefined, isLink: false };

async function currentTab() {
  const [tab] = await api.tabs.query({ active: true, currentWindow: true });
  return tab;
}

async function checkTab(lookingAtTab = currentTab()) {
  const mine = ++turn;
  const tab = await lookingAtTab;
  if (mine !== turn) return;
  const address = addressOf(tab?.url);
  if (address === null) {
    const hadPage = shown.address !== null && tab?.url === undefined;
    show({ tabId: tab?.id, address: hadPage ? shown.address : null }, withoutAddress(hadPage ? "changed" : "no_address"));
    return;
  }
  const { list, texts, lang, settings } = world;
  const judged = list.judge(address, todayUtc());
  const own = localAnswer(judged, address, texts);
  const page = { tabId: tab.id, address, answer: own, site: judged.match?.site };
  const told = list.taskOf(address) ?? settings.task;
  task = tasksOf(texts).includes(told) ? told : "log-in";
  byId("task").value = task;
  if (judged.listed || settings.service === "") {
    showAnswer(page, own, judged.listed ? "local" : "none");
    return;
  }
  showAnswer(page, own, "asking");
  const reply = await ask(settings.service, tabQuestion(sendable(address), task, lang));
  if (mine !== turn) return;
  const now = await currentTab();
  if (mine !== turn) return;
  if (now?.id !== tab.id || !sameAddress(addressOf(now.url), address)) {
    await checkTab();
    return;
  }
  explain(page, own, reply);
}

/** Paints what the service added to the list's own answer, or why it added nothing. */
function explain(page, own, reply) {
  const said = reply.ok ? readAnswer(reply.json) : null;
  const explanation = said && explained(own, page.address, said, { list: world.list, today: todayUtc() });
  if (explanation) showAnswer({ ...page, answer: explanation.answer }, explanation.answer, explanation.remark, said);
  else showAnswer(page, own, reply.ok ? "unreadable" : reply.why);
}

/** A link that is on the list is answered by the list; only another text goes to the service. */
async function checkLink(text) {
  const mine = ++turn;
  const { list, texts, words, lang, settings } = world;
  const today = todayUtc();
  const link = linkOf(text);
  const judged = link && list.judgeLink(link, today);
  if (judged?.listed) {
    const answer = localAnswer(judged, link, texts);
    showAnswer({ isLink: true, answer }, answer, "local");
    return;
  }
  show({ isLink: true }, noVerdict(words.get("word_looking"), words.get("pasted_sending"), []));
  const reply = await ask(settings.service, linkQuestion(text, task, lang));
  if (mine !== turn) return;
  const said = reply.ok ? readAnswer(reply.json) : null;
  const explanation = said && explainedLink(link, said, { list, today, texts, words });
  if (explanation) {
    showAnswer({ isLink: true, answer: explanation.answer }, explanation.answer, explanation.remark, said);
    return;
  }
  const problem = reply.ok ? null : readProblem(reply.json);
  const line = problem ? words.get("says", serviceName(settings.service), problem) : notAnswered(reply);
  show({ isLink: true }, noVerdict(texts.text(["verdicts", "none"]), words.get("pasted_failed_title"), [line]));
}

function notAnswered(reply) {
  return world.words.get(`pasted_${reply.ok ? "unreadable" : reply.why}`, serviceName(world.settings.service));
}

function withoutAddress(which) {
  const { words } = world;
  return noVerdict(words.get(`word_${which}`), words.get(`${which}_title`), [words.get(`${which}_text`)]);
}

function showAnswer(page, answer, state, said) {
  const { texts, list, settings } = world;
  show(page, viewOf(answer, { texts, service: settings.service, listVersion: list.version, isLink: page.isLink }), state, said);
}

function show(page, view, state, said) {
  shown = { tabId: undefined, address: null, answer: null, site: undefined, isLink: false, ...page };
  paintVerdict(view, { isLink: shown.isLink, ...world });
  const line = state && serviceLine(state, world.settings.service, world.words, said);
  paintService(line, listRemark(said));
  showGuidance();
}

/** What is worth knowing about the list's age, if anything. */
function listRemark(said) {
  const { list, words, settings } = world;
  if (said && said.newestEvidence > list.newestEvidence) {
    return words.get("list_older", list.newestEvidence, serviceName(settings.service), said.newestEvidence);
  }
  return list.isOverdue(todayUtc()) ? words.get("list_overdue", list.newestEvidence) : "";
}

function showGuidance() {
  const link = guidanceLink(task, shown.answer, shown.isLink ? undefined : shown.site);
  paintGuidance(guidanceOf(task, link, world.texts));
}

/** The tab, or what it shows, may be another one now. */
async function tabMayHaveChanged() {
  const tab = await currentTab();
  const address = addressOf(tab?.url);
  if (!shown.isLink && tab?.id === shown.tabId && address !== null && sameAddress(address, shown.address)) return;
  if (shown.isLink && tab?.id === pageBehindLink) return;
  await checkTab();
}

let pageBehindLink; // the tab that was in front when a link was pasted

function listen() {
  const { settings, words } = world;
  byId("task").addEventListener("change", (event) => {
    task = event.target.value;
    settings.task = task;
    api.storage.local.set({ task }).catch(() => {}); // forgetting is no reason to fail
    showGuidance();
  });
  byId("retry").addEventListener("click", () => checkTab());
  byId("back").addEventListener("click", async () => {
    await checkTab();
    byId("headline").focus();
  });
  byId("paste").addEventListener("submit", async (event) => {
    event.preventDefault();
    pageBehindLink = (await currentTab())?.id;
    byId("headline").focus();
    await checkLink(byId("paste-text").value);
  });
  byId("official").addEventListener("click", (event) => {
    if (shown.isLink || shown.tabId === undefined) return;
    // The page in the tab is not the right one: go there in its place.
    event.preventDefault();
    api.tabs.update(shown.tabId, { url: event.currentTarget.href }).then(() => window.close());
  });
  byId("report").addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(byId("report").dataset.text).then(
      () => true,
      () => false,
    );
    byId("announcement").textContent = byId("report-hint").textContent = words.get(done ? "report_copied" : "report_failed");
  });
  api.tabs.onActivated.addListener(tabMayHaveChanged);
  api.tabs.onUpdated.addListener((tabId, change) => {
    if (change.status !== undefined || change.url !== undefined) void tabMayHaveChanged();
  });
}

const tabAtOpening = currentTab(); // asked along with the files, to be quick
try {
  world = await start();
} catch (error) {
  // Without its own files the extension can only say so, in the browser's own message catalogue.
  byId("word").textContent = api.i18n.getMessage("popup_title");
  byId("headline").textContent = api.i18n.getMessage("failed_title");
  byId("announcement").textContent = api.i18n.getMessage("failed_text");
  byId("lines").textContent = api.i18n.getMessage("failed_text");
  throw error;
}
paintFrame(world);
paintTasks(world.texts, tasksOf(world.texts));
listen();
await checkTab(tabAtOpening);
byId("headline").focus();
