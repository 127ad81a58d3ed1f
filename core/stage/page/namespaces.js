export const CLIENT = "jabber:client";
export const CORE = "urn:xmpp:mix:core:1";
export const PAM = "urn:xmpp:mix:pam:2";
export const ROSTER = "jabber:iq:roster";
export const MIX_ROSTER = "urn:xmpp:mix:roster:0";
export const DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
export const DISCO_INFO = "http://jabber.org/protocol/disco#info";
export const PUBSUB = "http://jabber.org/protocol/pubsub";
export const EVENT = "http://jabber.org/protocol/pubsub#event";
export const MAM = "urn:xmpp:mam:2";
export const RSM = "http://jabber.org/protocol/rsm";
export const SID = "urn:xmpp:sid:0";

export const NODES = {
  messages: "urn:xmpp:mix:nodes:messages",
  participants: "urn:xmpp:mix:nodes:participants",
  info: "urn:xmpp:mix:nodes:info",
};
