import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Masque } from "../../core/masque.ts";

let folder: string;
const server = createServer((socket) => socket.destroy());
let connections = 0;
server.on("connection", () => connections++);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "masque-stop-"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

it("A service that is stopped while it starts ends what it had begun, and does not connect", async () => {
  const { port } = server.address() as { port: number };
  const options = { host: "127.0.0.1", port, domain: "mix.shakespeare.example", secret: "toil and trouble" };
  const storage = `sqlite:${join(folder, "masque.db")}`;
  const service = () =>
    new Masque(
      [],
      { ...options, storage, name: "Masque", operators: [], defaultGeneration: 1, plugins: {} },
      pino({ level: "silent" }),
    );

  const stopped = service();
  const refused = expect(stopped.start()).rejects.toThrow("stopped before it was online");
  await stopped.stop();
  await refused;
  expect(stopped.host.status()).toEqual({});
  expect(connections).toBe(0);

  // The database is free: another finds it so, and connects.
  const next = service();
  const cutOff = expect(next.start()).rejects.toThrow("stopped before it was online");
  await once(server, "connection");
  await next.stop();
  await cutOff;
});
