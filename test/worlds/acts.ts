import fc, { type Arbitrary } from "fast-check";
import { CORE, clone, type Element, type Generation, NODE, NS, proxyJid, xml } from "masque";
import {
  isBanned,
  isSuspended,
  type Member,
  MODES,
  type Mode,
  mayBeHere,
  type Place,
  type State,
  WISHES,
  type Wish,
  withMember,
  withMode,
  withoutMembers,
  withRule,
} from "./model.ts";
import { NICKS, PEOPLE, type Person, PRESENCE_TELLTALES, refusal, TELLTALES } from "./people.ts";
import { SERVICE } from "./witness.ts";
import { type Answering, type Deed, FAULTS, type FaultAt, type World } from "./world.ts";

/** One thing that somebody does, with all it could need to be known; each act takes its part. */
export interface Step {
  readonly act: string;
  readonly who: number;
  readonly other: number;
  readonly channel: "coven" | "heath";
  readonly device: number;
  readonly nick: number;
  readonly generation: Generation;
  readonly mode: Mode;
  readonly wish: Wish;
  readonly extra: number;
  readonly telltales: readonly string[];
  readonly answering: Answering;
}

type Doing = (world: World, step: Step) => Deed;
type Operating = (world: World, step: Step) => Promise<void>;

const person = ({ who }: Step): Person => PEOPLE[who] as Person;
const client = (step: Step): string => person(step).clients[step.device] as string;
const place = (world: World, { channel }: Step): Place | undefined => world.state.places.get(channel);
const address = ({ channel }: Step) => `${channel}@${SERVICE}`;
const form = (type: string, name: string, values: readonly string[]) =>
  xml(
    "x",
    { xmlns: NS.DATA, type: "submit" },
    xml("field", { var: "FORM_TYPE" }, xml("value", {}, type)),
    xml("field", { var: name }, ...values.map((value) => xml("value", {}, value))),
  );
const wishes = (wish: Wish) => form(NS.MIX_ANON, "JID Visibility", [wish]);

function iq(world: World, type: "get" | "set", from: string, to: string, payload: Element): Element {
  return xml("iq", { type, from, to, id: world.nextId() }, payload);
}

/** Half of what owners may do is done by owners. */
function ruler(world: World, step: Step): string {
  const owners = [...(place(world, step)?.owners ?? [])];
  const jid = step.extra % 4 > 0 ? owners[step.extra % Math.max(1, owners.length)] : undefined;
  return PEOPLE.find((each) => each.jid === jid)?.clients[step.device] ?? client(step);
}

const NOBODY = "0123456789abcdef";

/** Somebody in the channel by his ID, if there is anybody; else an ID of nobody's. */
function somebody(world: World, step: Step): { id: string; who: Person } {
  const members = [...(place(world, step)?.members.values() ?? [])];
  const member = members[step.other % Math.max(1, members.length)];
  return { id: member?.id ?? NOBODY, who: PEOPLE.find(({ jid }) => jid === member?.jid) ?? person(step) };
}

/** By proxy JID: bare, to a client by a token that was seen, or by a resource that was guessed. */
function proxy(world: World, step: Step): string {
  const { id, who } = somebody(world, step);
  const bare = proxyJid(id, address(step));
  const tokens = [...world.seen].filter((jid) => jid.startsWith(`${bare}/`));
  const guess = `${bare}/${who.clients[0].slice(who.jid.length + 1)}`;
  return [bare, tokens.at(-1) ?? bare, tokens[0] ?? bare, guess][step.extra % 4] as string;
}

function told(step: Step, all: typeof TELLTALES): Element[] {
  return step.telltales.flatMap((name) => all[name]?.(person(step), client(step)) ?? []);
}

function config(world: World, step: Step, name: string, values: readonly string[], follows: Deed["follows"]): Deed {
  const item = xml("item", {}, form(NS.MIX_ADMIN, name, values));
  const publish = xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", { node: NODE.CONFIG }, item));
  return { stanza: iq(world, "set", ruler(world, step), address(step), publish), ...(follows && { follows }) };
}

const ASKED: readonly (readonly [string, string])[] = [
  ["vCard", "vcard-temp"],
  ["vCard", "vcard-temp"],
  ["vcard", "urn:ietf:params:xml:ns:vcard-4.0"],
  ["query", NS.VERSION],
  ["ping", NS.PING],
  ["query", NS.DISCO_INFO],
  ["query", "jabber:iq:private"],
];

