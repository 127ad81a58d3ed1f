import { child, children, text } from "./element.js";
import { participantIn } from "./knowledge.js";
import { CORE, EVENT, JIDMAP, MAM, MIX_ROSTER, NODES, ROSTER } from "./namespaces.js";

/** What a frame is that nobody has explained yet, in words for one who has never seen any; `own` is the reader's ID. */
export function caption(element, own) {
  const error = child(element, "error");
  if (error) return `Refused: ${text(error, "text") || [...error.children][0]?.localName}`;
  return CAPTIONS[element.localName]?.(element, own) ?? "Something else";
}

const CAPTIONS = {
  open: () => "Your server opens its side of the stream",
  features: (element) =>
    child(element, "bind") ? "It offers you an address for this client" : "It says how you may log in",
  success: () => "You are logged in",
  failure: () => "Your server does not believe you",
  close: () => "Your server says goodbye",
  error: () => "Your server ends the stream",
  presence: presenceCaption,
  iq: iqCaption,
  message: messageCaption,
};

function presenceCaption(element) {
  const isGone = element.getAttribute("type") === "unavailable";
  if (participantIn(element.getAttribute("from")).id) {
    if (isGone) return "A client of a participant is gone, or goes by another name from now on";
    return text(child(element, "mix"), "jid")
      ? "A participant is online, with which client"
      : "A participant is online, with a client that goes by a random name";
  }
  return isGone
    ? "One of your clients has gone offline"
    : "One of your clients is online: your server tells all of them";
}

function iqCaption(element) {
  const item = child(child(element, "query", ROSTER), "item");
  if (!item) return "An answer";
  if (item.getAttribute("subscription") === "remove") return "Your server took the channel off your roster";
  return child(item, "channel", MIX_ROSTER)
    ? "Your server put the channel on your roster, and tells all your clients"
    : "Your roster has changed";
}

function messageCaption(element, own) {
  const event = child(element, "event", EVENT);
  if (event) return eventCaption(event, own);
  if (child(element, "result", MAM)) return "Out of the archive: something said before";
  const mix = child(element, "mix", CORE);
  const isWhisper = participantIn(element.getAttribute("from")).id;
  if (!mix) return isWhisper ? "Somebody writes to you alone, from behind a nick" : "A word from the channel itself";
  const isOwn = element.getAttribute("from").endsWith(`/${own}`);
  return isOwn
    ? "The channel reflects your message: you get your copy as everybody does"
    : `The channel reflects what ${text(mix, "nick")} said`;
}

function eventCaption(event, own) {
  const items = child(event, "items");
  const node = items?.getAttribute("node");
  const retracted = children(items, "retract").map((each) => each.getAttribute("id"));
  const participant = child(child(items, "item"), "participant");
  if (node === NODES.info) return "The channel tells what it is now, and whose addresses it shows";
  if (node === JIDMAP) return "The JID map tells its owner which ID is which address";
  if (node !== NODES.participants) return "The channel tells what has changed about it";
  if (own && retracted.includes(own)) return "The channel has taken you out";
  if (retracted.length > 0) return "The channel tells that somebody has left";
  const address = text(participant, "jid") ? "with an address" : "without an address";
  return `The channel tells who is in it, ${address}: ${text(participant, "nick")}`;
}
