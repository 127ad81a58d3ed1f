import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Write } from "../../../core/storage/changes.ts";
import { pack, unpack } from "../../../core/storage/packing.ts";

const message = fc.record({
  put: fc.constant("message" as const),
  message: fc.record({
    channel: fc.nat(),
    node: fc.string(),
    id: fc.string(),
    at: fc.nat(),
    sender: fc.string(),
    nick: fc.string(),
    shown: fc.boolean(),
    payload: fc.string({ unit: "grapheme" }),
  }),
});
const revision = message.map((write) => ({ ...write, put: "revision" as const }));
const end = fc.record({ put: fc.constant("no channel" as const), key: fc.nat() });
const call: fc.Arbitrary<Write[]> = fc.oneof(fc.tuple(message), fc.array(fc.oneof(message, revision, end)));

describe("calls on their way to another thread", () => {
  it("arrive as they were sent, in their order, with the lines they belong to", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(call, fc.nat(3))), (sent) => {
        const request = {
          kind: "write" as const,
          calls: sent.map(([writes]) => writes),
          lines: sent.map(([, n]) => n),
        };
        expect(unpack(structuredClone(pack(request)))).toEqual(request);
      }),
    );
  });

  it("carry messages as plain values, not as objects", () => {
    const [first] = fc.sample(message, 1);
    const { calls, messages } = pack({ kind: "write", calls: [[first!]], lines: [0] });
    expect(calls).toEqual([null]);
    expect(messages).toEqual(expect.arrayContaining(Object.values(first!.message)));
  });
});
