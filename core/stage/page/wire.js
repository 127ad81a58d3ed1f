import { html } from "./element.js";

const ARROWS = { in: ["←", "received"], out: ["→", "sent"] };

/** One frame: what it is, and behind that, when opened, the frame itself. */
export function wireEntry(direction, element, words) {
  const [arrow, spoken] = ARROWS[direction];
  const details = html(
    "details",
    { class: `frame ${direction}` },
    html(
      "summary",
      {},
      html("span", { class: "arrow", "aria-hidden": "true" }, arrow),
      html("span", { class: "words" }, html("span", { class: "unseen" }, `${spoken}: `), words),
      html("code", { class: "kind" }, kindOf(element)),
    ),
  );
  const item = html("li", {}, details);
  // Most are never opened.
  details.addEventListener("toggle", () => details.append(rawOf(element)), { once: true });
  details.addEventListener("toggle", () => item.scrollIntoView({ block: "nearest" }));
  return item;
}

function kindOf(element) {
  return element.localName === "iq" ? `iq ${element.getAttribute("type")}` : element.localName;
}

function rawOf(element) {
  return html("pre", {}, html("code", {}, ...coloured(element, "")));
}

const span = (kind, content) => html("span", { class: kind }, content);

/** An element as lines of XML, each part in a span that says what it is. */
function coloured(element, indent) {
  const attributes = [...element.attributes].flatMap(({ name, value }) => [
    " ",
    span(name.startsWith("xmlns") ? "xmlns" : "attribute", name),
    "=",
    span(name.startsWith("xmlns") ? "xmlns" : "value", `"${value}"`),
  ]);
  const start = [indent, "<", span("tag", element.tagName), ...attributes];
  if (element.childNodes.length === 0) return [...start, "/>\n"];
  const end = ["</", span("tag", element.tagName), ">\n"];
  if (element.children.length === 0) return [...start, ">", span("text", element.textContent), ...end];
  const inner = [...element.children].flatMap((each) => coloured(each, `${indent}  `));
  return [...start, ">\n", ...inner, indent, ...end];
}
