import { NS } from "../xmpp/ns.ts";

/**
 * Two generations of MIX share every channel: 0 is MIX-CORE 0.11 of May 2018 (proxy JIDs), 1 is MIX-CORE 0.14
 * (Stable Participant IDs). A participant's is that of the namespace he joined with.
 */
export type Generation = 0 | 1;

/** The namespaces that carry requests of either generation; the latter two leave the generation open. */
export const MIX_NAMESPACES = [NS.MIX_CORE_0, NS.MIX_CORE_1, NS.MIX_ANON, NS.MIX_MISC] as const;

/** The generation a namespace stands for, or `undefined` where it leaves the choice to the service. */
export function generationOf(namespace: string | undefined): Generation | undefined {
  if (namespace === NS.MIX_CORE_0) return 0;
  if (namespace === NS.MIX_CORE_1) return 1;
  return undefined;
}

export const CORE = [NS.MIX_CORE_0, NS.MIX_CORE_1] as const;

/** How a participant is named in the items of a node: by proxy JID in 0 (0369 0.11 §3.6.3), by ID in 1. */
export function handleOf(generation: Generation, id: string, channelJid: string): string {
  return generation === 0 ? proxyJid(id, channelJid) : id;
}

/** `ID#channel@domain`: the address of a participant within the service, in both generations. */
export function proxyJid(id: string, channelJid: string): string {
  return `${id}#${channelJid}`;
}
