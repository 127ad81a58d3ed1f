import { describe, expect, it } from "vitest";
import type { Judge } from "../../../core/entrance.ts";
import { HandClock, parseStanza } from "../../../core/testing/index.ts";
import { refuse } from "../../../core/xmpp/refuse.ts";
import { Room } from "../../../core/xmpp/room.ts";
import { type Answering, Router } from "../../../core/xmpp/router.ts";
import { type Element, xml } from "../../../core/xmpp/xml.ts";

const HECATE = "hecate@shakespeare.example/UUID-c8y";
const COVEN = "coven@mix.shakespeare.example";

function routed(answer: Answering, admit: Judge = () => 0) {
  const clock = new HandClock();
  const sent: Element[] = [];
  const settled: string[] = [];
  const complaints: unknown[] = [];
  const server = { isCongested: false, isStuck: false };
  const room = new Room(server);
  let underWay = 0;
  const complain = (data: object | string) => void complaints.push(data);
  const router = new Router({
    answer,
    settle: (reply, from) => settled.push(`${reply.attrs.id} ${from}`),
    send: (stanza) => sent.push(stanza),
    load: { begin: (weight) => void (underWay += weight), end: (weight) => void (underWay -= weight) },
    room,
    admit,
    clock,
    log: { debug: () => {}, info: complain, warn: complain, error: complain },
  });
  return {
    router,
    server,
    room,
    clock,
    load: () => underWay,
    sent,
    settled,
    complaints,
    receive: (text: string) => router.receive(parseStanza(text)),
  };
}

const condition = (stanza: Element | undefined) => stanza?.getChild("error")?.getChildElements()[0]?.name;
const nobody: Answering = () => undefined;

describe("the reply to an iq", () => {
  it("is a result with what was answered, back to the sender under the same id", () => {
    const { receive, sent } = routed(() => xml("pong"));
    receive(`<iq type='get' id='a' from='${HECATE}' to='${COVEN}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    expect(sent[0]?.attrs).toEqual({ type: "result", id: "a", from: COVEN, to: HECATE });
    expect(sent[0]?.getChild("pong")).toBeDefined();
  });

  it("is an empty result for true", () => {
    const { receive, sent } = routed(() => true);
    receive(`<iq type='set' id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'/></iq>`);
    expect(sent[0]?.attrs.type).toBe("result");
    expect(sent[0]?.children).toEqual([]);
  });

  it("may be left for later: what its sender sends next is answered meanwhile", async () => {
    let answer = (_: Element) => {};
    const later = () =>
      new Promise<Element>((resolve) => {
        answer = resolve;
      });
    const { receive, sent, load } = routed((stanza) => (stanza.attrs.id === "a" ? { later } : true));
    for (const id of ["a", "b"])
      receive(`<iq type='get' id='${id}' from='${HECATE}' to='${COVEN}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    expect(sent.map(({ attrs }) => attrs.id)).toEqual(["b"]);
    expect(load()).toBe(0);
    answer(xml("pong"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent[1]?.attrs).toEqual({ type: "result", id: "a", from: COVEN, to: HECATE });
    expect(sent[1]?.getChild("pong")).toBeDefined();
  });

  it("that was left for later is the refusal that comes of it, or internal-server-error", async () => {
    const { receive, sent, complaints } = routed(({ attrs }) => ({
      later: () => Promise.reject(attrs.id === "a" ? refuse("remote-server-timeout") : new Error("toil")),
    }));
    for (const id of ["a", "b"])
      receive(`<iq type='get' id='${id}' from='${HECATE}' to='${COVEN}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map((stanza) => stanza.getChild("error")?.getChildElements()[0]?.name)).toEqual([
      "remote-server-timeout",
      "internal-server-error",
    ]);
    expect(complaints).toHaveLength(1);
  });

  it("is service-unavailable when nobody answers", () => {
    const { receive, sent } = routed(nobody);
    receive(`<iq type='get' id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'/></iq>`);
    expect(condition(sent[0])).toBe("service-unavailable");
  });

  it("is the refusal that was thrown, at once or later", async () => {
    for (const answer of [
      () => {
        throw refuse("conflict");
      },
      async () => {
        throw refuse("conflict");
      },
    ]) {
      const { receive, sent } = routed(answer);
      receive(`<iq type='set' id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'/></iq>`);
      await new Promise(setImmediate);
      expect(condition(sent[0])).toBe("conflict");
    }
  });

  it("is internal-server-error, and a line in the log, when something unforeseen was thrown", () => {
    const { receive, sent, complaints } = routed(() => {
      throw new Error("the cauldron has cracked");
    });
    receive(`<iq type='set' id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'/></iq>`);
    expect(condition(sent[0])).toBe("internal-server-error");
    expect(sent[0]?.toString()).not.toContain("cauldron");
    expect(complaints).toHaveLength(1);
  });

  it.each([
    ["no type", `<iq id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'/></iq>`],
    ["an unknown type", `<iq type='push' id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'/></iq>`],
    ["no id", `<iq type='get' from='${HECATE}' to='${COVEN}'><x xmlns='y'/></iq>`],
    ["no child", `<iq type='set' id='a' from='${HECATE}' to='${COVEN}'/>`],
    ["two children", `<iq type='set' id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'/><x xmlns='z'/></iq>`],
  ])("is bad-request for one with %s", (_, text) => {
    const { receive, sent } = routed(() => true);
    receive(text);
    expect(condition(sent[0])).toBe("bad-request");
  });

  it("echoes the payload of what is refused", () => {
    const { receive, sent } = routed(nobody);
    receive(`<iq type='set' id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'/></iq>`);
    expect(sent[0]?.getChild("x", "y")).toBeDefined();
  });

  it("does not echo to ejabberd's PAM, whose iqs are signed rr- and which would crash on it", () => {
    const { receive, sent } = routed(nobody);
    receive(
      `<iq type='set' id='rr-17-x' from='hecate@shakespeare.example' to='${COVEN}'><join xmlns='urn:xmpp:mix:core:1'/></iq>`,
    );
    expect(sent[0]?.getChildElements().map(({ name }) => name)).toEqual(["error"]);
  });
});

