// What a person, or a program that makes links of text, could take for a place to go, besides the official one.
(() => {
  const HIDDEN = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
  const OVERRIDES = /[\u202b\u202d\u202e\u2066\u2067]/u;
  const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]/u;
  const CLOSING = /[)\]}>.,;:!?'"*_~`|”’»›”）】」』。、…\\\s-]+$/u;
  const RUN = /https?:/giu;
  const RUN_END = /[\s<>"“”]/u;
  // Here one program or another ends a link; what follows must stand for itself.
  const CUT = /[,;!'()*$~[\]{}|\\^`@]|\?\?|\.\/\/|[^\x21-\x7e]/u;
  const LABELS = new Set(
    `link url web website site portal mychart address login here tel phone ph fax mobile cell text sms mail email e-mail
    time date hours hour re fw fwd subject from to cc dob mrn id ref no ext p f t m h e w`.split(/\s+/),
  );
  globalThis.isLabel = (word) => LABELS.has(word.toLowerCase());
  const SCHEME = /(?<![\p{L}\p{N}+.-])(\p{L}[\p{L}\p{N}+.-]*):(\S)(\S?)/gu;
  const SLASHES = /[/\\][/\\]+([^\s/\\?#"'<>]+)/gu;
  const DOTTED = /(?:[\p{L}\p{N}\p{M}_-]+\.)+[\p{L}\p{N}\p{M}-]+/gu;
  const NUMERIC = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|\b\d+\.[\d.]*\d(?:[/\\]|:\d)|\b0x[\da-f.]+[/\\]|\[[\da-f.]*:[\da-f.]*:[\da-f:.]*\]/iu;
  const SPACED = /[\p{L}\p{N}](?: +\. *| *\. +| +dot +)(?:com|net|org|example)(?![\p{L}\p{N}'’-])/u;
  const DEFANGED = /\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}/giu;

  const folded = (text) =>
    text
      .normalize("NFKC")
      .replace(/[\u3002\uff61\uff0e\u2024]/gu, ".")
      .replace(DEFANGED, ".")
      .replace(/\[(:|:\/\/|\/)\]/gu, "$1")
      .replace(/hxxp/giu, "http");

  const open = (text) => {
    try {
      return new URL(text);
    } catch {
      return null;
    }
  };

  // The text without its web addresses, and a word for each that leads, or might, elsewhere.
  function withoutAddresses(text, official, faults) {
    let rest = "";
    let after = 0;
    for (const { index } of text.matchAll(RUN)) {
      if (index < after) continue;
      const tail = text.slice(index);
      const length = tail.search(RUN_END);
      const run = length < 0 ? tail : tail.slice(0, length);
      const long = open(run.replace(CLOSING, ""));
      const cut = run.slice(6).search(CUT);
      const short = cut < 0 ? run : run.slice(0, cut + 6);
      const url = long ?? open(short.replace(CLOSING, ""));
      rest += text.slice(after, index);
      if (url === null) faults.push(["broken link", run]);
      for (const one of [url, open(short.replace(CLOSING, ""))]) {
        if (one && originOf(one) !== official.origin) faults.push(["link", one.href]);
      }
      if (url && isWrapper(url)) {
        rest += "\uFFFC";
        after = index + run.length;
        continue;
      }
      const nested = short.slice(6).match(/([^]*)https?:/iu);
      if (nested && !/[?&][\w.-]+=$/u.test(nested[1])) faults.push(["link in a link", run]);
      const led = /[?#&]([^/?#&=]*)/gu;
      for (const [, word] of short.matchAll(led)) hosts(word, official, faults);
      rest += "\uFFFC";
      after = index + short.length;
    }
    return rest + text.slice(after);
  }

  const isPlace = (labels) => labels.slice(1).some((label) => suffixes.has(label));

  function hosts(text, official, faults) {
    for (const { 0: name, index } of text.matchAll(DOTTED)) {
      const lower = name.toLowerCase();
      if (isPlace(lower.split(".")) && lower !== official.host) faults.push(["host", name]);
      else if (lower === official.host) schemeless(text.slice(index + name.length).match(/^[^\s<>"“”'|()[\]{}\uFFFC]*/u)[0], faults);
    }
  }

  // Behind an official host that stands without its scheme, a linkifier may see anything anew.
  function schemeless(rest, faults) {
    const url = open(`https://host.example${rest.replace(CLOSING, "")}`);
    if (rest.replace(CLOSING, "") !== "" && url?.host !== "host.example") faults.push(["host goes on", rest]);
    if (/\/\/|www\./iu.test(rest)) faults.push(["host's rest", rest]);
  }

  // A stand-alone e-mail address opens no page, unless its first part is a host itself.
  const withoutMail = (text) =>
    text.replace(/(?<![^\s<>()[\]{},;:"'*_~|“”‘’«»‹›])([\p{L}\p{N}._%+-]+)@((?:[\p{L}\p{N}-]+\.)+\p{L}[\p{L}\p{N}-]+)(?![\p{L}\p{N}@/\\#%&=+-]|[:.?]\S)/giu, (all, local) =>
      /^www\./iu.test(local) || isPlace(local.toLowerCase().replace(/\.example\b/gu, "").split(".")) ? all : "\uFFFC",
    );

  globalThis.readablePlaces = (text, official) => {
    const faults = [];
    if (OVERRIDES.test(text)) faults.push(["direction override", ""]);
    if (CONTROLS.test(text)) faults.push(["control character", ""]);
    for (const bare of new Set([folded(text), folded(text.replace(HIDDEN, ""))])) {
      const rest = withoutMail(withoutAddresses(bare, official, faults));
      for (const [all, scheme, next, second] of rest.matchAll(SCHEME)) {
        const name = scheme.toLowerCase();
        if (/^(mailto|tel|sms|cid)$/u.test(name)) continue;
        if (next + second === "//" || (/[\p{L}\uFFFC]/u.test(next) && !isLabel(name))) faults.push(["scheme", all]);
      }
      for (const [all, authority] of rest.matchAll(SLASHES)) {
        if (/^[^\uFFFC]*[\p{L}\p{N}[]/u.test(authority) && authority.toLowerCase() !== official.host) faults.push(["slashes", all]);
      }
      hosts(rest, official, faults);
      for (const [all] of rest.matchAll(new RegExp(NUMERIC, "giu"))) faults.push(["numeric host", all]);
      if (SPACED.test(rest)) faults.push(["spaced host", SPACED.exec(rest)[0]]);
    }
    return faults;
  };
})();
