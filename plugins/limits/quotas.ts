import { Channels, type Context, type Powers, refuse } from "masque";
import type {} from "masque/plugins/channels"; // knows the question "channel/create"
import type {} from "masque/plugins/participants"; // knows the question "participant/join"
import { Meters, Rate } from "./meters.ts";

export interface QuotaLimits {
  /** Of one user's making. */
  readonly channels: number;
  /** One user's, an hour. */
  readonly ad_hoc: number;
  /** Of one channel. */
  readonly participants: number;
  /** In one node. */
  readonly items: number;
}

type Means = Pick<Context, "handle" | "get" | "on" | "keep" | "now"> & Pick<Powers, "store">;

/** How many channels somebody may make, how many people may be in one, and how many items in a node. */
export async function addQuotas(
  { handle, get, on, keep, now, store }: Means,
  limits: QuotaLimits,
  isExempt: (jid: string) => boolean,
): Promise<void> {
  const channels = get(Channels);
  /** Names of channels, by who made them; of those that were destroyed while nobody looked, too. */
  const made = await store<readonly string[]>("made");
  const adHoc = keep("ad hoc", () => new Meters());
  const rate = new Rate(limits.ad_hoc, limits.ad_hoc / 3600);

  handle("channel/create", async ({ by, isAdHoc }) => {
    if (isExempt(by)) return;
    await haveRoom(by);
    const wait = isAdHoc ? rate.take(adHoc.of(by), 1, now()) : 0;
    if (wait === 0) return;
    const minutes = Math.ceil(wait / 60_000);
    throw refuse(
      "resource-constraint",
      `Nobody may create more than ${limits.ad_hoc} channels without a name in an hour; try again in ${minutes} min.`,
    );
  });

  async function haveRoom(by: string): Promise<void> {
    const names = made.get(by) ?? [];
    if (names.length < limits.channels) return;
    const still: string[] = [];
    for (const name of names) if ((await channels.look(name))?.state.creator.jid === by) still.push(name);
    if (still.length < names.length) await made.set(by, still);
    if (still.length >= limits.channels)
      throw refuse(
        "policy-violation",
        `You have created ${still.length} channels, and nobody may have more than ${limits.channels}: destroy one first.`,
      );
  }

  on("channel/created", ({ channel, by }) => made.set(by, [...new Set([...(made.get(by) ?? []), channel.name])]));
  on("channel/destroyed", ({ channel }) => {
    const by = channel.state.creator.jid;
    const names = (made.get(by) ?? []).filter((name) => name !== channel.name);
    return made.set(by, names.length > 0 ? names : undefined);
  });

  handle("participant/join", ({ channel, jid, conditions }) => {
    const haveSeat = () => {
      if (channel.participant(jid) || isExempt(jid) || channel.size < limits.participants) return;
      throw refuse(
        "resource-constraint",
        `This channel is full: it may have ${limits.participants} participants. Try again when somebody has left.`,
      );
    };
    haveSeat();
    conditions.push(haveSeat);
    return undefined;
  });

  handle("node/fill", ({ node, by, ids }) => {
    if (isExempt(by) || ids.size <= limits.items) return;
    throw refuse(
      "policy-violation",
      `The node ${node} may hold no more than ${limits.items} items: remove some first.`,
    );
  });
}