/** What owners may let others see, or take away altogether; nothing that is shown in the nodes the model knows. */
const OPENINGS: readonly (readonly [string, readonly string[]])[] = [
  ["Configuration Node Access", ["participants"]],
  ["Configuration Node Access", ["allowed"]],
  ["Configuration Node Access", ["admins"]],
  ["Messages Node Subscription", ["allowed"]],
  ["Information Node Update Rights", ["participants"]],
  ["Nodes Present", ["participants", "jidmap-visible", "banned"]],
  ["Nodes Present", ["participants", "jidmap-visible", "banned", "presence", "information"]],
];

/** What anybody may try to find out, in the service's own words. */
const CURIOSITY: readonly ((step: Step) => [string, Element])[] = [
  ...Object.values(NODE).map(
    (node) => (step: Step) =>
      [address(step), xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node }))] as [string, Element],
  ),
  () => [SERVICE, xml("query", { xmlns: NS.DISCO_INFO })],
  () => [SERVICE, xml("query", { xmlns: NS.DISCO_ITEMS })],
  (step) => [address(step), xml("query", { xmlns: NS.DISCO_INFO })],
  (step) => [address(step), xml("query", { xmlns: NS.DISCO_ITEMS, node: "mix" })],
  (step) => [address(step), xml("user-preference", { xmlns: NS.MIX_ANON })],
  (step) => [`${PEOPLE[step.other]?.name}%shakespeare.example#${address(step)}`, xml("ping", { xmlns: NS.PING })],
  (step) => [address(step), xml("query", { xmlns: "urn:nonsense", about: PEOPLE[step.other]?.jid })],
];

