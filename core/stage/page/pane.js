import { html } from "./element.js";
import { Person } from "./person.js";
import { wireEntry } from "./wire.js";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/**
 * What one person sees: who is in the channel, what was said, and below it every frame his client sent and got.
 * @param listener is told when he is `inside` or `lost`, and that something was `said`, `renamed`, `opened`, or has `arrived`
 */
export class Pane {
  element;
  person;
  #listener;
  #talk = html("ol", { class: "talk", role: "log", tabindex: "0" });
  #participants = html("ul", { class: "participants" });
  #wire = html("ol", { class: "frames", tabindex: "0" });
  #count = html("span", { class: "count" }, "0");
  #status = html("p", { class: "status" });
  #invitation = html("div", { class: "invitation" });
  #error = html("p", { class: "refusal", role: "alert", hidden: true });
  #forms;

  constructor({ name, role, nick }, where, listener) {
    this.#listener = listener;
    this.person = new Person(name, where, {
      wire: (direction, element, words) => this.#wired(direction, element, words),
      said: (message) => this.#said(message),
      noticed: (words) => this.#add(html("li", { class: "notice" }, words)),
      remembered: (messages) => this.#remembered(messages),
      changed: () => this.#changed(),
    });
    this.#forms = this.#makeForms(nick);
    this.element = this.#assemble(name, role);
    this.#changed();
  }

  /** Where the hands go next: what to type into, or press. */
  get control() {
    return this.person.state === "inside" ? this.#forms.say.elements.body : this.#forms.join.elements.nick;
  }

  /** Where the nick is changed. */
  get nickControl() {
    if (this.person.state !== "inside") return this.control;
    this.#forms.tools.querySelector("details").open = true;
    return this.#forms.rename.elements.nick;
  }

  /** The latest frame. */
  get lastFrame() {
    this.element.querySelector(".wire").open = true;
    return this.#wire.querySelector("li:last-child summary");
  }

  #assemble(name, role) {
    const id = `name-${name}`;
    this.#talk.setAttribute("aria-label", `What ${name} has read`);
    this.#wire.setAttribute("aria-label", `Everything ${name} sent and got`);
    this.#participants.setAttribute("aria-label", `Whom ${name} sees in the channel`);
    this.#invitation.append(mask(), invitation(name, this.person.channel), this.#forms.join);
    this.#wire.addEventListener("toggle", ({ target }) => target.open && this.#listener.opened(), true);
    return html(
      "section",
      { class: `pane ${name}`, id: `pane-${name}`, "aria-labelledby": id },
      html(
        "header",
        {},
        html("h2", { id }, name),
        html("p", { class: "role" }, role),
        html("p", { class: "jid" }, this.person.jid),
      ),
      this.#status,
      this.#participants,
      this.#talk,
      this.#invitation,
      this.#error,
      this.#forms.say,
      this.#forms.tools,
      html(
        "details",
        { class: "wire", open: !matchMedia("(max-width: 60rem)").matches },
        html("summary", {}, "On the wire ", this.#count),
        this.#wire,
      ),
    );
  }

