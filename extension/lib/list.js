/**
 * The list of official portals that comes with the extension, and the verdict it gives.
 *
 * Membership is exact: a host is on the list or it is not. The path only tells whose portal it is.
 * These rules mirror the project's Python core, and test vectors made by it check that both give the
 * same answers. Anything that a page can choose is looked up in a `Map`, because a plain object would
 * know a host called "constructor". Pure.
 */

import { addressOf } from "./address.js";

const DAY = 86_400_000; // milliseconds

/**
 * @typedef {object} Site a portal as answers show it
 * @property {string} name whose portal it is
 * @property {string} url where to send people
 * @property {string[]} organizations
 * @property {string} [vendor]
 * @property {Record<string, string>} [links] task to address
 * @property {string} [moved_to] where a retired portal moved to
 *
 * @typedef {object} Entry one listed host
 * @property {string} operator
 * @property {string} domain its registrable domain
 * @property {boolean} retired
 * @property {string} reviewBy ISO date
 * @property {Site} home the portal for a path outside all mounts
 * @property {Map<string, Site>} mounts lower-case path segments, joined by "/"
 * @property {number} longest segments of the longest mount
 *
 * @typedef {object} Known whose an unlisted host is
 * @property {"vendor-portal"|"known-site"|"operator-site"} code the reason to give
 * @property {string} owner the vendor's or the organization's name
 * @property {string} domain its registrable domain
 * @property {string} [name] whose the portal is, where that is not `owner`
 * @property {string} [portal] the listed portal
 * @property {string} [website] a known organization's; a listed one needs none
 *
 * @typedef {object} Reason
 * @property {string} code
 * @property {"caution"|"danger"} level
 */

/** The bundled list, ready for look-ups. Throws if `data` is not such a list. */
export class List {
  /** @param {any} data the parsed `data/list.json` */
  constructor(data) {
    if (data?.format !== 1 || typeof data.version !== "string" || typeof data.hosts !== "object" || !Array.isArray(data.danger_codes)) {
      throw new Error("not a list of portals");
    }
    this.version = data.version;
    this.newestEvidence = data.newest_evidence;
    this.portals = data.portals;
    this.reviewAfterDays = data.review_after_days;
    this.graceDays = data.grace_days;
    this.dangerCodes = data.danger_codes; // in the published order
    this.hosts = new Map(Object.entries(data.hosts));
    // Domains on which every portal is retired: anyone may own them by now.
    this.retiredDomains = new Map(Object.entries(data.retired_domains));
    this.vendors = new Map(
      Object.entries(data.vendors).map(([id, vendor]) => [
        id,
        {
          routes: new Map(Object.entries(vendor.routes)),
          segments: new Map(Object.entries(vendor.segments)),
          longest: longestOf(Object.keys(vendor.routes)),
        },
      ]),
    );
    this.tenants = new Map(
      Object.entries(data.tenants).map(([parent, { owner, domain, shapes }]) => [
        parent,
        { site: { code: "vendor-portal", owner, domain }, labels: shapes.map((shape) => labelsOf(shape, data.service_labels)) },
      ]),
    );
    this.knownHosts = new Map(data.known.filter(({ host }) => host !== undefined).map((site) => [site.host, site]));
    // An organization's own domain counts before one that only has the same owner.
    const byOwn = [...data.known].sort((one, other) => (one.code === "known-site") - (other.code === "known-site"));
    this.knownDomains = new Map(byOwn.flatMap((site) => site.domains.map((domain) => [domain, { ...site, domain }])));
    this.websites = new Map(Object.entries(data.websites).map(([url, name]) => [addressOf(url).origin, { name, url }]));
  }

  /**
   * What the list knows about an address; null if it knows nothing.
   * @param {import("./address.js").Address} address
   */
  match(address) {
    const listed = this.hosts.get(address.host);
    if (listed === undefined) {
      const gone = address.isIp ? undefined : this.#retiredDomain(address.host);
      if (gone === undefined) return null;
      const entry = readEntry(address.host, gone);
      return { entry, site: entry.home, mounted: false, depth: 0 };
    }
    const entry = readEntry(address.host, listed);
    const segments = address.path.toLowerCase().split("/").slice(1);
    for (let depth = Math.min(entry.longest, segments.length); depth >= 0; depth--) {
      const site = entry.mounts.get(segments.slice(0, depth).join("/"));
      if (site !== undefined) return { entry, site, mounted: true, depth };
    }
    return { entry, site: entry.home, mounted: false, depth: 0 };
  }

