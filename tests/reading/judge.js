// Judges texts that were called verified: [[text, official origin], …] gives [[view, what, where], …] for each.
(() => {
  const parser = new commonmark.Parser();
  const renderer = new commonmark.HtmlRenderer();
  const WRAPPERS =
    /^([a-z0-9]+\.safelinks\.protection\.outlook\.com|urldefense\.com|urldefense\.proofpoint\.com|www\.google\.com|linkprotect\.cudasvc\.com)$/;

  globalThis.originOf = (url) => `${url.protocol}//${url.host.replace(/\.(?=$|:)/, "")}`;
  globalThis.isWrapper = (url) => url.protocol === "https:" && url.port === "" && WRAPPERS.test(url.hostname);

  // A name that nobody can own or reach: Chromium keeps blanks and signs in a host as %20.
  const isNowhere = (url) => /[^a-z0-9.-]/.test(url.hostname.split(".").slice(-2).join(".")) && url.hostname[0] !== "[";

  const unquoted = (text) => {
    const bytes = new TextEncoder().encode(text.replace(/=[ \t]*\r?\n/g, ""));
    const raw = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    const decoded = raw.replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return new TextDecoder().decode(Uint8Array.from(decoded, (sign) => sign.charCodeAt(0)));
  };

  // A label in front of an address, and a link made unclickable: no program takes these for schemes.
  const isNoScheme = (name) => isLabel(name) || /^hxxps?$/i.test(name);

  // Chromium joins pasted lines where every run of blanks holds a line break, Firefox always.
  const pasted = (text) => {
    const trimmed = text.trim();
    const runs = trimmed.match(/\s+/g) ?? [];
    const joined = trimmed.replace(/\s*[\r\n]\s*/g, runs.every((run) => /[\r\n]/.test(run)) ? "" : " ");
    return new Set([joined, trimmed.replace(/[\r\n]+/g, ""), trimmed.replace(/[\t\r\n]+/g, "")]);
  };

  function addressBar(text, faults) {
    for (const line of pasted(text)) {
      const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(line)?.[1];
      const isWeb = /^https?$/i.test(scheme ?? "");
      if (scheme && !isWeb && !scheme.includes(".") && !/\s/.test(line)) {
        if (!isNoScheme(scheme)) faults.push(["scheme", line]);
        continue;
      }
      let url = null;
      try {
        url = new URL(isWeb ? line : `https://${line}`);
      } catch {}
      if (url === null || isNowhere(url)) continue;
      const isWord = !/[.:]/.test(url.hostname.replace(/\.$/, "")) && !/^(?!https?)[\w-]+[/\\]\S*$/i.test(line);
      const isSearch = !isWeb && (url.hostname.includes("%") || isWord);
      if (!isSearch) faults.push(["address bar", url.href]);
    }
  }

  function judge(text, official) {
    const faults = [];
    const texts = new Set();
    const isMarkup = /<[a-z!/?]/i.test(text);
    const isSource = /=3d|=[ \t]*\r?\n/i.test(text);
    for (const raw of isSource ? [text, unquoted(text)] : [text]) {
      const bar = [];
      addressBar(raw, bar);
      faults.push(...bar.map((found) => ["address bar", ...found]));
      const found = /[<&]/.test(raw) ? readHtml(raw, texts).map((place) => ["page", ...place]) : [];
      found.push(...readHtml(renderer.render(parser.parse(raw)), texts).map((place) => ["Markdown", ...place]));
      // Nobody opens message source undecoded: there every quoted attribute begins with 3D.
      faults.push(...found.filter(([, , where]) => !isSource || !where.startsWith(`${document.baseURI}3D`)));
      if (!isMarkup) texts.add(raw);
    }
    const wrong = faults.filter(([, , where]) => !URL.canParse(where) || originOf(new URL(where)) !== official.origin);
    const seen = new Set();
    for (const shown of texts) {
      const key = shown.replace(/\s+/g, " ").trim();
      if (seen.has(key)) continue;
      seen.add(key);
      wrong.push(...readablePlaces(shown, official).map((found) => ["readable", ...found]));
    }
    return [...new Map(wrong.map((found) => [found.join(" "), found])).values()];
  }

  globalThis.judgeAll = (rows) => rows.map(([text, origin]) => judge(text, { origin, host: new URL(origin).host }));
})();
