import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change, Store, StoredItem, StoredMessage, StoredParticipant } from "../../../core/storage/store.ts";
import { StoreError } from "../../../core/storage/store-error.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { describeHistory } from "./history.behaviour.ts";

const hecate: Omit<StoredParticipant, "channel"> = {
  id: "123456",
  jid: "hecate@shakespeare.example",
  here: true,
  state: '{"nick":"hecate"}',
};

/**
 * What every store does, whatever it stands on. `open` gives an empty one.
 * @param effort how much of the random cases are tried, of 1
 */
export function describeStore(name: string, open: () => Promise<Store>, effort = 1): void {
  describe(name, () => {
    let store: Store;
    let coven: number;

    beforeEach(async () => {
      store = await open();
      coven = await found(store, "coven");
    });
    afterEach(() => store.close());

    describe("channels", () => {
      it("gives a channel back as it was put, with those who are in it", async () => {
        const hag = { ...hecate, channel: coven, id: "654321", jid: "hag66@shakespeare.example" };
        await store.put([participant(coven), { put: "participant", participant: hag }]);
        const { channel, participants } = (await store.channel("coven"))!;
        expect(channel).toEqual({ key: coven, name: "coven", created: 1_300_000_000_000, listed: true, state: "{}" });
        expect(participants).toEqual(expect.arrayContaining([{ ...hecate, channel: coven }, hag]));
      });

      it("knows no channel that was never created", async () => {
        expect(await store.channel("heath")).toBeUndefined();
      });

      it("creates a name once", async () => {
        expect(await store.create({ name: "coven", created: 1, listed: false, state: "{}" })).toBe("taken");
      });

      it("changes a channel in place", async () => {
        const channel = { key: coven, name: "coven", created: 5, listed: false, state: '{"owners":["hecate"]}' };
        await store.put([{ put: "channel", channel }]);
        expect((await store.channel("coven"))!.channel).toEqual(channel);
      });

      it("finds what was put just before, though it is not durable yet", async () => {
        const writing = [store.put([message(coven, "a")]), store.put([message(coven, "b")])];
        expect(await ids(store, coven)).toEqual(["a", "b"]);
        writing.push(store.put([message(coven, "c")]));
        expect(await ids(store, coven)).toEqual(["a", "b", "c"]);
        await Promise.all(writing);
      });

      it("refuses to change a channel that does not exist", async () => {
        const channel = { key: coven + 1, name: "heath", created: 1, listed: true, state: "{}" };
        await expect(store.put([{ put: "channel", channel }])).rejects.toThrow(/heath.*there is no such channel/);
      });

      it("lists listed channels by name, a page at a time", async () => {
        for (const name of ["heath", "cavern", "moor"]) await found(store, name);
        await store.create({ name: "dungeon", created: 1, listed: false, state: "{}" });
        const names = async (after: string, limit: number) =>
          (await store.listed(hecate.jid, after, limit)).map(({ channel }) => channel.name);
        expect(await names("", 2)).toEqual(["cavern", "coven"]);
        expect(await names("coven", 10)).toEqual(["heath", "moor"]);
      });

      it("lists channels as they were put, and says of each whether somebody is in it", async () => {
        const heath = await found(store, "heath");
        await store.put([participant(coven), participant(heath, { here: false })]);
        const seen = async (jid: string) => (await store.listed(jid, "", 10)).map(({ here }) => here);
        expect(await seen(hecate.jid)).toEqual([true, false]);
        expect(await seen("macbeth@shakespeare.example")).toEqual([false, false]);
        expect((await store.listed(hecate.jid, "", 1))[0]?.channel).toEqual((await store.channel("coven"))?.channel);
      });

      it("counts who is in which channel, a page at a time, listed or not", async () => {
        const heath = await found(store, "heath");
        await store.create({ name: "dungeon", created: 1, listed: false, state: "{}" });
        await store.put([participant(coven), participant(heath, { here: false })]);
        const counted = async (after: string, limit: number) =>
          (await store.census(after, limit)).map(({ channel, here }) => [channel.name, here]);
        expect(await counted("", 10)).toEqual([
          ["coven", 1],
          ["dungeon", 0],
          ["heath", 0],
        ]);
        expect(await counted("coven", 1)).toEqual([["dungeon", 0]]);
        expect((await store.census("", 1))[0]?.channel).toEqual((await store.channel("coven"))?.channel);
      });

      it("forgets a channel with its participants and its archive", async () => {
        await store.put([participant(coven), message(coven, "a")]);
        await store.put([{ put: "no channel", key: coven }]);
        expect(await store.channel("coven")).toBeUndefined();
        expect(await store.extent(coven, NODE.MESSAGES)).toBeUndefined();
        expect(await ids(store, coven)).toEqual([]);
        expect(await store.former(coven, hecate.jid)).toBeUndefined();
      });

      it("gives a channel created anew under an old name a key of its own, and nothing of the old one", async () => {
        await store.put([participant(coven), message(coven, "a")]);
        await store.put([{ put: "no channel", key: coven }]);
        const anew = await found(store, "coven");
        expect(anew).not.toBe(coven);
        expect((await store.channel("coven"))!.participants).toEqual([]);
        expect(await ids(store, anew)).toEqual([]);
        await expect(store.put([message(coven, "b")])).rejects.toThrow("there is no such channel");
      });
    });

    describe("participants", () => {
      it("remembers one who left, and no longer counts him among those who are here", async () => {
        await store.put([participant(coven)]);
        expect(await store.former(coven, hecate.jid)).toBeUndefined();
        await store.put([participant(coven, { here: false })]);
        expect((await store.channel("coven"))!.participants).toEqual([]);
        expect(await store.former(coven, hecate.jid)).toEqual({ ...hecate, channel: coven, here: false });
      });

      it("knows by his ID one who is here, one who left, and nobody of another channel", async () => {
        const heath = await found(store, "heath");
        for (const here of [true, false]) {
          await store.put([participant(coven, { here })]);
          expect(await store.known(coven, hecate.id)).toEqual({ ...hecate, channel: coven, here });
        }
        expect(await store.known(heath, hecate.id)).toBeUndefined();
        expect(await store.known(coven, "654321")).toBeUndefined();
      });

      it("gives nobody a second ID in one channel", async () => {
        await store.put([participant(coven)]);
        expect(store.failures()).toEqual({ count: 0 });
        await expect(store.put([participant(coven, { id: "666666" })])).rejects.toThrow(StoreError);
        const { count, last } = store.failures();
        expect([count, last!.reason]).toEqual([1, expect.stringContaining("already taken")]);
        // What went wrong is logged.
        expect(last!.reason).not.toContain(hecate.jid);
        const { participants } = (await store.channel("coven"))!;
        expect(participants.map(({ id }) => id)).toEqual([hecate.id]);
      });
    });

    describe("values", () => {
      it("keeps the values of each space apart", async () => {
        await store.put([
          value("avatar", "coven", '"cauldron"'),
          value("avatar", "heath", "1"),
          value("limits", "x", "2"),
        ]);
        expect(await store.values("avatar")).toEqual(
          new Map([
            ["coven", '"cauldron"'],
            ["heath", "1"],
          ]),
        );
        expect(await store.values("nicknames")).toEqual(new Map());
      });

      it("replaces a value, and removes it", async () => {
        await store.put([value("avatar", "coven", "1"), value("avatar", "heath", "1")]);
        await store.put([value("avatar", "coven", "2"), value("avatar", "heath", undefined)]);
        expect(await store.values("avatar")).toEqual(new Map([["coven", "2"]]));
      });
    });

    describe("items", () => {
      it("gives a node's items back in the order in which they were put, one that was put again last", async () => {
        await store.put([item(coven, "prospero"), item(coven, "hecate"), item(coven, "ariel")]);
        await store.put([item(coven, "hecate", { payload: "<again/>" })]);
        expect(await store.items(coven, NODE.INFO)).toEqual([
          { channel: coven, node: NODE.INFO, id: "prospero", payload: "<jid/>" },
          { channel: coven, node: NODE.INFO, id: "ariel", payload: "<jid/>" },
          { channel: coven, node: NODE.INFO, id: "hecate", payload: "<again/>" },
        ]);
      });

      it("keeps those of each node and of each channel apart, and removes one", async () => {
        const heath = await found(store, "heath");
        const elsewhere = { node: NODE.CONFIG };
        await store.put([item(coven, "a"), item(coven, "b"), item(coven, "a", elsewhere), item(heath, "a")]);
        await store.put([{ put: "no item", channel: coven, node: NODE.INFO, id: "a" }]);
        await store.put([{ put: "no item", channel: coven, node: NODE.INFO, id: "nobody" }]);
        const left = async (channel: number, node: string) => (await store.items(channel, node)).map(({ id }) => id);
        expect(await left(coven, NODE.INFO)).toEqual(["b"]);
        expect(await left(coven, NODE.CONFIG)).toEqual(["a"]);
        expect(await left(heath, NODE.INFO)).toEqual(["a"]);
      });

      it("forgets them with their channel, and takes none for a channel that is not there", async () => {
        await store.put([item(coven, "a")]);
        await store.put([{ put: "no channel", key: coven }]);
        expect(await store.items(coven, NODE.INFO)).toEqual([]);
        await expect(store.put([item(coven, "b")])).rejects.toThrow(/item of .* of channel.*there is no such channel/);
      });
    });

    describe("put", () => {
      it("keeps the order of the calls, in the archive and in the answers", async () => {
        const answered: number[] = [];
        const calls = Array.from({ length: 300 }, (_, i) => {
          const change = i % 50 === 7 ? message(coven + 1, "nowhere") : message(coven, `m${i}`);
          return store.put([change]).then(
            () => void answered.push(i),
            () => void answered.push(i),
          );
        });
        await Promise.all(calls);
        expect(answered).toEqual(calls.map((_, i) => i));
        expect(await ids(store, coven)).toEqual(calls.map((_, i) => `m${i}`).filter((_, i) => i % 50 !== 7));
      });

      it("commits many calls in few transactions", async () => {
        const before = store.written();
        await Promise.all(Array.from({ length: 500 }, (_, i) => store.put([message(coven, `m${i}`)])));
        const after = store.written();
        expect(after.calls - before.calls).toBe(500);
        expect(after.transactions - before.transactions).toBeLessThanOrEqual(5);
      });

      it("makes all changes of a call or none", async () => {
        const call = store.put([value("avatar", "coven", "1"), message(coven, "a"), message(coven + 1, "b")]);
        await expect(call).rejects.toThrow(StoreError);
        expect(await store.values("avatar")).toEqual(new Map());
        expect(await ids(store, coven)).toEqual([]);
      });

      it("makes the changes of one call in their order, also where the same thing is changed twice", async () => {
        await store.put([
          participant(coven),
          value("avatar", "coven", "1"),
          item(coven, "a"),
          message(coven, "a"),
          value("avatar", "coven", "2"),
          item(coven, "b"),
          item(coven, "a", { payload: "<again/>" }),
          participant(coven, { here: false }),
          { put: "revision", message: { ...said(coven, "a"), payload: "<tombstone/>" } },
          message(coven, "b"),
        ]);
        expect(await store.values("avatar")).toEqual(new Map([["coven", "2"]]));
        expect((await store.items(coven, NODE.INFO)).map(({ id, payload }) => [id, payload])).toEqual([
          ["b", "<jid/>"],
          ["a", "<again/>"],
        ]);
        expect(await store.former(coven, hecate.jid)).toMatchObject({ here: false });
        expect((await page(store, coven)).messages.map(({ payload }) => payload)).toEqual([
          "<tombstone/>",
          "<body>double, double</body>",
        ]);
        const early = { put: "revision", message: said(coven, "c") } as const;
        await expect(store.put([early, message(coven, "c")])).rejects.toThrow("no such message");
        await store.put([message(coven, "d"), { put: "expiry", channel: coven, node: NODE.MESSAGES, keep: 0 }]);
        expect(await ids(store, coven)).toEqual([]);
      });

      it("leaves nothing behind of a call that is refused, whatever is stored beside it", async () => {
        const calls = [
          [message(coven, "a")],
          [message(coven, "b"), value("avatar", "b", "1"), message(coven + 1, "nowhere")],
          [message(coven, "c")],
          [value("avatar", "d", "1"), message(coven, "d"), message(coven, "d\0")],
          [message(coven, "e")],
        ].map((changes) => store.put(changes));
        const outcomes = (await Promise.allSettled(calls)).map(({ status }) => status);
        expect(outcomes).toEqual(["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
        expect(await store.values("avatar")).toEqual(new Map());
        expect(await page(store, coven)).toMatchObject({ messages: [{ id: "a" }, { id: "c" }, { id: "e" }], count: 3 });
        expect(await store.history({ channel: coven, node: NODE.MESSAGES, after: "a", max: 9 })).toMatchObject({
          index: 1,
        });
      });

      it("rejects only the call that cannot be stored, however many wait beside it", async () => {
        const texts = ["double", "toil\0trouble", "and", "cauldron bubble"];
        const calls = texts.map((text, i) => store.put([message(coven, `m${i}`, { payload: text })]));
        const outcomes = (await Promise.allSettled(calls)).map(({ status }) => status);
        expect(outcomes).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
        await expect(calls[1]).rejects.toThrow(/message m1 of channel.*NUL/);
        expect(await ids(store, coven)).toEqual(["m0", "m2", "m3"]);
      });

      it("names no key in what it says of a value that cannot be stored: it may be a JID, and the log is told", async () => {
        const call = store.put([value("nicknames/registered", "hecate@shakespeare.example", "toil\0trouble")]);
        const error = await call.catch((error: Error) => error);
        expect(String(error)).toContain("nicknames/registered");
        expect(String(error)).not.toContain("hecate");
      });

      it("takes keys of 2,500 bytes, which fit into any index, and refuses longer ones on every store alike", async () => {
        // What repeats itself an index makes shorter.
        const long = randomBytes(1250).toString("hex");
        const put = (id: string) =>
          store.put([
            value("s", id.slice(1), "1"),
            { put: "item", item: { channel: coven, node: "n", id: id.slice(1), payload: "" } },
            { put: "participant", participant: { channel: coven, id: "123456", jid: id, here: true, state: "{}" } },
          ]);
        await put(long);
        expect((await store.values("s")).has(long.slice(1))).toBe(true);
        await expect(put(`${long}x`)).rejects.toThrow("its key is 2501 bytes long, and 2500 are the most");
        await expect(store.put([value("s", "é".repeat(1250), "1")])).rejects.toThrow("its key is 2501 bytes long");
      });

      it("refuses with a call what comes after it in its line, at once and later, and nothing else", async () => {
        const [line, other] = [{}, {}];
        const put = (id: string, of?: object, payload = "") => store.put([message(coven, id, { payload })], of);
        const calls = [
          put("a", line),
          put("b", line, "toil\0trouble"),
          put("c", other),
          put("d", line),
          put("e"),
          // With the first call on its way alone, the others gather: these two come when they are committed.
          put("a2", line).finally(() => calls.push(put("f", line), put("g", other))),
        ];
        const outcomes = (await Promise.allSettled(calls)).map(({ status }) => status);
        expect(outcomes).toEqual(["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled", "rejected"]);
        await Promise.allSettled(calls);
        await expect(put("h", line)).rejects.toThrow(StoreError);
        expect(await ids(store, coven)).toEqual(["a", "c", "e", "g"]);
      });

      it("refuses an archive id that is there already, and keeps the message it has", async () => {
        await store.put([message(coven, "a", { payload: "<body>Harpier cries</body>" })]);
        await expect(store.put([message(coven, "a", { payload: "<body>'Tis time</body>" })])).rejects.toThrow(
          StoreError,
        );
        expect((await page(store, coven)).messages.map(({ payload }) => payload)).toEqual([
          "<body>Harpier cries</body>",
        ]);
        await store.put([message(coven, "b")]);
        expect(await ids(store, coven)).toEqual(["a", "b"]);
      });

      it("never shows a call half done, nor one that is going to be refused", async () => {
        const seen: Map<string, string>[] = [];
        const work: Promise<unknown>[] = [];
        for (let i = 0; i < 100; i++) {
          work.push(store.put([value("pair", "a", `${i}`), value("pair", "b", `${i}`)]));
          const refused = store.put([value("pair", "a", "never"), message(coven + 1, "x")]);
          work.push(expect(refused).rejects.toThrow(StoreError));
          work.push(store.values("pair").then((values) => void seen.push(values)));
        }
        await Promise.all(work);
        for (const values of seen) {
          expect(values.get("a")).toBe(values.get("b"));
          expect(values.get("a")).not.toBe("never");
        }
        expect(seen).toHaveLength(100);
      });

      it("has stored everything put before it is closed, and takes nothing after", async () => {
        const calls = Array.from({ length: 50 }, (_, i) => store.put([message(coven, `m${i}`)]));
        const read = store.values("avatar");
        await store.close();
        await expect(Promise.all(calls)).resolves.toHaveLength(50);
        await expect(read).resolves.toEqual(new Map());
        await expect(store.put([message(coven, "late")])).rejects.toThrow("closed");
        await expect(store.values("avatar")).rejects.toThrow("closed");
      });
    });

    describeHistory(() => store, effort);
  });
}

async function found(store: Store, name: string): Promise<number> {
  const key = await store.create({ name, created: 1_300_000_000_000, listed: true, state: "{}" });
  if (key === "taken") throw new Error(`${name} is taken`);
  return key;
}

function participant(channel: number, differs: Partial<StoredParticipant> = {}): Change {
  return { put: "participant", participant: { ...hecate, channel, ...differs } };
}

function said(channel: number, id: string): StoredMessage {
  const payload = "<body>double, double</body>";
  return { channel, node: NODE.MESSAGES, id, at: 1, sender: hecate.id, nick: "hecate", shown: false, payload };
}

function message(channel: number, id: string, differs: Partial<StoredMessage> = {}): Change {
  return { put: "message", message: { ...said(channel, id), ...differs } };
}

function item(channel: number, id: string, differs: Partial<StoredItem> = {}): Change {
  return { put: "item", item: { channel, node: NODE.INFO, id, payload: "<jid/>", ...differs } };
}

function value(space: string, key: string, value: string | undefined): Change {
  return { put: "value", space, key, value };
}

async function page(store: Store, channel: number) {
  const page = await store.history({ channel, node: NODE.MESSAGES, max: 1000 });
  if (page === "no such message") throw new Error("A query without ids names no message.");
  return page;
}

async function ids(store: Store, channel: number): Promise<string[]> {
  return (await page(store, channel)).messages.map(({ id }) => id);
}
