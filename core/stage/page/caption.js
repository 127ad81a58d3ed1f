import { child, children, text } from "./element.js";
import { CORE, EVENT, MAM, MIX_ROSTER, NODES, ROSTER } from "./namespaces.js";

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
  if (event) return eventCaption(event);
  if (child(element, "result", MAM)) return "Out of the archive: something said before";
  const mix = child(element, "mix", CORE);
  if (!mix) return "A message";
  const isOwn = element.getAttribute("from").endsWith(`/${own}`);
  return isOwn
    ? "The channel reflects your message: you get your copy as everybody does"
    : `The channel reflects what ${text(mix, "nick")} said`;
}

function eventCaption(event) {
  const items = child(event, "items");
  if (items?.getAttribute("node") !== NODES.participants) return "The channel tells what has changed about it";
  const [retract] = children(items, "retract");
  const nick = text(child(child(items, "item"), "participant"), "nick");
  return retract ? "The channel tells that somebody has left" : `The channel tells who is in it: ${nick}`;
}
