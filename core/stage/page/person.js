import { caption } from "./caption.js";
import { Connection, Refusal } from "./connection.js";
import { child, children, text, xml } from "./element.js";
import { fieldsOf } from "./form.js";
import { Knowledge, participantIn } from "./knowledge.js";
import { CLIENT, CORE, EVENT, JIDMAP, MAM, MIX_ROSTER, NODES, ROSTER, SID } from "./namespaces.js";
import * as requests from "./requests.js";

/**
 * Somebody with an account and one client, and what reached him of one channel. Tells its listener of each frame
 * (`wire`), of what there is to read (`said`, `noticed`, `remembered`, `refused`), and that something `changed`.
 */
export class Person {
  /** "away", "outside", "inside" or "lost". */
  state = "away";
  /** What he knows of the channel. */
  knows = new Knowledge();
  /** His Stable Participant ID; empty while he is in no channel. */
  id = "";
  /** Whether there is more in the archive than he has read. */
  hasMore = true;
  /** Why the channel does nothing for anybody now, in its own words; empty while it does. */
  suspended = "";
  /** Why he was taken out of it, in the channel's own words. */
  farewell = "";
  channel;
  isOwner;
  #connection;
  #listener;
  #oldest = "";
  #archived = [];
  #arriving;
  #service;

