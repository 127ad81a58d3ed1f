import { NS_STREAM } from "../xmpp/parser.ts";

/** The `<stream:error/>` that comes before the end (RFC 6120 §4.9), as an element that stands for itself. */
export function streamError(condition: string): string {
  return (
    `<stream:error xmlns:stream='${NS_STREAM}'>` +
    `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`
  );
}
