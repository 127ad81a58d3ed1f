import { EventEmitter, once } from "node:events";
import { HandClock } from "masque/testing";
import type { Logger } from "../../../core/host/plugin.ts";
import { Connection, type ConnectionOptions } from "../../../core/xmpp/connection.ts";
import type { Element } from "../../../core/xmpp/xml.ts";
import type { HostServer } from "../../host-server.ts";

export const DOMAIN = "mix.shakespeare.example";

/** A real connection to the test's server, on a clock that stands still, and all that is heard of it. */
export function componentOf(server: HostServer, options: Partial<ConnectionOptions> = {}) {
  const clock = new HandClock();
  const heard: Element[] = [];
  const told: string[] = [];
  const lines: string[] = [];
  const bus = new EventEmitter();
  function note<T>(list: T[], item: T): void {
    list.push(item);
    bus.emit("news");
  }
  const write = (data: object | string, text?: string) => note(lines, text ?? String(data));
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const connection = new Connection(
    { host: "127.0.0.1", port: server.port, domain: DOMAIN, secret: server.secret, clock, log, ...options },
    {
      stanza: (stanza) => note(heard, stanza),
      cleared: () => {},
      online: () => note(told, "online"),
      offline: (reason) => note(told, `offline: ${reason}`),
    },
  );
  /** Until something is true that changes with a stanza, an event, or a line in the log. */
  async function when(condition: () => boolean): Promise<void> {
    while (!condition()) await once(bus, "news");
  }
  const lost = () => lines.filter((line) => line.includes("Trying again")).length;
  return {
    connection,
    clock,
    heard,
    told,
    lines,
    when,
    /** Until a stanza with this id has been heard. */
    hears: (id: string) => when(() => heard.some((stanza) => stanza.attrs.id === id)),
    /** Until an attempt or a stream has come to nothing for the `count`th time, and the next attempt waits for its time. */
    isLost: (count = 1) => when(() => lost() >= count),
    /** The same, and then makes that attempt. */
    async retry(count = 1): Promise<void> {
      await when(() => lost() >= count);
      clock.leap();
    },
  };
}
