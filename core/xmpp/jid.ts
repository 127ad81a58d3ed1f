import { isIPv6 } from "node:net";
import { domainToASCII, domainToUnicode } from "node:url";
import { detached } from "./detached.ts";
import { opaqueString, usernameCaseMapped } from "./precis.ts";

/** An XMPP address (RFC 7622), prepared: equal addresses are equal strings. Absent parts are empty. */
export interface Jid {
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
  readonly bare: string;
  readonly full: string;
}

/** Reads an address as anybody may have written it; `undefined` when it is none. Never throws. */
export function parseJid(text: string | undefined): Jid | undefined {
  if (text === undefined) return undefined;
  if (text.length > MAX_DOMAIN || !PREPARED.test(text)) return prepare(text);
  const jid = split(detached(text));
  return jid.domain.length > MAX_LABEL ? prepare(text) : jid;
}

/** The bare address within a prepared one. */
export function bare(jid: string): string {
  const slash = jid.indexOf("/");
  return slash < 0 ? jid : jid.slice(0, slash);
}

/** The prepared name of a channel, or `undefined`: a localpart without `#`, which separates an ID from it. */
export function channelName(text: string): string | undefined {
  const name = localpart(text);
  return name?.includes("#") ? undefined : name;
}

const LDH = "[a-z0-9]+(?:-+[a-z0-9]+)*";
const MAX_LABEL = 63;
const MAX_DOMAIN = 255;

// What most stanzas carry: ASCII, prepared already, no A-label.
const PREPARED = new RegExp(`^(?:[!#-%(-.0-9;=?[-~]+@)?(?!xn--)${LDH}(?:\\.(?!xn--)${LDH})*(?:/[ -~]+)?$`);

function prepare(text: string): Jid | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const at = address.indexOf("@");
  const local = at < 0 ? "" : localpart(address.slice(0, at));
  const domain = domainpart(address.slice(at + 1));
  const resource = slash < 0 ? "" : opaqueString(text.slice(slash + 1));
  if (local === undefined || domain === undefined || resource === undefined) return undefined;
  return split(detached((local && `${local}@`) + domain + (resource && `/${resource}`)));
}

function split(full: string): Jid {
  const base = bare(full);
  const at = base.indexOf("@");
  return {
    local: at < 0 ? "" : base.slice(0, at),
    domain: base.slice(at + 1),
    resource: full.slice(base.length + 1),
    bare: base,
    full,
  };
}

// RFC 7622 §3.3.1: what is a delimiter elsewhere is not allowed here.
function localpart(text: string): string | undefined {
  const name = usernameCaseMapped(text);
  return name === undefined || /["&'/:<>@]/.test(name) ? undefined : name;
}

// RFC 7622 §3.2: an IP address, or labels that are LDH or U-labels, in lower case and without a final dot.
function domainpart(text: string): string | undefined {
  if (text.length > MAX_DOMAIN + 1) return undefined;
  if (/^\[[0-9a-fA-F:.]+\]$/.test(text)) return isIPv6(text.slice(1, -1)) ? domainToASCII(text) : undefined;
  const domain = text.endsWith(".") ? text.slice(0, -1) : text;
  if (!ASCII_DOMAIN.test(domain)) return internationalDomain(domain);
  return hasDomainLengths(domain) ? domain.toLowerCase() : undefined;
}
const ASCII_DOMAIN = new RegExp(`^(?!xn--)${LDH}(?:\\.(?!xn--)${LDH})*$`, "i");

function internationalDomain(domain: string): string | undefined {
  // Node reads the argument as the host of a URL: only letters, digits, dots and hyphens may reach it.
  if (!/^[-.\p{L}\p{M}\p{N}]+$/u.test(domain)) return undefined;
  const name = domainToUnicode(domain);
  const ascii = domainToASCII(name);
  // An A-label is one only if it comes back (RFC 5890 §2.3.2.1): what else reads as the same name is not the same.
  if (ascii !== domainToASCII(domain)) return undefined;
  return name.split(".").every(isLabel) && hasDomainLengths(ascii) ? name : undefined;
}

// What IDNA2008 allows in a label is what PRECIS allows in a name, but for ASCII.
function isLabel(label: string): boolean {
  return LDH_LABEL.test(label) || (U_LABEL.test(label) && usernameCaseMapped(label) === label);
}
const LDH_LABEL = new RegExp(`^(?!xn--)${LDH}$`);
// Some versions of Node leave an A-label that cannot be decoded as it is, others answer with nothing.
const U_LABEL = /^(?!-|xn--)[-a-z0-9\u0080-\u{10ffff}]+(?<!-)$/u;

function hasDomainLengths(ascii: string): boolean {
  return ascii.length <= MAX_DOMAIN && ascii.split(".").every((label) => label.length <= MAX_LABEL);
}
