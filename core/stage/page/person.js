import { caption } from "./caption.js";
import { Connection } from "./connection.js";
import { child, children, text, xml } from "./element.js";
import { CLIENT, CORE, EVENT, MAM, MIX_ROSTER, NODES, ROSTER, SID } from "./namespaces.js";
import * as requests from "./requests.js";

/**
 * Somebody with an account and one client, and what reached him of one channel. Tells its listener of each frame
 * (`wire`), of what there is to read (`said`, `noticed`, `remembered`), and that something changed (`changed`).
 */
export class Person {
  /** "away", "outside", "inside" or "lost". */
  state = "away";
  /** Participants he knows of: ID -> nick, address. */
  participants = new Map();
  /** His Stable Participant ID. */
  id = "";
  /** Whether there is more in the archive than he has read. */
  hasMore = true;
  channel;
  #connection;
  #listener;
  #oldest = "";
  #archived = [];
  #service;

  constructor(name, { url, domain, channel }, listener) {
    this.name = name;
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
    return this.participants.get(this.id)?.nick ?? "";
  }

  /** Logs in, finds out what there is, and whether he is in the channel already. */
  async enter() {
    await this.#connection.logIn(this.name, `stage-${crypto.randomUUID().slice(0, 4)}`);
    const roster = await this.#connection.ask(requests.readRoster());
    this.#connection.send(xml("presence", CLIENT), "You are online");
    await this.#connection.ask(requests.findServices(this.jid.split("@")[1]));
    await this.#connection.ask(requests.describe(this.#service));
    for (const item of children(child(roster, "query"), "item")) await this.#rostered(item);
  }

  /** Sees which channels there are; creates this one if it is missing and he is the one to do so. */
  async look(mayCreate) {
    const found = await this.#connection.ask(requests.findChannels(this.#service));
    const channels = children(child(found, "query"), "item").map((item) => item.getAttribute("jid"));
    const isThere = channels.includes(this.channel);
    if (!isThere && mayCreate) await this.#connection.ask(requests.create(this.#service, this.channel.split("@")[0]));
    if (this.state === "inside" || (isThere && (await this.#returned()))) await this.readHistory();
    else this.#become("outside");
  }

  join(nick) {
    return this.#connection.ask(requests.join(this.channel, nick));
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

  /** Reads a page of what was said before the earliest he knows. */
  async readHistory() {
    this.#archived = [];
    const reply = await this.#connection.ask(requests.readHistory(this.channel, this.#oldest));
    this.#oldest = this.#archived[0]?.id ?? this.#oldest;
    this.hasMore = child(reply, "fin")?.getAttribute("complete") !== "true";
    this.#listener.remembered(this.#archived);
    this.#listener.changed();
  }

  /** The rosters of the stage go when it closes, its channels stay: who is in one still has his server join again. */
  async #returned() {
    const joined = this.#connection.ask(requests.lookInside(this.channel)).then(() => this.join());
    return joined.then(() => true).catch(() => false);
  }

  #read(stanza) {
    const item = child(child(stanza, "query", ROSTER), "item");
    if (stanza.localName === "iq" && item) return this.#pushed(stanza, item);
    if (stanza.localName !== "message") return;
    const event = child(stanza, "event", EVENT);
    const items = child(event, "items");
    const archived = child(child(child(stanza, "result", MAM), "forwarded"), "message");
    if (items?.getAttribute("node") === NODES.participants) this.#told(items);
    else if (archived) this.#archived.push(this.#message(archived, child(child(stanza, "result"), "forwarded")));
    else if (child(stanza, "mix", CORE)) this.#heard(stanza);
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
    if (!channel) {
      this.participants.clear();
      return this.#become("outside");
    }
    this.id = channel.getAttribute("participant-id");
    const reply = await this.#connection.ask(requests.readParticipants(this.channel));
    for (const each of children(child(child(reply, "pubsub"), "items"), "item")) this.#met(each);
    this.#become("inside");
  }

  #told(items) {
    for (const item of children(items, "item")) {
      const before = this.participants.get(item.getAttribute("id"));
      const { nick } = this.#met(item);
      if (!before) this.#listener.noticed(`${nick} is here.`);
      else if (before.nick !== nick) this.#listener.noticed(`${before.nick} is called ${nick} now.`);
    }
    for (const item of children(items, "retract")) {
      const id = item.getAttribute("id");
      const { nick = "Somebody" } = this.participants.get(id) ?? {};
      this.participants.delete(id);
      this.#listener.noticed(`${nick} has left.`);
    }
    this.#listener.changed();
  }

  #met(item) {
    const participant = child(item, "participant");
    const known = { nick: text(participant, "nick"), jid: text(participant, "jid") };
    this.participants.set(item.getAttribute("id"), known);
    return known;
  }

  #heard(stanza) {
    const message = this.#message(stanza);
    this.#oldest ||= message.id;
    this.#listener.said(message);
  }

  #message(stanza, forwarded) {
    const mix = child(stanza, "mix", CORE);
    return {
      id: child(stanza, "stanza-id", SID)?.getAttribute("id") ?? "",
      nick: text(mix, "nick"),
      body: text(stanza, "body"),
      isOwn: stanza.getAttribute("from").endsWith(`/${this.id}`),
      at: new Date(child(forwarded, "delay")?.getAttribute("stamp") ?? Date.now()),
    };
  }

  #become(state) {
    this.state = state;
    this.#listener.changed();
  }
}
