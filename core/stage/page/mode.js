import { html } from "./element.js";

/** What a channel may be (XEP-0404 §2.2): what it is called here, and what that means to those in it. */
const MODES = {
  "jid-hidden": ["Hides addresses", "Nobody learns whose nick it is; only the owner does."],
  "jid-maybe-visible": ["Leaves it to each", "Who wishes it shows his address, and nobody else’s is shown."],
  "jid-visible": ["Shows addresses", "Everybody sees whose nick it is."],
};

/** The owner's hand on the channel: whose addresses it shows. */
export class Mode {
  #set;
  #group;
  #radios = new Map();
  #wish;
  #note = html("p", { class: "unmoded" });

  /** @param set is called with the mode that was chosen */
  constructor(group, set) {
    this.#set = set;
    this.#group = group;
    for (const [mode, [name, meaning]] of Object.entries(MODES)) group.append(this.#choice(mode, name, meaning));
    group.append(this.#note);
    this.update("", "");
  }

  /** Where this one is chosen. */
  control(mode) {
    return this.#radios.get(mode);
  }

  /** What was chosen could not be. */
  refused() {
    this.#wish = undefined;
  }

  /** @param mode of the channel, or ""; what was chosen stands until the channel has become it, or refused */
  update(mode, suspended) {
    if (mode === this.#wish || mode === "") this.#wish = undefined;
    for (const [each, radio] of this.#radios) radio.checked = each === (this.#wish ?? mode);
    this.#group.disabled = mode === "";
    this.#note.textContent = suspended ? "It is suspended, and does nothing for anybody." : "Nothing here decides it.";
    this.#note.hidden = mode !== "";
  }

  #choice(mode, name, meaning) {
    const onchange = () => {
      this.#wish = mode;
      this.#set(mode);
    };
    const radio = html("input", { type: "radio", name: "mode", value: mode, onchange });
    this.#radios.set(mode, radio);
    return html("label", {}, radio, html("strong", {}, name), html("span", {}, meaning), html("code", {}, mode));
  }
}

/** The mode in a sentence, as those in the channel may read it; empty when nothing decides. */
export function modeInWords(mode, isOwner) {
  if (mode === "jid-visible") return "Everybody’s address is shown here.";
  const words = mode === "jid-hidden" ? "Nobody’s address is shown here" : "Those who wish it show their address here";
  if (mode === "") return "";
  return isOwner ? `${words}; the owner reads the JID map.` : `${words}.`;
}
