import { About, Commands, definePlugin, Entrance, parseJid, refuse, type StanzaError } from "masque";
import type {} from "masque/plugins/messages"; // knows the question "message/accept"
import { Meters, Rate } from "./meters.ts";
import { options } from "./options.ts";
import { addQuotas } from "./quotas.ts";
import { Scales } from "./sizes.ts";
import { limitsTable, summary } from "./table.ts";
import { Tally, type Total, worst } from "./tally.ts";

/** A stanza counts once for every so many characters that are in it. */
const LARGE = 8192;

/** What one sender, or one channel, may cost everybody else. */
export default definePlugin({
  name: "limits",
  summary: "Nobody can send so much, or so large, that others have to wait for it.",
  options,

  async setup(ctx) {
    const { get, handle, keep, now, log, options } = ctx;
    const exempt = new Set(options.exempt.map((each) => parseJid(each)?.bare ?? each));
    if (exempt.has("operators")) for (const jid of get(About).operators) exempt.add(parseJid(jid)?.bare ?? jid);
    const isExempt = (jid: string) => exempt.has(jid) || exempt.has(jid.slice(jid.indexOf("@") + 1));

    const senders = keep("senders", () => new Meters());
    const channels = keep("channels", () => new Meters());
    for (const [jid, meter] of senders) meter.isExempt = isExempt(jid);
    const tally = new Tally(
      keep("total", (): Total => ({ since: now(), delayed: 0, refused: 0 })),
      channels,
      log,
    );
    const sending = new Rate(options.sender_burst, options.sender_rate, options.delay);
    const carrying = new Rate(options.channel_burst, options.channel_rate);
    const scales = new Scales(options);

    // Before anything is looked for: who sends too much is told so whether what he writes to exists or not.
    get(Entrance).judge((stanza, from, waiting) => {
      const meter = senders.of(from.bare, isExempt);
      if (meter.isExempt) return 0;
      const problem = scales.problemIn(stanza);
      const patience = waiting < options.delayed ? options.delay : 0;
      const wait = sending.take(meter, 1 + Math.floor(scales.weight / LARGE), now(), patience);
      if (wait === 0 && !problem) return 0;
      const isRefused = problem !== undefined || wait > patience;
      tally.count(isRefused ? "refused" : "delayed", meter, channelIn(stanza.attrs.to), now());
      if (isRefused) throw problem ?? tooOften("You send more than is taken here", wait);
      return wait;
    });

    // Nobody is made to wait for a channel: what waits in the queues of many would keep everybody waiting.
    handle("message/accept", ({ channel, sender }) => {
      const meter = senders.of(sender.jid, isExempt);
      const wait = meter.isExempt ? 0 : carrying.take(channels.of(channel.name), 1, now());
      if (wait === 0) return;
      tally.count("refused", meter, channel.name, now());
      throw tooOften("More is said in this channel than it takes", wait);
    });

    await addQuotas(ctx, options, isExempt);

    const report = () => ({ ...tally.total, senders: worst(senders), channels: worst(channels) });
    handle("service/status", () => summary(report()));
    get(Commands).add({
      name: "limits",
      summary: "Who was made to wait or refused most, and what was written to",
      run: report,
      render: limitsTable,
    });
  },
});

/** With a hint for when to try again, in words: XMPP has no other (RFC 6120 §8.3.3.18). */
function tooOften(what: string, wait: number): StanzaError {
  const seconds = Math.ceil(wait / 1000);
  return refuse("resource-constraint", `${what}: try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`);
}

function channelIn(to: string | undefined): string {
  const local = parseJid(to)?.local ?? "";
  return local.slice(local.indexOf("#") + 1);
}
