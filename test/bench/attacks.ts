import { DOMAIN } from "./server.ts";

export const CHANNEL = `coven@${DOMAIN}`;
const CORE = "urn:xmpp:mix:core:1";
const ANON = "urn:xmpp:mix:anon:0";
const MISC = "urn:xmpp:mix:misc:0";
const MAM = "urn:xmpp:mam:2";
const PUBSUB = "http://jabber.org/protocol/pubsub";
const PING = "<ping xmlns='urn:xmpp:ping'/>";
const DISCO = "http://jabber.org/protocol/disco";
const NODES = "urn:xmpp:mix:nodes:";

/** What one of the besiegers sends as his `n`th stanza. */
export interface Turn {
  /** His bare JID, and the ID that is his in the channel. */
  readonly jid: string;
  readonly id: string;
  /** Somebody else's ID. */
  readonly other: string;
  readonly n: number;
}

type Attack = (turn: Turn) => string;

const stanza = (name: string, from: string, to: string, type: string, n: number, content: string) =>
  `<${name} from='${from}' to='${to}'${type && ` type='${type}'`} id='a${n}'>${content}</${name}>`;
const says =
  (content: (n: number) => string): Attack =>
  ({ jid, n }) =>
    stanza("message", `${jid}/r`, CHANNEL, "groupchat", n, content(n));
const asks =
  (type: "get" | "set", to: string, content: (turn: Turn) => string): Attack =>
  (turn) =>
    stanza("iq", `${turn.jid}/r`, to, type, turn.n, content(turn));
const form = (fields: string, type = "submit") => `<x xmlns='jabber:x:data' type='${type}'>${fields}</x>`;
const field = (name: string, value: string) => `<field var='${name}'><value>${value}</value></field>`;
const nested = (depth: number) => `${"<a>".repeat(depth)}${"</a>".repeat(depth)}`;
const preference = (fields: string) => `<user-preference xmlns='${ANON}'>${form(fields)}</user-preference>`;
const query = (set: string) => `<query xmlns='${MAM}'><set xmlns='http://jabber.org/protocol/rsm'>${set}</set></query>`;

const FIELDS = Array.from({ length: 700 }, (_, i) => field(`Field ${i}`, "x".repeat(40))).join("");
const BODY = "<body>Fillet of a fenny snake, in the cauldron boil and bake.</body>";
const LARGE = `<body>${"x".repeat(60_000)}</body>`;

/** What people may try, by what it is called in the table. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  nothing: () => "",
  "messages, as many as they can": says(() => BODY),
  "messages of 60 KB": says(() => LARGE),
  "stanzas of 2 MB": says(() => `<body>${"x".repeat(2_000_000)}</body>`),
  "stanzas nested 100 and 1,000 deep": says((n) => nested(n % 2 ? 100 : 1000)),
  pings: asks("get", DOMAIN, () => PING),
  "forms of 60 KB": asks("set", CHANNEL, () => preference(FIELDS)),
  "preferences changed": asks("set", CHANNEL, ({ n }) =>
    preference(field("Private Messages", n % 2 ? "block" : "allow")),
  ),
  "private messages": ({ jid, other, n }) =>
    stanza("message", `${jid}/r${n % 8}`, `${other}#${CHANNEL}`, "chat", n, BODY),
  "vCards asked for, never answered": ({ jid, other, n }) =>
    stanza("iq", `${jid}/r`, `${other}#${CHANNEL}`, "get", n, "<vCard xmlns='vcard-temp'/>"),
  "nicks changed": asks("set", CHANNEL, ({ id, n }) => `<setnick xmlns='${CORE}'><nick>${id} ${n}</nick></setnick>`),
  "channels created": asks("set", DOMAIN, ({ id, n }) => `<create xmlns='${CORE}' channel='${id}.${n}'/>`),
  "channels that are not there": ({ jid, n }) =>
    stanza("message", `${jid}/r`, `nowhere${n}@${DOMAIN}`, "groupchat", n, BODY),
  "leaving and joining": asks("set", CHANNEL, ({ id, n }) =>
    n % 2
      ? `<join xmlns='${CORE}'><subscribe node='${NODES}messages'/><nick>${id}</nick></join>`
      : `<leave xmlns='${CORE}'/>`,
  ),
  "subscriptions changed": asks("set", CHANNEL, ({ n }) => {
    const verb = n % 2 ? "subscribe" : "unsubscribe";
    return `<update-subscription xmlns='${CORE}'><${verb} node='${NODES}presence'/></update-subscription>`;
  }),
  "history, a million messages a page": asks("set", CHANNEL, () => query("<max>1000000</max>")),
  "disco of the service and the channel": asks("get", DOMAIN, ({ n }) =>
    n % 2 ? `<query xmlns='${DISCO}#items'/>` : `<query xmlns='${DISCO}#info'/>`,
  ),
  "lists of participants": asks(
    "get",
    CHANNEL,
    () => `<pubsub xmlns='${PUBSUB}'><items node='${NODES}participants'/></pubsub>`,
  ),
  "forged invitations": asks("set", CHANNEL, ({ jid, n }) => {
    const people = `<inviter>u0@shakespeare.example</inviter><invitee>${jid}</invitee><channel>${CHANNEL}</channel>`;
    return `<join xmlns='${CORE}'><invitation xmlns='${MISC}'>${people}<token>${"A".repeat(60)}${n}</token></invitation></join>`;
  }),
  "addresses as long as they may be": ({ jid, n }) =>
    stanza(
      "message",
      `${jid}/${"r".repeat(1000)}${n % 10}`,
      `${"ab".repeat(511)}@${DOMAIN}/${"x".repeat(1023)}`,
      "chat",
      n,
      BODY,
    ),
  "a client for each message": ({ jid, other, n }) =>
    stanza("message", `${jid}/r${n}`, `${other}#${CHANNEL}`, "chat", n, BODY),
  "pages, forms and addresses that are none": ({ jid, n }) =>
    [
      stanza("iq", `${jid}/r`, CHANNEL, "set", n, query("<max>-1</max><before>nothing</before>")),
      stanza("iq", `${jid}/r`, CHANNEL, "set", n, preference(field("JID Visibility", "invisible"))),
      stanza("message", `${jid}/r`, `@${DOMAIN}`, "groupchat", n, BODY),
    ][n % 3] as string,
  "copies sent back": ({ jid, id, n }) => {
    const error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    const copy = `0190${String(n).padStart(4, "0").slice(-4)}-0000-7000-8000-000000000000`;
    return `<message from='${jid}/r' to='${CHANNEL}/${id}' type='error' id='${copy}'>${error}</message>`;
  },
  "answers to nothing": ({ jid, n }) => stanza("iq", jid, CHANNEL, "result", n, "<vCard xmlns='vcard-temp'/>"),
  "presence, coming and going": ({ jid, n }) =>
    stanza("presence", `${jid}/r${n % 4}`, CHANNEL, n % 2 ? "unavailable" : "", n, "<show>away</show>"),
};
