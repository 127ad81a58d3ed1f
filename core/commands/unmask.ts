import { z } from "zod";
import type { Channel } from "../channel/channel.ts";
import type { Participant } from "../channel/participant.ts";
import type { Logger } from "../host/plugin.ts";
import type { Doing } from "./command.ts";

/** What a command takes that can show hidden JIDs. */
export const REASON = z.string().trim().min(1).optional().describe("Why hidden JIDs are to be shown; it is logged");

const MASK = "(hidden)";

/** JIDs as an operator is told them: those that are hidden in the channel are masked, unless he gives a reason, which is logged. */
export function unmask(log: Logger, { by }: Doing, channel: Channel, reason?: string): (of: Participant) => string {
  if (reason !== undefined) log.warn({ by, reason, channel: channel.name }, "An operator was shown hidden JIDs.");
  return (participant) => (reason !== undefined || channel.shows(participant, "participant") ? participant.jid : MASK);
}
