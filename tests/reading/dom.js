// Where a piece of HTML leads, and what it shows, in this browser.
(() => {
  const ASIDE = new Set(["mailto:", "tel:", "sms:"]); // open no page
  const MEDIA = new Set(["img", "image", "input", "audio", "video", "source", "track"]); // src is shown
  const LEADING = new Set(["href", "action", "formaction", "data", "data-saferedirecturl", "originalsrc", "codebase"]);
  const REFRESH = /^\s*[\d.]*[\s;,]*(?:url\s*=\s*)?["']?([^]*)$/i;
  const CONDITIONAL = /^\[if[^\]]*\]>([^]*?)(?:<!\[endif\]\s*)?$/i; // Outlook reads such a comment as HTML
  const SPOKEN = ["alt", "title", "aria-label", "placeholder", "label", "value", "summary"];
  const UNSEEN = new Set(["script", "style", "template"]);
  const BLOCK = new Set(
    `address article aside blockquote body br caption center dd details div dl dt fieldset footer form h1 h2 h3 h4 h5 h6
    header hr legend li main ol option p pre section summary table td th title tr ul`.split(/\s+/),
  );

  // A real page, as if scripts could run: <noscript> is read differently where they cannot. A page that has
  // gone elsewhere (a refresh does that) cannot be written to any more, so it gets a successor.
  let frame = document.createElement("iframe");
  function scripted(html) {
    if (frame.contentDocument === null) {
      frame.remove();
      frame = document.createElement("iframe");
      document.body.append(frame);
    }
    return written(frame.contentDocument, html);
  }
  const unscripted = (html) => written(document.implementation.createHTMLDocument(""), html);
  function written(doc, html) {
    doc.open();
    doc.write(html);
    doc.close();
    return doc;
  }
  // Put into a page that is there already, as a mail program does; the parser has other ways here.
  function inserted(html) {
    const doc = document.implementation.createHTMLDocument("");
    doc.body.innerHTML = html;
    return doc;
  }

  function* nodesOf(root) {
    const walker = (root.ownerDocument ?? root).createTreeWalker(root);
    for (let node = root; node; node = walker.nextNode()) {
      yield node;
      if (node.localName === "template" && node.content) yield* nodesOf(node.content);
      if (node.shadowRoot) yield* nodesOf(node.shadowRoot);
    }
  }

  // [what leads there, where] for each destination as it is written; where is null for a script.
  function* ofElement(element) {
    const name = element.localName;
    const isLook = name === "link" && /\b(stylesheet|icon)\b/i.test(element.getAttribute("rel") ?? "");
    if (name === "script") yield [name, null];
    for (const { name: full, localName, value } of element.attributes) {
      const attribute = localName.replace(/^xlink:/, "");
      const leads = attribute === "src" ? !MEDIA.has(name) : LEADING.has(attribute) && !isLook;
      const animates = /^(animate|set)/.test(name) && /^(to|from|by|values)$/.test(attribute);
      if (/^on[a-z]/.test(full) && value) yield [`${name} ${full}`, null];
      else if (attribute === "ping") for (const one of value.split(/\s+/)) yield [`${name} ping`, one];
      else if (leads || animates || (name === "param" && attribute === "value")) yield [`${name} ${full}`, value];
    }
    if (name === "meta" && /^\s*refresh\s*$/i.test(element.getAttribute("http-equiv") ?? "")) {
      yield ["meta refresh", (element.getAttribute("content") ?? "").match(REFRESH)[1]];
    }
  }

  // [what, where], official only as an absolute address: a relative one depends on where it is read.
  // null for what opens no page.
  function resolved([what, value], base) {
    if (value === null) return [what, "a script"];
    if (/^[\s\0-\x1f]*(#|$)/.test(value)) return null;
    if (!URL.canParse(value)) return [what, `from the page to ${URL.parse(value, base)?.href ?? value}`];
    const url = new URL(value);
    return ASIDE.has(url.protocol) ? null : [what, url.href];
  }

  // The words that a reader sees, with ``between`` wherever an inline element begins or ends.
  function shown(node, between) {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    const isSource = node.localName === "noscript" && node.ownerDocument === frame.contentDocument;
    if (UNSEEN.has(node.localName) || isSource) return "";
    const around = BLOCK.has(node.localName) ? "\n" : between;
    const inside = [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes].map((child) => shown(child, between));
    return around + inside.join("") + around;
  }

  function look(doc, places, texts) {
    const base = doc.querySelector("base[href]")?.getAttribute("href") ?? "";
    const from = URL.canParse(base, document.baseURI) ? new URL(base, document.baseURI).href : document.baseURI;
    for (const node of nodesOf(doc)) {
      const inner = node.nodeType === Node.COMMENT_NODE ? CONDITIONAL.exec(node.data)?.[1] : undefined;
      if (inner !== undefined) look(inserted(inner), places, texts);
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      for (const found of ofElement(node)) {
        const place = resolved(found, from);
        if (place) places.push(place);
      }
      for (const name of SPOKEN) if (node.hasAttribute(name)) texts.add(node.getAttribute(name));
      if (node.hasAttribute("srcdoc")) places.push(...readHtml(node.getAttribute("srcdoc"), texts));
    }
    texts.add(shown(doc, "")).add(shown(doc, " "));
  }

  // All destinations of the HTML; the words it shows go into ``texts``.
  globalThis.readHtml = (html, texts) => {
    const places = [];
    look(inserted(html), places, texts);
    if (/<[a-z!/?]/i.test(html)) look(unscripted(html), places, texts);
    if (/<[a-z!/?][^]*=/i.test(html)) look(scripted(html), places, texts);
    return places;
  };
})();
