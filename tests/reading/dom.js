// Where a piece of HTML leads, and what it shows, in a real document of this browser.
(() => {
  const ASIDE = new Set(["mailto:", "tel:", "sms:"]); // open no page
  const MEDIA = new Set(["img", "image", "input", "audio", "video", "source", "track"]); // their src is shown, not opened
  const ONE_PLACE = ["href", "action", "formaction", "data", "data-saferedirecturl", "originalsrc", "codebase"];
  const REFRESH = /^\s*[\d.]*[\s;,]*(?:url\s*=\s*)?["']?([^]*)$/i;
  const CONDITIONAL = /^\[if[^\]]*\]>([^]*?)(?:<!\[endif\]\s*)?$/i;
  const SPOKEN = ["alt", "title", "aria-label", "placeholder", "label", "value", "summary"];
  const BLOCK =
    /^(p|div|br|tr|td|th|li|ul|ol|dl|dt|dd|table|caption|h[1-6]|blockquote|hr|section|article|header|footer|pre|center|option|body|title|form|address|main|aside|details|summary|legend|fieldset)$/;
  const UNSEEN = new Set(["script", "style", "template"]);

  // One frame where scripts could run (the page's policy stops them) and one where they are off:
  // <noscript> is read differently in the two.
  const frame = (scripting) => {
    const element = document.createElement("iframe");
    if (!scripting) element.setAttribute("sandbox", "allow-same-origin");
    document.body.append(element);
    return element.contentDocument;
  };
  const written = (doc, html) => {
    doc.open();
    doc.write(html);
    doc.close();
    return doc;
  };
  const scripted = frame(true);
  const quiet = frame(false);
  const inert = document.implementation.createHTMLDocument("");

  // Every element, also in templates and shadow trees, and the documents that Outlook reads in comments.
  function* nodesOf(root) {
    const walker = root.ownerDocument?.createTreeWalker(root, 129) ?? root.createTreeWalker(root, 129);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      yield node;
      if (node.content instanceof Object && node.localName === "template") yield* nodesOf(node.content);
      if (node.shadowRoot) yield* nodesOf(node.shadowRoot);
    }
  }

  function* ofElement(element) {
    const name = element.localName;
    if (name === "script") yield ["script", ""];
    for (const { name: full, localName, value } of element.attributes) {
      const attribute = localName.replace(/^xlink:/, "");
      if (/^on[a-z]/.test(full)) yield [`${name} ${full}`, ""];
      else if (attribute === "srcdoc") yield ["srcdoc", "", value];
      else if (attribute === "ping") for (const one of value.split(/\s+/)) yield [`${name} ping`, one];
      else if (attribute === "src" ? !MEDIA.has(name) : ONE_PLACE.includes(attribute)) {
        if (name !== "link" || !/\b(stylesheet|icon)\b/i.test(element.getAttribute("rel"))) yield [`${name} ${full}`, value];
      } else if (/^(animate|set)/.test(name) && /^(to|from|by|values)$/.test(attribute)) yield [`${name} ${full}`, value];
      else if (name === "param" && attribute === "value") yield ["param", value];
    }
    if (name === "meta" && /^\s*refresh\s*$/i.test(element.getAttribute("http-equiv") ?? "")) {
      yield ["meta refresh", (element.getAttribute("content") ?? "").match(REFRESH)[1]];
    }
  }

  const isNowhere = (value) => /^[\s\0-\x1f]*(#|$)/.test(value);

  // [what leads there, where]: an absolute address, or "?" and the text that no browser can resolve.
  function destination(what, value, base) {
    if (isNowhere(value)) return /script| on/.test(what) ? [what, "a script"] : null;
    try {
      const url = new URL(value, base);
      return ASIDE.has(url.protocol) ? null : [what, url.href];
    } catch {
      return [what, `?${value}`];
    }
  }

  // The words that a reader sees, with ``between`` wherever an inline element begins or ends.
  function shown(node, between) {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (UNSEEN.has(node.localName) || (node.localName === "noscript" && node.ownerDocument === scripted)) return "";
    const around = BLOCK.test(node.localName) ? "\n" : between;
    const inside = [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes].map((child) => shown(child, between));
    return around + inside.join("") + around;
  }

  function look(root, base, places, texts) {
    for (const node of nodesOf(root)) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        for (const [what, value, inner] of ofElement(node)) {
          if (inner !== undefined) fragment(inner, places, texts);
          else {
            const found = destination(what, value, base);
            if (found) places.push(found);
          }
        }
        for (const name of SPOKEN) if (node.hasAttribute(name)) texts.add(node.getAttribute(name));
      } else if (node.nodeType === Node.COMMENT_NODE) {
        const inner = CONDITIONAL.exec(node.data);
        if (inner) fragment(inner[1], places, texts);
      }
    }
    texts.add(shown(root, "")).add(shown(root, " "));
  }

  function fragment(html, places, texts) {
    inert.body.innerHTML = html;
    const copy = inert.body.cloneNode(true);
    look(copy, document.baseURI, places, texts);
  }

  // All that the HTML opens and shows: parsed as part of a page, and as a page with scripts on and off.
  globalThis.readHtml = (html, texts) => {
    const places = [];
    fragment(html, places, texts);
    if (/<[a-z!/?]/i.test(html)) {
      for (const doc of [scripted, quiet]) look(written(doc, html), doc.baseURI, places, texts);
    }
    return places;
  };
})();
