import fc, { type Arbitrary } from "fast-check";
import { type Element, NODE, NS, serialize, xml } from "masque";
import { COVEN, SERVICE } from "./person.ts";

/** Addresses of which something is known, so that random requests are sometimes nearly right. */
export interface Known {
  readonly senders: readonly string[];
  readonly addresses: readonly string[];
}

type Tree = Arbitrary<Element>;

const MALFORMED = ["@", "hecate@", "a@b@c", "", "/x", " ", "x".repeat(5_000)];
const HUGE = "x".repeat(20_000);
const namespaces = fc.constantFrom(...Object.values(NS), "vcard-temp", "urn:xmpp:nonsense", "");
const nodes = fc.constantFrom(...Object.values(NODE), ...Object.values(NODE), "mix", "urn:xmpp:mix:nodes:jidmap", "");
const hostile = fc.constantFrom(
  "'",
  `"><x/>`,
  "&amp;",
  "]]>",
  "<!--",
  "\u{1f9d9}",
  "__proto__",
  "constructor",
  " ",
  "a\u0301",
);
const text = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom("", "1", "-1", "250", "true", "coven", "heath", "2016-05-30T09:00:00Z") },
  { weight: 20, arbitrary: hostile },
  { weight: 10, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 10, arbitrary: nodes },
  { weight: 1, arbitrary: fc.constant(HUGE) },
);
const name = fc.constantFrom(
  ...["x", "query", "pubsub", "items", "item", "join", "nick", "body", "error", "form", "stream:features", "own:join"],
  ...["outer:query", "set", "publish", "mix", "subject", "vCard", "ping", "Ünïcode", "_"],
);
const attribute = fc.constantFrom(
  "node",
  "id",
  "jid",
  "var",
  "type",
  "channel",
  "max_items",
  "xml:lang",
  "outer:a",
  "by",
);
/** Almost always this, and else anything of that. */
const rarely = <T>(usual: T, other: Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
const mostly = <T>(arbitrary: Arbitrary<T>) => fc.option(arbitrary, { freq: 15, nil: undefined });
const mostlyAll = (known: Record<string, Arbitrary<string>>): Arbitrary<Record<string, string>> =>
  fc.tuple(...Object.entries(known).map(([name, value]) => mostly(value.map((it) => ({ [name]: it }))))).map(merged);
const merged = (parts: readonly (Record<string, string> | undefined)[]) => Object.assign({}, ...parts);
const attributes = (more: Record<string, Arbitrary<string>> = {}) =>
  fc
    .tuple(rarely({}, fc.dictionary(attribute, text, { maxKeys: 2, noNullPrototype: true })), mostlyAll(more))
    .map(([any, known]): Record<string, string> => ({ ...any, ...known }));

const { tree } = fc.letrec<{ tree: Element }>((tie) => ({
  tree: fc
    .tuple(
      name,
      attributes({ xmlns: namespaces }),
      fc.array(fc.oneof({ depthSize: "small" }, text, tie("tree")), { maxLength: 3 }),
    )
    .map(([name, attrs, children]) => element(name, attrs, children)),
}));

function element(name: string, attrs: Record<string, string>, children: readonly (Element | string)[] = []): Element {
  return xml(name, name.startsWith("own:") ? { ...attrs, "xmlns:own": "urn:xmpp:own" } : attrs, children);
}

/** An element of this name and namespace with random attributes, and of these children some. */
function request(
  name: string,
  ns: Arbitrary<string>,
  known: Record<string, Arbitrary<string>>,
  ...parts: Tree[]
): Tree {
  const children = parts.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...parts), { maxLength: 4 });
  return fc
    .tuple(ns, attributes(known), children)
    .map(([xmlns, attrs, children]) => xml(name, xmlns ? { ...attrs, xmlns } : attrs, children));
}

const none = fc.constant("");
const words = (name: string): Tree => text.map((words) => xml(name, {}, words));
const mix = fc.constantFrom(NS.MIX_CORE_0, NS.MIX_CORE_1, NS.MIX_ANON, NS.MIX_MISC);
const fields = fc.constantFrom(
  "FORM_TYPE",
  "Name",
  "Owner",
  "Contact",
  "Mandatory Nicks",
  "with",
  "start",
  "ids",
  "after-id",
);
const field = request("field", none, { var: fields, type: fc.constantFrom("hidden", "boolean") }, words("value"), tree);
const form = request("x", fc.constant(NS.DATA), { type: fc.constantFrom("submit", "form", "cancel", "result") }, field);
const page = request("set", fc.constant(NS.RSM), {}, ...["max", "after", "before", "index"].map(words));
const nick = words("nick");
const subscribe = request("subscribe", none, { node: nodes }, tree);
const item = request("item", none, { id: text }, form, tree);
const channel = { channel: fc.constantFrom("coven", "heath", "Heath", "a#b", "moor") };
const flipped = request("flip-page", fc.constant(NS.MAM), {});
const publish = request("publish", none, { node: nodes }, item, request("items", none, {}, item));

