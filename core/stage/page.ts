import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isLocal } from "./local.ts";
import { StageError } from "./stage-error.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The page on which the users talk: its few files, as they are, out of memory. */
export class Page {
  readonly #files = new Map<string, { readonly type: string; readonly body: Buffer }>();

  /**
   * @param token by which the page is known to the stage
   * @throws StageError when its files cannot be read
   */
  constructor(token: string, folder = pageFolder()) {
    try {
      for (const name of readdirSync(folder)) {
        const type = TYPES[extname(name)];
        if (type) this.#files.set(`/${name}`, { type, body: readFileSync(join(folder, name)) });
      }
    } catch (error) {
      throw new StageError(`The page of the stage cannot be read from ${folder}`, error);
    }
    const index = this.#files.get("/index.html");
    if (!index) return;
    const body = Buffer.from(
      index.body.toString().replace('name="token" content=""', `name="token" content="${token}"`),
    );
    for (const path of ["/", "/index.html"]) this.#files.set(path, { ...index, body });
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const { host } = request.headers;
    const refuse = (status: number, text: string) => response.writeHead(status, PLAIN).end(`${text}\n`);
    if (!isLocal(host)) return void refuse(421, "The stage answers on 127.0.0.1 and localhost only.");
    if (request.method !== "GET" && request.method !== "HEAD") return void refuse(405, "This can only be read.");
    const file = this.#files.get(request.url?.split("?")[0] ?? "");
    if (!file) return void refuse(404, "There is no such file here.");
    response.writeHead(200, {
      ...headers(host as string),
      "content-type": file.type,
      "content-length": file.body.length,
    });
    response.end(request.method === "HEAD" ? undefined : file.body);
  }
}

const PLAIN = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };

/** Nothing but what comes from here: no script in the page's text, nobody else's server, nobody else's frame. */
function headers(host: string): Record<string, string> {
  const policy = `default-src 'self'; connect-src 'self' ws://${host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return {
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
  };
}

// Compilers leave the page where it is: beside the sources, while this may run from dist/.
function pageFolder(): string {
  const [here, source] = ["page/", "../../../core/stage/page/"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return existsSync(here as string) ? (here as string) : (source as string);
}
