import { html } from "./element.js";

/** The plugins of the running service as switches; before one is thrown, what that does is said. */
export class Plugins {
  #changed;
  #token = document.querySelector("meta[name=token]").content;
  #list = html("ul", { class: "switches" });
  #count = html("span", { class: "count" });
  #plan = html("div", { class: "plan", role: "alert", hidden: true });

  /** @param changed is called with the names of those that run, at first and whenever it may be others */
  constructor(panel, changed) {
    this.#changed = changed;
    panel.append(html("summary", {}, "The plugins ", this.#count), this.#plan, this.#list);
    panel.addEventListener("keydown", ({ key }) => key === "Escape" && this.#leave());
    panel.addEventListener("toggle", () => panel.open && this.read());
  }

  async read() {
    this.#show(await answer(await fetch("plugins")));
  }

  /** The switch of this plugin. */
  control(name) {
    this.#list.closest("details").open = true;
    return this.#list.querySelector(`[data-plugin="${name}"]`);
  }

  #show(plugins) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset.plugin : undefined;
    this.#list.replaceChildren(...plugins.map((plugin) => this.#switch(plugin)));
    const running = plugins.filter(({ state }) => state === "on").map(({ name }) => name);
    this.#count.textContent = `${running.length} of ${plugins.length} on`;
    if (focused) this.control(focused).focus();
    this.#changed(new Set(running));
  }

  #switch(plugin) {
    const { name, summary, state, reason } = plugin;
    const button = html(
      "button",
      {
        type: "button",
        role: "switch",
        "aria-checked": String(state !== "off"),
        "data-plugin": name,
        class: state,
        title: reason ?? summary,
        onclick: () => this.#propose(plugin),
      },
      html("span", { class: "lever", "aria-hidden": "true" }),
      html("strong", {}, name),
      state === "on" || state === "off" ? null : html("em", {}, state),
    );
    return html("li", {}, button);
  }

  /** Says what would happen; then it is for the reader to say so. */
  #propose({ name, summary, state, plan }) {
    const on = state === "off";
    const button = (words, act) => html("button", { type: "button", onclick: act }, words);
    const go = button(on ? "Switch it on" : "Switch it off", () => this.#turn(name, on));
    this.#plan.replaceChildren(
      html("p", {}, html("strong", {}, summary), " ", inWords(name, on, plan)),
      go,
      button("Leave it", () => this.#leave()),
    );
    this.#plan.dataset.plugin = name;
    this.#plan.hidden = false;
    go.focus();
  }

  #leave() {
    if (this.#plan.hidden) return;
    this.#plan.hidden = true;
    this.control(this.#plan.dataset.plugin).focus();
  }

  async #turn(plugin, on) {
    try {
      const headers = { "x-masque-token": this.#token, "content-type": "application/json" };
      const reply = await fetch("plugins", { method: "POST", headers, body: JSON.stringify({ plugin, on }) });
      this.#show(await answer(reply));
      this.#leave();
    } catch (error) {
      this.#plan.replaceChildren(html("p", {}, error.message));
    }
  }
}

async function answer(reply) {
  const body = await reply.json();
  if (!reply.ok) throw new Error(body.error);
  return body;
}

/** A plan of the host's, in words. */
function inWords(name, on, { stop, start, waiting }) {
  const needs = waiting.find((each) => each.name === name)?.for ?? [];
  if (on && needs.length > 0) return `The plugin ${name} waits until ${listed(needs)} is on.`;
  const others = (on ? start : stop).filter((each) => each !== name);
  if (others.length === 0) return `The plugin ${name} ${on ? "starts" : "stops"}, and nothing else.`;
  return on
    ? `The plugin ${name} starts, and after it those that waited for it: ${listed(others)}.`
    : `The plugin ${name} stops, and before it those that need it: ${listed(others)}. They come back with it.`;
}

function listed(names) {
  return new Intl.ListFormat("en").format(names);
}
