import { type Channel, type Context, type Participant, randomId, type Turn, xml } from "masque";
import type { HeldNicks } from "./held-nicks.ts";
import { retract, retraction } from "./item.ts";

/** How people come to be in a channel no more. */
export interface Parting {
  /** He is on his way out: from now on his nick is nobody else's. */
  part(turn: Turn, channel: Channel, participant: Participant): void;
  /** Removes people in this turn; afterwards everybody is told, and they are told why. */
  eject(turn: Turn, channel: Channel, participants: readonly Participant[], reason: string): void;
}

export function partingBy({ send, emit }: Context, held: HeldNicks): Parting {
  function part(turn: Turn, channel: Channel, participant: Participant): void {
    turn.remove(participant);
    held.hold(turn, channel, participant);
  }

  function eject(turn: Turn, channel: Channel, participants: readonly Participant[], reason: string): void {
    // One may have to go for two reasons at once: he goes once, and is told the first.
    const ejected = participants.filter(({ id }) => !turn.gone.has(id));
    for (const participant of ejected) part(turn, channel, participant);
    turn.after(() => {
      for (const participant of ejected) {
        retract(channel, participant);
        send(retraction(channel, participant));
      }
      for (const participant of ejected) emit("participant/left", { channel, participant });
      for (const { jid } of ejected)
        send(xml("message", { from: channel.jid, to: jid, type: "normal", id: randomId() }, xml("body", {}, reason)));
    });
  }

  return { part, eject };
}
