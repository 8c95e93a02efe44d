// What a person, or a program that makes links of text, could take for a place to go, besides the official one.
(() => {
  const HIDDEN = /\p{Default_Ignorable_Code_Point}/gu;
  const OVERRIDES = /[\u202b\u202d\u202e\u2066\u2067]/u;
  const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]/u;

  // A link runs to a blank or a quote, and loses the marks at its end; but some programs that make links of
  // text also end it at the cuts, and what follows must then stand for itself.
  const LINK = /https?:[^\s<>"“”]*/giu;
  const CLOSING = /[)\]}>.,;:!?'"*_~`|”’»›”）】」』。、…\\\s\p{Default_Ignorable_Code_Point}-]+$/u;
  const CUT = /[,;!'()*$~[\]{}|\\^`@]|\?\?|\.\/\/|[^\x21-\x7e]/u;
  const GATEWAY_CUT = /["'`<>[\]{}\\^]|[^\x21-\x7e]/u;
  const INTO_MARKUP = /^[\])][\](<[:]/u;
  const AS_VALUE = /[?&][\w.-]+=$/u;
  const BEHIND_HOST = /^[^\s<>"“”'|()[\]{}\uFFFC]*/u;

  const DOTTED = /(?:[\p{L}\p{N}\p{M}_-]+\.)+[\p{L}\p{N}\p{M}-]+/gu;
  const SCHEME = /(?<![\p{L}\p{N}+.-]|<\/?)(\p{L}[\p{L}\p{N}+.-]*):(\S)(\S?)/gu;
  const SURE_SCHEME = /^(?:javascript|vbscript|data|file|ftp|.*[+-].*)$/u;
  const NO_PAGE = /^(?:mailto|tel|sms|cid|urn|xmlns)$/iu;
  const SLASHES = /[/\\][/\\]+([^\s/\\?#"'<>]+)/gu;
  const WWW = /(?<![\p{L}\p{N}.-])www\.[\p{L}\p{N}\uFFFC][\p{L}\p{N}\p{M}.-]*/giu;
  const NUMERIC = [
    /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/u, // 10.2.0.1
    /\b\d+(?:\.\d+)+(?:[/\\]\S|:\d)/u, // 127.1/login
    /\b0x[\da-f.]+[/\\]/iu,
    /\[[\da-f.]*:[\da-f.]*:[\da-f:.]*\]/iu, // [::1]
  ];
  const SPACED = /[\p{L}\p{N}](?: +\. *| *\. +| +dot +)(?:com|net|org|example)(?![\p{L}\p{N}'’-])/u;
  const E_MAIL = new RegExp(
    "(?<![\\p{L}\\p{N}@/\\\\%&+.-]|[^\\s<(][#=]|(?!\\uFE0F)\\p{M})" + // an emoji, or a sign of its own, is no letter
      "([\\p{L}\\p{N}._%+-]+)@(?:[\\p{L}\\p{N}-]+\\.)+\\p{L}[\\p{L}\\p{N}-]+" +
      "(?![\\p{L}\\p{N}@/\\\\#%&=+-]|[:.?]+[\\p{L}\\p{N}@/\\\\#%&=+-])", // signs at a sentence's end go nowhere
    "gu",
  );

  // Words that stand before a colon in honest texts.
  const LABELS = new Set(
    `link url web website site portal mychart address login here tel phone ph fax mobile cell text sms mail email e-mail
    time date hours hour re fw fwd subject from to cc dob mrn id ref no ext p f t m h e w`.split(/\s+/),
  );
  globalThis.isLabel = (word) => LABELS.has(word.toLowerCase());

  // As people mean it, and as programs fold it.
  const refanged = (text) =>
    text
      .replace(/\[\.\]|\(\.\)|\{\.\}|[[({]dot[\])}]/giu, ".")
      .replace(/\[(:|:\/\/|\/)\]/gu, "$1")
      .replace(/hxxp/giu, "http");
  const folded = (text) => refanged(text.normalize("NFKC").replace(/[。｡．․]/gu, "."));

  const isHost = (name) => name.split(".").slice(1).some((label) => suffixes.has(label));
  const opened = (text) => {
    const link = text.replace(CLOSING, "");
    return URL.canParse(link) ? new URL(link) : null;
  };

  // The text with \uFFFC in place of its web addresses; each must be official, and as cut too if ``asCut``.
  function withoutLinks(text, official, asCut, faults) {
    let rest = "";
    let after = 0;
    LINK.lastIndex = 0;
    for (let found = LINK.exec(text); found; found = LINK.exec(text)) {
      const whole = found[0];
      const isGateway = isWrapper(opened(whole));
      const cut = whole.slice(6).search(isGateway ? GATEWAY_CUT : CUT);
      const short = cut < 0 ? whole : whole.slice(0, cut + 6);
      const intoMarkup = INTO_MARKUP.test(whole.slice(short.length));
      const read = asCut || intoMarkup || !opened(whole) ? short : whole;
      const url = opened(read);
      const isHarmless = !url || originOf(url) === official.origin || isNowhere(url) || isBrokenWrapper(url);
      if (!isHarmless) faults.push(["link", url.href]);
      if (asCut && !isGateway) findInside(short, official, faults);
      rest += `${text.slice(after, found.index)}\uFFFC`;
      after = found.index + read.length;
      LINK.lastIndex = after;
    }
    return rest + text.slice(after);
  }

  function findInside(link, official, faults) {
    const [, before, second] = link.slice(6).match(/([^]*)(https?:[^]*)/iu) ?? [];
    if (before !== undefined && !AS_VALUE.test(before)) {
      const url = opened(second);
      if (!url || originOf(url) !== official.origin) faults.push(["link in a link", url?.href ?? link]);
    }
    for (const [, word] of link.matchAll(/[?#&]([^/?#&=]*)/gu)) findHosts(word, official, faults);
  }

  function findHosts(text, official, faults) {
    for (const { 0: name, index } of text.matchAll(DOTTED)) {
      const host = name.toLowerCase();
      if (host === official.host) continueHost(text.slice(index + host.length).match(BEHIND_HOST)[0], faults);
      else if (isHost(host)) faults.push(["host", name]);
    }
  }

  // Behind an official host without its scheme a program may begin to read anew.
  function continueHost(rest, faults) {
    const host = opened(`https://host.com${rest}`)?.hostname ?? "";
    const isOther = host !== "host.com" && (/\d$/u.test(host) || suffixes.has(host.split(".").at(-1)));
    if (isOther) faults.push(["host goes on", rest]);
    if (/\/\/|www\./iu.test(rest)) faults.push(["second place behind a host", rest]);
  }

  // A stand-alone e-mail address opens no page, unless its first part is a host itself.
  const withoutMail = (text) =>
    text.replace(E_MAIL, (all, local) => {
      const name = local.toLowerCase().replace(/\.example\b/gu, "");
      return name.startsWith("www.") || isHost(name) ? all : "\uFFFC";
    });

  // Faults as a person sees them or, with ``asCut``, as a program that makes links of text might. In words that
  // were shown, and not typed, a word before a colon is hardly a scheme.
  globalThis.readablePlaces = (text, official, asCut, isTyped) => {
    const faults = [];
    if (OVERRIDES.test(text)) faults.push(["direction override", ""]);
    if (CONTROLS.test(text)) faults.push(["control character", ""]);
    const written = refanged(text); // nobody folds a scheme
    for (const plain of new Set([written, folded(text), folded(text.replace(HIDDEN, ""))])) {
      const rest = withoutMail(withoutLinks(plain, official, asCut, faults));
      for (const [all, name, next, second] of plain === written ? rest.matchAll(SCHEME) : []) {
        const leads = /\p{L}/u.test(next) ? isTyped || SURE_SCHEME.test(name) : isTyped && next === "\uFFFC";
        if ((next + second === "//" || (leads && !isLabel(name))) && !NO_PAGE.test(name)) faults.push(["scheme", all]);
      }
      for (const [all, authority] of rest.matchAll(SLASHES)) {
        const isPlace = /^[^\uFFFC]*[\p{L}\p{N}[]/u.test(authority);
        if (isPlace && authority.toLowerCase() !== official.host) faults.push(["slashes", all]);
      }
      for (const [name] of rest.matchAll(WWW)) {
        if (name.toLowerCase().replace(/\.$/u, "") !== official.host) faults.push(["host", name]);
      }
      findHosts(rest, official, faults);
      for (const shape of [...NUMERIC, SPACED]) {
        const found = shape.exec(rest);
        if (found) faults.push([shape === SPACED ? "spaced host" : "numeric host", found[0]]);
      }
    }
    return faults;
  };
})();