  constructor({ name, role }, { url, domain, channel }, listener) {
    this.name = name;
    this.isOwner = role === "owner";
    this.jid = `${name}@${domain}`;
    this.channel = channel;
    this.#service = channel.split("@")[1];
    this.#listener = listener;
    this.#connection = new Connection(url, domain, {
      wire: (direction, element, words) => listener.wire(direction, element, words ?? caption(element, this.id)),
      stanza: (stanza) => this.#read(stanza),
      closed: () => this.#become("lost"),
    });
  }

  get nick() {
    return this.knows.participants.get(this.id)?.nick ?? "";
  }

  /** Whether there is an archive to read more from. */
  get mayReadMore() {
    return this.hasMore && this.knows.features.has(MAM);
  }

  /** Logs in, finds out what there is, and whether he is in the channel already. */
  async enter() {
    await this.#connection.logIn(this.name, `stage-${crypto.randomUUID().slice(0, 4)}`);
    const roster = await this.#connection.ask(requests.readRoster());
    this.#connection.send(xml("presence", CLIENT), "You are online");
    await this.#connection.ask(requests.findServices(this.jid.split("@")[1]));
    await this.#connection.ask(requests.describeService(this.#service));
    for (const item of children(child(roster, "query"), "item")) await this.#rostered(item);
  }

  /** Sees which channels there are; creates this one if it is missing and he is the one to do so. */
  async look(mayCreate) {
    const found = await this.#connection.ask(requests.findChannels(this.#service));
    const isThere = listed(found, "item", "jid").includes(this.channel);
    if (!isThere && mayCreate) await this.#connection.ask(requests.create(this.#service, this.channel.split("@")[0]));
    if (this.state === "inside" || (isThere && (await this.#returned()))) {
      if (this.mayReadMore) await this.readHistory();
    } else await this.refresh();
  }

  join(nick) {
    return this.#connection.ask(requests.join(this.channel, nick, this.isOwner));
  }

  leave() {
    return this.#connection.ask(requests.leave(this.channel));
  }

  setNick(nick) {
    return this.#connection.ask(requests.setNick(this.channel, nick));
  }

  say(body) {
    this.#connection.send(requests.message(this.channel, body), "You say it to the channel, once, whoever is in it");
  }

  /** Writes to one participant, whoever that is. */
  whisper(id, body) {
    const words = "You write to a nick: the channel knows whose it is, you need not";
    this.#connection.send(requests.whisper(`${id}#${this.channel}`, body), words);
    const to = this.knows.participants.get(id)?.nick ?? "";
    this.#listener.said({ id: "", nick: this.nick, jid: "", body, isOwn: true, at: new Date(), whisper: `to ${to}` });
  }

  /** Chooses for himself; all fields go back, changed or not. */
  async prefer(name, value) {
    const values = Object.fromEntries(this.knows.preferences.map((each) => [each.name, each.value]));
    try {
      await this.#connection.ask(requests.setPreferences(this.channel, { ...values, [name]: value }));
    } finally {
      await this.#readPreferences();
      this.#listener.changed();
    }
  }

  /** The owner's: whose addresses the channel shows. */
  async setMode(mode) {
    await this.#connection.ask(requests.setMode(this.channel, mode));
    // Who is in it is told.
    if (this.state !== "inside") await this.refresh();
  }

  /** Reads a page of what was said before the earliest he knows. */
  async readHistory() {
    this.#archived = [];
    const reply = await this.#connection.ask(requests.readHistory(this.channel, this.#oldest));
    this.#oldest = this.#archived[0]?.id ?? this.#oldest;
    this.hasMore = child(reply, "fin")?.getAttribute("complete") !== "true";
    this.#listener.remembered(this.#archived);
    this.#listener.changed();
  }

  /** Finds out anew what the channel is, and what it can do: plugins come and go without a word of the channel's. */
  async refresh() {
    if (this.state === "lost") return;
    const [info, features] = await this.#tryAll(requests.readInfo, requests.describeChannel);
    this.suspended = info.condition === "service-unavailable" ? info.message : "";
    this.knows.read(NODES.info, items(info));
    // Discovery is a plugin, too: without it one goes by what one knew.
    if (!features.condition) this.knows.features = new Set(listed(features, "feature", "var"));
    if (this.id && !this.suspended) await this.#lookAround();
    this.#become(this.id ? "inside" : "outside");
  }

  async #lookAround() {
    const { readParticipants, findNodes, readJidMap } = requests;
    const asked = [readParticipants, findNodes, ...(this.isOwner ? [readJidMap] : [])];
    const [[participants, nodes, map]] = await Promise.all([this.#tryAll(...asked), this.#readPreferences()]);
    if (participants.condition === "forbidden") return this.#out();
    this.knows.read(NODES.participants, items(participants));
    if (map) this.knows.read(JIDMAP, items(map));
    const isTold = nodes.condition || listed(nodes, "item", "node").includes(NODES.presence);
    if (!isTold) this.knows.clients.clear();
  }

  async #readPreferences() {
    const form = this.id ? await this.#try(requests.readPreferences(this.channel)) : undefined;
    this.knows.preferences = fieldsOf(child(form, "user-preference")).filter(({ options }) => options.length > 0);
  }

  /** The answer, or the refusal. */
  #try(request) {
    return this.#connection.ask(request).catch((error) => {
      if (error instanceof Refusal) return error;
      throw error;
    });
  }

  #tryAll(...questions) {
    return Promise.all(questions.map((question) => this.#try(question(this.channel))));
  }

  /** The rosters of the stage go when it closes, its channels stay: who is in one still has his server join again. */
  async #returned() {
    const inside = await this.#try(requests.lookInside(this.channel));
    if (inside.condition) return false;
    const joined = await this.#try(requests.join(this.channel, undefined, this.isOwner));
    // The roster has told it already.
    await this.#arriving;
    return !joined.condition;
  }

  #read(stanza) {
    const item = child(child(stanza, "query", ROSTER), "item");
    const sender = participantIn(stanza.getAttribute("from"));
    const isOurs = sender.id && sender.channel === this.channel;
    if (stanza.localName === "iq" && item) this.#pushed(stanza, item);
    else if (stanza.localName === "message") this.#message(stanza, isOurs ? sender : undefined);
    else if (stanza.localName === "presence" && isOurs) {
      this.knows.present(sender.id, sender.resource, stanza);
      this.#listener.changed();
    }
  }

  #message(stanza, sender) {
    const event = child(stanza, "event", EVENT);
    const archived = child(child(child(stanza, "result", MAM), "forwarded"), "message");
    if (stanza.getAttribute("type") === "error") this.#listener.refused(new Refusal(stanza).message);
    else if (event) this.#told(child(event, "items"));
    else if (archived) this.#archived.push(this.#saying(archived, child(child(stanza, "result"), "forwarded")));
    else if (child(stanza, "mix", CORE)) this.#heard(stanza);
    else if (sender) this.#whispered(stanza, sender);
    else if (stanza.getAttribute("from") === this.channel) this.#addressed(text(stanza, "body"));
  }

  #pushed(push, item) {
    const reply = xml("iq", CLIENT, { type: "result", id: push.getAttribute("id") });
    this.#connection.send(reply, "You have taken note");
    void this.#rostered(item);
  }

  /** The roster says which channels he is in, whichever of his clients joined or left. */
  async #rostered(item) {
    if (item.getAttribute("jid") !== this.channel) return;
    const channel = child(item, "channel", MIX_ROSTER);
    if (!channel) return this.#out();
    this.farewell = "";
    this.id = channel.getAttribute("participant-id");
    this.#arriving = this.refresh();
    await this.#arriving;
  }

  #told(items) {
    const isRemoved = this.id && children(items, "retract").some((each) => each.getAttribute("id") === this.id);
    if (isRemoved && items.getAttribute("node") === NODES.participants) return this.#out();
    for (const words of this.knows.told(items)) this.#listener.noticed(words);
    this.#listener.changed();
  }

  /** A word of the channel's own: why it has taken him out, if it just has. */
  #addressed(words) {
    if (this.state === "outside") this.farewell = words;
    else this.#listener.noticed(words);
    this.#listener.changed();
  }

  #out() {
    this.id = "";
    this.knows.forgetPeople();
    this.#become("outside");
  }

  #heard(stanza) {
    const message = this.#saying(stanza);
    this.#oldest ||= message.id;
    this.#listener.said(message);
  }

  #whispered(stanza, { id }) {
    const { nick = "Somebody" } = this.knows.participants.get(id) ?? {};
    const body = text(stanza, "body");
    this.#listener.said({ id: "", nick, jid: "", body, isOwn: false, at: new Date(), whisper: "to you alone" });
  }

  #saying(stanza, forwarded) {
    const mix = child(stanza, "mix", CORE);
    return {
      id: child(stanza, "stanza-id", SID)?.getAttribute("id") ?? "",
      nick: text(mix, "nick"),
      jid: text(mix, "jid"),
      body: text(stanza, "body"),
      isOwn: this.id !== "" && stanza.getAttribute("from").endsWith(`/${this.id}`),
      at: new Date(child(forwarded, "delay")?.getAttribute("stamp") ?? Date.now()),
    };
  }

  #become(state) {
    this.state = state;
    this.#listener.changed();
  }
}

/** An attribute of each child of this name that a query was answered with. */
function listed(reply, name, attribute) {
  return children(child(reply, "query"), name).map((each) => each.getAttribute(attribute));
}

const items = (reply) => (reply.condition ? undefined : child(child(reply, "pubsub"), "items"));
