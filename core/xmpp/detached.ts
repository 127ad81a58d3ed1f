/**
 * The same text in memory of its own. What a parser cuts out of a packet keeps the whole packet alive, so whatever of a
 * stanza is to be remembered goes through here.
 */
export function detached(text: string): string {
  const copy = ` ${text}`;
  copy.charCodeAt(0); // makes V8 copy the text
  return copy.slice(1);
}
