import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDriver } from "../../../core/storage/driver.ts";
import { serve } from "../../../core/storage/engine.ts";
import type { Change } from "../../../core/storage/store.ts";
import type { Request } from "../../../core/storage/wire.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { folder } from "./folder.ts";

const WORDS = "A Message I did not mean to send";
/** Long enough that it has pages of its own. */
const LONG = `${WORDS} `.repeat(500);

describe("what is taken back, or forgotten", () => {
  const home = folder();
  let file: string;
  let port: MessagePort;
  let databases = 0;

  // The engine in this thread, so that its minute can pass at once.
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    file = join(home, `${databases++}.db`);
    const { port1, port2 } = new MessageChannel();
    serve(port2, file);
    port = port1;
    await once(port, "message");
    const channel = { name: "coven", created: 0, listed: true, state: "{}" };
    await asks({ kind: "write", calls: [[{ put: "new channel", channel }]], lines: [0] });
    for (const [i, payload] of [LONG, WORDS, "Fair is foul"].entries())
      await writes({ put: "message", message: { ...message, id: `m${i}`, payload } });
    expect(filesWith(WORDS)).not.toEqual([]);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await asks({ kind: "close" });
    port.close();
  });

  const message = { channel: 1, node: NODE.MESSAGES, at: 1, sender: "123456", nick: "hecate", shown: false };

  async function asks(request: Request): Promise<void> {
    port.postMessage(request);
    await once(port, "message");
  }

  const writes = (...changes: Change[]) => asks({ kind: "write", calls: [changes], lines: [0] });

  /** The database's files in which these words stand. */
  function filesWith(words: string): string[] {
    return readdirSync(home)
      .map((name) => join(home, name))
      .filter((path) => path.startsWith(file) && readFileSync(path).includes(words));
  }

  const retractions: Change[] = ["m0", "m1"].map((id) => ({
    put: "revision",
    message: { ...message, id, payload: "<retracted/>" },
  }));

  it("is in no file of the database a minute later, and everything else still is", async () => {
    await writes(...retractions);
    vi.advanceTimersByTime(60_000);
    expect(filesWith(WORDS)).toEqual([]);
    expect(filesWith("Fair is foul")).toEqual([file]);
  });

  it("is in none when it was swept out, or its channel destroyed", async () => {
    await writes({ put: "expiry", channel: 1, node: NODE.MESSAGES, keep: 1 });
    vi.advanceTimersByTime(60_000);
    expect(filesWith(WORDS)).toEqual([]);
    expect(filesWith("Fair is foul")).toEqual([file]);
    await writes({ put: "no channel", key: 1 });
    vi.advanceTimersByTime(60_000);
    expect(filesWith("Fair is foul")).toEqual([]);
  });

  it("stays for as long as somebody reads the database as it was before, and no longer", async () => {
    const reader = openDriver(file);
    reader.exec("begin");
    reader.all("select count(*) from messages");
    await writes(...retractions);
    vi.advanceTimersByTime(60_000);
    expect(filesWith(WORDS)).not.toEqual([]);
    reader.exec("commit");
    reader.close();
    vi.advanceTimersByTime(60_000);
    expect(filesWith(WORDS)).toEqual([]);
  });
});
