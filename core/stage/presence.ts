import { type Element, xml } from "../xmpp/xml.ts";
import type { Account, Session } from "./account.ts";
import { addressed } from "./address.ts";

type Route = (stanza: Element) => void;

/** A client says how available it is, to whom it may concern (RFC 6121 §4): the user's other clients and his channels. */
export function broadcast(account: Account, session: Session, presence: Element, route: Route): void {
  const { type } = presence.attrs;
  if (type !== undefined && type !== "unavailable") return;
  const wasAvailable = session.presence !== undefined;
  if (type === "unavailable" && !wasAvailable) return;
  session.presence = type === "unavailable" ? undefined : presence;
  if (type === undefined && !wasAvailable) greet(account, session);
  const said = addressed(presence, { from: session.jid });
  for (const other of account.available) other.send(addressed(said, { to: other.jid }));
  for (const { jid, subscription } of account.roster.contacts) {
    if (subscription === "from") route(addressed(said, { to: jid }));
  }
}

/** The client is gone without a word. */
export function vanish(account: Account, session: Session, route: Route): void {
  broadcast(account, session, xml("presence", { type: "unavailable" }), route);
}

/** A client that comes online learns which of the user's others are. */
function greet(account: Account, session: Session): void {
  for (const other of account.available) {
    if (other === session) continue;
    session.send(addressed(other.presence as Element, { from: other.jid, to: session.jid }));
  }
}
