import { html } from "./element.js";

/** Where there is room for one pane only, the panes take turns (WAI-ARIA: tabs). */
export class Tabs {
  #panes;
  #tabs = new Map();
  #narrow = matchMedia("(max-width: 60rem)");

  constructor(list, panes) {
    this.#panes = panes;
    for (const { person, element } of panes) {
      const tab = html(
        "button",
        {
          type: "button",
          role: "tab",
          class: person.name,
          id: `tab-${person.name}`,
          "aria-controls": element.id,
          onclick: () => this.show(person.name),
        },
        person.name,
        html("span", { class: "news" }),
      );
      this.#tabs.set(person.name, tab);
      list.append(tab);
    }
    list.addEventListener("keydown", (event) => this.#move(event));
    this.#narrow.addEventListener("change", () => this.#arrange());
    this.show(panes[0].person.name);
    this.#arrange();
  }

  show(name) {
    for (const { person, element } of this.#panes) {
      const isShown = person.name === name;
      const tab = this.#tabs.get(person.name);
      element.classList.toggle("shown", isShown);
      tab.setAttribute("aria-selected", isShown);
      tab.tabIndex = isShown ? 0 : -1;
      if (isShown) this.#count(tab, 0);
    }
  }

  /** Something reached somebody: it is counted while nobody looks. */
  arrived(name) {
    const tab = this.#tabs.get(name);
    if (tab?.getAttribute("aria-selected") === "false") this.#count(tab, Number(tab.dataset.news ?? 0) + 1);
  }

  #count(tab, count) {
    tab.dataset.news = count;
    tab.querySelector(".news").textContent = count === 0 ? "" : ` ${count}`;
  }

  #move(event) {
    const names = [...this.#tabs.keys()];
    const now = names.findIndex((name) => this.#tabs.get(name) === document.activeElement);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined || now < 0) return;
    event.preventDefault();
    const name = names.at(next % names.length);
    this.show(name);
    this.#tabs.get(name).focus();
  }

  /** Side by side, the panes are plain sections. */
  #arrange() {
    for (const { person, element } of this.#panes) {
      if (this.#narrow.matches) element.setAttribute("role", "tabpanel");
      else element.removeAttribute("role");
      element.setAttribute("aria-labelledby", `${this.#narrow.matches ? "tab" : "name"}-${person.name}`);
    }
  }
}
