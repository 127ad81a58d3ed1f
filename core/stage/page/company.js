import { html } from "./element.js";

/** Those in the channel as one of them sees them; what changes about somebody is changed before one's eyes. */
export class Company {
  element;
  #person;
  #whisper;
  #chips = new Map();

  /** @param whisper is called with the ID of one to write to */
  constructor(person, whisper) {
    this.#person = person;
    this.#whisper = whisper;
    this.element = html("ul", { class: "participants", "aria-label": `Whom ${person.name} sees in the channel` });
  }

  update(mayWhisper) {
    const { participants } = this.#person.knows;
    for (const [id, { item }] of this.#chips) {
      if (participants.has(id)) continue;
      item.remove();
      this.#chips.delete(id);
    }
    for (const id of participants.keys()) this.#show(id, mayWhisper);
    const own = this.#chips.get(this.#person.id)?.item;
    if (own && own !== this.element.firstChild) this.element.prepend(own);
  }

  #show(id, mayWhisper) {
    const { knows, id: own } = this.#person;
    const { nick, jid } = knows.participants.get(id);
    const mapped = jid ? "" : (knows.addresses.get(id) ?? "");
    const state = { nick, jid, mapped, presence: knows.presenceOf(id), isOwn: id === own };
    const key = JSON.stringify([state, mayWhisper]);
    const chip = this.#chips.get(id) ?? { item: html("li") };
    if (chip.key === key) return;
    const hadFocus = chip.item.contains(document.activeElement);
    const whisper = mayWhisper && !state.isOwn && (() => this.#whisper(id));
    chip.item.replaceChildren(...contents(state, whisper));
    if (hadFocus) chip.item.querySelector("button")?.focus();
    chip.item.classList.toggle("changed", chip.key !== undefined && chip.address !== jid + mapped);
    if (!this.#chips.has(id)) this.element.append(chip.item);
    this.#chips.set(id, Object.assign(chip, { key, address: jid + mapped }));
  }
}

function contents({ nick, jid, mapped, presence, isOwn }, whisper) {
  return [
    html(
      "span",
      { class: "nick" },
      presence ? dot(presence) : null,
      nick,
      isOwn ? html("span", { class: "you" }, "you") : null,
    ),
    whisper ? html("button", { type: "button", class: "whisper", onclick: whisper }, "Whisper", unseen(nick)) : null,
    address(jid, mapped),
  ].filter(Boolean);
}

const unseen = (nick) => html("span", { class: "unseen" }, ` to ${nick}`);

function dot(presence) {
  return html("span", { class: `dot ${presence}`, role: "img", "aria-label": presence, title: presence });
}

/** In the JID map its reader finds what the list of participants keeps from him, as from everybody. */
function address(jid, mapped) {
  if (jid) return html("span", { class: "address" }, jid);
  if (!mapped) return html("span", { class: "address masked" }, "address hidden");
  const tag = html("span", { class: "map", title: "From the JID map: only owners may read it here" }, "map");
  return html("span", { class: "address mapped" }, tag, mapped);
}
