import { createServer } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FatalStreamError } from "../../../core/xmpp/stream-fault.ts";
import { type HostServer, hostServer } from "../../host-server.ts";
import { componentOf, DOMAIN } from "./component.ts";

const message = (id: string) => `<message id='${id}' from='hag66@shakespeare.example' to='coven@${DOMAIN}'/>`;

let server: HostServer;
beforeEach(async () => {
  server = await hostServer();
});
afterEach(() => server.close());

describe("a server that will never take the component", () => {
  it.each([
    ["not-authorized", "refused the secret of mix.shakespeare.example"],
    ["host-unknown", "knows no component mix.shakespeare.example"],
    ["conflict", "has another connection for mix.shakespeare.example"],
    ["invalid-namespace", "takes no components on port"],
  ])("is not asked again after %s", async (condition, words) => {
    server.manner = { refuse: condition, text: "Double, double" };
    const { connection, clock, lines, told } = componentOf(server);
    const error = await connection.start().catch((error: unknown) => error as FatalStreamError);
    expect(error).toBeInstanceOf(FatalStreamError);
    expect(error!.condition).toBe(condition);
    expect(error!.message).toContain(words);
    expect(error!.message).toContain(`${condition}: “Double, double”`);
    expect(await connection.failed).toBe(error);
    expect([clock.waiting, server.connections]).toEqual([0, 1]);
    // Whoever called it says so; twice is once too often.
    expect(lines).toEqual([]);
    expect(told).toEqual([]);
    await connection.stop();
  });

  it("is told nothing of the secret, and neither is the log", async () => {
    const { connection, lines } = componentOf(server, { secret: "something wicked" });
    await expect(connection.start()).rejects.toThrow("refused the secret");
    expect(lines.join() + server.received).not.toContain("wicked");
  });

  it("may come to it later: then `failed` tells", async () => {
    const { connection, retry } = componentOf(server);
    await connection.start();
    server.manner = { refuse: "not-authorized" };
    server.drop();
    await retry();
    expect((await connection.failed).condition).toBe("not-authorized");
  });

  it("has given our place away: the connection does not fight for it", async () => {
    const { connection, told, clock } = componentOf(server);
    await connection.start();
    server.end("conflict", "Replaced by new connection");
    expect((await connection.failed).condition).toBe("conflict");
    expect(told[1]).toContain("another connection");
    expect([clock.waiting, server.connections]).toEqual([0, 1]);
  });
});

describe("a server that may take the component later", () => {
  it("still takes our lost stream for another component: the connection waits until it does not", async () => {
    const { connection, isLost, retry } = componentOf(server);
    await connection.start();
    server.manner = { refuse: "conflict" };
    server.drop();
    await retry(1);
    await retry(2);
    await isLost(3);
    server.manner = "accept";
    await retry(3);
    await server.component(2);
    await connection.stop();
  });

  it("is asked again, and start waits", async () => {
    server.manner = { refuse: "internal-server-error" };
    const { connection, isLost, retry, lines } = componentOf(server);
    const started = connection.start();
    await retry(1);
    await isLost(2);
    server.manner = "accept";
    await retry(2);
    await started;
    expect(server.connections).toBe(3);
    expect(lines[0]).toMatch(/ended the stream \(internal-server-error\)\. Trying again in \d+\.\d s\.$/);
    await connection.stop();
  });

  it("is not there yet: the line says what to look at", async () => {
    const { port } = server;
    await server.close();
    const { connection, retry, lines } = componentOf({ ...server, port, secret: server.secret } as HostServer);
    const started = connection.start();
    await retry(1);
    await retry(2);
    expect(lines[0]).toContain(`The connection to 127.0.0.1:${port} failed: nobody listens there. Start the server`);
    expect(lines[0]).toContain("or correct host and port under [component]. (The system said ECONNREFUSED.)");
    server = await hostServer({ port });
    await retry(3);
    await started;
    await connection.stop();
  });

  it("is asked at ever longer intervals, and soon again after a stable minute", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const { connection, retry, clock, isLost, when, lines, told } = componentOf(server);
    await connection.start();
    for (let i = 1; i <= 5; i++) {
      server.drop();
      await retry(i);
      await when(() => told.length === 2 * i + 1);
    }
    clock.advance(60_000);
    server.drop();
    await isLost(6);
    const waits = lines.flatMap((line) => /again in (\S+) s/.exec(line)?.[1] ?? []);
    expect(waits).toEqual(["1.5", "4.5", "13.5", "30.0", "30.0", "1.5"]);
    vi.restoreAllMocks();
    await connection.stop();
  });

  it("names another host: the connection does not follow it there", async () => {
    const { connection, retry } = componentOf(server);
    await connection.start();
    let lured = false;
    const birnam = createServer(() => {
      lured = true;
    }).listen(0, "127.0.0.1");
    server.end("see-other-host", "127.0.0.1");
    await retry();
    await server.component(2);
    expect(lured).toBe(false);
    birnam.close();
    await connection.stop();
  });
});