/** What somebody's client or server sends. */
export const DEEDS = {
  creates: (world, step) => ({
    stanza: iq(
      world,
      "set",
      client(step),
      SERVICE,
      xml("create", { xmlns: CORE[step.generation], channel: step.channel }),
    ),
    follows: (state) => ({
      ...state,
      places: new Map(state.places).set(step.channel, {
        mode: world.initial,
        owners: new Set([person(step).jid]),
        administrators: new Set(),
        members: new Map(),
        former: new Map(),
        banned: new Set(),
      }),
    }),
  }),

  destroys: (world, step) => ({
    stanza: iq(
      world,
      "set",
      ruler(world, step),
      SERVICE,
      xml("destroy", { xmlns: NS.MIX_CORE_1, channel: step.channel }),
    ),
    follows(state) {
      const places = new Map(state.places);
      places.delete(step.channel);
      return { ...state, places };
    },
  }),

  joins(world, step) {
    const { jid } = person(step);
    const xmlns = step.extra % 8 === 0 ? NS.MIX_ANON : CORE[step.generation];
    const nodes = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO, NODE.PRESENCE, NODE.CONFIG, NODE.JIDMAP];
    const join = xml(
      "join",
      { xmlns },
      nodes.map((node) => xml("subscribe", { node })),
      step.nick < NICKS.length && xml("nick", {}, NICKS[step.nick]),
      step.extra % 3 === 0 && wishes(step.wish),
    );
    const from = step.extra % 5 === 0 ? client(step) : jid;
    const isChosen = step.extra % 3 === 0 && world.on.has("preferences") && world.state.decides;
    return {
      stanza: iq(world, "set", from, address(step), join),
      follows(state, reply) {
        const joined = reply.getChild("join") as Element;
        const there = state.places.get(step.channel);
        const member: Member = {
          jid,
          id: joined.attrs.id ?? "",
          nick: joined.getChildText("nick") ?? "",
          wish: isChosen ? step.wish : (there?.members.get(jid)?.wish ?? wishOnReturn(state, there, jid)),
          generation: xmlns === NS.MIX_CORE_0 ? 0 : 1,
        };
        return here(world, withMember(state, step.channel, member), step.channel, member);
      },
    };
  },

  leaves: (world, step) => ({
    stanza: iq(world, "set", person(step).jid, address(step), xml("leave", { xmlns: CORE[step.generation] })),
    follows: (state) => withoutMembers(state, step.channel, ({ jid }) => jid === person(step).jid),
  }),

  "is renamed": (world, step) => ({
    stanza: iq(
      world,
      "set",
      client(step),
      address(step),
      xml("setnick", { xmlns: CORE[step.generation] }, xml("nick", {}, NICKS[step.nick] ?? "")),
    ),
    follows: (state, reply) => changed(state, step, { nick: reply.getChild("setnick")?.getChildText("nick") ?? "" }),
  }),

  registers(world, step) {
    // One of two nicks, so that they get into one another's way.
    const nick = NICKS[3 + (step.nick % 2)] as string;
    const content = step.extra % 5 === 0 ? xml("remove") : xml("nick", {}, nick);
    const register = xml("register", { xmlns: NS.MIX_MISC }, content);
    return { stanza: iq(world, step.extra % 7 === 0 ? "get" : "set", client(step), SERVICE, register) };
  },

  wishes: (world, step) => ({
    stanza: iq(
      world,
      "set",
      client(step),
      address(step),
      xml("user-preference", { xmlns: NS.MIX_ANON }, wishes(step.wish)),
    ),
    follows(state) {
      const after = state.decides ? changed(state, step, { wish: step.wish }) : state;
      const member = after.places.get(step.channel)?.members.get(person(step).jid);
      return member ? here(world, after, step.channel, member) : after;
    },
  }),

  decrees: (world, step) =>
    config(world, step, "JID Visibility", [step.mode], (state) =>
      state.decides ? withMode(state, step.channel, step.mode) : state,
    ),

  appoints(world, step) {
    const owners = [person(step).jid, PEOPLE[step.other]?.jid as string];
    return config(world, step, "Owner", owners, (state) => withRule(state, step.channel, { owners: new Set(owners) }));
  },

  bans(world, step) {
    const { jid } = PEOPLE[step.other] as Person;
    const found = somebody(world, step);
    const known = found.id === NOBODY ? jid : found.who.jid;
    const [written, banned] = [
      [jid, jid],
      [found.id, known],
      [proxyJid(found.id, address(step)), known],
      ["shakespeare.example", "shakespeare.example"],
    ][step.extra % 8 === 3 ? 3 : step.extra % 3] as [string, string];
    const content = xml("publish", { node: NODE.BANNED }, xml("item", { id: written }));
    const stanza = iq(world, "set", ruler(world, step), address(step), xml("pubsub", { xmlns: NS.PUBSUB }, content));
    const ban = (place: Place) => new Set([...place.banned, banned]);
    return { stanza, follows: (state) => ruled(state, step, ban) };
  },

  pardons(world, step) {
    const { jid } = PEOPLE[step.other] as Person;
    const isForOne = step.extra % 3 > 0;
    const content = isForOne
      ? xml("retract", { node: NODE.BANNED }, xml("item", { id: jid }))
      : xml("purge", { node: NODE.BANNED });
    const stanza = iq(world, "set", ruler(world, step), address(step), xml("pubsub", { xmlns: NS.PUBSUB }, content));
    const pardon = (place: Place) => new Set(isForOne ? [...place.banned].filter((each) => each !== jid) : []);
    return { stanza, follows: (state) => ruled(state, step, pardon) };
  },

  "shares the work": (world, step) => {
    const helpers = [person(step).jid, PEOPLE[step.other]?.jid as string].slice(0, step.extra % 3);
    return config(world, step, "Administrator", helpers, (state) =>
      withRule(state, step.channel, { administrators: new Set(helpers) }),
    );
  },

  opens(world, step) {
    const [name, values] = OPENINGS[step.extra % OPENINGS.length] as (typeof OPENINGS)[number];
    return config(world, step, name, values, undefined);
  },

  says(world, step) {
    const word = `word ${world.nextId()}`;
    const attrs = { type: "groupchat", from: client(step), to: address(step), id: world.nextId() };
    const stanza = xml("message", attrs, xml("body", {}, word), told(step, TELLTALES));
    return { stanza, says: { word, channel: step.channel } };
  },

  permits: (world, step) =>
    config(world, step, "User Message Retraction", [step.extra % 4 === 0 ? "false" : "true"], undefined),

  retracts(world, step) {
    const id = world.unsaid.something(step.channel, person(step).jid, step.extra);
    const attrs = { type: "groupchat", from: client(step), to: address(step), id: world.nextId() };
    const retract = xml("retract", { xmlns: NS.MIX_MISC, id });
    return { stanza: xml("message", attrs, retract, told(step, TELLTALES)), unsays: { id, channel: step.channel } };
  },

  moderates(world, step) {
    const id = world.unsaid.something(step.channel, PEOPLE[step.other]?.jid ?? "", step.extra);
    const retract = xml("retract", { xmlns: "urn:xmpp:message-retract:1" });
    const moderate = xml("moderate", { xmlns: "urn:xmpp:message-moderate:1", id }, retract);
    return {
      stanza: iq(world, "set", ruler(world, step), address(step), moderate),
      unsays: { id, channel: step.channel },
    };
  },

  remembers: (world, step) => ({
    stanza: iq(
      world,
      "set",
      client(step),
      address(step),
      xml("query", { xmlns: NS.MAM, node: REMEMBERED[step.extra % REMEMBERED.length] }),
    ),
  }),

  appears(_, step) {
    const type = [undefined, undefined, undefined, "unavailable", "subscribe", "probe"][step.extra % 6];
    const from = step.extra % 7 === 0 ? person(step).jid : client(step);
    const status = xml("status", {}, "Double, double");
    return {
      stanza: xml(
        "presence",
        { from, to: address(step), type },
        xml("show", {}, "dnd"),
        status,
        told(step, PRESENCE_TELLTALES),
      ),
    };
  },

  whispers(world, step) {
    const type = ["chat", undefined, "headline", "groupchat", "error"][step.extra % 5];
    const attrs = { type, from: client(step), to: proxy(world, step), id: world.nextId() };
    return { stanza: xml("message", attrs, xml("body", {}, "psst"), told(step, TELLTALES)) };
  },

  inquires(world, step) {
    const [name, xmlns] = ASKED[step.extra % ASKED.length] as (typeof ASKED)[number];
    const to = proxy(world, { ...step, extra: step.device + step.nick });
    return { stanza: iq(world, step.extra > 50 ? "set" : "get", client(step), to, xml(name, { xmlns })) };
  },

  allows(world, step) {
    const choices: readonly [string, string][] = [
      ["vCard", "allow"],
      ["vCard", "allow"],
      ["Private Messages", "block"],
      ["Private Messages", "allow"],
      ["Presence", "not share"],
      ["Presence", "share"],
    ];
    const [name, value] = choices[step.extra % choices.length] as [string, string];
    const preference = xml("user-preference", { xmlns: NS.MIX_ANON }, form(NS.MIX_ANON, name, [value]));
    return { stanza: iq(world, "set", client(step), address(step), preference) };
  },

  subscribes(world, step) {
    const nodes = Object.values(NODE);
    const node = nodes[step.extra % nodes.length];
    const verb = xml(step.device ? "subscribe" : "unsubscribe", { node });
    return {
      stanza: iq(world, "set", client(step), address(step), xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, verb)),
    };
  },

  snoops(world, step) {
    const [to, payload] = (CURIOSITY[step.extra % CURIOSITY.length] as (typeof CURIOSITY)[number])(step);
    return { stanza: iq(world, "get", client(step), to, payload) };
  },

  invites: (world, step) => ({
    stanza: iq(
      world,
      "get",
      ruler(world, step),
      address(step),
      xml("invite", { xmlns: NS.MIX_MISC }, xml("invitee", {}, PEOPLE[step.other]?.jid)),
    ),
  }),

  "answers an invitation"(world, step) {
    const invitation = world.invitations[step.extra % Math.max(1, world.invitations.length)];
    const invited = PEOPLE.findIndex(({ jid }) => jid === invitation?.getChildText("invitee"));
    const from = client({ ...step, who: invited < 0 || step.extra % 5 === 0 ? step.who : invited });
    const value = xml("value", {}, ["Joined", "Declined", "Acknowledged"][step.device + step.generation]);
    const to = step.nick === 0 ? address(step) : (invitation?.getChildText("inviter") ?? proxy(world, step));
    const ack = xml("invitation-ack", { xmlns: NS.MIX_MISC }, value, invitation && clone(invitation));
    return { stanza: xml("message", { from, to, id: world.nextId() }, ack, told(step, TELLTALES)) };
  },

  "gives back"(world, step) {
    const all = (world.received.get(person(step).jid) ?? []).filter(({ name }) => name !== "iq");
    const whispered = all.filter(({ name, attrs }) => name === "message" && attrs.from?.includes("#"));
    const received = whispered.length > 0 && step.device ? whispered : all;
    const stanza = received[step.extra % Math.max(1, received.length)];
    const echoed = stanza?.getChildElements() ?? [];
    const attrs = { type: "error", from: client(step), to: stanza?.attrs.from ?? address(step), id: stanza?.attrs.id };
    return { stanza: xml(stanza?.name ?? "message", attrs, refusal(person(step), client(step), ...echoed)) };
  },
} satisfies Record<string, Doing>;

