import { refuse, type StanzaError } from "../xmpp/refuse.ts";

/** What senders are told when nobody can serve them just now: all of it passes. */

export function lapsed(): StanzaError {
  return refuse("resource-constraint", "The service cannot reach its database just now: please try again later.");
}

export function unreachable(): StanzaError {
  return refuse("resource-constraint", "The process that serves this channel cannot be reached: please try again.");
}

export function uncertain(): StanzaError {
  return refuse(
    "resource-constraint",
    "The process that served this channel has ended; whether this has reached anybody is not known.",
  );
}
