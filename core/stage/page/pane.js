import { Company } from "./company.js";
import { html } from "./element.js";
import { modeInWords } from "./mode.js";
import { Person } from "./person.js";
import { Preferences } from "./preferences.js";
import { wireEntry } from "./wire.js";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/**
 * What one person sees: who is in the channel, what was said, and below it every frame his client sent and got.
 * @param listener is told that he `changed`, that something was `said` or `opened`, or has `arrived`
 */
export class Pane {
  element;
  person;
  #listener;
  #talk = html("ol", { class: "talk", role: "log", tabindex: "0" });
  #company;
  #preferences;
  #mayWhisper = false;
  /** To whom he says it, if not to all. */
  #whispering;
  #wire = html("ol", { class: "frames", tabindex: "0" });
  #count = html("span", { class: "count" }, "0");
  #status = html("p", { class: "status" });
  #mode = html("p", { class: "whose" });
  #suspended = html("p", { class: "suspended", role: "status", hidden: true });
  #invitation = html("div", { class: "invitation" });
  #error = html("p", { class: "refusal", role: "alert", hidden: true });
  #forms;

  constructor(part, where, listener) {
    const { name, role, nick } = part;
    this.#listener = listener;
    this.person = new Person(part, where, {
      wire: (direction, element, words) => this.#wired(direction, element, words),
      said: (message) => this.#said(message),
      noticed: (words) => this.#add(html("li", { class: "notice" }, words)),
      remembered: (messages) => this.#remembered(messages),
      refused: (words) => this.#complain(words),
      changed: () => {
        this.#show();
        this.#listener.changed();
      },
    });
    this.#company = new Company(this.person, (id) => this.#whisperTo(id));
    this.#preferences = new Preferences(name, (field, value) => this.#prefer(field, value));
    this.#forms = this.#makeForms(nick);
    this.element = this.#assemble(name, role);
    this.#show();
  }

  /** Where the hands go next: what to type into, or press. */
  get control() {
    return this.person.state === "inside" ? this.#forms.say.elements.body : this.#forms.join.elements.nick;
  }

