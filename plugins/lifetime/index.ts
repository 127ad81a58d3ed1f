import { About, type Channel, Channels, definePlugin, duration, isStanzaError, readTime, z } from "masque";
import { type Fate, Fates } from "./fates.ts";

const NAME = "End of Life";

/** What falls due within this time is waited for; everything else is looked at again after it. */
const MINUTE = 60_000;

/** Channels that end by themselves (XEP-0406 §2.2; XEP-0369 §7.3.5, "Server Destroying a Channel"). */
export default definePlugin({
  name: "lifetime",
  summary: "Channels end at the time their owners set, or when nobody has been in them for long.",
  options: z.strictObject({
    abandoned_after: duration
      .prefault("0 s")
      .describe("How long nobody may be in a channel before it is destroyed; 0 s keeps it for ever"),
    ad_hoc_after: duration
      .prefault("30 d")
      .describe("The same for channels that were made without a name, for one occasion; 0 s keeps them for ever"),
  }),

  async setup({ options, get, on, after, every, log, now, signal, store }) {
    const channels = get(Channels);
    const { domain } = get(About);
    const kept = await store<Fate>("fates");
    const fates = new Fates(kept, (listed) => (listed ? options.abandoned_after : options.ad_hoc_after));
    const ending = new Set<string>();

    const endOfLife = channels.field(NAME, {
      type: "text-single",
      label: "When the channel ends, such as 2030-12-31T23:59:59Z; empty for never",
      initial: "",
      objection: ([text]) => (text === undefined ? undefined : objection(text, now())),
    });
    const newsOf = (channel: Channel) => fates.news(channel, readTime(endOfLife.of(channel)), now());

    on("channel/turned", ({ channel, sequel }) => {
      const news = newsOf(channel);
      if (!news) return;
      sequel.write(kept.noted(channel.name, news.fate));
      sequel.after(() => awaitEnd(channel.name));
    });
    on("channel/loaded", ({ channel }) => look(channel));
    on("channel/destroyed", ({ channel }) => forget(channel.name));
    for (const channel of channels.loaded()) await look(channel);

    // Not before all plugins have started, and with them the nodes whose subscribers are to be told.
    every(MINUTE, endAllDue);

    /** What has changed while this was off, and what was noted of a change that could not be stored. */
    async function look(channel: Channel): Promise<void> {
      const news = newsOf(channel);
      awaitEnd(channel.name);
      // A store that takes nothing now takes it when the channel is loaded next.
      if (news) await kept.set(channel.name, news.fate).catch(() => {});
    }

    /** There is no such channel. */
    async function forget(name: string): Promise<void> {
      if (kept.get(name)) await kept.set(name, undefined).catch(() => {});
    }

    function awaitEnd(name: string): void {
      const wait = fates.due(name) - now();
      if (wait <= MINUTE && !signal.aborted) after(Math.max(0, wait), async () => void (await end(name)));
    }

    function endAllDue(): Promise<void> | undefined {
      const due = fates.dueBy(now() + MINUTE);
      return due.length > 0 ? endAll(due) : undefined;
    }

    /** One after the other: after a long time off they may be thousands. */
    async function endAll(names: readonly string[]): Promise<void> {
      for (const name of names) {
        if (signal.aborted) return;
        if (fates.due(name) > now()) awaitEnd(name);
        else if (!(await end(name))) return;
      }
    }

    /** Returns false when nothing can be done at the moment, for this channel or any other. */
    async function end(name: string): Promise<boolean> {
      if (ending.has(name) || fates.due(name) > now() || !channels.minds(name)) return true;
      ending.add(name);
      try {
        const channel = await channels.find(name);
        // Somebody may have joined, or set another time, in front of it.
        const isDestroyed = channel && (await channels.destroy(channel, domain, () => fates.due(name) <= now()));
        if (isDestroyed) log.info({ channel: name }, "The time of a channel is over: it is destroyed.");
        if (!channel) await forget(name);
        return true;
      } catch (error) {
        if (isStanzaError(error) && error.condition === "item-not-found") return true;
        log.warn({ channel: name, err: error }, "A channel whose time is over could not be destroyed yet.");
        return false;
      } finally {
        ending.delete(name);
      }
    }
  },
});

/** Why a channel cannot end then; `undefined` when it can. */
function objection(text: string, now: number): string | undefined {
  const time = readTime(text);
  if (time === undefined)
    return `"${NAME}" is a time such as "2030-12-31T23:59:59Z" (XEP-0082), or empty for never, and not "${text}".`;
  return time > now ? undefined : `"${NAME}" must be yet to come, and "${text}" is over.`;
}
