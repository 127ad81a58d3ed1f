import { html } from "./element.js";

/** What somebody may choose for himself: whatever fields the channel's form has, as they are. */
export class Preferences {
  element;
  #name;
  #choose;
  #fields = html("div", { class: "fields" });
  #key = "";

  /** @param choose is called with a field's name and the value chosen */
  constructor(name, choose) {
    this.#name = name;
    this.#choose = choose;
    this.element = html(
      "details",
      { class: "preferences", open: !matchMedia("(max-width: 60rem)").matches },
      html("summary", {}, `What ${name} chooses`),
      this.#fields,
    );
  }

  /** Where the one of this name is chosen. */
  control(name) {
    this.element.open = true;
    return this.#fields.querySelector(`[name="${name}"]`);
  }

  update(fields) {
    this.element.hidden = fields.length === 0;
    const key = JSON.stringify(fields);
    if (key === this.#key) return;
    this.#key = key;
    const focused = this.#fields.contains(document.activeElement) ? document.activeElement.name : undefined;
    this.#fields.replaceChildren(...fields.map((field) => this.#field(field)));
    if (focused) this.control(focused)?.focus();
  }

  /** A choice that was refused is not shown as made. */
  reset() {
    this.#key = "";
  }

  #field({ name, label, value, options }) {
    const choices = options.map((option) =>
      html("option", { value: option.value, selected: option.value === value }, option.label),
    );
    const onchange = ({ target }) => this.#choose(name, target.value);
    const id = `${this.#name}-${name}`.replaceAll(" ", "-");
    return html(
      "label",
      { for: id },
      html("span", {}, label),
      html("select", { id, name, title: `${name} (XEP-0404)`, onchange }, choices),
    );
  }
}