  #makeForms(nick) {
    const { person } = this;
    const join = this.#form("join", { name: "nick", label: "Nick", value: nick, button: "Join the coven" }, (text) =>
      person.join(text),
    );
    const say = this.#form("say", { name: "body", label: `${person.name} says`, button: "Say" }, (text) => {
      person.say(text);
      say.reset();
    });
    const rename = this.#form("rename", { name: "nick", label: "New nick", button: "Change" }, async (text) => {
      await person.setNick(text);
      rename.closest("details").open = false;
      rename.reset();
      this.#listener.renamed();
    });
    const press = (words, act) => html("button", { type: "button", onclick: () => this.#try(act) }, words);
    const history = press("Read earlier", () => person.readHistory());
    history.classList.add("history");
    const tools = html(
      "div",
      { class: "tools" },
      history,
      html("details", {}, html("summary", {}, "Change nick"), rename),
      press("Leave", () => person.leave()),
    );
    return { join, say, rename, tools, history };
  }

  #form(kind, { name, label, value, button }, act) {
    const input = html("input", {
      name,
      value,
      required: true,
      autocomplete: "off",
      maxlength: "300",
      enterkeyhint: "send",
    });
    const submit = (event) => {
      event.preventDefault();
      this.#try(() => act(input.value.trim()));
    };
    return html(
      "form",
      { class: kind, onsubmit: submit },
      html("label", {}, html("span", {}, label), input),
      html("button", {}, button),
    );
  }

  /** What goes wrong is said where it was tried. */
  async #try(act) {
    this.#error.hidden = true;
    try {
      await act();
    } catch (error) {
      this.#error.textContent = error.message;
      this.#error.hidden = false;
    }
  }

  #wired(direction, element, words) {
    this.#wire.append(wireEntry(direction, element, words));
    this.#count.textContent = this.#wire.children.length;
    this.#wire.scrollTop = this.#wire.scrollHeight;
  }

  #said(message) {
    this.#add(saying(message));
    this.#listener.said(message);
  }

  #remembered(messages) {
    const known = new Set([...this.#talk.querySelectorAll("[data-id]")].map(({ dataset }) => dataset.id));
    const fresh = messages.filter(({ id }) => !known.has(id)).map((message) => saying(message, "out of the archive"));
    this.#talk.prepend(...fresh);
    if (!this.person.hasMore) this.#talk.prepend(html("li", { class: "notice" }, "Nothing was said before this."));
  }

  #add(item) {
    this.#listener.arrived();
    this.#talk.append(item);
    this.#talk.scrollTop = this.#talk.scrollHeight;
  }

  #changed() {
    const { state, participants, id, nick, hasMore } = this.person;
    const isInside = state === "inside";
    this.element?.setAttribute("data-state", state);
    const { say, tools, history } = this.#forms;
    const hadFocus = [this.#invitation, tools].some((part) => part.contains(document.activeElement));
    this.#invitation.hidden = state !== "outside";
    this.#talk.hidden = state === "outside";
    say.hidden = tools.hidden = !isInside;
    history.hidden = !hasMore;
    this.#status.replaceChildren(...status(this.person));
    this.#participants.hidden = !isInside;
    const others = [...participants].filter(([each]) => each !== id).map(([, who]) => chip(who));
    const own = participants.get(id);
    this.#participants.replaceChildren(...(own ? [chip(own, true)] : []), ...others);
    if (hadFocus && !document.activeElement.checkVisibility()) this.control.focus();
    if (isInside && nick) this.#listener.inside();
    if (state === "lost") this.#listener.lost();
  }
}

function status({ state, participants, channel }) {
  if (state === "inside") return [html("strong", {}, channel), ` · ${participants.size} here`];
  return { away: ["Logging in …"], lost: ["Cut off from the server."], outside: ["Not in any channel yet."] }[state];
}

function invitation(name, channel) {
  return html(
    "p",
    {},
    `${name}’s server has found a channel, `,
    html("strong", {}, channel.split("@")[0]),
    ". In it a person goes by a nick, as one goes by a mask.",
  );
}

/** A mask in the colour of who is to wear it. */
function mask() {
  const element = html("div", { class: "mask", "aria-hidden": "true" });
  element.innerHTML = '<svg viewBox="0 0 64 33"><use href="mask.svg#mask"></use></svg>';
  return element;
}

function chip({ nick, jid }, isOwn) {
  return html(
    "li",
    {},
    html("span", { class: "nick" }, nick, isOwn ? html("span", { class: "you" }, "you") : null),
    html("span", { class: jid ? "address" : "address masked" }, jid || "address hidden"),
  );
}

function saying({ id, nick, body, isOwn, at }, whence) {
  return html(
    "li",
    { class: isOwn ? "saying own" : "saying", "data-id": id },
    html(
      "p",
      { class: "by" },
      html("span", { class: "nick" }, nick),
      html("time", { datetime: at.toISOString() }, TIME.format(at)),
      whence ? html("span", { class: "whence" }, whence) : null,
    ),
    html("p", { class: "body" }, body),
  );
}
