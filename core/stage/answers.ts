import { type Jid, parseJid } from "../xmpp/jid.ts";
import { NS } from "../xmpp/ns.ts";
import { refuse } from "../xmpp/refuse.ts";
import type { Answering } from "../xmpp/router.ts";
import { type Element, xml } from "../xmpp/xml.ts";
import type { Account } from "./account.ts";
import { joinFor, leaveFor, PAM } from "./pam.ts";
import { type Contact, NS_MIX_ROSTER, NS_ROSTER, rosterItem } from "./roster.ts";
import type { Server } from "./server.ts";

interface Asked {
  readonly server: Server;
  readonly from: Jid;
  readonly payload: Element;
}

/** The asker's own account is asked, on his behalf. */
interface AskedAccount extends Asked {
  readonly account: Account;
}

type Answer<A> = (asked: A) => ReturnType<Answering>;

/** What the server answers for itself: type, namespace, element. */
const SERVER: Readonly<Record<string, Answer<Asked>>> = {
  [`get ${NS.DISCO_INFO} query`]: () => info("server", "im", [NS.DISCO_INFO, NS.DISCO_ITEMS, NS.PING, ...PAM]),
  [`get ${NS.DISCO_ITEMS} query`]: ({ server }) => {
    const items = [...server.components].map((jid) => xml("item", { jid, name: "Channels" }));
    return xml("query", { xmlns: NS.DISCO_ITEMS }, items);
  },
  [`get ${NS.PING} ping`]: () => true,
};

/** What it answers for a user's account, when he asks himself. */
const ACCOUNT: Readonly<Record<string, Answer<AskedAccount>>> = {
  [`get ${NS.DISCO_INFO} query`]: () => info("account", "registered", [NS.DISCO_INFO, NS.DISCO_ITEMS, NS.PING, ...PAM]),
  [`get ${NS.DISCO_ITEMS} query`]: () => xml("query", { xmlns: NS.DISCO_ITEMS }),
  [`get ${NS.PING} ping`]: () => true,
  [`get ${NS_ROSTER} query`]: ({ account, from, payload }) => {
    const session = account.session(from.full);
    return session && account.readRoster(session, payload.getChild("annotate", NS_MIX_ROSTER) ? "annotated" : "plain");
  },
  [`set ${NS_ROSTER} query`]: setRoster,
  ...Object.fromEntries(
    PAM.flatMap((namespace): [string, Answer<AskedAccount>][] => [
      [`set ${namespace} client-join`, ({ account, payload, server }) => joinFor(account, payload, server)],
      [`set ${namespace} client-leave`, ({ account, payload, server }) => leaveFor(account, payload, server)],
    ]),
  ),
};

/** Answers what is addressed to the server, or to a user's bare JID, which the server speaks for. */
export function answer(server: Server, stanza: Element, from: Jid, to: Jid): ReturnType<Answering> {
  const payload = stanza.getChildElements()[0];
  if (stanza.name !== "iq" || !payload) return undefined;
  const question = `${stanza.attrs.type} ${payload.getNS()} ${payload.getName()}`;
  if (to.local === "") return SERVER[question]?.({ server, from, payload });
  const account = server.account(to.bare);
  return to.bare === from.bare && account ? ACCOUNT[question]?.({ server, from, payload, account }) : undefined;
}

function info(category: string, type: string, features: readonly string[]): Element {
  return xml(
    "query",
    { xmlns: NS.DISCO_INFO },
    xml("identity", { category, type, name: category === "server" ? "The stage" : undefined }),
    features.map((feature) => xml("feature", { var: feature })),
  );
}

function setRoster({ account, payload }: AskedAccount): true {
  const [item, ...more] = payload.getChildren("item");
  const jid = parseJid(item?.attrs.jid);
  if (!item || more.length > 0 || !jid)
    throw refuse("bad-request", "A roster is set one item at a time (RFC 6121 §2.1.5).");
  const before = account.roster.contact(jid.bare);
  if (item.attrs.subscription !== "remove") {
    const groups = item.getChildren("group").map((group) => group.getText());
    const contact: Contact = { subscription: "none", ...before, jid: jid.bare, name: item.attrs.name, groups };
    account.roster.put(contact);
    account.pushRoster((annotated) => rosterItem(contact, annotated));
    return true;
  }
  if (!before) throw refuse("item-not-found");
  if (before.participantId !== undefined)
    throw refuse("not-allowed", "Leave the channel: that takes it off the roster.");
  account.roster.remove(jid.bare);
  account.pushRoster(() => xml("item", { jid: jid.bare, subscription: "remove" }));
  return true;
}
