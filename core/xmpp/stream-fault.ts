/** Why a stream ended, or why there was none: a sentence for the operator. */
export class StreamFault extends Error {
  /** What to tell the server before closing (RFC 6120 §4.9.3); nothing when the fault is not the server's XML. */
  readonly complaint: string | undefined;

  constructor(text: string, complaint?: string) {
    super(text);
    this.name = new.target.name;
    this.complaint = complaint;
  }
}

/** @param what how it begins: a comment, a processing instruction or a DTD (RFC 6120 §11.1) */
export function restricted(what: string): StreamFault {
  return new StreamFault(`The server sent ${what}…, which has no place in XMPP.`, "restricted-xml");
}

/** Trying again is pointless until somebody changes something; the message says what and where. */
export class FatalStreamError extends StreamFault {
  /** The server's word for it, such as `not-authorized` (RFC 6120 §4.9.3). */
  readonly condition: string;

  constructor(condition: string, text: string) {
    super(text);
    this.condition = condition;
  }
}

/** Whom the component talked to, and as whom. */
interface Place {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
}

// What an operator has to put right, by the words Prosody and ejabberd have for it.
const ADVICE: Record<string, (place: Place) => string> = {
  "not-authorized": ({ domain }) =>
    `refused the secret of ${domain}. Put the same into secret under [component] and into the server's configuration: ` +
    "component_secret in Prosody, password in ejabberd's ejabberd_service listener.",
  "host-unknown": ({ domain, port }) =>
    `knows no component ${domain}. Correct domain under [component], or add it to the server: ` +
    `Component "${domain}" "component" in Prosody, hosts of the ejabberd_service listener in ejabberd. ` +
    `Or is ${port} not its port for components?`,
  conflict: ({ domain }) =>
    `has another connection for ${domain}. Stop the other component, or give this one a domain of its own.`,
  "invalid-namespace": ({ port }) =>
    `takes no components on port ${port}. Set port under [component] to its port for components, usually 5347.`,
};

const COMPONENT_PORT =
  "with its port for components open there (component_ports in Prosody, an ejabberd_service listener in ejabberd)";

// The same for what the system says of an attempt to connect.
const OBSTACLES: Record<string, (place: Place) => string> = {
  ECONNREFUSED: () => `nobody listens there. Start the server, ${COMPONENT_PORT}, or correct host and port`,
  ENOTFOUND: ({ host }) => `there is no host ${host}. Correct host`,
  EHOSTUNREACH: ({ host }) => `there is no way to ${host}. Look at the network and its firewalls, or correct host`,
};

/** What an error of the system means. Happy Eyeballs reports several failed addresses in one error without a text. */
export function connectionFault(error: Error & { code?: string }, place: Place): StreamFault {
  const { code = "" } = error;
  const obstacle = Object.hasOwn(OBSTACLES, code) ? OBSTACLES[code]!(place) : undefined;
  const reason = obstacle ? `${obstacle} under [component]. (The system said ${code}.)` : `${error.message || code}.`;
  return new StreamFault(`The connection to ${place.host}:${place.port} failed: ${reason}`);
}

/**
 * What a `<stream:error/>` from the server means.
 * @param text the server's own words, if it used any
 */
export function serverFault(condition: string, text: string | null | undefined, place: Place): StreamFault {
  const words = `${condition}${text ? `: “${text}”` : ""}`;
  const advice = Object.hasOwn(ADVICE, condition) ? ADVICE[condition] : undefined;
  if (!advice) return new StreamFault(`The server at ${place.host}:${place.port} ended the stream (${words}).`);
  return new FatalStreamError(
    condition,
    `The server at ${place.host}:${place.port} ${advice(place)} (It said ${words}.)`,
  );
}
