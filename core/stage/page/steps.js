import { html } from "./element.js";

/** The first minute: a few things to do, each ticked off once it was done, whichever way. */
export class Steps {
  #items = new Map();

  /** @param steps name -> words, and `go`, which brings one to where it is done */
  constructor(list, steps) {
    for (const [name, { words, go }] of Object.entries(steps)) {
      const state = html("span", { class: "unseen" });
      const item = html("li", { "data-step": name }, html("button", { type: "button", onclick: go }, words, state));
      this.#items.set(name, { item, state });
      list.append(item);
    }
    this.#point();
  }

  done(name) {
    const { item, state } = this.#items.get(name);
    item.classList.add("done");
    state.textContent = " (done)";
    this.#point();
  }

  /** Marks the first that is still to do. */
  #point() {
    const items = [...this.#items.values()].map(({ item }) => item);
    const next = items.find((item) => !item.classList.contains("done"));
    for (const item of items) item.classList.toggle("next", item === next);
  }
}
