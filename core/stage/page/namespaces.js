export const CLIENT = "jabber:client";
export const CORE = "urn:xmpp:mix:core:1";
export const ANON = "urn:xmpp:mix:anon:0";
export const ADMIN = "urn:xmpp:mix:admin:0";
export const PRESENCE = "urn:xmpp:mix:presence:0";
export const PAM = "urn:xmpp:mix:pam:2";
export const ROSTER = "jabber:iq:roster";
export const MIX_ROSTER = "urn:xmpp:mix:roster:0";
export const DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
export const DISCO_INFO = "http://jabber.org/protocol/disco#info";
export const PUBSUB = "http://jabber.org/protocol/pubsub";
export const EVENT = "http://jabber.org/protocol/pubsub#event";
export const DATA = "jabber:x:data";
export const MAM = "urn:xmpp:mam:2";
export const RSM = "http://jabber.org/protocol/rsm";
export const SID = "urn:xmpp:sid:0";

export const NODES = {
  messages: "urn:xmpp:mix:nodes:messages",
  participants: "urn:xmpp:mix:nodes:participants",
  info: "urn:xmpp:mix:nodes:info",
  presence: "urn:xmpp:mix:nodes:presence",
};

/** For owners. */
export const CONFIG = "urn:xmpp:mix:nodes:config";
export const JIDMAP = "urn:xmpp:mix:nodes:jidmap";