describe("a server that falls silent", () => {
  it("does not even take the connection", async () => {
    const { connection, clock, retry, lines } = componentOf(server);
    const started = connection.start();
    clock.advance(10_000);
    await retry();
    await started;
    expect(lines[0]).toContain(`No connection to 127.0.0.1:${server.port} within 10 s.`);
    await connection.stop();
  });

  it.each(["silent", "hesitant"] as const)("is %s during the handshake", async (manner) => {
    server.manner = manner;
    const { connection, clock, retry, lines } = componentOf(server);
    const started = connection.start();
    await server.when(() => server.received.includes(manner === "silent" ? "<stream:stream" : "<handshake>"));
    clock.advance(9_999);
    expect(lines).toEqual([]);
    server.manner = "accept";
    clock.advance(1);
    await retry();
    await started;
    expect(lines[0]).toContain("did not complete the handshake within 10 s");
    await connection.stop();
  });

  it("is asked for a sign of life, to which any answer will do", async () => {
    const { connection, clock, heard, hears, told } = componentOf(server);
    await connection.start();
    clock.advance(120_000);
    const ping = await server.until((stanza) => stanza.name === "iq");
    expect(ping.getChild("ping", "urn:xmpp:ping")).toBeDefined();
    expect([ping.attrs.from, ping.attrs.to]).toEqual([DOMAIN, DOMAIN]);
    await server.write(`${ping}${message("1")}`);
    await hears("1");
    expect(heard).toHaveLength(1);
    clock.advance(60_000);
    expect(told).toEqual(["online"]);
    await connection.stop();
  });

  it("is left when it gives none", async () => {
    const { connection, clock, told, retry } = componentOf(server);
    await connection.start();
    clock.advance(180_000);
    expect(told[1]).toContain("fallen silent");
    await retry();
    await server.component(2);
    await connection.stop();
  });

  it("is not pinged while it talks", async () => {
    const { connection, clock, hears } = componentOf(server);
    await connection.start();
    for (let minute = 0; minute < 5; minute++) {
      await server.write(message(String(minute)));
      await hears(String(minute));
      clock.advance(60_000);
    }
    expect(server.stanzas).toEqual([]);
    await connection.stop();
  });
});

