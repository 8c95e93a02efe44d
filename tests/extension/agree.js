/**
 * What the extension answers otherwise than the Python core, as text, one line per disagreement.
 * Runs in Node and, with the same modules, inside both browsers.
 */
export function disagreements(vectors, { addressOf, linkOf, list, texts, localAnswer, guidanceLink, guidanceOf }) {
  const found = [];
  for (const { context, url, today, lang, host, answer: expected } of vectors) {
    const isLink = context === "link";
    const address = isLink ? linkOf(url) : addressOf(url);
    const judged = address && (isLink ? list.judgeLink(address, today) : list.judge(address, today));
    const same = (what, ours, theirs) => {
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
        found.push(`${url} on ${today} (${lang}): ${what} is ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`);
      }
    };
    same("host", address?.host ?? null, host);
    if (address === null) continue;
    if (expected === null) {
      same("listed", judged.listed, false);
      same("verdict", judged.verdict, "warning");
      continue;
    }
    const own = localAnswer(judged, address, texts[lang]);
    const { verdict, level, headline, portal, official, reasons, notes } = own;
    const task = list.taskOf(address) ?? "log-in";
    const guidance = guidanceOf(task, guidanceLink(task, own, judged.match?.site), texts[lang]);
    same("listed", judged.listed, judged.match !== null);
    same("answer", { verdict, level, headline, domain: own.address.domain, portal, official, reasons, notes }, without(expected, "guidance"));
    same("guidance", guidance, {
      task: expected.guidance.task,
      title: expected.guidance.title,
      whereToGo: expected.guidance.where_to_go,
      safetyReminder: expected.guidance.safety_reminder,
      steps: expected.guidance.steps,
      link: expected.guidance.link,
    });
  }
  return found;

  function without(object, key) {
    return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
  }
}