describe("what gets no reply", () => {
  it("is an iq of type result or error: whoever asked is told", () => {
    const { receive, sent, settled } = routed(nobody);
    receive(`<iq type='result' id='a' from='${HECATE}' to='${COVEN}'/>`);
    receive(`<iq type='error' id='b' from='${HECATE}' to='${COVEN}'/>`);
    expect(sent).toEqual([]);
    expect(settled).toEqual([`a ${HECATE}`, `b ${HECATE}`]);
  });

  it("is a message of type error, whatever comes of it", () => {
    const { receive, sent } = routed(() => {
      throw refuse("item-not-found");
    });
    receive(`<message type='error' from='${HECATE}' to='${COVEN}'><body>x</body></message>`);
    expect(sent).toEqual([]);
  });

  it("is presence, whatever comes of it", () => {
    const { receive, sent } = routed(nobody);
    receive(`<presence from='${HECATE}' to='${COVEN}'/>`);
    expect(sent).toEqual([]);
  });

  it.each(["", "from='foo@'", "from='@/x'"])("is a stanza from nobody: %s", (from) => {
    const { receive, sent } = routed(nobody);
    receive(`<iq type='get' id='a' ${from} to='${COVEN}'><x xmlns='y'/></iq>`);
    expect(sent).toEqual([]);
  });
});

describe("the order of answers", () => {
  it("is that of arrival for one bare JID: a server's join comes before its user's first message", async () => {
    const order: string[] = [];
    const { receive } = routed(async (stanza) => {
      await new Promise((resolve) => setTimeout(resolve, stanza.attrs.id === "join" ? 20 : 0));
      order.push(stanza.attrs.id as string);
      return true as const;
    });
    receive(
      `<iq type='set' id='join' from='hecate@shakespeare.example' to='${COVEN}'><join xmlns='urn:xmpp:mix:core:1'/></iq>`,
    );
    receive(`<message id='hello' type='groupchat' from='${HECATE}' to='${COVEN}'><body>x</body></message>`);
    await expect.poll(() => order).toEqual(["join", "hello"]);
  });

  it("does not let one sender wait for another", async () => {
    const order: string[] = [];
    let answers = () => {};
    const { receive, router } = routed(async (stanza) => {
      if (stanza.attrs.id === "slow") await new Promise<void>((resolve) => (answers = resolve));
      order.push(stanza.attrs.id as string);
      return true as const;
    });
    receive(`<message id='slow' from='${HECATE}' to='${COVEN}'/>`);
    receive(`<message id='quick' from='hag66@shakespeare.example' to='${COVEN}'/>`);
    await expect.poll(() => order).toEqual(["quick"]);
    answers();
    await expect.poll(() => router.busy).toBe(0);
    expect(order).toEqual(["quick", "slow"]);
  });

  it("counts what waits, until it is answered", async () => {
    const { receive, load } = routed(() => new Promise((resolve) => setTimeout(() => resolve(true), 10)));
    for (const id of ["a", "b", "c"]) receive(`<message id='${id}' from='${HECATE}' to='${COVEN}'/>`);
    expect(load()).toBe(3);
    await expect.poll(load).toBe(0);
  });

  it("counts for more what takes more memory", async () => {
    const { receive, load } = routed(() => new Promise((resolve) => setImmediate(() => resolve(true))));
    receive(`<message id='a' from='${HECATE}' to='${COVEN}'><body>${"double ".repeat(12_000)}</body></message>`);
    expect(load()).toBe(11);
    receive(`<message id='b' from='${HECATE}' to='${COVEN}'>${"<a/>".repeat(1_000)}</message>`);
    expect(load()).toBe(11 + 32);
    await expect.poll(load).toBe(0);
  });
});

