import { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type HostServer, hostServer } from "../../host-server.ts";
import { componentOf, DOMAIN } from "./component.ts";

const HEADER = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>";

const message = (id: string, body = "", from = "hecate@shakespeare.example/pda") =>
  `<message id='${id}' from='${from}' to='coven@${DOMAIN}'><body>${body}</body></message>`;

describe("the connection", () => {
  let server: HostServer;

  beforeEach(async () => {
    server = await hostServer();
  });
  afterEach(() => server.close());

  it("comes online with the right secret, and leaves it to its listener to say so", async () => {
    const { connection, told, lines } = componentOf(server);
    await connection.start();
    expect(connection.online).toBe(true);
    expect(server.domain).toBe(DOMAIN);
    expect(told).toEqual(["online"]);
    expect(lines).toEqual([]);
    await connection.stop();
  });

  it("hashes a secret beyond ASCII as the servers do, from UTF-8", async () => {
    const witches = await hostServer({ secret: "Hexenküche 🧙" });
    const { connection } = componentOf(witches);
    await connection.start();
    expect(witches.handshakes).toBe(1);
    await connection.stop();
    await witches.close();
  });

  it("hands up stanzas in their order, in the stream's namespace", async () => {
    const { connection, heard, hears } = componentOf(server);
    await connection.start();
    await server.write(`<iq id='1' type='get'/><presence id='2'/>${message("3", "Hail")}`);
    await hears("3");
    expect(heard.map((stanza) => `${stanza.name} ${stanza.attrs.id}`)).toEqual(["iq 1", "presence 2", "message 3"]);
    expect(heard[2]!.is("message", "jabber:component:accept")).toBe(true);
    await connection.stop();
  });

  it("is online before the first stanza, even if that comes in one packet with the handshake's answer", async () => {
    server.manner = { say: `${HEADER}<handshake/>${message("early")}` };
    const { connection, told, hears, heard } = componentOf(server);
    const started = connection.start();
    await hears("early");
    expect(told).toEqual(["online"]);
    expect(heard).toHaveLength(1);
    await started;
    await connection.stop();
  });

  it("minds neither the address in the handshake's answer nor a second answer", async () => {
    server.manner = { say: `${HEADER}<handshake from='foo@'/><handshake/>${message("1")}` };
    const { connection, told, hears } = componentOf(server);
    await connection.start();
    await hears("1");
    expect(told).toEqual(["online"]);
    await connection.stop();
  });

  it("keeps no time but its clock's", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const { connection, isLost, retry } = componentOf(server);
    server.manner = "hesitant";
    const started = connection.start();
    await server.when(() => server.received.includes("</handshake>"));
    expect(vi.getTimerCount()).toBe(0);
    server.manner = "accept";
    server.drop();
    await retry(1);
    await started;
    server.drop();
    await isLost(2);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await connection.stop();
  });

  it("puts a character together that came in two packets", async () => {
    const { connection, heard, hears } = componentOf(server);
    await connection.start();
    const bytes = Buffer.from(message("1", "🧙"));
    const middle = bytes.indexOf(Buffer.from("🧙")) + 2;
    await server.write(bytes.subarray(0, middle));
    await pause(20);
    await server.write(bytes.subarray(middle));
    await hears("1");
    expect(heard[0]!.getChildText("body")).toBe("🧙");
    await connection.stop();
  });

  it("takes no half character of a lost stream over into the next", async () => {
    const { connection, heard, hears, retry } = componentOf(server);
    await connection.start();
    await server.write(Buffer.from("<message><body>🧙").subarray(0, -2));
    await pause(20);
    server.drop();
    await retry();
    await server.component(2);
    await server.write(message("2", "whole"));
    await hears("2");
    expect(heard.map((stanza) => stanza.getChildText("body"))).toEqual(["whole"]);
    await connection.stop();
  });

  it.each(["foo@", "@", "", "a@b@c", "hecate@shakespeare.example/\u0007", "constructor", "x".repeat(5_000)])(
    "hands up a stanza from %j and answers nothing by itself",
    async (from) => {
      const { connection, heard, hears } = componentOf(server);
      await connection.start();
      await server.write(`<iq type='get' id='1' from='${from}'><query xmlns='unknown'/></iq>${message("2")}`);
      await hears("2");
      expect(heard[0]!.attrs.from).toBe(from);
      connection.write(message("end"));
      await server.until((stanza) => stanza.attrs.id === "end");
      expect(server.stanzas).toHaveLength(1);
      await connection.stop();
    },
  );

  it("loses a stanza whose handler throws, and no other", async () => {
    const { connection, heard, hears, lines } = componentOf(server);
    vi.spyOn(heard, "push").mockImplementationOnce(() => {
      throw new Error("Macbeth hath murdered sleep");
    });
    await connection.start();
    await server.write(message("1") + message("2"));
    await hears("2");
    expect(lines.at(-1)).toContain("<message/>");
    expect(connection.online).toBe(true);
    await connection.stop();
  });

  it("sends at once and notices a dead peer: no Nagle, keep-alive", async () => {
    const noDelay = vi.spyOn(Socket.prototype, "setNoDelay");
    const keepAlive = vi.spyOn(Socket.prototype, "setKeepAlive");
    const { connection } = componentOf(server);
    await connection.start();
    expect(noDelay).toHaveBeenCalledWith(true);
    expect(keepAlive).toHaveBeenCalledWith(true, 60_000);
    vi.restoreAllMocks();
    await connection.stop();
  });

  it("writes text and bytes in pieces, which it copies, in their order", async () => {
    const { connection } = componentOf(server);
    await connection.start();
    expect(connection.write(message("1", "🧙"))).toBe(true);
    const halves = [message("2").slice(0, 9), message("2").slice(9)].map((half) => Buffer.from(half));
    expect(connection.writeAll(halves)).toBe(true);
    halves[0]!.fill("x");
    expect(connection.write(message("3"))).toBe(true);
    await server.until((stanza) => stanza.attrs.id === "3");
    expect(server.stanzas.map((stanza) => stanza.attrs.id)).toEqual(["1", "2", "3"]);
    expect(server.stanzas[0]!.getChildText("body")).toBe("🧙");
    await connection.stop();
  });

  it("writes nothing, and does not throw, while it is not online", async () => {
    const { connection, when, told, retry } = componentOf(server);
    expect(connection.write(message("before"))).toBe(false);
    const started = connection.start();
    expect(connection.write(message("too early"))).toBe(false);
    await started;
    server.drop();
    await when(() => told.length === 2);
    expect(connection.online).toBe(false);
    expect(connection.write(message("between"))).toBe(false);
    await retry();
    await server.component(2);
    await when(() => told.length === 3);
    await connection.stop();
    expect(connection.write(message("after"))).toBe(false);
    expect(server.stanzas).toEqual([]);
  });

  it("is started once", async () => {
    const { connection } = componentOf(server);
    await connection.start();
    expect(() => connection.start()).toThrow("started before");
    expect(server.connections).toBe(1);
    await connection.stop();
  });
});

