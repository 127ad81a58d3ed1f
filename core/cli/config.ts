import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import type { ClusterOptions } from "../cluster/open.ts";
import { nearest } from "../host/nearest.ts";
import { readOptions, Secret } from "../host/options.ts";
import type { Plugin } from "../host/plugin.ts";
import type { Problem } from "../host/problem.ts";
import { isPostgres } from "../storage/open.ts";
import { type Blocks, readBlocks, type Used } from "./blocks.ts";
import { ConfigMistakes } from "./mistakes.ts";
import { positions } from "./positions.ts";
import { reason } from "./reason.ts";
import { SECTIONS, type Sections } from "./sections.ts";
import { type Table, table } from "./table.ts";

/** What an operator wants, read from his file. Paths in it are absolute. */
export interface Config extends Blocks {
  readonly component: {
    readonly domain: string;
    readonly host: string;
    readonly port: number;
    readonly secret: Secret;
  };
  readonly service: Sections["service"];
  /** The URL may hold a password. */
  readonly storage: { readonly url: Secret };
  /** `undefined` where this process serves the domain alone. */
  readonly cluster: ClusterOptions | undefined;
  readonly log: Sections["log"];
  readonly control: { readonly socket: string };
}

/**
 * Reads a configuration file, and loads the plugins it uses.
 * @param bundled the plugins that come with Masque
 * @param known those of other makers that a running service has loaded already
 * @throws ConfigMistakes with everything that is wrong with the file
 */
export async function readConfig(
  file: string,
  bundled: readonly Plugin[],
  env: NodeJS.ProcessEnv = process.env,
  known: Used = new Map(),
): Promise<Config> {
  const source = readSource(file);
  const document = parseToml(file, source);
  const problems: Problem[] = [];
  const blocks = await readBlocks(document.plugins, bundled, resolve(dirname(file)), known, problems);
  const sections = readSections(document, blocks.catalogue, problems);
  const secret = readSecret(document, dirname(file), env, problems);
  const url = readStorage(sections.storage, dirname(file), problems);
  const cluster = readCluster(sections.cluster, url, problems);
  if (problems.length > 0 || !secret) throw located(file, source, problems);

  const { component, service, log } = sections;
  return {
    component: { domain: component.domain, host: component.host, port: component.port, secret },
    service,
    storage: { url: new Secret(url) },
    cluster,
    log,
    control: { socket: socketPath(document, file) },
    ...blocks,
  };
}

/** Where the service that runs by this file is spoken to. Only the syntax of the file needs to be right. */
export function readSocket(file: string): string {
  return socketPath(parseToml(file, readSource(file)), file);
}

function readSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigMistakes(file, "", [{ path: [], message: `the file cannot be read: ${reason(error)}.` }]);
  }
}

function parseToml(file: string, source: string): Table {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = /^Invalid TOML document: (.*)/.exec(error.message)?.[1] ?? error.message;
    const before = source.split("\n").slice(0, error.line - 1);
    const start = before.join("\n").length + Math.min(before.length, 1) + error.column - 1;
    throw new ConfigMistakes(file, source, [{ path: [], message, span: { start, end: start + 1 } }]);
  }
}

function located(file: string, source: string, problems: readonly Problem[]): ConfigMistakes {
  const places = positions(source);
  const mistakes = problems.map((problem) => {
    const span = places.around(problem.path);
    return span ? { ...problem, span } : problem;
  });
  return new ConfigMistakes(file, source, mistakes);
}

/** The sections but for `plugins`; those with problems are not to be used. */
function readSections(document: Table, plugins: readonly Plugin[], problems: Problem[]): Sections {
  for (const name of Object.keys(document)) {
    if (name in SECTIONS || name === "plugins") continue;
    problems.push({ path: [name], message: unknownSection(name, plugins) });
  }
  const sections = Object.entries(SECTIONS).map(([name, schema]) => {
    const read = readOptions(schema, document[name] ?? {});
    if ("options" in read) return [name, read.options];
    problems.push(...read.problems.map(({ path, message }) => ({ path: [name, ...path], message })));
    return [name, {}];
  });
  return Object.fromEntries(sections) as Sections;
}