/** Mostly what was said; there are archives of other nodes, too. */
const REMEMBERED = [...Array<undefined>(5).fill(undefined), NODE.PRESENCE, NODE.PRESENCE, NODE.CONFIG];

const TOGGLED = [
  ...["visibility", "preferences", "jidmap", "archive", "messages", "presence", "private-messages", "vcard"],
  ...["iq-relay", "participants", "admin", "access", "retraction", "nicknames", "visibility", "visibility"],
];

/** What the operator does, or fate. */
export const OPERATIONS = {
  "is there when a plugin is switched": (world, step) => world.toggles(plugin(world, step)),
  "is there when a plugin is reloaded": (world, step) => world.reloads(plugin(world, step)),
  "is there when a plugin crashes": (world, step) =>
    world.crashes(world.fault === "nowhere" ? (FAULTS[step.extra % FAULTS.length] as FaultAt) : "nowhere"),
  "is there at a restart": (world) => world.restarts(),
  "lets time pass": (world, step) => world.waits([1_000, 31_000, 86_400_000][step.extra % 3] as number),
  "is cut off": (world, step) => {
    const says = DEEDS.says(world, step);
    const decree = DEEDS.decrees(world, { ...step, extra: 1 });
    const isDone =
      world.on.has("admin") &&
      !isClosed(world, step) &&
      world.state.decides &&
      world.fault !== "may" &&
      ownedBy(world, step, decree);
    return world.cut([says, decree], (state) => (isDone ? withMode(state, step.channel, step.mode) : state));
  },
} satisfies Record<string, Operating>;

