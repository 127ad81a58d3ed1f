import { type Channel, CORE, type Element, handleOf, NODE, type Participant, serialize, type View, xml } from "masque";

/** A participant as an item of the participants node, for one kind of reader (XEP-0369 §3.6.3). */
export function item(channel: Channel, participant: Participant, { generation, eyes }: View): Element {
  const { id, nick, jid } = participant;
  const content = [nick ? xml("nick", {}, nick) : null, channel.shows(participant, eyes) ? xml("jid", {}, jid) : null];
  return xml(
    "item",
    { id: handleOf(generation, id, channel.jid) },
    xml("participant", { xmlns: CORE[generation] }, content),
  );
}

/** Tells the node's subscribers what a participant is now. */
export function announce(channel: Channel, participant: Participant): void {
  channel.tell(NODE.PARTICIPANTS, (view) => serialize(item(channel, participant, view)));
}

/** Tells the node's subscribers that a participant is one no longer. */
export function retract(channel: Channel, { id }: Participant): void {
  channel.tell(NODE.PARTICIPANTS, ({ generation }) =>
    serialize(xml("retract", { id: handleOf(generation, id, channel.jid) })),
  );
}
