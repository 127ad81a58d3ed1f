import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { HistoryPage, HistoryQuery, Store, StoredMessage } from "../../../core/storage/store.ts";
import { NODE } from "../../../core/xmpp/ns.ts";

const SENDERS = ["hecate", "hag66", "firstwitch"];

/** What every archive answers, against a plain array. */
export function describeHistory(store: () => Store, effort: number): void {
  describe("history", () => {
    let channels = 0;
    let channel: number;

    const create = async () => {
      const key = await store().create({ name: `c${channels++}`, created: 1, listed: false, state: "{}" });
      return key as number;
    };
    const archive = async (messages: readonly StoredMessage[]) =>
      store().put(messages.map((message) => ({ put: "message", message })));

    beforeEach(async () => {
      channel = await create();
    });

    it("gives a message back as it was put", async () => {
      const messages = [{ ...said(channel, 0, 1_500_000_000_000, "hecate"), shown: true, payload: "<body>ü🧙</body>" }];
      await archive(messages);
      expect(await store().history({ channel, node: NODE.MESSAGES, max: 1 })).toMatchObject({ messages });
    });

    it("keeps the archives of two nodes apart", async () => {
      await archive([said(channel, 0, 1, "hecate"), { ...said(channel, 1, 1, "hag66"), node: NODE.INFO }]);
      const { messages } = (await store().history({ channel, node: NODE.INFO, max: 10 })) as Exclude<
        HistoryPage,
        string
      >;
      expect(messages.map(({ id }) => id)).toEqual(["m1"]);
      const after = { channel, node: NODE.INFO, after: "m0", max: 10 };
      expect(await store().history(after)).toBe("no such message");
    });

    it("says where an archive begins and ends", async () => {
      expect(await store().extent(channel, NODE.MESSAGES)).toBeUndefined();
      await archive([said(channel, 0, 7, "hecate"), said(channel, 1, 8, "hag66"), said(channel, 2, 9, "hecate")]);
      const extent = { first: { id: "m0", at: 7 }, last: { id: "m2", at: 9 } };
      expect(await store().extent(channel, NODE.MESSAGES)).toEqual(extent);
    });

    it.each(["after", "before", "afterId", "beforeId"] as const)(
      "knows no message that %s could name",
      async (bound) => {
        await archive([said(channel, 0, 1, "hecate")]);
        const query = { channel, node: NODE.MESSAGES, max: 10 };
        expect(await store().history({ ...query, [bound]: "m1" })).toBe("no such message");
        expect(await store().history({ ...query, [bound]: "m0\0" })).toBe("no such message");
        expect(await store().history({ ...query, ids: ["m0", "m1"] })).toBe("no such message");
      },
    );

    it("answers every query as a plain array would", async () => {
      await fc.assert(
        fc.asyncProperty(conversationAndQueries, async ([lines, queries]) => {
          const channel = await create();
          const messages = lines.map(({ at, sender }, i) => said(channel, i, at, sender));
          await archive(messages);
          for (const one of queries) {
            const asked = { channel, node: NODE.MESSAGES, ...one };
            expect(await store().history(asked)).toEqual(model(messages, asked));
          }
        }),
        { numRuns: 150 * effort },
      );
    });

    it("answers so whatever was forgotten, revised, and said since", async () => {
      await fc.assert(
        fc.asyncProperty(conversationAndQueries, expiries, async ([lines, queries], forgotten) => {
          const channel = await create();
          const messages = lines.map(({ at, sender }, i) => said(channel, i, at, sender));
          const share = Math.ceil(messages.length / (forgotten.length + 1));
          let kept: StoredMessage[] = [];
          for (const [i, expiry] of [...forgotten, {}].entries()) {
            const news = messages.slice(i * share, (i + 1) * share);
            await archive(news);
            await store().put([{ put: "expiry", channel, node: NODE.MESSAGES, ...expiry }]);
            kept = afterExpiry([...kept, ...news], expiry);
            kept = kept.map((message, i) =>
              i % 3 === 0 ? { ...message, nick: "", payload: "", shown: false } : message,
            );
            const revised = kept.filter(({ payload }) => payload === "");
            await store().put(revised.map((message) => ({ put: "revision", message })));
          }
          for (const one of queries) {
            const asked = { channel, node: NODE.MESSAGES, ...one };
            expect(await store().history(asked)).toEqual(model(kept, asked));
          }
          const [first, last] = [kept[0], kept.at(-1)].map((message) => message && { id: message.id, at: message.at });
          expect(await store().extent(channel, NODE.MESSAGES)).toEqual(first && { first, last });
        }),
        { numRuns: 100 * effort },
      );
    });

    it("forgets all up to the first message that is new enough, whatever the dates of those after it", async () => {
      await archive([7, 5, 9, 1, 9].map((at, i) => said(channel, i, at, "hecate")));
      await store().put([{ put: "expiry", channel, node: NODE.MESSAGES, before: 9 }]);
      expect(await leaf(store(), channel, 10, false)).toEqual(["m2", "m3", "m4"]);
    });

    it("takes a time that is none, or lies between two milliseconds", async () => {
      await archive([7, 8, 9].map((at, i) => said(channel, i, at, "hecate")));
      const count = async (span: { start?: number; end?: number }) =>
        store().history({ channel, node: NODE.MESSAGES, max: 0, ...span });
      const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
      expect(await count({ start: NEGATIVE_INFINITY, end: POSITIVE_INFINITY })).toMatchObject({ count: 3 });
      expect(await count({ start: 7.5, end: 8.5 })).toMatchObject({ count: 1 });
      const expiry = { put: "expiry", channel, node: NODE.MESSAGES } as const;
      await store().put([{ ...expiry, before: 7.5, keep: POSITIVE_INFINITY }]);
      expect(await leaf(store(), channel, 10, false)).toEqual(["m1", "m2"]);
      await store().put([{ ...expiry, before: NEGATIVE_INFINITY, keep: 1 }]);
      expect(await leaf(store(), channel, 10, false)).toEqual(["m2"]);
    });

    it("counts what one sender said up to ten thousand, and finds it whatever there is of it", async () => {
      const most = 10_000;
      await archive(Array.from({ length: most + 1 }, (_, i) => said(channel, i, i, "hecate")));
      const query = { channel, node: NODE.MESSAGES, sender: "hecate", max: 1 };
      const ids = (found: HistoryPage) => typeof found !== "string" && found.messages.map(({ id }) => id);
      const last = await store().history({ ...query, before: "" });
      expect(last).toMatchObject({ count: undefined, index: undefined, complete: false });
      expect(ids(last)).toEqual([`m${most}`]);
      expect(await store().history({ ...query, before: `m${most}` })).toMatchObject({ index: most - 1 });
      const fewer = await store().history({ ...query, end: most - 1, before: "" });
      expect(fewer).toMatchObject({ count: most, index: most - 1, complete: false });
      expect(await store().history({ channel, node: NODE.MESSAGES, max: 0 })).toMatchObject({ count: most + 1 });
    });

    it("gives fewer messages than asked for when they are large, and one at the least", async () => {
      const large = "x".repeat(400_000);
      const huge = "x".repeat(1_500_000);
      const payloads = [large, large, large, huge, large];
      await archive(payloads.map((payload, i) => ({ ...said(channel, i, i, "hecate"), payload })));
      const page = async (query: { after?: string; before?: string }) => {
        const found = await store().history({ channel, node: NODE.MESSAGES, max: 5, ...query });
        return typeof found !== "string" && [...found.messages.map(({ id }) => id), found.complete, found.index];
      };
      expect(await page({})).toEqual(["m0", "m1", false, 0]);
      expect(await page({ after: "m1" })).toEqual(["m2", false, 2]);
      expect(await page({ after: "m2" })).toEqual(["m3", false, 3]);
      expect(await page({ after: "m3" })).toEqual(["m4", true, 4]);
      expect(await page({ before: "" })).toEqual(["m4", false, 4]);
      expect(await page({ before: "m3" })).toEqual(["m1", "m2", false, 1]);
      expect(await page({ before: "m1" })).toEqual(["m0", true, 0]);
    });

    it("forgets nothing of another node, nor of an archive that does not exist", async () => {
      await archive([said(channel, 0, 1, "hecate"), { ...said(channel, 1, 1, "hag66"), node: NODE.INFO }]);
      const expiry = { put: "expiry", channel, keep: 0 } as const;
      await store().put([
        { ...expiry, node: NODE.INFO },
        { ...expiry, node: NODE.PRESENCE },
      ]);
      expect(await leaf(store(), channel, 10, false)).toEqual(["m0"]);
      expect(await store().extent(channel, NODE.INFO)).toBeUndefined();
    });

    it("revises what was said, and not who said it when, nor in what place", async () => {
      await archive([said(channel, 0, 7, "hecate"), said(channel, 1, 8, "hag66"), said(channel, 2, 9, "hecate")]);
      const revised = { ...said(channel, 1, 1, "hecate"), nick: "", shown: true, payload: "<retracted/>" };
      await store().put([{ put: "revision", message: revised }]);
      const expected = { ...revised, at: 8, sender: "hag66" };
      for (const query of [{ sender: "hag66" }, { start: 8, end: 8 }, { ids: ["m1"] }, { after: "m0", before: "m2" }])
        expect(await store().history({ channel, node: NODE.MESSAGES, max: 10, ...query })).toMatchObject({
          messages: [expected],
        });
    });

    it("refuses to revise what is not there, or is forgotten", async () => {
      await archive([said(channel, 0, 1, "hecate")]);
      const revise = (message: StoredMessage) => store().put([{ put: "revision", message }]);
      await expect(revise(said(channel, 1, 1, "hecate"))).rejects.toThrow(/revision of message m1.*no such message/);
      await expect(revise({ ...said(channel, 0, 1, "hecate"), node: NODE.INFO })).rejects.toThrow("no such message");
      await store().put([{ put: "expiry", channel, node: NODE.MESSAGES, keep: 0 }]);
      await expect(revise(said(channel, 0, 1, "hecate"))).rejects.toThrow("no such message");
    });

    it("shows each message once to whoever pages through, in either direction", async () => {
      await fc.assert(
        fc.asyncProperty(conversation, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (lines, max, back) => {
          const channel = await create();
          const messages = lines.map(({ at, sender }, i) => said(channel, i, at, sender));
          await archive(messages);
          expect(await leaf(store(), channel, max, back)).toEqual(messages.map(({ id }) => id));
        }),
        { numRuns: 40 * effort },
      );
    });
  });
}