function isClosed(world: World, step: Step): boolean {
  const there = place(world, step);
  return there !== undefined && isSuspended(there, world.state);
}

function ownedBy(world: World, step: Step, { stanza }: Deed): boolean {
  return place(world, step)?.owners.has((stanza.attrs.from as string).split("/")[0] as string) ?? false;
}

function plugin(world: World, { extra }: Step): string {
  // What is off comes back sooner than something else goes.
  const off = TOGGLED.filter((name) => !world.on.has(name) && world.known(name));
  if (off.length > 0 && extra % 3 > 0) return off[0] as string;
  const all = TOGGLED.filter((name) => world.known(name));
  return all[extra % all.length] as string;
}

function ruled(state: State, { channel }: Step, banned: (place: Place) => ReadonlySet<string>): State {
  const there = state.places.get(channel);
  return there ? withRule(state, channel, { banned: banned(there) }) : state;
}

function changed(state: State, { channel, who }: Step, part: Partial<Member>): State {
  const member = state.places.get(channel)?.members.get((PEOPLE[who] as Person).jid);
  return member ? withMember(state, channel, { ...member, ...part }) : state;
}

/** One who was removed for wishing his JID shown may come back to be hidden. */
function wishOnReturn({ decides }: State, there: Place | undefined, jid: string): Wish {
  const wish = there?.former.get(jid) ?? "default";
  return decides && wish === "always" && there?.mode === "jid-hidden" ? "default" : wish;
}

/** Who says that he may not be here is not let in, whatever he asked. */
function here(world: World, state: State, channel: string, member: Member): State {
  const there = state.places.get(channel) as Place;
  const { mode } = there;
  if (state.guards && isBanned(state, there, member.jid))
    world.complains(`${member.jid} is let in though he is banned.`);
  if (state.decides && !mayBeHere(mode, member.wish))
    world.complains(`${member.jid} is let into a channel that is ${mode} though he wishes "${member.wish}".`);
  return state;
}

type Weights = Readonly<Record<keyof typeof DEEDS | keyof typeof OPERATIONS, number>>;
const WEIGHTS: Weights = {
  ...{ creates: 4, destroys: 1, joins: 14, leaves: 3, "is renamed": 2, wishes: 8, decrees: 8, appoints: 1, says: 14 },
  ...{ "shares the work": 2, opens: 3 },
  ...{ remembers: 6, appears: 10, whispers: 9, inquires: 12, allows: 4, subscribes: 2, snoops: 6, "gives back": 9 },
  ...{ registers: 2, permits: 1, retracts: 6, moderates: 5, invites: 1, "answers an invitation": 2 },
  ...{ bans: 3, pardons: 3 },
  ...{ "is there when a plugin is switched": 7, "is there when a plugin is reloaded": 2 },
  ...{ "is there when a plugin crashes": 4, "is there at a restart": 1, "lets time pass": 2, "is cut off": 3 },
};