describe("a server that sends what it must not", () => {
  it.each([
    ["a wrong end tag", "<message></iq><message/><!--", "not-well-formed"],
    ["an end tag too many, and more", "</message></message></message>", "not-well-formed"],
    ["text", "Fire burn and cauldron bubble<message/>", "not-well-formed"],
    ["an unknown entity", "<message>&brew;</message></nonsense>", "not-well-formed"],
    ["a document type", "<!DOCTYPE a [<!ENTITY b 'c'>]><message/>", "restricted-xml"],
    ["a comment", "<!-- thumbs --><message/>", "restricted-xml"],
  ])("is told so after %s, once, and asked again", async (_what, text, condition) => {
    const { connection, hears, told, retry, lines } = componentOf(server, { maxStanza: 20_000 });
    await connection.start();
    await server.write(message("1") + text);
    await server.when(() => !server.connected);
    expect(server.received.match(/<stream:error>.*$/)?.[0]).toBe(
      `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
    );
    await retry();
    await server.component(2);
    await server.write(message("2"));
    await hears("2");
    expect(told.map((word) => word.split(":")[0])).toEqual(["online", "offline", "online"]);
    expect(lines.filter((line) => line.includes("Trying again"))).toHaveLength(1);
    await connection.stop();
  });

  it.each([
    ["the end of the stream", "</stream:stream>"],
    ["an error", "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"],
    ["an error without a condition", "<stream:error/>"],
    ["an error called after a property of every object", "<stream:error><constructor/></stream:error>"],
  ])("sends more after %s: nobody hears it", async (_what, text) => {
    const { connection, heard, hears, retry } = componentOf(server);
    await connection.start();
    await server.write(`${text}${message("1")}</a><!-- -->`);
    await server.when(() => !server.connected);
    expect(server.received).toMatch(/<\/handshake><\/stream:stream>$/);
    await retry();
    await server.component(2);
    await server.write(message("2"));
    await hears("2");
    expect(heard.map((stanza) => stanza.attrs.id)).toEqual(["2"]);
    await connection.stop();
  });

  it("breaks off in the middle of a stanza", async () => {
    const { connection, heard, hears, retry } = componentOf(server);
    await connection.start();
    await server.write(`${message("1")}<message id='cut`);
    await hears("1");
    server.drop();
    await retry();
    await server.component(2);
    await server.write(message("2"));
    await hears("2");
    expect(heard.map((stanza) => stanza.attrs.id)).toEqual(["1", "2"]);
    await connection.stop();
  });

  it("is no XMPP server", async () => {
    server.manner = { say: "HTTP/1.1 400 Bad Request\r\n\r\n<html></html>" };
    const { connection, when, lines } = componentOf(server);
    const started = connection.start().catch(() => {});
    await when(() => lines.length === 1);
    expect(lines[0]).toContain("does not speak XMPP: it began with “HTTP/1.1 400 Bad Request”");
    await connection.stop();
    await started;
  });

  it("passes on a stanza nested too deep: its sender is refused, and nobody else suffers", async () => {
    const { connection, heard, hears, told } = componentOf(server);
    await connection.start();
    const deep = (attrs: string) => `<iq ${attrs}>${"<a>".repeat(500)}${"</a>".repeat(500)}</iq>`;
    const from = `from='hag66@shakespeare.example/pda' to='coven@${DOMAIN}'`;
    await server.write(deep(`id='1' type='result' ${from}`) + deep(`id='2' type='set' ${from}`) + message("3"));
    await hears("3");
    const reply = await server.until((stanza) => stanza.name === "iq");
    expect(reply.attrs).toEqual({
      id: "2",
      type: "error",
      from: `coven@${DOMAIN}`,
      to: "hag66@shakespeare.example/pda",
    });
    expect(reply.getChild("error")!.getChild("policy-violation")).toBeDefined();
    expect(reply.children).toHaveLength(1);
    expect(heard).toHaveLength(1);
    expect(told).toEqual(["online"]);
    await connection.stop();
  });

  it("passes on a stanza too large: its sender is refused, nobody else suffers, and who goes is gone", async () => {
    const { connection, heard, hears, told, lines } = componentOf(server, { maxStanza: 20_000 });
    await connection.start();
    const large = (name: string, attrs: string) =>
      `<${name} ${attrs} from='hag66@shakespeare.example/pda' to='coven@${DOMAIN}'><a>${"x".repeat(300_000)}</a></${name}>`;
    await server.write(
      large("iq", "id='1' type='result'") +
        large("message", "id='2' type='groupchat'") +
        large("presence", "id='3'") +
        large("presence", "id='4' type='unavailable'") +
        `<message id='${"5".repeat(300_000)}'/>${message("6")}`,
    );
    await hears("6");
    const reply = await server.until((stanza) => stanza.name === "message");
    expect(reply.attrs).toMatchObject({ id: "2", type: "error", to: "hag66@shakespeare.example/pda" });
    expect(reply.getChild("error")!.getChild("policy-violation")).toBeDefined();
    expect(reply.children).toHaveLength(1);
    expect(server.stanzas).toHaveLength(1);
    expect(heard.map(({ attrs, children }) => [attrs.id, children.length])).toEqual([
      ["4", 0],
      ["6", 0],
    ]);
    expect(lines.filter((line) => line.includes("too large"))).toHaveLength(5);
    expect(told).toEqual(["online"]);
    await connection.stop();
  });

  it("sends anything at all: the next stream works, a thousand times", async () => {
    const { connection, heard, hears, retry, when, told } = componentOf(server, { maxStanza: 5_000 });
    await connection.start();
    const bit = fc.constantFrom(
      ..."<>/&;='\"!?- a",
      "<message",
      "</message>",
      "<![CDATA[",
      "]]>",
      "<!--",
      "</stream:stream>",
      "<stream:error",
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc.array(bit).map((bits) => Buffer.from(bits.join(""))),
    );
    let round = 1;
    await fc.assert(
      fc.asyncProperty(bytes, async (garbage) => {
        await server.write(garbage);
        if (server.connected) server.drop();
        await retry(round);
        await server.component(++round);
        await when(() => told.length === 2 * round - 1);
        heard.length = 0;
        await server.write(message(`round ${round}`));
        await hears(`round ${round}`);
      }),
      { numRuns: 1_000 },
    );
    await connection.stop();
  });
});