function said(channel: number, i: number, at: number, sender: string): StoredMessage {
  const payload = `<body>line ${i}</body>`;
  return { channel, node: NODE.MESSAGES, id: `m${i}`, at, sender, nick: `the ${sender}`, shown: i % 2 === 0, payload };
}

const line = fc.record({ at: fc.integer({ min: 0, max: 30 }), sender: fc.constantFrom(...SENDERS) });
const inTime = (lines: { at: number; sender: string }[]) => [...lines].sort((a, b) => a.at - b.at);
// A clock that runs, one that was set back once, and one that jumps about.
const steady = fc.array(line, { maxLength: 25 }).map(inTime);
const conversation = fc.oneof(
  steady,
  fc.tuple(steady, steady).map(([before, after]) => [...before, ...after]),
  fc.array(line, { maxLength: 25 }),
);

const time = fc.integer({ min: -1, max: 31 });
const plain = { start: time, end: time, sender: fc.constantFrom(...SENDERS, "nobody") };
const max = fc.integer({ min: 0, max: 30 });

/** By date and sender alone, or by everything; any message named is one of `size`. */
function query(size: number): fc.Arbitrary<Omit<HistoryQuery, "channel" | "node">> {
  const id = fc.integer({ min: 0, max: Math.max(0, size - 1) }).map((i) => `m${i}`);
  const last = fc.oneof(id, fc.constant(""));
  const ids = fc.array(id, { maxLength: 5 });
  const named = { ids, afterId: id, beforeId: id, after: id, before: last };
  return fc.oneof(
    fc.record({ ...plain, max, before: fc.constant("") }, { requiredKeys: ["max"] }),
    fc.record({ ...plain, max, after: id, before: last }, { requiredKeys: ["max"] }),
    fc.record({ ...plain, max, ...named }, { requiredKeys: ["max"] }),
  );
}