describe("while the server takes less than it is sent", () => {
  const message = (id: string, from = HECATE) => `<message id='${id}' from='${from}' to='${COVEN}'/>`;
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it("nothing is answered; then all is, in its order, and a little at a time", async () => {
    const answered: string[] = [];
    const { receive, server, room, load } = routed(({ attrs }) => {
      answered.push(attrs.id as string);
      if (answered.length === 10) server.isCongested = true;
      return true;
    });
    server.isCongested = true;
    const ids = Array.from({ length: 30 }, (_, i) => String(i));
    for (const id of ids) receive(message(id, `hag${Number(id) % 20}@shakespeare.example`));
    await turn();
    expect([answered, load()]).toEqual([[], 30]);
    server.isCongested = false;
    room.open();
    await turn();
    await turn();
    const before = answered.length;
    expect([before < 20, load()]).toEqual([true, 30 - before]);
    server.isCongested = false;
    room.open();
    receive(message("30", "hag0@shakespeare.example"));
    await expect.poll(() => answered.length).toBe(31);
    expect(answered.slice(0, 20)).toEqual(ids.slice(0, 20));
    for (const hag of ids.slice(0, 10).map(Number))
      expect(answered.filter((id) => Number(id) % 20 === hag).slice(0, 2)).toEqual([String(hag), String(hag + 20)]);
  });

  it("nothing new is taken in once it takes nothing at all, and its sender is told", () => {
    const { receive, server, sent } = routed(() => true);
    server.isCongested = server.isStuck = true;
    receive(message("a"));
    receive(`<iq id='b' type='get' from='${HECATE}' to='${COVEN}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    expect(sent.map((stanza) => [stanza.attrs.id, condition(stanza), stanza.children.length])).toEqual([
      ["a", "resource-constraint", 1],
      ["b", "resource-constraint", 1],
    ]);
  });
});

describe("who goes", () => {
  it("is gone, however much he has sent and whatever the server takes", () => {
    const gone: string[] = [];
    const never: Judge = () => {
      throw refuse("resource-constraint");
    };
    const goes: Answering = ({ attrs }) => {
      gone.push(attrs.type as string);
      return true;
    };
    const { receive, server, sent } = routed(goes, never);
    receive(`<presence from='${HECATE}' to='${COVEN}' type='unavailable'/>`);
    server.isStuck = true;
    receive(`<presence from='${HECATE}' to='${COVEN}' type='unavailable'/>`);
    expect([gone, sent]).toEqual([["unavailable", "unavailable"], []]);
  });
});

describe("one who is made to wait", () => {
  const message = (id: string, from = HECATE) => `<message id='${id}' from='${from}' to='${COVEN}'/>`;
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const noted =
    (ids: string[]): Answering =>
    ({ attrs }) => {
      ids.push(attrs.id!);
      return true;
    };

  it("waits in his own queue, with what he sends next; nobody else waits", async () => {
    const answered: string[] = [];
    const note = noted(answered);
    const waiting: number[] = [];
    const wait: Judge = ({ attrs }, _, count) => {
      waiting.push(count);
      return attrs.id === "a" ? 2000 : 0;
    };
    const { receive, clock, router, load } = routed(note, wait);
    for (const id of ["a", "b"]) receive(message(id));
    receive(message("c", "hag66@shakespeare.example/pda"));
    await turn();
    expect(answered).toEqual(["c"]);
    expect([waiting, router.busy, load()]).toEqual([[0, 1, 1], 1, 2]);
    clock.advance(2000);
    await turn();
    expect(answered).toEqual(["c", "a", "b"]);
    expect([router.busy, load(), clock.waiting]).toEqual([0, 0, 0]);
    receive(message("d"));
    expect(waiting.at(-1)).toBe(0);
  });

  it("waits no longer than he has to: the time he stood in the queue counts", async () => {
    const answered: string[] = [];
    let wait = 0;
    const { receive, clock } = routed(noted(answered), () => (wait += 1000));
    for (const id of ["a", "b"]) receive(message(id));
    for (const ids of [["a"], ["a", "b"]]) {
      clock.advance(1000);
      await turn();
      expect(answered).toEqual(ids);
    }
  });
});

describe("one who is turned away", () => {
  const away: Judge = () => {
    throw refuse("resource-constraint", "Later.");
  };

  it.each(["message", "presence", "iq"])("is told so, and gets back nothing of his %s", (name) => {
    const { receive, sent } = routed(nobody, away);
    const type = name === "iq" ? "type='get'" : "";
    receive(`<${name} ${type} id='a' from='${HECATE}' to='${COVEN}'><x xmlns='y'>boil</x></${name}>`);
    expect(sent.map(condition)).toEqual(["resource-constraint"]);
    expect(sent[0]!.getChildElements()).toHaveLength(1);
  });

  it("is told nothing when it was an error; answers to our own questions are not judged at all", () => {
    const { receive, sent, settled } = routed(nobody, away);
    receive(`<message type='error' id='a' from='${HECATE}' to='${COVEN}'/>`);
    receive(`<iq type='result' id='b' from='${HECATE}' to='${COVEN}'/>`);
    expect([sent, settled]).toEqual([[], [`b ${HECATE}`]]);
  });
});
