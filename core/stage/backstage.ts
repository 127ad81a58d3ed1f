import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../host/plugin.ts";
import { isLocal } from "./local.ts";
import type { Switches } from "./switches.ts";

/** Where the page finds the plugins of the service: GET reads them, POST `{"plugin": …, "on": …}` switches one. */
export const PATH = "/plugins";

const LONGEST = 1024;

/** The page's own door to the service behind the stage: for nobody but the page itself. */
export class Backstage {
  /** Stands in the page, where no page of anybody else's can read it; whoever switches something must show it. */
  readonly #token: string;
  readonly #log: Logger;
  switches: Switches | undefined;

  constructor(token: string, log: Logger) {
    this.#token = token;
    this.#log = log;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#reply(request).catch((error) => {
      this.#log.error({ err: error }, "The stage could not switch a plugin.");
      return refuse(500, "This could not be done.");
    });
    response.writeHead(status, HEADERS).end(JSON.stringify(body));
  }

  async #reply(request: IncomingMessage): Promise<Reply> {
    const { method, headers } = request;
    if (!isLocal(headers.host)) return refuse(421, "The stage answers on 127.0.0.1 and localhost only.");
    if (!this.switches) return refuse(503, "No service runs on the stage yet.");
    if (method === "GET") return { status: 200, body: this.switches.list() };
    if (method !== "POST") return refuse(405, "This can be read (GET) and switched (POST).");
    // Browsers say where a POST comes from; a program of this machine has no business here.
    const isOwn = headers.origin === `http://${headers.host}`;
    if (!isOwn || headers["x-masque-token"] !== this.#token)
      return refuse(403, "Plugins are switched by the page of the stage, and by nobody else.");
    const wish = readWish(await textOf(request));
    if (!wish) return refuse(400, 'Write {"plugin": NAME, "on": true} or false.');
    if (!this.switches.has(wish.plugin)) return refuse(400, `There is no plugin "${wish.plugin}".`);
    await this.switches.turn(wish.plugin, wish.on);
    return { status: 200, body: this.switches.list() };
  }
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

function refuse(status: number, error: string): Reply {
  return { status, body: { error } };
}

/** The body; what is too long to be a wish is not kept to its end, and is answered all the same. */
async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.length > LONGEST) return "";
  }
  return text;
}

function readWish(text: string): { plugin: string; on: boolean } | undefined {
  try {
    const wish = JSON.parse(text);
    return typeof wish?.plugin === "string" && typeof wish.on === "boolean" ? wish : undefined;
  } catch {
    return undefined; // no JSON is no wish
  }
}
