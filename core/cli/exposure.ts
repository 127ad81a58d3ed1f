import { BlockList, isIP } from "node:net";
import { hostAndPort } from "../cluster/peer.ts";
import type { Config } from "./config.ts";

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

/** A warning for each link that may leave private ground: those to the XMPP server and between processes send everything in the clear. */
export function exposures({ component, cluster }: Pick<Config, "component" | "cluster">): string[] {
  const warnings: string[] = [];
  if (!isPrivate(component.host))
    warnings.push(
      `The link to ${component.host} is not encrypted (XEP-0114): make sure that it does not leave a private net.`,
    );
  for (const place of new Set(cluster ? [cluster.listen, cluster.address] : []))
    if (!isPrivate(hostAndPort(place).host))
      warnings.push(
        `The link to the other processes at ${place} is not encrypted: make sure that it does not leave a private net.`,
      );
  return warnings;
}

function isPrivate(host: string): boolean {
  const version = isIP(host);
  return host === "localhost" || (version !== 0 && PRIVATE.check(host, version === 6 ? "ipv6" : "ipv4"));
}
