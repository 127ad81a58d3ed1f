import { NS } from "./ns.ts";
import { clone, type Element, xml } from "./xml.ts";

// The conditions of RFC 6120 §8.3.3 with the type each section names first. The words reach the refused user.
const CATALOGUE = {
  "bad-request": { type: "modify", text: "The request is malformed." },
  conflict: { type: "cancel", text: "Something of that name exists already." },
  "feature-not-implemented": { type: "cancel", text: "This feature is not implemented here." },
  forbidden: { type: "auth", text: "You do not have the right to do this." },
  gone: { type: "cancel", text: "This is no longer here." },
  "internal-server-error": { type: "cancel", text: "The service failed to handle this; its operator can see why." },
  "item-not-found": { type: "cancel", text: "There is nothing of that name here." },
  "jid-malformed": { type: "modify", text: "An address in the request is malformed." },
  "not-acceptable": { type: "modify", text: "The request does not meet the rules that hold here." },
  "not-allowed": { type: "cancel", text: "Nobody may do this here." },
  "not-authorized": { type: "auth", text: "You must prove who you are before you may do this." },
  "policy-violation": { type: "modify", text: "The request breaks a rule of this service." },
  "recipient-unavailable": { type: "wait", text: "The recipient is not available at the moment." },
  redirect: { type: "modify", text: "Requests for this go to another address." },
  "registration-required": { type: "auth", text: "You must register before you may do this." },
  "remote-server-not-found": { type: "cancel", text: "The other server cannot be found." },
  "remote-server-timeout": { type: "wait", text: "The other side did not answer in time." },
  "resource-constraint": { type: "wait", text: "The service is too busy for this at the moment; try again later." },
  "service-unavailable": { type: "cancel", text: "This service is not offered here." },
  "subscription-required": { type: "auth", text: "You must subscribe before you may do this." },
  "undefined-condition": { type: "cancel", text: "Something else went wrong." },
  "unexpected-request": { type: "wait", text: "The request was not expected at this moment." },
} as const satisfies Record<string, { type: "cancel" | "modify" | "auth" | "wait"; text: string }>;

export type Condition = keyof typeof CATALOGUE;
export type ErrorType = (typeof CATALOGUE)[Condition]["type"];

// Found by brand, because a plugin may bring a second copy of this module.
const BRAND = Symbol.for("masque:StanzaError");

/** A refusal: thrown by whoever refuses, turned into the reply by the router. It is no fault of the thrower. */
export class StanzaError extends Error {
  readonly [BRAND] = true;
  override readonly name = "StanzaError";
  readonly condition: Condition;
  readonly type: ErrorType;
  /** A sentence for the refused user; it never holds a JID. */
  readonly text: string;
  /** An application-specific condition, such as one of pubsub#errors. */
  readonly detail?: Element;

  constructor(condition: Condition, text: string = CATALOGUE[condition].text, detail?: Element) {
    super(`${condition}: ${text}`);
    this.condition = condition;
    this.type = CATALOGUE[condition].type;
    this.text = text;
    if (detail) this.detail = detail;
  }
}

export function isStanzaError(error: unknown): error is StanzaError {
  return typeof error === "object" && error !== null && BRAND in error;
}

/** What the sender of a stanza of type error could not do; `undefined-condition` for what RFC 6120 does not know. */
export function conditionIn(stanza: Element): Condition {
  const children = stanza.getChild("error")?.getChildElements() ?? [];
  const name = children.find((child) => child.getNS() === NS.STANZAS && child.getName() !== "text")?.getName() ?? "";
  return isCondition(name) ? name : "undefined-condition";
}

export function isCondition(name: string): name is Condition {
  return Object.hasOwn(CATALOGUE, name);
}

/**
 * Makes a refusal to throw.
 * @example throw refuse("forbidden", "Only owners may destroy this channel.")
 */
export function refuse(condition: Condition, text?: string, detail?: Element): StanzaError {
  return new StanzaError(condition, text, detail);
}

/** The `<error/>` of RFC 6120 §8.3.2. There is no `by`: it would name whom a relay asked. */
export function errorElement({ type, condition, text, detail }: StanzaError): Element {
  return xml(
    "error",
    { type },
    xml(condition, { xmlns: NS.STANZAS }),
    xml("text", { xmlns: NS.STANZAS, "xml:lang": "en" }, text),
    detail && clone(detail),
  );
}

/**
 * The reply that refuses `stanza`: back to its sender, with its id and, unless `echo` is false, its payload
 * (RFC 6120 §8.3.1). Never answer a stanza of type "error" with it.
 */
export function errorReply(stanza: Element, error: StanzaError, { echo = true }: { echo?: boolean } = {}): Element {
  const { from, to, id } = stanza.attrs;
  return xml(
    stanza.name,
    { ...(echo && prefixesOf(stanza)), from: to, to: from, id, type: "error" },
    echo ? stanza.children.map((child) => (typeof child === "string" ? child : clone(child))) : [],
    errorElement(error),
  );
}

/** What the stanza declares for its payload: an unbound prefix would end the stream for everybody. */
function prefixesOf({ attrs }: Element): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(attrs).filter(([name]) => name.startsWith("xmlns:")));
}
