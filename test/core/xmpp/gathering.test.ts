import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Gathering } from "../../../core/xmpp/gathering.ts";

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("what is gathered", () => {
  it("leaves together, when the turn of the event loop is over", async () => {
    const sent: string[] = [];
    const gathering = new Gathering((bytes) => sent.push(Buffer.from(bytes).toString()));
    gathering.text("double, ");
    gathering.pieces([Buffer.from("dou"), Buffer.from("ble")]);
    expect(sent).toEqual([]);
    await tick();
    expect(sent).toEqual(["double, double"]);
    gathering.text("toil");
    await tick();
    expect(sent).toEqual(["double, double", "toil"]);
  });

  it("arrives as it was written, in its order, whatever its size, and is never written over", async () => {
    const part = fc.record({
      text: fc.string({ unit: "grapheme", maxLength: 40 }),
      times: fc.constantFrom(0, 1, 300, 30_000),
      asPieces: fc.boolean(),
      turnAfter: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 20 }), async (parts) => {
        const sent: Uint8Array[] = [];
        const gathering = new Gathering((bytes) => sent.push(bytes));
        for (const { text, times, asPieces, turnAfter } of parts) {
          const piece = Buffer.from(text);
          const pieces = Array.from({ length: times }, () => piece);
          if (asPieces) gathering.pieces(pieces);
          else gathering.text(text.repeat(times));
          if (turnAfter) await tick();
        }
        await tick();
        const whole = parts.map(({ text, times }) => text.repeat(times)).join("");
        expect(Buffer.concat(sent).toString()).toBe(Buffer.from(whole).toString());
      }),
      { numRuns: 60 },
    );
  });

  it("takes memory again, but never before what lay in it is sent", async () => {
    const memories = new Set<ArrayBufferLike>();
    const sending: { bytes: Uint8Array; was: Buffer; done(): void }[] = [];
    const gathering = new Gathering((bytes, done) => {
      memories.add(bytes.buffer);
      sending.push({ bytes, was: Buffer.from(bytes), done });
    });
    for (let turn = 0; turn < 300; turn++) {
      gathering.pieces([Buffer.alloc((turn * 7919) % 700_000, turn)]);
      await tick();
      // The server takes now less, now more than it was sent.
      for (const { bytes, was, done } of sending.splice(0, turn % 5)) {
        expect(was.equals(bytes)).toBe(true);
        done();
      }
    }
    expect(memories.size).toBeLessThan(20);
  });
});