  #retiredDomain(host) {
    const labels = host.split(".");
    const ends = labels.map((_, place) => labels.slice(place).join("."));
    return this.retiredDomains.get(ends.find((end) => this.retiredDomains.has(end)));
  }

  /**
   * Whose an unlisted host is, if the list knows that; null otherwise, and where a whole official host stands
   * inside a known organization's name.
   * @param {import("./address.js").Address} address not listed
   * @returns {Known|null}
   */
  known({ host, isIp }) {
    if (isIp) return null;
    const labels = host.split(".");
    const tenants = this.tenants.get(labels.slice(1).join("."));
    if (tenants?.labels.some((shape) => shape.test(labels[0]))) return tenants.site;
    const ends = labels.map((_, place) => labels.slice(place).join("."));
    const site = this.knownHosts.get(host) ?? this.knownDomains.get(ends.find((end) => this.knownDomains.has(end)));
    if (site === undefined || (site.website !== undefined && this.#holdsOfficialHost(labels))) return null;
    return site;
  }

  #holdsOfficialHost(labels) {
    const isOfficial = (host) => this.hosts.has(host) && this.hosts.get(host).retired !== true;
    return labels.some((_, start) => labels.some((_, stop) => isOfficial(labels.slice(start, stop).join("."))));
  }

  /** Where to go instead: the listed portal or, for another domain of the same owner, the website. */
  #placeOf({ code, name, owner, portal, website }, today) {
    const urls = [portal, code === "operator-site" ? website : undefined];
    const url = urls.find((one) => one !== undefined && this.#handsOut(one, today));
    return url === undefined ? null : { name: name ?? owner, url };
  }

  /**
   * The list's own verdict. `listed` is false if the list knows nothing about the host, so that a
   * service may be asked; the verdict stands until one answers.
   * @param {import("./address.js").Address} address
   * @param {string} today ISO date, UTC
   */
  judge(address, today) {
    const match = this.match(address);
    const known = match === null ? this.known(address) : null;
    const codes = [];
    const warning = (official) => {
      const reasons = codes.map((code) => this.#reason(code));
      return { verdict: "warning", reasons, notes: [], official, match, known, listed: match !== null };
    };
    if (address.hasCredentials) codes.push("credentials-in-address");
    if (address.isIp) codes.push("ip-address");
    if (known !== null) {
      codes.push(known.code);
      if (known.code === "vendor-portal") codes.push(...entranceCodes(address));
      return warning(this.#placeOf(known, today));
    }
    if (match === null) {
      if (codes.length === 0) codes.push("not-listed");
      return warning(null);
    }
    if (match.entry.retired) {
      codes.push("retired-portal");
      const moved = match.site.moved_to;
      return warning(moved && this.#handsOut(moved, today) ? { name: match.entry.operator, url: moved } : null);
    }
    codes.push(...entranceCodes(address));
    const overdue = !this.#withinLease(match.entry, today);
    if (overdue) codes.push("listing-overdue");
    if (codes.length > 0) return warning(overdue ? null : { name: match.site.name, url: match.site.url });
    const notes = [];
    if (!match.mounted) notes.push("clinic-not-identified");
    else if (match.site.organizations.length > 1) notes.push("shared-by-organizations");
    const links = Object.fromEntries(Object.entries(match.site.links ?? {}).filter(([, url]) => this.#handsOut(url, today)));
    const current = { ...match, site: { ...match.site, links } };
    return { verdict: "verified", reasons: [], notes, official: null, match: current, known: null, listed: true };
  }

  /** @returns {Reason} */
  #reason(code) {
    return { code, level: this.dangerCodes.includes(code) ? "danger" : "caution" };
  }

  /**
   * Sort key of a reason: dangers first, in the published order, then those that only a service knows.
   * @param {Reason} reason
   */
  rankOf({ code, level }) {
    const last = this.dangerCodes.length;
    if (level !== "danger") return last + 1;
    const place = this.dangerCodes.indexOf(code);
    return place < 0 ? last : place;
  }

  /** True if people may be sent to this address, which rules out retired portals and overdue ones. */
  #handsOut(url, today) {
    const match = this.match(addressOf(url));
    return match === null || (!match.entry.retired && this.#withinLease(match.entry, today));
  }

  #withinLease(entry, today) {
    return Date.parse(today) <= Date.parse(entry.reviewBy) + this.graceDays * DAY;
  }

  /**
   * The task that an official portal's page is for; null if its path does not tell. The longest of the
   * vendor's routes that fits after the mount counts first, then any single known segment.
   * @param {import("./address.js").Address} address
   */
  taskOf(address) {
    const match = this.match(address);
    if (match === null || match.entry.retired || address.path === "/") return null;
    const segments = trimmed(address.path.toLowerCase()).split("/").slice(match.depth);
    const vendor = this.vendors.get(match.site.vendor ?? "");
    for (let length = Math.min(segments.length, vendor?.longest ?? 0); length > 0; length--) {
      const task = vendor.routes.get(segments.slice(0, length).join("/"));
      if (task !== undefined) return task;
    }
    const common = this.vendors.get("any")?.segments;
    const known = common && segments.find((segment) => common.has(segment));
    return known === undefined ? null : common.get(known);
  }

  /**
   * The official site at an address, with this list's own name and link: an active portal whose lease
   * has not run out, or a known website. Null for anything else.
   * @param {import("./address.js").Address|null} address
   * @param {string} today
   * @returns {{name: string, url: string}|null}
   */
  placeAt(address, today) {
    if (address === null) return null;
    const { verdict, match, listed } = this.judge(address, today);
    if (!listed) return this.websites.get(address.origin) ?? null;
    return verdict === "verified" ? { name: match.site.name, url: match.site.url } : null;
  }

  /**
   * The list's own verdict on a pasted link. A note says so if it carries another address that is not on
   * the list, because it may redirect there.
   * @param {import("./address.js").Address} link
   * @param {string} today
   */
  judgeLink(link, today) {
    const judged = this.judge(link, today);
    if (judged.verdict === "verified" && this.#carriesUnlisted(link)) judged.notes.push("carries-another-address");
    return judged;
  }

  #carriesUnlisted({ query }) {
    return [...new URLSearchParams(query).values()]
      .map((value) => value.trim())
      .filter((value) => /^(https?:|[\\/]{2})/i.test(value))
      .map((value) => addressOf(value.replace(/^[\\/]/, "https:$&")))
      .some((address) => address !== null && this.match(address)?.entry.retired !== false);
  }

  /** Days since the list's newest evidence; a month counts from its first day. */
  ageInDays(today) {
    if (!this.newestEvidence) return Infinity;
    const seen = this.newestEvidence.length === 7 ? `${this.newestEvidence}-01` : this.newestEvidence;
    return Math.floor((Date.parse(today) - Date.parse(seen)) / DAY);
  }

  /** True once the newest evidence is so old that every entry is due for review. */
  isOverdue(today) {
    return this.ageInDays(today) > this.reviewAfterDays;
  }
}

/**
 * One host as the build wrote it, with the values that the build left out filled in.
 * @returns {Entry}
 */
function readEntry(host, entry) {
  const mounts = new Map(entry.mounts.map((site) => [trimmed(site.mount.toLowerCase()), readSite(host, site)]));
  return {
    operator: entry.operator,
    domain: entry.domain,
    retired: entry.retired === true,
    reviewBy: entry.review_by,
    home: entry.home ? readSite(host, entry.home) : mounts.get(""),
    mounts,
    longest: longestOf([...mounts.keys()]),
  };
}

/** @returns {Site} */
function readSite(host, site) {
  return { ...site, name: site.name ?? site.organizations[0], url: site.url ?? `https://${host}${site.mount}` };
}

/** What is wrong with how a portal's host is addressed. */
function entranceCodes({ scheme, port }) {
  return [...(scheme === "https" ? [] : ["not-https"]), ...(port === null ? [] : ["unusual-port"])];
}

/**
 * The labels of a tenant's shape, such as `mycw<digits>`; everything but the placeholders is plain letters. Where a
 * clinic's name is the whole label, the vendor's own services are no clinics.
 */
function labelsOf(shape, services) {
  const pattern = shape.replaceAll("<digits>", "[0-9]+").replaceAll("<name>", "[a-z0-9]+(?:-[a-z0-9]+)*");
  const own = shape === "<name>" ? `(?!(?:${services.join("|")})$)` : "";
  return new RegExp(`^(?:${own}${pattern})$`);
}

function trimmed(path) {
  return path.replace(/^\/+|\/+$/g, "");
}

/** The number of segments in the longest path; paths have no slash at either end. */
function longestOf(paths) {
  return Math.max(0, ...paths.map((path) => (path === "" ? 0 : path.split("/").length)));
}

/** Today's date in UTC, so that leases end on the same day everywhere. */
export function todayUtc(now = new Date()) {
  return now.toISOString().slice(0, 10);
}
