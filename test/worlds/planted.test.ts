// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the source of the service that is quoted
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Act } from "./acts.ts";
import { anyWorld, lives } from "./life.ts";
import { Mutants, type Mutation } from "./mutant.ts";

// The test of the test: leaks that other services have (semantics §3), planted in ours, each one expression long. They
// are looked for where what shows them happens often.
const LEAKS: readonly (Mutation & { readonly often: readonly Act[] })[] = [
  {
    leak: "every participant's item has his JID",
    often: ["joins", "is renamed"],
    file: "plugins/participants/item.ts",
    from: "channel.shows(participant, eyes)",
    to: "true",
  },
  {
    leak: "the configuration names people to whoever may read it",
    often: ["appoints", "shares the work", "opens", "snoops"],
    file: "core/channel/fields.ts",
    from: "participant !== undefined && channel.shows(participant, eyes)",
    to: "true",
  },
  {
    leak: "messages tell their sender's JID",
    often: ["says"],
    file: "core/channel/speech.ts",
    from: "this.shown[eyes] && channel.shows(sender, eyes)",
    to: "true",
  },
  {
    leak: "what waits for the stream is told by the rules of when it was said",
    often: ["is cut off", "says"],
    file: "core/channel/speech.ts",
    from: "channel.shows(sender, eyes)",
    to: "true",
  },
  {
    leak: "the archive tells what was hidden when it was said",
    often: ["remembers", "decrees", "says", "wishes"],
    file: "core/channel/recollection.ts",
    from: "shown ? channel.byId(sender) : undefined",
    to: "channel.byId(sender)",
  },
  {
    leak: "the archive tells what is hidden now",
    often: ["remembers", "decrees", "says"],
    file: "core/channel/recollection.ts",
    from: "speaker && channel.shows(speaker, eyes)",
    to: "speaker",
  },
  {
    leak: "a tombstone tells who was hidden when he took something back",
    often: ["retracts", "moderates", "decrees", "remembers", "permits", "says"],
    file: "core/channel/mention.ts",
    from: 'shown === "+" ? channel.byId(id) : undefined',
    to: "channel.byId(id)",
  },
  {
    leak: "a tombstone tells who is hidden now",
    often: ["retracts", "moderates", "decrees", "remembers", "permits", "says"],
    file: "core/channel/mention.ts",
    from: "who && channel.shows(who, eyes)",
    to: "who",
  },
  {
    leak: "a tombstone is kept with the JID of whoever made it",
    often: ["retracts", "moderates", "remembers", "permits", "says"],
    file: "plugins/retraction/index.ts",
    from: "mention(participant.id, isShown ?? false, as)",
    to: "escapeXml(participant.jid)",
  },
  {
    leak: "what was taken back stays in the archive",
    often: ["retracts", "moderates", "remembers", "permits", "says"],
    file: "plugins/retraction/index.ts",
    from: 'isRetracted ? [] : [{ put: "revision", message: { ...target, payload } }]',
    to: "[]",
  },
  {
    leak: "a nick pushed by a client is passed on",
    often: ["says", "whispers"],
    file: "core/channel/message.ts",
    from: "!Object.hasOwn(REMOVED, name)",
    to: 'name === "nick" || !Object.hasOwn(REMOVED, name)',
  },
  {
    leak: "a signature is passed on",
    often: ["says", "whispers"],
    file: "core/channel/message.ts",
    from: "rule === true || (rule?.includes(child.getNS()) ?? false)",
    to: 'child.getNS() !== "jabber:x:signed"',
  },
  {
    leak: "the history of a chat is passed on with its addresses",
    often: ["says", "whispers"],
    file: "core/channel/forwarded.ts",
    from: "(jid.bare === forwarder ? proxy : somebody(proxy))",
    to: "jid.full",
  },
  {
    leak: "private messages come from the real resource",
    often: ["whispers"],
    file: "core/channel/clients.ts",
    from: "`${proxy}/${token}`",
    to: "`${proxy}/${from.resource}`",
  },
  {
    leak: "presence comes from the real resource",
    often: ["appears"],
    file: "plugins/presence/stanza.ts",
    from: 'presence.named && this.#shows("participant") ? nameOf(this.#item) : token',
    to: "this.#item.resource",
  },
  {
    leak: "presence is passed on with all that a client puts into it",
    often: ["appears"],
    file: "plugins/presence/stanza.ts",
    from: '`${words}${withCaps ? caps : ""}`',
    to: "`${words}${caps}${more}`",
  },
  {
    leak: "a bounce speaks of the one who bounced it",
    often: ["whispers", "gives back"],
    file: "plugins/private-messages/index.ts",
    from: 'serialize(errorElement(refuse(condition, "The message was not taken.")))',
    to: "payloadOf(stanza)",
  },
  {
    leak: "a vCard says where its owner is found",
    often: ["inquires", "allows"],
    file: "plugins/vcard/index.ts",
    from: "secrets.length === 0 || !options.remove_addresses",
    to: "true",
  },
  {
    leak: "an error is passed on in the words of the one who was asked",
    often: ["inquires", "allows"],
    file: "core/channel/relay.ts",
    from: "refuse(error.condition)",
    to: "error",
  },
  {
    leak: "one who has no nick is given his name",
    often: ["joins", "is renamed", "leaves"],
    file: "plugins/participants/index.ts",
    from: "await chooseNick(ask, who, { wanted, has, isMandatory, isAssigned })",
    to: "wanted || from.local",
  },
  {
    leak: "the archive of presence keeps resources",
    often: ["appears", "remembers"],
    file: "plugins/presence/past.ts",
    from: "news.map(({ token, presence }) => ({ token, words: presence.words }))",
    to: "news.map(({ resource, presence }) => ({ token: resource, words: presence.words }))",
  },
  {
    leak: "the archive of presence tells what is hidden now",
    often: ["appears", "remembers", "decrees"],
    file: "plugins/presence/past.ts",
    from: "participant && channel.shows(participant, eyes)",
    to: "participant",
  },
  {
    leak: "the archive of the configuration keeps JIDs",
    often: ["appoints", "shares the work", "opens", "remembers"],
    file: "core/channel/fields.ts",
    from: 'this.#offered(sheet).filter(([, { type }]) => !type.startsWith("jid-"))',
    to: "this.#offered(sheet)",
  },
  {
    leak: "who is refused a registered nick is told whose it is",
    often: ["registers", "is renamed"],
    file: "plugins/nicknames/index.ts",
    from: '"This nick, or one that looks the same, is taken on this service."',
    to: "`This nick is registered by ${registered.ownerOf(nick)}.`",
  },
  {
    leak: "an ID can be computed from a JID",
    often: ["joins"],
    file: "plugins/participants/index.ts",
    from: "former?.id ?? randomId()",
    to: 'Buffer.from(from.bare).toString("hex")',
  },
  {
    leak: "the preference is read as a wish of another mode",
    often: ["wishes", "decrees"],
    file: "plugins/visibility/modes.ts",
    from: 'TABLE[wish][mode] === "shown"',
    to: "TABLE[wish][mode] !== false",
  },
  {
    leak: "a crash shows what was to be decided",
    often: ["is there when a plugin crashes", "says", "joins", "is renamed"],
    file: "core/host/guards.ts",
    from: "words.length - 1",
    to: "0",
  },
  {
    leak: "a channel goes on without the plugin it relies on",
    often: ["is there when a plugin is switched", "says"],
    file: "core/channel/channel.ts",
    from: "this.#around.missing(this.#state.requires)",
    to: "[]",
  },
  {
    leak: "an answer to an invitation says by which client it was given",
    often: ["invites", "answers an invitation"],
    file: "plugins/invitations/index.ts",
    from: "{ from: channel.jid, to: inviter.jid, id: randomId() }",
    to: "{ from: from.full, to: inviter.jid, id: randomId() }",
  },
  {
    leak: "the JID map is everybody's",
    often: ["subscribes", "is there when a plugin crashes"],
    file: "plugins/jidmap/index.ts",
    from: 'eyes === "administrator" || channel.shows(each, eyes)',
    to: "true",
  },
  {
    leak: "a channel tells those whom it bans that it is there",
    file: "plugins/access/index.ts",
    from: "banned && isOn(banned, jid)",
    to: "false",
    often: ["bans"],
  },
  {
    leak: "a suspended channel speaks to those outside",
    file: "core/channel/registry.ts",
    from: "channel.missing().length === 0",
    to: "true",
    often: ["leaves", "is there when a plugin is switched"],
  },
];

let mutants: Mutants;

beforeAll(async () => {
  mutants = await Mutants.grow(LEAKS);
});
afterAll(() => mutants.cut());

const SEED = 1600;
const MOST = 150;

const property = (often?: readonly Act[]) =>
  fc.asyncProperty(anyWorld(often), async (world) => {
    await lives(world, mutants.tree);
  });

it("the service with nothing planted leaks nothing", async () => {
  await fc.assert(property(), { numRuns: 5, seed: SEED });
});

it.each(LEAKS.map(({ leak, often }) => [leak, often] as const))("the witness sees when %s", async (leak, often) => {
  const options = { numRuns: MOST, seed: SEED, endOnFailure: true };
  const { errorInstance } = await mutants.while(leak, () => fc.check(property(often), options));
  expect(String(errorInstance)).toMatch(
    / was told to | reads urn:| was hidden when |The archive knows | was taken back, /,
  );
});