/** Requests that are right, or would be but for a detail or two: whom they are for, their type, what they ask. */
const toService = {
  get: [
    request("query", fc.constantFrom(NS.DISCO_INFO, NS.DISCO_ITEMS), {}, page),
    request("query", fc.constant(NS.VERSION), {}),
    request("ping", fc.constant(NS.PING), {}),
  ],
  set: [request("create", mix, channel), request("destroy", mix, channel)],
};
const toChannel = {
  get: [
    request("query", fc.constantFrom(NS.DISCO_INFO, NS.DISCO_ITEMS), { node: nodes }, page),
    request("query", fc.constant(NS.MAM), {}),
    request("metadata", fc.constant(NS.MAM), {}),
    request("pubsub", fc.constant(NS.PUBSUB), {}, request("items", none, { node: nodes }, item), page),
    request("user-preference", fc.constant(NS.MIX_ANON), {}),
    request("vCard", fc.constant("vcard-temp"), {}),
  ],
  set: [
    ...Array.from({ length: 5 }, () => request("join", mix, {}, subscribe, nick, nick, form)),
    request("leave", mix, {}),
    request("setnick", mix, {}, nick),
    request("update-subscription", mix, {}, subscribe, request("unsubscribe", none, { node: nodes })),
    ...Array.from({ length: 3 }, () => request("query", fc.constant(NS.MAM), { queryid: text }, form, page, flipped)),
    request("pubsub", fc.constant(NS.PUBSUB), {}, publish),
    request("pubsub", fc.constant(NS.PUBSUB), {}, request("retract", none, { node: nodes }, item), page),
    request("user-preference", fc.constant(NS.MIX_ANON), {}, form),
  ],
};

const body = words("body");
const error = request(
  "error",
  none,
  { type: fc.constantFrom("cancel", "wait") },
  request("service-unavailable", fc.constant(NS.STANZAS), {}),
);
const id = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 }) },
  { weight: 1, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom("rr-1", "masque-still-there") },
);

/** Deeper than anybody needs: 200 elements, one in the other. */
const abyss: Tree = fc.constant(undefined).map(() => {
  let deep = xml("x");
  for (let i = 0; i < 200; i++) deep = xml("x", {}, deep);
  return deep;
});

/** Any iq, message or presence as a server might hand it over: well-formed, and otherwise anything. */
export function anyStanza({ senders, addresses }: Known): Arbitrary<string> {
  const from = mostly(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...senders) },
      {
        weight: 1,
        arbitrary: fc.constantFrom("@", "hecate@", "a@b@c", "", "/x", "hecate@shakespeare.example/", " ", HUGE),
      },
    ),
  );
  const to = mostly(
    fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...addresses) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(`#${COVEN}`, `##${COVEN}`, `no-such@${SERVICE}`, `__proto__@${SERVICE}`),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...MALFORMED, `@${SERVICE}`, `a b@${SERVICE}`, "coven@elsewhere.example"),
      },
    ),
  );
  const stanza = (
    kind: string,
    types: readonly (string | undefined)[],
    children: Arbitrary<Element[]>,
    address: Arbitrary<string | undefined> = to,
  ) =>
    fc
      .tuple(from, address, fc.constantFrom(...types), mostly(id), children)
      .map(([from, to, type, id, children]) => bound(xml(kind, { from, to, type, id }, children)));
  const some = (...trees: Tree[]) => fc.array(fc.oneof(...trees), { maxLength: 3 });
  const one = (tree: Tree) => tree.map((it) => [it]);
  const asked = (type: "get" | "set", { get, set }: typeof toService, home: string) =>
    stanza("iq", [type], one(fc.oneof(...{ get, set }[type])), fc.constant(home));
  const anyRequest = fc.oneof(...[toService, toChannel].flatMap(({ get, set }) => [...get, ...set]));
  const groupchat = one(body).chain((said) => rarely(said, some(body, tree)));
  const kinds: [number, Arbitrary<Element>][] = [
    [20, asked("set", toChannel, COVEN)],
    [10, asked("get", toChannel, COVEN)],
    [5, asked("set", toChannel, `heath@${SERVICE}`)],
    [5, asked("set", toService, SERVICE)],
    [5, asked("get", toService, SERVICE)],
    [10, stanza("message", ["groupchat"], groupchat, fc.constant(COVEN))],
    [5, stanza("message", ["groupchat"], some(body, tree))],
    [10, stanza("iq", ["get", "set"], one(anyRequest))],
    [5, stanza("iq", ["get", "set"], one(tree))],
    [5, stanza("iq", ["get", "set", "result", "error", "", undefined, "GET"], some(anyRequest, tree, error))],
    [10, stanza("message", ["chat", "error", "normal", "headline", undefined, "x"], some(body, error, tree))],
    [10, stanza("presence", PRESENCE_TYPES, some(tree, error))],
    [1, fc.constantFrom("iq", "message", "presence").chain((kind) => stanza(kind, ["get"], one(abyss)))],
  ];
  return fc.oneof(...kinds.map(([weight, arbitrary]) => ({ weight, arbitrary }))).map(serialize);
}

const PRESENCE_TYPES = [undefined, "unavailable", "error", "subscribe", "subscribed", "probe", "x"];

/** With the prefix declared that its children may use: on the stanza, where a server leaves it. */
function bound(stanza: Element): Element {
  if (serialize(stanza).includes("outer:")) stanza.attrs["xmlns:outer"] = "urn:xmpp:outer";
  return stanza;
}
