// Submits the page's forms without a reload. The server renders the HTML either way, so it exists only once; without
// this script the same forms load a whole page.

const PATIENCE_MS = 10_000;

for (const form of document.querySelectorAll("form[data-fragment]")) {
  enhance(form, document.getElementById(form.dataset.fragment));
}

function enhance(form, region) {
  let asking = null; // the request in progress: only the latest one may answer

  const start = (moveFocus) => {
    asking?.abort();
    asking = new AbortController();
    ask(form, region, asking, moveFocus);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start(true);
  });

  // An answer must match what the form holds now. Another task gets its guidance at once, and the focus stays where
  // it is; another address removes the answer.
  form.addEventListener("input", (event) => {
    if (event.target instanceof HTMLSelectElement) {
      if (region.hasChildNodes() && form.checkValidity()) start(false);
      return;
    }
    asking?.abort();
    region.replaceChildren();
  });

  for (const box of form.querySelectorAll("textarea")) {
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
  }
}

async function ask(form, region, asking, moveFocus) {
  const timer = setTimeout(() => asking.abort("late"), PATIENCE_MS);
  const waiting = document.createElement("p");
  waiting.className = "waiting";
  waiting.textContent = form.dataset.checking;
  region.replaceChildren(waiting);
  let answer;
  try {
    answer = await fragment(form, asking.signal);
  } catch {
    if (asking.signal.aborted && asking.signal.reason !== "late") return;
    answer = document.getElementById("unreachable").content.cloneNode(true);
    // Set here, so that the page as served holds at most one verdict: the answer's.
    answer.firstElementChild.dataset.verdict = "none";
  } finally {
    clearTimeout(timer);
  }
  region.replaceChildren(answer);
  if (moveFocus) region.querySelector("[tabindex='-1']")?.focus();
}

/** The part of the page with the answer; throws if anything else comes back. */
async function fragment(form, signal) {
  const response = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "X-Fragment": form.dataset.fragment },
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal,
  });
  if (!response.headers.get("content-type")?.startsWith("text/html")) throw new TypeError("no answer");
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const answer = page.body.querySelector("[data-verdict], [data-portals]");
  if (answer === null) throw new TypeError("no answer");
  answer.querySelector("[autofocus]")?.removeAttribute("autofocus"); // for whole pages; here ask() moves the focus
  return answer;
}
