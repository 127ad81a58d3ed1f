import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type HostServer, hostServer } from "../../host-server.ts";
import { componentOf, DOMAIN } from "./component.ts";

const MIB = 1024 * 1024;
const copies = Buffer.from(
  `<message to='hag66@shakespeare.example'><body>${"x".repeat(8_000)}</body></message>`.repeat(130),
);
const message = (id: string) => `<message id='${id}' from='hecate@shakespeare.example' to='coven@${DOMAIN}'/>`;

describe("back-pressure", () => {
  let server: HostServer;
  let component: ReturnType<typeof componentOf>;

  beforeEach(async () => {
    server = await hostServer();
    component = componentOf(server, { highWater: 4 * MIB });
    await component.connection.start();
  });
  afterEach(async () => {
    if (server.connected) server.drop();
    await component.connection.stop();
    await server.close();
  });

  /** The server stops reading, and so much is written that the connection stops, too. */
  function jam(): void {
    server.pauseReading();
    for (let i = 0; i < 40 && component.connection.congestion === "clear"; i++) component.connection.writeAll([copies]);
  }

  it("stays away while the server reads", async () => {
    const { connection } = component;
    for (let i = 0; i < 20; i++) {
      connection.writeAll([copies]);
      expect(connection.congestion).toBe("clear");
      await server.when(() => server.stanzas.length === 130 * (i + 1));
    }
  });

  it("stops reading while too much waits to be sent, and reads on when it has gone", async () => {
    const { connection, clock, heard, hears } = component;
    jam();
    expect(connection.congestion).toBe("paused");
    await server.write(message("1"));
    await pause(50);
    expect(heard).toEqual([]);
    server.resumeReading();
    await hears("1");
    expect(connection.congestion).toBe("clear");
    clock.advance(60_000);
    expect(connection.congestion).toBe("clear");
  });

  it("stops reading while it is told to", async () => {
    const { connection, heard, hears } = component;
    connection.hold(true);
    await server.write(message("1"));
    await pause(50);
    expect(heard).toEqual([]);
    connection.hold(false);
    await hears("1");
  });

  it("begins a stream without reading from it when it was told so before", async () => {
    const { connection, heard, hears, clock } = component;
    server.drop();
    while (connection.online) await pause(5);
    connection.hold(true);
    clock.leap();
    while (!connection.online) await pause(5);
    await server.write(message("2"));
    await pause(50);
    expect(heard).toEqual([]);
    connection.hold(false);
    await hears("2");
  });

  it("connects again while it is told to read nothing", async () => {
    const { connection, clock } = component;
    server.drop();
    while (connection.online) await pause(5);
    clock.leap();
    connection.hold(true);
    await server.component(2);
    while (!connection.online) await pause(5);
    expect(connection.online).toBe(true);
  });

  it("refuses no write because of it: that is the engine's to decide", () => {
    jam();
    expect(component.connection.writeAll([copies])).toBe(true);
  });

  it("reads again when the server has taken nothing for 30 s, lest both wait for ever", async () => {
    const { connection, clock, hears } = component;
    jam();
    await server.write(message("1"));
    clock.advance(29_999);
    expect(connection.congestion).toBe("paused");
    clock.advance(1);
    expect(connection.congestion).toBe("stuck");
    await hears("1");
    server.resumeReading();
    await vi.waitFor(() => expect(connection.congestion).toBe("clear"), 5_000);
  });

  it("bears with a server that is slow", async () => {
    const { connection, clock } = component;
    jam();
    for (let i = 0; i < 40; i++) connection.writeAll([copies]);
    server.resumeReading();
    await server.when(() => server.stanzas.length > 12 * 130);
    server.pauseReading();
    await pause(50);
    expect(connection.congestion).toBe("paused");
    clock.advance(30_000);
    expect(connection.congestion).toBe("paused");
    clock.advance(30_000);
    expect(connection.congestion).toBe("stuck");
  });

  it("does not take its own deafness for the server's silence", async () => {
    const patient = componentOf(server, { highWater: 4 * MIB, stuckAfter: 3_600_000 });
    await component.connection.stop();
    await patient.connection.start();
    component = patient;
    jam();
    patient.clock.advance(600_000);
    expect(patient.told).toEqual(["online"]);
    expect(patient.connection.online).toBe(true);
  });

  it("reads a little now and then from a server that takes nothing, and gives it up after five minutes", async () => {
    const { connection, clock, told, retry } = component;
    jam();
    for (let round = 0; round < 10; round++) {
      expect([connection.online, connection.congestion]).toEqual([true, "paused"]);
      clock.advance(30_000);
      expect(connection.congestion).toBe("stuck");
      for (let i = 0; i < 5; i++) connection.writeAll([copies]);
    }
    expect(connection.online).toBe(false);
    expect(told[1]).toContain("has taken none for a long time");
    clock.advance(2_000);
    await retry();
    await server.component(2);
  });

  it("reads from it even while it is told not to: what is new is refused, and needs no room", async () => {
    const { connection, clock, hears } = component;
    jam();
    connection.hold(true);
    clock.advance(30_000);
    await server.write(message("1"));
    await hears("1");
  });

  it("ends with the stream: the next begins clear", async () => {
    const { connection, retry, told, when } = component;
    jam();
    server.drop();
    await retry();
    await when(() => told.length === 3);
    expect(connection.congestion).toBe("clear");
  });
});