const stepOf = (weights: readonly (readonly [string, number])[]): Arbitrary<Step> =>
  fc.record({
    act: fc.oneof(...weights.map(([act, weight]) => ({ weight, arbitrary: fc.constant(act) }))),
    who: fc.nat(PEOPLE.length - 1),
    other: fc.nat(PEOPLE.length - 1),
    channel: fc.oneof(
      { weight: 9, arbitrary: fc.constant("coven" as const) },
      { weight: 1, arbitrary: fc.constant("heath" as const) },
    ),
    device: fc.nat(1),
    nick: fc.nat(NICKS.length),
    generation: fc.constantFrom(0, 1),
    mode: fc.constantFrom(...MODES),
    wish: fc.constantFrom(...WISHES),
    extra: fc.nat(59),
    telltales: fc.subarray(Object.keys(PRESENCE_TELLTALES)),
    answering: fc.constantFrom<Answering>("truth", "truth", "refusal", "refusal", "silence", "forgery"),
  });

/** One step, or several that nobody waits between. */
function momentOf(weights: readonly (readonly [string, number])[]): Arbitrary<readonly Step[]> {
  const deeds = weights.filter(([act]) => Object.hasOwn(DEEDS, act));
  return fc.oneof(
    { weight: 5, arbitrary: stepOf(weights).map((step) => [step]) },
    { weight: 1, arbitrary: fc.array(stepOf(deeds), { minLength: 2, maxLength: 4 }) },
  );
}

export type Act = keyof Weights;
const MEDDLING = /plugin|destroys|appoints|shares/;
const days = (weights: readonly (readonly [string, number])[]) =>
  fc.array(momentOf(weights), { maxLength: 60, size: "max" });

/**
 * Half of the worlds are left to those who live in them.
 * @param often what is done there more often than elsewhere
 */
export function anyMoments(often: readonly Act[]): Arbitrary<readonly (readonly Step[])[]> {
  const weights = (Object.entries(WEIGHTS) as [Act, number][]).map(
    ([act, weight]) => [act, often.includes(act) ? 8 * weight + 8 : weight] as const,
  );
  return fc.oneof(days(weights), days(weights.filter(([act]) => often.includes(act) || !MEDDLING.test(act))));
}

/** Everything begins with a coven whose people may read its configuration; two of them may be asked for their vCards. */
export const prologue: readonly Step[] = (
  [
    { act: "creates", who: 0 },
    { act: "opens", who: 0, extra: 0 },
    { act: "joins", who: 0, nick: 0 },
    { act: "joins", who: 1, nick: 1 },
    { act: "joins", who: 2, nick: 2, generation: 0 },
    { act: "allows", who: 0, extra: 0 },
    { act: "allows", who: 1, extra: 0 },
    { act: "appears", who: 1 },
    { act: "invites", who: 0, other: 1 },
    { act: "permits", who: 0 },
  ] as const
).map((step) => ({
  ...{ other: 0, channel: "coven", device: 0, nick: 0, generation: 1, mode: "jid-hidden", wish: "default" },
  ...{ extra: 1, telltales: [], answering: "truth" },
  ...step,
}));

/** Lets these things happen at one moment. */
export async function happens(world: World, steps: readonly Step[]): Promise<void> {
  const [first] = steps;
  if (!first) return;
  world.answering = first.answering;
  world.story.push(steps.map(inWords).join(", while "));
  const operation = (OPERATIONS as Record<string, Operating>)[first.act];
  const deeds = DEEDS as Record<string, Doing>;
  if (operation) await operation(world, first);
  else await world.does(...tellable(steps.map((step) => (deeds[step.act] as Doing)(world, step))));
  await world.compares();
}

/** Of what happens at one moment only one thing may change what is true: two replies need not come in the order of things. */
function tellable(deeds: readonly Deed[]): Deed[] {
  const [change] = deeds.filter(({ follows }) => follows);
  return deeds.filter((deed) => !deed.follows || deed === change);
}

function inWords(step: Step): string {
  const { act, channel, mode, wish, device, nick, generation, extra, other, telltales, answering } = step;
  const rest = { device, nick, generation, mode, wish, extra, other, telltales: telltales.join(), answering };
  return `${person(step).name} ${act} (${channel}; ${JSON.stringify(rest)})`;
}
