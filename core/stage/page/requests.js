import { xml } from "./element.js";
import { submission } from "./form.js";
import {
  ADMIN,
  ANON,
  CLIENT,
  CONFIG,
  CORE,
  DISCO_INFO,
  DISCO_ITEMS,
  JIDMAP,
  MAM,
  MIX_ROSTER,
  NODES,
  PAM,
  PUBSUB,
  ROSTER,
  RSM,
} from "./namespaces.js";

// What a MIX client asks, each with what it means and what its answer means.

export const readRoster = () => ({
  type: "get",
  payload: xml("query", ROSTER, {}, xml("annotate", MIX_ROSTER)),
  sent: "You ask for your roster, with the channels marked (XEP-0405)",
  answered: "Your roster: whom you know, and which channels you are in",
});

export const findServices = (domain) => ({
  type: "get",
  to: domain,
  payload: xml("query", DISCO_ITEMS),
  sent: "You ask your server what else there is (XEP-0030)",
  answered: "There is a service for channels",
});

export const describeService = (service) => ({
  type: "get",
  to: service,
  payload: xml("query", DISCO_INFO),
  sent: "You ask what kind of service that is",
  answered: "It is MIX, and says which parts of it it can do",
});

export const findChannels = (service) => ({
  type: "get",
  to: service,
  payload: xml("query", DISCO_ITEMS),
  sent: "You ask which channels there are",
  answered: "The channels that you may join",
});

export const create = (service, channel) => ({
  type: "set",
  to: service,
  payload: xml("create", CORE, { channel }),
  sent: "You create a channel (XEP-0369)",
  answered: "The channel is there, and you are its owner",
});

const subscriptions = (isOwner) =>
  [...Object.values(NODES), ...(isOwner ? [JIDMAP] : [])].map((node) => xml("subscribe", CORE, { node }));

/** Without a nick, one who was there before keeps his. */
export const join = (channel, nick, isOwner) => ({
  type: "set",
  payload: xml(
    "client-join",
    PAM,
    { channel },
    xml("join", CORE, {}, subscriptions(isOwner), nick ? xml("nick", CORE, {}, nick) : []),
  ),
  sent: "You ask your server to join for you (MIX-PAM, XEP-0405)",
  answered: "Your server joined for you: the channel deals with your account, not with this client",
});

export const leave = (channel) => ({
  type: "set",
  payload: xml("client-leave", PAM, { channel }, xml("leave", CORE)),
  sent: "You ask your server to leave for you (MIX-PAM, XEP-0405)",
  answered: "You have left. The channel keeps your ID for you, should you come back",
});

export const setNick = (channel, nick) => ({
  type: "set",
  to: channel,
  payload: xml("setnick", CORE, {}, xml("nick", CORE, {}, nick)),
  sent: "You ask the channel for another nick",
  answered: "The nick is yours",
});

export const describeChannel = (channel) => ({
  type: "get",
  to: channel,
  payload: xml("query", DISCO_INFO),
  sent: "You ask what the channel can do (XEP-0030)",
  answered: "What the channel can do: as much as its plugins do",
});

const read = (channel, node, sent, answered) => ({
  type: "get",
  to: channel,
  payload: xml("pubsub", PUBSUB, {}, xml("items", PUBSUB, { node })),
  sent,
  answered,
});

export const readInfo = (channel) =>
  read(channel, NODES.info, "You ask what the channel is", "What it is, and whose addresses it shows (JID Visibility)");

export const readParticipants = (channel) =>
  read(
    channel,
    NODES.participants,
    "You ask who is in the channel",
    "Who is in it: IDs and nicks, and the addresses you may see",
  );

export const findNodes = (channel) => ({
  type: "get",
  to: channel,
  payload: xml("query", DISCO_ITEMS, { node: "mix" }),
  sent: "You ask what the channel can tell you (XEP-0369 §6.5)",
  answered: "Its nodes: those that you may subscribe to",
});

export const readJidMap = (channel) =>
  read(
    channel,
    JIDMAP,
    "You ask for the JID map: which ID is which address (XEP-0404)",
    "The JID map, which in a channel that hides addresses is for owners",
  );

export const readPreferences = (channel) => ({
  type: "get",
  to: channel,
  payload: xml("user-preference", ANON),
  sent: "You ask what you may choose for yourself (XEP-0404)",
  answered: "A form: what you may choose for yourself, and what you have chosen",
});

export const setPreferences = (channel, values) => ({
  type: "set",
  to: channel,
  payload: xml("user-preference", ANON, {}, submission(ANON, values)),
  sent: "You choose for yourself (XEP-0404)",
  answered: "So be it: that is what you have chosen",
});

export const setMode = (channel, mode) => ({
  type: "set",
  to: channel,
  payload: xml(
    "pubsub",
    PUBSUB,
    {},
    xml("publish", PUBSUB, { node: CONFIG }, xml("item", PUBSUB, {}, submission(ADMIN, { "JID Visibility": mode }))),
  ),
  sent: "You decide whose addresses the channel shows: its configuration node (XEP-0406)",
  answered: "The channel does so from now on",
});

/** The same, to find out whether one is in it. */
export const lookInside = (channel) => ({
  ...readParticipants(channel),
  refused: "Refused: who is not in it does not learn who is",
});

/** @param before an archive id, or "" for the newest */
export const readHistory = (channel, before) => ({
  type: "set",
  to: channel,
  payload: xml("query", MAM, {}, xml("set", RSM, {}, xml("max", RSM, {}, "12"), xml("before", RSM, {}, before))),
  sent: "You ask the channel what was said before (MAM, XEP-0313)",
  answered: "That was one page of the archive",
});

export const message = (channel, body) =>
  xml(
    "message",
    CLIENT,
    { to: channel, type: "groupchat", id: crypto.randomUUID().slice(0, 8) },
    xml("body", CLIENT, {}, body),
  );

export const whisper = (to, body) =>
  xml("message", CLIENT, { to, type: "chat", id: crypto.randomUUID().slice(0, 8) }, xml("body", CLIENT, {}, body));
