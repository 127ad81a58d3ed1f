import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";

/** A test that names, in its `tags`, the sentences it is the proof of. */
export interface TaggedTest {
  /** From the root of the project. */
  readonly file: string;
  /** With the names of what it stands in. */
  readonly name: string;
  readonly tags: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [part: string]: unknown;
}

const NAMES = ["it", "test", "describe"];
const PASSED_OVER = ["skip", "skipIf", "runIf", "todo"];

/** All of them, read from the source: what is passed over in a run is no proof. */
export function taggedTests(root: string): TaggedTest[] {
  const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" });
  const tests = files.filter((file) => file.endsWith(".test.ts")).map((file) => `test/${file}`);
  return tests.sort().flatMap((file) => taggedTestsIn(readFileSync(join(root, file), "utf8"), file));
}

/** Throws when a tag is written where it could not be read. */
export function taggedTestsIn(source: string, file: string): TaggedTest[] {
  if (!/\btags\b/.test(source)) return [];
  const found: TaggedTest[] = [];
  collect(parseAst(source, { lang: "ts" }) as unknown as Node, { file, path: [], found });
  return found;
}

interface Place {
  readonly file: string;
  readonly path: readonly string[];
  readonly found: TaggedTest[];
}

function collect(node: Node, place: Place): void {
  const words = node.type === "CallExpression" ? wordsOf(node.callee as Node) : [];
  if (!NAMES.includes(words[0] ?? "")) return collectWithin(node, place);
  if (words.some((word) => PASSED_OVER.includes(word))) return;
  const [title, options] = node.arguments as Node[];
  if (!title) return;
  const path = [...place.path, textOf(title)];
  const tags = options ? tagsOf(options, place.file) : [];
  if (tags.length > 0) place.found.push({ file: place.file, name: path.join(" › "), tags });
  collectWithin(node, { ...place, path });
}

function collectWithin(node: Node, place: Place): void {
  const children = Object.values(node).flat();
  for (const child of children) if (isNode(child)) collect(child, place);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

/** `it.each(table)` -> it, each. */
function wordsOf(callee: Node): string[] {
  if (callee.type === "Identifier") return [callee.name as string];
  if (callee.type === "CallExpression") return wordsOf(callee.callee as Node);
  if (callee.type === "TaggedTemplateExpression") return wordsOf(callee.tag as Node);
  if (callee.type !== "MemberExpression") return [];
  return [...wordsOf(callee.object as Node), (callee.property as { name?: string }).name ?? ""];
}

function tagsOf(options: Node, file: string): string[] {
  if (options.type !== "ObjectExpression") return [];
  const property = (options.properties as Node[]).find((each) => (each.key as { name?: string })?.name === "tags");
  if (!property) return [];
  const value = property.value as Node;
  const written = value.type === "ArrayExpression" ? (value.elements as Node[]) : [value];
  return written.map((each) => {
    if (each.type === "Literal") return each.value as string;
    throw new Error(`${file}: write tags as they are, "0404-2.1/1", so that the table can be made from them.`);
  });
}

/** What stands in the place of a value differs from test to test. */
function textOf(title: Node): string {
  if (title.type !== "TemplateLiteral") return String(title.value).replace(/%[sdij]|\$[\w.]+/g, "…");
  return (title.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join("…");
}
