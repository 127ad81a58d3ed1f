import {
  type Channel,
  CORE,
  type Element,
  type Generation,
  handleOf,
  NODE,
  NS,
  type Participant,
  randomId,
  serialize,
  type View,
  xml,
} from "masque";

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
export function retract(channel: Channel, participant: Participant): void {
  channel.tell(NODE.PARTICIPANTS, ({ generation }) => serialize(retracted(channel, participant, generation)));
}

/** The same for himself, who is no subscriber any more. */
export function retraction(channel: Channel, participant: Participant): Element {
  const items = xml("items", { node: NODE.PARTICIPANTS }, retracted(channel, participant, participant.generation));
  const event = xml("event", { xmlns: NS.PUBSUB_EVENT }, items);
  return xml("message", { from: channel.jid, to: participant.jid, id: randomId(), type: "headline" }, event);
}

function retracted(channel: Channel, { id }: Participant, generation: Generation): Element {
  return xml("retract", { id: handleOf(generation, id, channel.jid) });
}
