/** The settings: which service explains, in which language, and how old the list is. */

import { todayUtc } from "./lib/list.js";
import { askAboutList, readService } from "./lib/service.js";
import { api, start } from "./lib/start.js";
import { byId } from "./paint.js";

const { list, words, settings, originalService } = await start();
const today = todayUtc();

for (const node of document.querySelectorAll("[data-word]")) node.textContent = words.get(node.dataset.word);
document.title = words.get("options_title");
byId("service").value = settings.service;
byId("language").value = settings.language;
byId("list-version").textContent = list.version;
byId("list-portals").textContent = String(list.portals);
byId("list-newest").textContent = list.newestEvidence;
byId("list-age").textContent = String(list.ageInDays(today));
if (list.isOverdue(today)) {
  byId("list-overdue").hidden = false;
  byId("list-overdue").textContent = words.get("list_overdue", list.newestEvidence);
}
const [{ shortcut = "" } = {}] = (await api.commands.getAll()).filter(({ name }) => name === "_execute_action");
byId("shortcut").textContent = shortcut ? words.get("options_shortcut", shortcut) : words.get("options_shortcut_none");

function tell(name, ...values) {
  byId("service-result").textContent = words.get(name, ...values);
}

/** The typed service in its normal form; null after telling why it cannot be used. */
function typedService() {
  const typed = readService(byId("service").value);
  byId("service").setAttribute("aria-invalid", String(!typed.ok));
  if (typed.ok) return typed.service;
  tell(typed.why === "needs-https" ? "options_needs_https" : "options_not_an_address");
  return null;
}

async function save() {
  const service = typedService();
  if (service === null) return;
  await api.storage.local.set({ service });
  byId("service").value = service;
  tell(service === "" ? "options_saved_empty" : "options_saved");
}

async function test() {
  const service = typedService();
  if (service === null) return;
  if (service === "") {
    tell("options_test_empty");
    return;
  }
  tell("options_testing");
  const said = await askAboutList(service);
  const { portals, newest_evidence: newest } = said.ok ? said.json ?? {} : {};
  if (Number.isInteger(portals) && typeof newest === "string") tell("options_test_ok", portals, newest);
  else tell(said.why === "unreachable" ? "options_test_failed" : "options_test_unreadable");
}

byId("service-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void save();
});
byId("test").addEventListener("click", test);
byId("default").addEventListener("click", async () => {
  await api.storage.local.remove("service");
  byId("service").value = originalService;
  byId("service").removeAttribute("aria-invalid");
  tell("options_saved");
});
byId("language").addEventListener("change", async (event) => {
  await api.storage.local.set({ language: event.target.value });
  location.reload();
});