describe("stopping", () => {
  let server: HostServer;

  beforeEach(async () => {
    server = await hostServer();
  });
  afterEach(() => server.close());

  it("sends what is queued, takes leave, and waits for the end", async () => {
    const { connection, told, clock } = componentOf(server);
    await connection.start();
    for (let i = 0; i < 1_000; i++) connection.write(message(String(i), "x".repeat(5_000)));
    await connection.stop();
    await server.when(() => !server.connected);
    expect(server.stanzas).toHaveLength(1_000);
    expect(server.received.endsWith("</stream:stream>")).toBe(true);
    expect(told).toEqual(["online", "offline: Masque closes the connection."]);
    expect(clock.waiting).toBe(0);
  });

  it("gives a server that does not answer two seconds", async () => {
    const { connection, clock } = componentOf(server);
    await connection.start();
    server.pauseReading();
    for (let i = 0; i < 100; i++) connection.write(message(String(i), "x".repeat(100_000)));
    let stopped = false;
    const done = connection.stop().then(() => {
      stopped = true;
    });
    clock.advance(1_999);
    await pause(20);
    expect(stopped).toBe(false);
    clock.advance(1);
    await done;
    expect(clock.waiting).toBe(0);
  });

  it("means the same twice, and before the start", async () => {
    const { connection } = componentOf(server);
    await connection.start();
    await Promise.all([connection.stop(), connection.stop()]);
    await connection.stop();
    await componentOf(server).connection.stop();
  });

  it("calls off an attempt under way", async () => {
    server.manner = "silent";
    const { connection, clock } = componentOf(server);
    const refused = expect(connection.start()).rejects.toThrow("stopped before it was online");
    await server.when(() => server.domain === DOMAIN);
    await connection.stop();
    await refused;
    expect(clock.waiting).toBe(0);
  });

  it("calls off the next attempt", async () => {
    server.manner = { refuse: "internal-server-error" };
    const { connection, clock, when, lines } = componentOf(server);
    const refused = expect(connection.start()).rejects.toThrow("stopped before it was online");
    await when(() => lines.length === 1);
    await connection.stop();
    await refused;
    expect(clock.waiting).toBe(0);
  });
});
