import {
  About,
  type Channel,
  Channels,
  Commands,
  type Context,
  Failure,
  findChannel,
  type Participant,
  randomId,
  xml,
  z,
} from "masque";
import { announce } from "./item.ts";
import type { Parting } from "./parting.ts";

/** The plugin that promised to hide JIDs may be gone for good: these are its words, as they are kept. */
const NAME = "JID Visibility";
const VISIBLE = "jid-visible";
const NEVER = "never";

/** They say who may come in and who may see what, and have never hidden a JID: it would not help to show them. */
const HIDE_NOTHING: readonly string[] = ["access", "admin"];
const hidesJids = (plugin: string) => !HIDE_NOTHING.includes(plugin);

/** The operator's way out for a channel that is suspended because a plugin it relies on will not come back. */
export function addRelease({ get, send, now }: Context, eject: Parting["eject"]): void {
  const channels = get(Channels);
  const { domain } = get(About);
  const tell = ({ jid }: Participant, from: string) =>
    send(xml("message", { from, to: jid, type: "normal", id: randomId() }, xml("body", {}, ANNOUNCEMENT)));

  async function release(channel: Channel) {
    return channel.update((turn) => {
      const gone = channel.missing().filter(hidesJids);
      const all = [...channel.participants];
      // Nobody's JID is shown before he was told that it will be.
      if (!all.every((each) => tell(each, channel.jid)))
        throw new Failure(
          "failed",
          "The service is not connected: its participants cannot be told, so nothing is done.",
        );
      const removed = all.filter(({ traits }) => traits[NAME] === NEVER);
      eject(turn, channel, removed, REMOVAL);
      turn.revise("info", {}, "", now());
      turn.revise("config", { [NAME]: [VISIBLE] }, domain, now());
      turn.amend({ requires: turn.state.requires.filter((name) => !gone.includes(name)) });
      turn.after(() => {
        for (const sheet of ["config", "info"] as const) channels.tellSheet(sheet, channel);
        for (const each of channel.participants) announce(channel, each);
      });
      return { channel: channel.name, shown: all.length - removed.length, removed: removed.length };
    });
  }

  /** Throws a Failure when there is nothing to release. */
  async function suspended(written: string): Promise<Channel> {
    const channel = await findChannel(channels, written);
    const missing = channel.missing();
    if (missing.length === 0)
      throw new Failure("failed", `The channel ${written} is not suspended: "${NAME}" is for its owners to change.`);
    const others = missing.filter((each) => !hidesJids(each));
    if (others.length > 0)
      throw new Failure(
        "failed",
        `The channel ${written} is suspended without ${others.join(" and ")}, which hides no JIDs: switch that on again.`,
      );
    return channel;
  }

  get(Commands).add({
    name: "channel release",
    summary: "Shows the JIDs in a channel that is suspended because a plugin it relies on is off, once and for all",
    takes: z.strictObject({
      channel: z.string().describe("Its name, or its JID"),
      to: z.literal(VISIBLE).describe("What it becomes"),
    }),
    warns: async ({ channel }) => warning(await suspended(channel)),
    run: async ({ channel }) => release(await suspended(channel)),
    render: ({ channel, shown, removed }) =>
      `The channel ${channel} is released. Its participants were told, ${shown} of them now see one another's JID, and ${removed} who never want theirs shown were removed.`,
  });
}

function warning(channel: Channel): string {
  const missing = channel.missing().join(" and ");
  return (
    `The JIDs of ${channel.size} participants, which ${channel.name} promised to hide, would be shown to all of them, ` +
    `and that cannot be undone; to switch ${missing} on again is the other way.`
  );
}

const ANNOUNCEMENT =
  "The operator of this service now makes this channel show everybody's JID to everybody in it, because what has hidden them so far is switched off.";
const REMOVAL =
  "This channel now shows everybody's JID, and yours is never to be shown: you have been removed from it.";