  /** Where he chooses whether his address is shown, while he may. */
  get wish() {
    return (this.person.state === "inside" && this.#preferences.control("JID Visibility")) || this.control;
  }

  /** The latest frame. */
  get lastFrame() {
    this.element.querySelector(".wire").open = true;
    return this.#wire.querySelector("li:last-child summary");
  }

  /** Whether the service lets participants write to one another. */
  set mayWhisper(mayWhisper) {
    this.#mayWhisper = mayWhisper;
    if (!mayWhisper) this.#whisperTo(undefined);
    this.#show();
  }

  /** Does something in his name; what goes wrong is said here, where one looks for it. Answers whether it is done. */
  async attempt(act) {
    this.#error.hidden = true;
    try {
      await act();
      return true;
    } catch (error) {
      this.#complain(error.message);
      return false;
    }
  }

  #assemble(name, role) {
    const id = `name-${name}`;
    this.#talk.setAttribute("aria-label", `What ${name} has read`);
    this.#wire.setAttribute("aria-label", `Everything ${name} sent and got`);
    this.#invitation.append(mask(), html("p", { class: "words" }), this.#forms.join);
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
      this.#mode,
      this.#suspended,
      this.#company.element,
      this.#preferences.element,
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
      if (this.#whispering) person.whisper(this.#whispering, text);
      else person.say(text);
      say.reset();
    });
    say.addEventListener("keydown", ({ key }) => key === "Escape" && this.#whisperTo(undefined));
    const aloud = html("button", { type: "button", class: "aloud", hidden: true }, "Aloud");
    aloud.addEventListener("click", () => this.#whisperTo(undefined));
    say.append(aloud);
    const rename = this.#form("rename", { name: "nick", label: "New nick", button: "Change" }, async (text) => {
      await person.setNick(text);
      rename.closest("details").open = false;
      rename.reset();
    });
    const press = (words, act) => html("button", { type: "button", onclick: () => this.attempt(act) }, words);
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
      this.attempt(() => act(input.value.trim()));
    };
    return html(
      "form",
      { class: kind, onsubmit: submit },
      html("label", {}, html("span", {}, label), input),
      html("button", {}, button),
    );
  }

  #complain(words) {
    this.#error.textContent = words;
    this.#error.hidden = false;
  }

  #prefer(name, value) {
    return this.attempt(async () => {
      this.#preferences.reset();
      await this.person.prefer(name, value);
    });
  }

  /** From now on what he says goes to one participant alone; `undefined`: to all. */
  #whisperTo(id) {
    this.#whispering = id;
    const { say } = this.#forms;
    const nick = this.person.knows.participants.get(id)?.nick;
    say.classList.toggle("whispering", id !== undefined);
    say.querySelector("label span").textContent = id
      ? `${this.person.name} whispers to ${nick}`
      : `${this.person.name} says`;
    say.querySelector(".aloud").hidden = id === undefined;
    if (id) say.elements.body.focus();
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

  #show() {
    const { state, knows, isOwner, mayReadMore, suspended } = this.person;
    const isInside = state === "inside";
    this.element?.setAttribute("data-state", state);
    const { say, tools, history } = this.#forms;
    const hadFocus = [this.#invitation, tools, this.#company.element].some((part) =>
      part.contains(document.activeElement),
    );
    this.#invitation.hidden = state !== "outside";
    this.#talk.hidden = state === "outside";
    say.hidden = tools.hidden = !isInside;
    history.hidden = !mayReadMore;
    this.#status.replaceChildren(...status(this.person));
    this.#mode.textContent = suspended ? "" : modeInWords(knows.mode, isOwner);
    this.#mode.dataset.mode = knows.mode;
    this.#suspended.hidden = suspended === "";
    if (this.#suspended.textContent !== suspended) this.#suspended.textContent = suspended;
    this.#company.element.hidden = !isInside || knows.participants.size === 0;
    this.#company.update(this.#mayWhisper);
    if (this.#whispering && !knows.participants.has(this.#whispering)) this.#whisperTo(undefined);
    this.#preferences.update(isInside && !suspended ? knows.preferences : []);
    this.#invitation.querySelector(".words")?.replaceChildren(...invitation(this.person));
    if (hadFocus && !document.activeElement.checkVisibility()) this.control.focus();
  }
}

function status({ state, knows, channel, farewell }) {
  if (state === "inside") return [html("strong", {}, channel), ` · ${knows.participants.size} here`];
  const outside = farewell ? "Not in the channel any more." : "Not in any channel yet.";
  return [{ away: "Logging in …", lost: "Cut off from the server.", outside }[state]];
}

function invitation({ name, channel, farewell }) {
  if (farewell) return [html("strong", {}, `${name} has been taken out. `), `The channel says: “${farewell}”`];
  const found = html("strong", {}, channel.split("@")[0]);
  return [`${name}’s server has found a channel, `, found, ". In it a person goes by a nick, as one goes by a mask."];
}

/** A mask in the colour of who is to wear it. */
function mask() {
  const element = html("div", { class: "mask", "aria-hidden": "true" });
  element.innerHTML = '<svg viewBox="0 0 64 33"><use href="mask.svg#mask"></use></svg>';
  return element;
}

function saying({ id, nick, jid, body, isOwn, at, whisper }, whence) {
  const kinds = ["saying", isOwn && "own", whisper && "whispered"].filter(Boolean);
  return html(
    "li",
    { class: kinds.join(" "), "data-id": id || null },
    html(
      "p",
      { class: "by" },
      html("span", { class: "nick" }, nick),
      jid ? html("span", { class: "address" }, jid) : null,
      whisper ? html("span", { class: "whence" }, whisper) : null,
      html("time", { datetime: at.toISOString() }, TIME.format(at)),
      whence ? html("span", { class: "whence" }, whence) : null,
    ),
    html("p", { class: "body" }, body),
  );
}