function unknownSection(name: string, plugins: readonly Plugin[]): string {
  // A right name in a wrong place is the commonest mistake.
  const homes = new Map<string, string>();
  for (const plugin of plugins) homes.set(plugin.name, `[plugins.${plugin.name}]`);
  for (const [section, schema] of Object.entries(SECTIONS)) {
    for (const option of Object.keys(schema.shape)) homes.set(option, `${option} in [${section}]`);
  }
  for (const section of [...Object.keys(SECTIONS), "plugins"]) homes.set(section, `[${section}]`);
  const near = homes.get(nearest(name, homes.keys()) ?? "");
  const known = [...Object.keys(SECTIONS), "plugins.NAME"].map((section) => `[${section}]`).join(", ");
  return `there is no section "${name}"; ${near ? `did you mean ${near}?` : `there are ${known}.`}`;
}

function readSecret(document: Table, folder: string, env: NodeJS.ProcessEnv, problems: Problem[]): Secret | undefined {
  const { secret, secret_file: file } = table(document.component);
  const complain = (option: string, message: string) => void problems.push({ path: ["component", option], message });
  if (secret !== undefined && file !== undefined)
    complain("secret_file", 'there is "secret" as well: keep one of the two.');
  if (env.MASQUE_SECRET) return new Secret(env.MASQUE_SECRET);
  if (secret === undefined && file === undefined) {
    complain("secret", "expected the secret shared with the server: give secret or secret_file, or set MASQUE_SECRET.");
  }
  if (secret !== undefined) return new Secret(String(secret));
  if (typeof file !== "string" || file === "") return undefined;
  const text = readSecretFile(resolve(folder, file), (message) => complain("secret_file", message));
  return text === undefined ? undefined : new Secret(text);
}

function readSecretFile(file: string, complain: (message: string) => void): string | undefined {
  try {
    const text = readFileSync(file, "utf8").trim();
    if (text !== "") return text;
    complain("the file is empty; expected the secret in it.");
  } catch (error) {
    complain(`the file cannot be read: ${reason(error)}.`);
  }
  return undefined;
}

/** The address of the storage, with the password that stands in a file. */
function readStorage(storage: Partial<Sections["storage"]>, folder: string, problems: Problem[]): string {
  const { url = DEFAULT_URL, password_file: file } = storage;
  const complain = (message: string) => void problems.push({ path: ["storage", "password_file"], message });
  if (file === undefined)
    return url.replace(/^sqlite:(?!:memory:)(.+)/, (_, path) => `sqlite:${resolve(folder, path)}`);
  if (!isPostgres(url)) complain("only PostgreSQL asks for a password: leave it out, or give a postgres:// URL.");
  const password = readSecretFile(resolve(folder, file), complain) ?? "";
  return `${url}${url.includes("?") ? "&" : "?"}password=${encodeURIComponent(password)}`;
}

function readCluster(
  { listen, address = listen, streams = 1 }: Partial<Sections["cluster"]>,
  url: string,
  problems: Problem[],
): ClusterOptions | undefined {
  if (listen === undefined || address === undefined) return undefined;
  if (!isPostgres(url))
    problems.push({ path: ["cluster", "listen"], message: "several processes share a PostgreSQL: set [storage] url." });
  return { listen, address, streams };
}

function socketPath(document: Table, file: string): string {
  const { socket } = table(document.control);
  if (typeof socket === "string") return resolve(dirname(file), socket);
  const { url } = table(document.storage);
  const database = /^sqlite:(?!:memory:)(.+)/.exec(typeof url === "string" ? url : DEFAULT_URL)?.[1] ?? "masque";
  return resolve(dirname(file), `${database.replace(/\.[^./]*$/, "")}.sock`);
}
const DEFAULT_URL = SECTIONS.storage.parse({}).url;
