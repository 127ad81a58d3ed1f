/** Namespaces and node names, as the wire spells them. */
export const NS = {
  MIX_CORE_0: "urn:xmpp:mix:core:0",
  MIX_CORE_1: "urn:xmpp:mix:core:1",
  MIX_ANON: "urn:xmpp:mix:anon:0",
  MIX_MISC: "urn:xmpp:mix:misc:0",
  MIX_ADMIN: "urn:xmpp:mix:admin:0",
  MIX_PRESENCE: "urn:xmpp:mix:presence:0",
  DISCO_INFO: "http://jabber.org/protocol/disco#info",
  DISCO_ITEMS: "http://jabber.org/protocol/disco#items",
  PUBSUB: "http://jabber.org/protocol/pubsub",
  PUBSUB_EVENT: "http://jabber.org/protocol/pubsub#event",
  PUBSUB_ERRORS: "http://jabber.org/protocol/pubsub#errors",
  DATA: "jabber:x:data",
  RSM: "http://jabber.org/protocol/rsm",
  MAM: "urn:xmpp:mam:2",
  MAM_EXTENDED: "urn:xmpp:mam:2#extended",
  SID: "urn:xmpp:sid:0",
  HINTS: "urn:xmpp:hints",
  FORWARD: "urn:xmpp:forward:0",
  DELAY: "urn:xmpp:delay",
  PING: "urn:xmpp:ping",
  VERSION: "jabber:iq:version",
  STANZAS: "urn:ietf:params:xml:ns:xmpp-stanzas",
  CLIENT: "jabber:client",
  COMPONENT: "jabber:component:accept",
} as const;

/** The nodes of a channel (XEP-0369 §3.6, XEP-0403, 0404, 0406). */
export const NODE = {
  MESSAGES: "urn:xmpp:mix:nodes:messages",
  PRESENCE: "urn:xmpp:mix:nodes:presence",
  JIDMAP: "urn:xmpp:mix:nodes:jidmap",
  PARTICIPANTS: "urn:xmpp:mix:nodes:participants",
  INFO: "urn:xmpp:mix:nodes:info",
  CONFIG: "urn:xmpp:mix:nodes:config",
  AVATAR_DATA: "urn:xmpp:avatar:data",
  AVATAR_METADATA: "urn:xmpp:avatar:metadata",
} as const;
