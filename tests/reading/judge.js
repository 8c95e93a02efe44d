// Judges texts that were called verified: for each [text, official origin] all [reader, what, where] that are false.
(() => {
  const parser = new commonmark.Parser();
  const renderer = new commonmark.HtmlRenderer();
  const GATEWAYS = ["urldefense.com", "urldefense.proofpoint.com", "www.google.com", "linkprotect.cudasvc.com"];
  const SAFE_LINKS = /^[a-z0-9]+\.safelinks\.protection\.outlook\.com$/;
  const TAG = /<!--[^]*?-->|<style\b[^]*?<\/style>|<\/?([a-z][^\s/>]*)(?:"[^"]*"|'[^']*'|[^>"'])*>/gi;

  globalThis.originOf = (url) => `${url.protocol}//${url.host.replace(/\.(?=$|:)/, "")}`;
  globalThis.isWrapper = (url) =>
    url?.protocol === "https:" && url.port === "" && (GATEWAYS.includes(url.hostname) || SAFE_LINKS.test(url.hostname));

  // Markdown takes the "__" of Proofpoint's links, or one of the two, for bold or slanted type; without both of them
  // they are pages of Proofpoint.
  globalThis.isBrokenWrapper = (url) => isWrapper(url) && /urldefense\.com(?:\/|%2f)v3(?:\/|%2f)(?!__)/i.test(url.href);

  // A name that nobody can own or reach: Chromium keeps blanks and signs in a host as %20. No registry sells names
  // like "orghttps", which is what Outlook's "https://host<https://host>" becomes without its brackets.
  globalThis.isNowhere = ({ hostname }) => {
    const labels = hostname.replace(/\.$/, "").split(".");
    if (/.https?$/.test(labels.at(-1))) return true;
    return !hostname.startsWith("[") && (labels.includes("") || /[^a-z0-9.-]/.test(labels.slice(-2).join(".")));
  };

  const decoded = (source) => {
    const bytes = String.fromCharCode(...new TextEncoder().encode(source.replace(/=[ \t]*\r?\n/g, "")));
    const signs = bytes.replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(`0x${hex}`));
    return new TextDecoder().decode(Uint8Array.from(signs, (sign) => sign.charCodeAt(0)));
  };

  // Chromium joins pasted lines where every run of blanks holds a line break, Firefox always.
  function pasted(text) {
    const trimmed = text.trim();
    const areLines = (trimmed.match(/\s+/g) ?? []).every((run) => /[\r\n]/.test(run));
    return new Set([
      trimmed.replace(/\s*[\r\n]\s*/g, areLines ? "" : " "),
      trimmed.replace(/[\r\n]+/g, ""),
      trimmed.replace(/[\t\r\n]+/g, ""),
    ]);
  }

  // Whether text without a scheme is an address for the bar, and nothing to search for.
  function isTyped(line, host) {
    if (host.includes("%")) return false;
    const isName = host.includes(".") && suffixes.has(host.split(".").at(-1));
    const isNumber = /^(?:\d+\.|0x|\[)/i.test(line) && /^\[|\.\d+$/.test(host);
    return isName || isNumber || /^(?!https?)[a-z][\w-]*[/\\]\S*$/i.test(line);
  }

  // What the address bar opens for the whole text; most texts are words to search for.
  function* addressBar(text, official) {
    for (const line of pasted(text)) {
      const scheme = /^([a-z][a-z0-9+-]*):(?!["'<([“])/i.exec(line)?.[1] ?? "";
      const isWeb = /^https?$/i.test(scheme);
      // "Results" above an address: nobody has a scheme "resultshttps".
      if (/.https?$/i.test(scheme) && !text.includes(scheme)) continue;
      if (scheme && !isWeb && !/\s/.test(line)) {
        if (!isLabel(scheme) && !/^hxxps?$/i.test(scheme)) yield ["address bar", "scheme", line];
        continue;
      }
      if (!isWeb && /^<[a-z]\w*[\s>]/i.test(line)) continue; // begins with a tag: words to search for
      const bare = line.replace(/^["'“”„‘’«»‹›([{<*_~`]+(?=[\w])/, "");
      const url = URL.parse(isWeb ? line : `https://${bare}`);
      // A blank in front of the official name makes a name below it, which is nobody else's.
      if (url === null || isNowhere(url) || url.hostname.endsWith(`%20${official.host}`)) continue;
      if (isWeb || isTyped(bare, url.hostname.replace(/\.$/, ""))) yield ["address bar", "address", url.href];
    }
  }

  // Mail programs read a link from bracket to bracket, blanks and all.
  function* bracketed(text) {
    for (const [, link] of text.matchAll(/<(https?:[^<>]*)>/gi)) {
      for (const address of [link, link.replace(/\s+/g, "")]) {
        const url = URL.parse(address);
        if (url && !isNowhere(url)) yield ["mail program", "brackets", url.href];
      }
    }
  }

  // Where a text leads in all the programs that read it so; the words that they show go into ``texts``.
  function destinations(text, isSource, texts) {
    const found = readHtml(renderer.render(parser.parse(text)), texts).map((place) => ["Markdown", ...place]);
    if (/[<&]/.test(text)) found.push(...readHtml(text, texts).map((place) => ["page", ...place]));
    // Nobody opens message source undecoded: there every quoted attribute begins with 3D.
    return found.filter(([, , where]) => !isSource || !where.startsWith(`from the page to ${document.baseURI}3D`));
  }

  const isElement = (name) => /^\w+$/.test(name) && !(document.createElement(name) instanceof HTMLUnknownElement);

  // The text as it stands, without the tags that only a program reads; entities count only beside tags.
  const entity = document.createElement("textarea");
  function asWords(text) {
    const words = text.replace(TAG, (tag, name = "p") => (isElement(name) || /^[vow]:/i.test(name) ? " " : tag));
    if (words === text) return text;
    return words.replace(/&#?\w+;/g, (written) => {
      entity.innerHTML = written;
      return entity.value;
    });
  }

  function judge(text, official) {
    const [texts, typed] = [new Set(), new Set()];
    const isSource = /=3d|=[ \t]*\r?\n/i.test(text);
    const places = [];
    for (const read of isSource ? [text, decoded(text)] : [text]) {
      places.push(...addressBar(read, official), ...bracketed(read), ...destinations(read, isSource, texts));
      typed.add(asWords(read));
    }
    const isOther = ([, , where]) => !URL.canParse(where) || originOf(new URL(where)) !== official.origin;
    const wrong = places.filter(isOther);
    for (const words of new Set([...typed, ...texts].map((shown) => shown.replace(/\s*\n\s*/g, "\n").trim()))) {
      const seen = readablePlaces(words, official, false, typed.has(words));
      wrong.push(...seen.map((found) => ["person", ...found]));
      if (seen.length > 0) continue;
      const linked = readablePlaces(words, official, true, typed.has(words));
      wrong.push(...linked.map((found) => ["linkifier", ...found]));
    }
    return [...new Map(wrong.map((found) => [found.join(" "), found])).values()];
  }

  globalThis.judgeAll = (rows) => rows.map(([text, origin]) => judge(text, { origin, host: new URL(origin).host }));
})();
