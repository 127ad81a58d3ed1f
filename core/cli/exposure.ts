import { BlockList, isIP } from "node:net";

const PRIVATE = new BlockList();
for (const [net, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
] as const) {
  PRIVATE.addSubnet(net, bits);
}
for (const [net, bits] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  PRIVATE.addSubnet(net, bits, "ipv6");

/** A warning when the link to the XMPP server may leave private ground: XEP-0114 sends everything in the clear. */
export function exposure(host: string): string | undefined {
  if (host === "localhost") return undefined;
  const version = isIP(host);
  if (version !== 0 && PRIVATE.check(host, version === 6 ? "ipv6" : "ipv4")) return undefined;
  return `The link to ${host} is not encrypted (XEP-0114): make sure that it does not leave a private net.`;
}