const conversationAndQueries = conversation.chain((lines) =>
  fc.tuple(fc.constant(lines), fc.array(query(lines.length), { minLength: 1, maxLength: 12 })),
);

const expiry = fc.record({ before: time, keep: fc.integer({ min: 0, max: 12 }) }, { requiredKeys: [] });
const expiries = fc.array(expiry, { maxLength: 3 });

function afterExpiry(archive: readonly StoredMessage[], { before, keep }: { before?: number; keep?: number }) {
  const since = archive.findIndex(({ at }) => before === undefined || at >= before);
  const kept = since < 0 ? [] : archive.slice(since);
  return keep === undefined ? kept : kept.slice(Math.max(0, kept.length - keep));
}

/** The same answer, from an array. */
function model(archive: readonly StoredMessage[], query: HistoryQuery): HistoryPage {
  const { start, end, sender, ids, afterId, beforeId, after, before, max } = query;
  const place = (id: string) => archive.findIndex((message) => message.id === id);
  const named = [...(ids ?? []), afterId, beforeId, after, before || undefined].filter((id) => id !== undefined);
  if (named.some((id) => place(id) < 0)) return "no such message";

  const all = archive.filter(
    (message, i) =>
      (start === undefined || message.at >= start) &&
      (end === undefined || message.at <= end) &&
      (sender === undefined || message.sender === sender) &&
      (ids === undefined || ids.includes(message.id)) &&
      (afterId === undefined || i > place(afterId)) &&
      (beforeId === undefined || i < place(beforeId)),
  );
  const window = all.filter(
    ({ id }) => (after === undefined || place(id) > place(after)) && (!before || place(id) < place(before)),
  );
  const messages = before === undefined ? window.slice(0, max) : window.slice(Math.max(0, window.length - max));
  const index = messages[0] ? all.indexOf(messages[0]) : 0;
  return { messages, count: all.length, index, complete: window.length <= max };
}

/** All ids of an archive, in its order, leafed through page by page. */
async function leaf(store: Store, channel: number, max: number, back: boolean): Promise<string[]> {
  const pages: string[][] = [];
  let cursor: Pick<HistoryQuery, "after" | "before"> = back ? { before: "" } : {};
  for (;;) {
    const page = await store.history({ channel, node: NODE.MESSAGES, max, ...cursor });
    if (page === "no such message") throw new Error("A cursor from the last page names no message.");
    const ids = page.messages.map(({ id }) => id);
    if (back) pages.unshift(ids);
    else pages.push(ids);
    if (page.complete) return pages.flat();
    cursor = back ? { before: ids[0]! } : { after: ids.at(-1)! };
  }
}
