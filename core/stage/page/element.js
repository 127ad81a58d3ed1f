/** Makes an HTML element: attributes by name, handlers by `onclick` and its like; what is null or false is left out. */
export function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Makes an XML element; children without a namespace of their own take their parent's. */
export function xml(name, namespace, attributes = {}, ...children) {
  const element = document.implementation.createDocument(namespace, name).documentElement;
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
  element.append(...children.flat());
  return element;
}

/** Reads one XML element. */
export function parse(text) {
  return new DOMParser().parseFromString(text, "application/xml").documentElement;
}

/** The first child of this name; with a namespace, of this name in it. */
export function child(element, name, namespace) {
  return [...(element?.children ?? [])].find(
    (each) => each.localName === name && (namespace === undefined || each.namespaceURI === namespace),
  );
}

export function children(element, name) {
  return [...(element?.children ?? [])].filter((each) => each.localName === name);
}

export function text(element, name) {
  return child(element, name)?.textContent ?? "";
}
