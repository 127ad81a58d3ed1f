import { randomUUID } from "node:crypto";
import { parseJid } from "../xmpp/jid.ts";
import type { Element } from "../xmpp/xml.ts";

export const NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
export const MECHANISMS = ["PLAIN", "ANONYMOUS"] as const;

/** Who logs in, by bare JID, or why not, as SASL calls it (RFC 6120 §6.5). Any name will do, and any password. */
export type LogIn = { readonly jid: string } | { readonly failure: string };

export function logIn(auth: Element, domain: string): LogIn {
  const { mechanism } = auth.attrs;
  if (mechanism === "ANONYMOUS") return { jid: `${randomUUID()}@${domain}` };
  if (mechanism !== "PLAIN") return { failure: "invalid-mechanism" };
  const parts = Buffer.from(auth.getText(), "base64").toString().split("\0");
  const [authzid = "", name = "", password = ""] = parts;
  if (parts.length !== 3) return { failure: "malformed-request" };
  const jid = parseJid(`${name}@${domain}`);
  // A name with an "@" or a "/" in it parses as another address.
  if (!jid?.local || jid.resource || jid.domain !== domain || password === "") return { failure: "not-authorized" };
  return authzid === "" || parseJid(authzid)?.full === jid.bare ? { jid: jid.bare } : { failure: "invalid-authzid" };
}
