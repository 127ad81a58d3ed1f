import { child, children, text } from "./element.js";
import { fieldsOf } from "./form.js";
import { JIDMAP, NODES } from "./namespaces.js";

/** What one person knows of the channel and of those in it: what he was told, and no more. */
export class Knowledge {
  /** "jid-hidden", "jid-maybe-visible" or "jid-visible"; empty when nothing decides about addresses. */
  mode = "";
  /** What the channel can do. */
  features = new Set();
  /** What he may choose for himself: fields of a form. */
  preferences = [];
  /** ID -> nick, and the address if it was told. */
  participants = new Map();
  /** The JID map, for those who may read it: ID -> address. */
  addresses = new Map();
  /** Who is online, by which clients: ID -> token -> how he is. */
  clients = new Map();

  /** Nobody is known any more. */
  forgetPeople() {
    for (const each of [this.participants, this.addresses, this.clients]) each.clear();
    this.preferences = [];
  }

  /** How somebody is: "offline", or the best that one of his clients says; empty when he does not share it. */
  presenceOf(id) {
    const shows = [...(this.clients.get(id)?.values() ?? [])];
    return ["chat", "online", "away", "xa", "dnd"].find((show) => shows.includes(show)) ?? "";
  }

  /** Takes in the items of a node, whether asked for or told; returns in words what is new about it. */
  told(items) {
    const take = {
      [NODES.info]: () => this.#info(items),
      [NODES.participants]: () => this.#participants(items),
      [JIDMAP]: () => this.#map(items),
    }[items?.getAttribute("node")];
    return take?.() ?? [];
  }

  /** The whole node anew: what is not in it is no more. */
  read(node, items) {
    const known = { [NODES.participants]: this.participants, [JIDMAP]: this.addresses };
    known[node]?.clear();
    if (items) this.told(items);
    else if (node === NODES.info) this.mode = "";
  }

  present(id, token, stanza) {
    const clients = this.clients.get(id) ?? new Map();
    this.clients.set(id, clients);
    if (stanza.getAttribute("type") === "unavailable") clients.delete(token);
    else clients.set(token, text(stanza, "show") || "online");
  }

  #info(items) {
    const before = this.mode;
    const [item] = children(items, "item").slice(-1);
    this.mode = fieldsOf(item).find(({ name }) => name === "JID Visibility")?.value ?? "";
    return before && this.mode && before !== this.mode ? [CHANGES[this.mode]] : [];
  }

  #participants(items) {
    const news = [];
    for (const item of children(items, "item")) {
      const before = this.participants.get(item.getAttribute("id"));
      const now = participant(child(item, "participant"));
      this.participants.set(item.getAttribute("id"), now);
      if (!before) news.push(`${now.nick} is here.`);
      else if (before.nick !== now.nick) news.push(`${before.nick} is called ${now.nick} now.`);
      else if (now.jid && !before.jid) news.push(`${now.nick} is ${now.jid.split("@")[0]}: the address is shown.`);
      else if (before.jid && !now.jid) news.push(`The address of ${now.nick} is hidden from now on.`);
    }
    for (const item of children(items, "retract")) {
      const id = item.getAttribute("id");
      news.push(`${this.participants.get(id)?.nick ?? "Somebody"} has left.`);
      for (const each of [this.participants, this.clients]) each.delete(id);
    }
    return news;
  }

  #map(items) {
    for (const item of children(items, "item"))
      this.addresses.set(item.getAttribute("id"), text(child(item, "participant"), "jid"));
    for (const item of children(items, "retract")) this.addresses.delete(item.getAttribute("id"));
  }
}

/** Who is meant by an address such as ID#channel@domain/token. */
export function participantIn(address) {
  const [, id = "", channel = "", resource = ""] = /^([^#@/]*)#([^/]*)\/?(.*)$/.exec(address ?? "") ?? [];
  return { id, channel, resource };
}

const CHANGES = {
  "jid-visible": "From now on everybody’s address is shown here.",
  "jid-maybe-visible": "From now on each decides for himself whether his address is shown.",
  "jid-hidden": "From now on nobody’s address is shown here.",
};

function participant(element) {
  return { nick: text(element, "nick"), jid: text(element, "jid") };
}
