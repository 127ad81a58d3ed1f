/**
 * Whether this is a name of the machine itself, as in a Host header or a URL. Any page in the user's browser can reach
 * the loopback, by WebSocket or by a name of its own that leads there: only what is at home here may.
 */
export function isLocal(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host ?? "");
}

/** Programs send no Origin; browsers send that of the page. */
export function isLocalOrigin(origin: string | undefined): boolean {
  return origin === undefined || isLocal(/^https?:\/\/([^/]+)$/i.exec(origin)?.[1]);
}
