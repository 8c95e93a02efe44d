/** What every reason and note means, from the sentences that travel with the extension. */

import { start } from "./lib/start.js";
import { byId, element } from "./paint.js";

const { texts, words } = await start();
const page = (name) => texts.text(["page", name]);

document.title = words.get("reasons_title");
byId("title").textContent = page("reasons_page_title");
byId("lead").textContent = page("reasons_page_lead");
byId("entries").replaceChildren(...["reasons", "notes"].flatMap((group) => Object.entries(texts.find(group)).map(entry)));

function entry([code, { title, explain, example, what_to_do: whatToDo }]) {
  const parts = [element("h2", title), ...explain.map((paragraph) => element("p", paragraph))];
  if (example) {
    parts.push(element("p", [`${page("example")}: `, element("bdi", example, { class: "host", dir: "ltr" })], { class: "fine" }));
  }
  if (whatToDo) parts.push(element("p", [element("strong", page("what_to_do")), `: ${whatToDo}`]));
  return element("section", parts, { id: code, class: "card", tabindex: "-1" });
}

// The entries came after the browser looked for the place named in the address.
const asked = byId(location.hash.slice(1));
if (asked !== null) {
  asked.scrollIntoView();
  asked.focus();
}
